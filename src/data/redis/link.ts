import { InvalidStateError } from "../../asyncio/index.ts";
import { codeOf } from "../../base/error-code.ts";
import { longestTimeout } from "../../base/platform-timer.ts";
import { type Driver, makeDriver } from "./_driver.ts";
import { RedisConnectError, RedisConnectionLost, RedisReplyError } from "./errors.ts";
import type { Request } from "./request.ts";
import type { RedisSettings } from "./settings.ts";

/**
 * @internal One connection to the server. It is dialled once and ends once; whoever needs another dials another.
 *
 * Nothing of it may run in the scope of a caller: a socket that is opened in a request would keep that request alive.
 */
export class Link {
  /** The server. */
  readonly address: string;
  /** How many replies are awaited. */
  pending = 0;
  readonly #driver: Driver;
  readonly #ended = Promise.withResolvers<void>();
  #failure: Error | undefined;
  #reason: Error | undefined;

  private constructor(address: string, driver: Driver) {
    this.address = address;
    this.#driver = driver;
    driver.on("error", (error: Error) => void (this.#failure ??= error));
    driver.on("end", () => this.#ended.resolve());
  }

  /**
   * Opens a connection. To be called outside of any scope.
   *
   * @param onMade - Is handed the connection before it is open, to be able to end it.
   * @throws {MissingPackageError} If ioredis is not installed.
   * @throws {RedisConnectError} If there is no server, it does not let us in, or it does not answer in time.
   */
  static async dial(settings: RedisSettings, onMade: (link: Link) => void): Promise<Link> {
    const link = new Link(settings.address, await makeDriver(settings));
    onMade(link);
    await link.#connect(settings.connectTimeout);
    return link;
  }

  /** Whether commands can be sent. */
  get isLive(): boolean {
    const { status, stream } = this.#driver;
    return status === "ready" && stream?.writable === true && this.#reason === undefined;
  }

  /** Settles when the connection is over, for whatever reason. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Why it is over, where that is known. */
  get failure(): Error | undefined {
    return this.#reason ?? this.#failure;
  }

  /**
   * Sends a command. Replies come in the order of the commands.
   *
   * @throws {RedisReplyError} If the server refuses it.
   * @throws {RedisConnectionLost} If the connection ends before the reply has come.
   */
  async send({ name, args, binary }: Pick<Request<unknown>, "name" | "args" | "binary">): Promise<unknown> {
    this.pending++;
    try {
      return await (binary ? this.#driver.callBuffer(name, ...args) : this.#driver.call(name, ...args));
    } catch (error) {
      throw this.#explain(name, error as Error);
    } finally {
      this.pending--;
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
    const { status, stream } = this.#driver;
    if (status === "end" || status === "wait") return this.#ended.resolve();
    this.#driver.disconnect();
    stream?.destroy();
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
    // A database that is not there is an event only: we would be in another one.
    const failure = this.#failure;
    if (failure === undefined) return;
    this.destroy();
    throw this.#whyNotConnected(failure);
  }

  // The driver's own error of a reply is left out: it has all arguments in it, also passwords.
  #explain(command: string, error: Error): Error {
    if (error.name === "ReplyError") return new RedisReplyError(command, error.message);
    if (this.#reason !== undefined) return this.#reason;
    return new RedisConnectionLost(command, this.address, { cause: this.#failure ?? error });
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
  ECONNREFUSED: "nothing listens there (ECONNREFUSED): is the server running?",
  ENOENT: "there is no such socket (ENOENT): is the server running?",
  ENOTFOUND: "there is no such host (ENOTFOUND)",
  EPIPE: "the server closed the connection (EPIPE)",
  ECONNRESET: "the server closed the connection (ECONNRESET)",
  WRONGPASS: "the server refuses the user or the password (WRONGPASS)",
  NOAUTH: "the server wants a password (NOAUTH)",
};

function reasonOf(code: string | undefined, message: string): string {
  if (code !== undefined && Object.hasOwn(reasons, code)) return reasons[code]!;
  if (/RESP|unknown.*type|Please report this/i.test(message)) return "what answers there is no Redis server";
  if (message === "Connection is closed.") return "the server closed the connection";
  return message;
}
