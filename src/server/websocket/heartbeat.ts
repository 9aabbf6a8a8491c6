import { outside } from "../../asyncio/index.ts";

/** What a {@link Heartbeat} does with its connection. */
export interface HeartbeatHooks {
  /** Sends a ping, and calls `left` when it has left. */
  readonly ping: (left: () => void) => void;
  /** Called once if the client does not answer. */
  readonly onLost: () => void;
}

/**
 * Finds out whether a client is still there: pings it at every interval, and tells if nothing came back until the next.
 * Whatever arrives counts as an answer, since a client that is sending one large frame cannot send a pong within it. A ping
 * that has not left is not held against the client, and neither is the time in which the connection was not read.
 */
export class Heartbeat {
  readonly #hooks: HeartbeatHooks;
  readonly #timer: NodeJS.Timeout;
  #isAwaited = false;
  #hasStopped = false;

  /** @param interval - In milliseconds. */
  constructor(interval: number, hooks: HeartbeatHooks) {
    this.#hooks = hooks;
    this.#timer = outside(setInterval, () => this.#beat(), interval).unref();
  }

  /** Something has arrived, or could not as the connection is not read. */
  readonly answered = (): void => {
    this.#isAwaited = false;
  };

  stop(): void {
    this.#hasStopped = true;
    clearInterval(this.#timer);
  }

  #beat(): void {
    // The answer may have arrived while this process was busy: it is read before an immediate runs.
    if (this.#isAwaited) outside(setImmediate, () => this.#judge());
    else this.#ping();
  }

  #judge(): void {
    if (this.#hasStopped) return;
    if (!this.#isAwaited) return this.#ping();
    this.stop();
    this.#hooks.onLost();
  }

  #ping(): void {
    this.#hooks.ping(() => {
      this.#isAwaited = true;
    });
  }
}
