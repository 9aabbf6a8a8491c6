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

/** A command as it is sent. */
type Command = Pick<Request<unknown>, "name" | "args" | "binary">;

// In small letters: so the driver knows it on a connection that has subscribed, where few others are allowed.
const ping: Command = { name: "ping", args: [], binary: false };

/**
 * @internal One connection to the server. It is dialled once and ends once; a caller that needs another one dials it.
 *
 * Nothing of it may run in the scope of a caller: a socket that is opened in a request would keep that request alive.
 */
export class Wire {
  /** The server. */
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
      // Its reply counts as a sign of life; if it fails, the connection is over already.
      ping: () => void (this.isLive && this.send(ping).catch(noop)),
      onSilent: () => this.#giveUp(new Error(`the server was silent for ${socketTimeout} ms`)),
    });
    driver.on("error", (error: Error) => void (this.#failure ??= error));
    driver.on("end", () => this.#hasEnded());
  }

  /**
   * Opens a connection. To be called outside of any scope.
   *
   * @param onMade - Is given the connection before it is open, to be able to end it.
   * @throws {MissingPackageError} If ioredis is not installed.
   * @throws {RedisConnectError} If no server answers in time, or it refuses the user.
   */
  static async dial(settings: RedisSettings, onMade: (wire: Wire) => void): Promise<Wire> {
    const wire = new Wire(settings, await makeDriver(settings));
    onMade(wire);
    await wire.#connect(settings.connectTimeout);
    return wire;
  }

  /** The number of replies that are awaited. */
  get pending(): number {
    return this.#watch.pending;
  }

  /** Whether commands can be sent. */
  get isLive(): boolean {
    const { status, stream } = this.#driver;
    return status === "ready" && stream?.writable === true && this.#reason === undefined;
  }

  /** Settles when the connection is over, for any reason. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** The reason for which it is over, where that is known. */
  get failure(): Error | undefined {
    return this.#reason ?? this.#failure;
  }

  /** How long the server was silent, in words, if it is over for that. */
  get silence(): string | undefined {
    return this.#silence;
  }

  /**
   * Sends a command. Replies come in the order of the commands. An integer of a reply is a bigint beyond 2 ** 53.
   *
   * @param allowance - How much longer than usual the reply may take, in milliseconds.
   * @throws {RedisReplyError} If the server refuses it.
   * @throws {RedisConnectionLost} If the connection ends before the reply has come.
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

  /** Has what `fn` sends leave in one piece. */
  together(fn: () => void): void {
    const { stream } = this.#driver;
    stream?.cork();
    fn();
    stream?.uncork();
  }

  /** Stops reading, or goes on: what the server sends meanwhile stays with it. */
  pause(isPaused: boolean): void {
    this.#watch.pause(isPaused);
    if (isPaused) this.#driver.stream?.pause();
    else this.#driver.stream?.resume();
  }

  /** Has `listener` called with each message of a channel that it has subscribed to. */
  onMessage(event: "message" | "pmessage", listener: (first: string, second: string, third: string) => void): void {
    this.#driver.on(event, listener);
  }

  /** Ends it at once. What waits for a reply fails with `reason`. */
  destroy(reason: Error = new InvalidStateError("Cannot finish a command as the client was closed")): void {
    this.#reason ??= reason;
    this.#cut();
  }

  /** Ends it as one that was lost. */
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
    // A database that does not exist is an event only: we would be in another one.
    const failure = this.#failure;
    if (failure === undefined) return;
    this.destroy();
    throw this.#whyNotConnected(failure);
  }

  // The driver's own error of a reply is left out: it has all arguments in it, also passwords.
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

/** The system's code, or the first word of what the server replied: `WRONGPASS`. */
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
