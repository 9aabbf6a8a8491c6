import { InvalidStateError } from "../../asyncio/index.ts";
import { codeOf } from "../../base/error-code.ts";
import { noop } from "../../base/noop.ts";
import { longestTimeout } from "../../base/platform-timer.ts";
import { explainConnect } from "../shared/explain-connect.ts";
import { type Driver, makeDriver } from "./_driver.ts";
import { RedisConnectError, RedisConnectionLost, RedisReplyError } from "./errors.ts";
import { readReply } from "./read-reply.ts";
import type { Request } from "./request.ts";
import type { RedisSettings } from "./settings.ts";
import { SilenceWatch } from "./silence.ts";

/** A command to send. */
type Command = Pick<Request<unknown>, "name" | "args" | "binary">;

// In lower case, because only then does the driver recognise it as one of the few commands allowed on a subscribed
// connection.
const ping: Command = { name: "ping", args: [], binary: false };

/**
 * @internal One connection to the server. It is opened once and never reopened; a caller that needs another connection
 * opens a new wire.
 *
 * All its code must run outside the scope of a caller: a socket that is opened in a request would keep that request
 * alive.
 */
export class Wire {
  /** The server's address. */
  readonly address: string;
  readonly #driver: Driver;
  readonly #watch: SilenceWatch;
  readonly #ended = Promise.withResolvers<void>();
  #failure: Error | undefined;
  #reason: Error | undefined;
  #silence: string | undefined;

  private constructor(settings: RedisSettings, driver: Driver) {
    const { address, socketTimeout, pingInterval } = settings;
    this.address = address;
    this.#driver = driver;
    this.#watch = new SilenceWatch({
      socketTimeout,
      pingInterval,
      // The reply counts as a sign of life. If the command fails, the connection has ended anyway, so the error is
      // ignored.
      ping: () => void (this.isLive && this.send(ping).catch(noop)),
      onSilent: () => this.#giveUp(new Error(`the server was silent for ${socketTimeout} ms`)),
    });
    driver.on("error", (error: Error) => void (this.#failure ??= error));
    driver.on("end", () => this.#hasEnded());
  }

  /**
   * Opens a connection. Must be called outside any scope.
   *
   * @param onMade - Called with the wire before the connection is open, so that the caller can end it.
   * @throws {MissingPackageError} If ioredis is not installed.
   * @throws {RedisConnectError} If no server answers in time, or the server refuses the user.
   */
  static async dial(settings: RedisSettings, onMade: (wire: Wire) => void): Promise<Wire> {
    const wire = new Wire(settings, await makeDriver(settings));
    onMade(wire);
    await wire.#connect(settings.connectTimeout);
    return wire;
  }

  /** The number of awaited replies. */
  get pending(): number {
    return this.#watch.pending;
  }

  /** Whether commands can be sent. */
  get isLive(): boolean {
    const { status, stream } = this.#driver;
    return status === "ready" && stream?.writable === true && this.#reason === undefined;
  }

  /** A promise that is fulfilled when the connection has ended, for any reason. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** The error that ended the connection, if it is known. */
  get failure(): Error | undefined {
    return this.#reason ?? this.#failure;
  }

  /** How long the server was silent, in words, if that ended the connection. */
  get silence(): string | undefined {
    return this.#silence;
  }

  /**
   * Sends a command. Replies come in the order of the commands. An integer beyond 2 ** 53 in a reply is returned as a
   * bigint.
   *
   * @param allowance - The additional time that the reply may take, in milliseconds.
   * @throws {RedisReplyError} If the server answers with an error.
   * @throws {RedisConnectionLost} If the connection ends before the reply arrives.
   */
  async send({ name, args, binary }: Command, allowance = 0): Promise<unknown> {
    this.#watch.sent(allowance);
    try {
      return readReply(await this.#driver.callBuffer(name, ...args), binary);
    } catch (error) {
      throw this.#explain(name, error as Error);
    } finally {
      this.#watch.settled();
    }
  }

  /** Sends all commands of `fn` in one write. */
  together(fn: () => void): void {
    const { stream } = this.#driver;
    stream?.cork();
    fn();
    stream?.uncork();
  }

  /** Pauses or resumes reading. Meanwhile, the server keeps its messages. */
  pause(isPaused: boolean): void {
    this.#watch.pause(isPaused);
    if (isPaused) this.#driver.stream?.pause();
    else this.#driver.stream?.resume();
  }

  /** Calls `listener` with each message of a subscribed channel. */
  onMessage(event: "message" | "pmessage", listener: (first: string, second: string, third: string) => void): void {
    this.#driver.on(event, listener);
  }

  /** Ends the connection at once. Commands that wait for a reply fail with `reason`. */
  destroy(reason: Error = new InvalidStateError("Cannot finish a command as the client was closed")): void {
    this.#reason ??= reason;
    this.#cut();
  }

  /** Ends the connection as lost. */
  #giveUp(failure: Error): void {
    this.#failure ??= failure;
    this.#silence = failure.message;
    this.#cut();
  }

  #cut(): void {
    const { status, stream } = this.#driver;
    if (status === "end" || status === "wait") return this.#hasEnded();
    this.#driver.disconnect();
    stream?.destroy();
  }

  #hasEnded(): void {
    this.#watch.stop();
    this.#ended.resolve();
  }

  async #connect(limit: number): Promise<void> {
    if (this.#reason !== undefined) throw this.#reason;
    const tooLate = new Error(`the server did not answer within ${limit} ms`);
    const timer = setTimeout(() => this.destroy(tooLate), Math.min(limit, longestTimeout));
    try {
      await this.#driver.connect();
    } catch (error) {
      throw this.#whyNotConnected(this.failure ?? (error as Error));
    } finally {
      clearTimeout(timer);
    }
    this.#driver.stream?.on("data", () => this.#watch.heard());
    // If the database does not exist, the driver only emits an event, and would continue with another database.
    const failure = this.#failure;
    if (failure === undefined) return;
    this.destroy();
    throw this.#whyNotConnected(failure);
  }

  // The driver's own error for a reply is not used as the cause, because it contains all arguments, even passwords.
  #explain(command: string, error: Error): Error {
    if (error.name === "ReplyError") return new RedisReplyError(command, error.message);
    if (this.#reason !== undefined) return this.#reason;
    return new RedisConnectionLost(command.toUpperCase(), this.address, {
      cause: this.#failure ?? error,
      detail: this.#silence,
    });
  }

  #whyNotConnected(cause: Error): Error {
    if (cause instanceof InvalidStateError) return cause;
    const code = reasonCodeOf(cause);
    const reason = reasonOf(code, cause.message);
    return new RedisConnectError(this.address, reason, code, cause.name === "ReplyError" ? {} : { cause });
  }
}

/** The system's error code, or the first word of the server's reply: `WRONGPASS`. */
function reasonCodeOf(error: Error): string | undefined {
  return codeOf(error) ?? (error.name === "ReplyError" ? /^[A-Z]+\b/.exec(error.message)?.[0] : undefined);
}

const reasons: Readonly<Record<string, string>> = {
  WRONGPASS: "the server refuses the user or the password (WRONGPASS)",
  NOAUTH: "the server wants a password (NOAUTH)",
};

function reasonOf(code: string | undefined, message: string): string {
  const known =
    explainConnect(code) ?? (code !== undefined && Object.hasOwn(reasons, code) ? reasons[code] : undefined);
  if (known !== undefined) return known;
  if (/RESP|unknown.*type|Please report this/i.test(message)) return "what answers there is not a Redis server";
  if (message === "Connection is closed.") return "the server closed the connection";
  return message;
}
