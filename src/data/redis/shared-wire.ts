import { callDriver } from "../shared/call-driver.ts";
import { RedisConnectError } from "./errors.ts";
import { Wire } from "./wire.ts";
import type { RedisSettings } from "./settings.ts";

// The first and the longest pause between attempts to connect, in milliseconds.
const firstPause = 25;
const longestPause = 400;

/**
 * @internal The connection that all ordinary commands share. If it is lost, the next command reopens it; there is no
 * attempt before that.
 */
export class SharedWire {
  readonly #settings: RedisSettings;
  #wire: Wire | undefined;
  #dialling: Promise<Wire> | undefined;
  #reason: Error | undefined;

  constructor(settings: RedisSettings) {
    this.#settings = settings;
  }

  /** The connection, if it is open. */
  get live(): Wire | undefined {
    return this.#wire?.isLive === true ? this.#wire : undefined;
  }

  /** The connection. It is opened if necessary, once for all callers. Must be called outside any scope. */
  get(retryFor: number = this.#settings.retryFor): Promise<Wire> {
    const { live } = this;
    if (live !== undefined) return Promise.resolve(live);
    return (this.#dialling ??= this.#dial(retryFor).finally(() => (this.#dialling = undefined)));
  }

  /** Like `get`, as a wait of a task. */
  wait(retryFor?: number): Promise<Wire> {
    return callDriver({ kind: "redis connection", name: this.#settings.address }, () => this.get(retryFor));
  }

  /** Ends the connection, even while it is being opened. */
  destroy(reason: Error): void {
    this.#reason = reason;
    this.#wire?.destroy(reason);
  }

  async #dial(retryFor: number): Promise<Wire> {
    const end = performance.now() + retryFor;
    for (let pause = firstPause; ; pause = Math.min(2 * pause, longestPause)) {
      try {
        return await Wire.dial(this.#settings, (wire) => this.#adopt(wire));
      } catch (error) {
        if (!isPassing(error) || performance.now() + pause > end) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  #adopt(wire: Wire): void {
    this.#wire = wire;
    if (this.#reason !== undefined) wire.destroy(this.#reason);
  }
}

// Whether another attempt may help: a restarting server is soon back, but a server that refuses the user will refuse
// again.
function isPassing(error: unknown): boolean {
  return error instanceof RedisConnectError && !/^(WRONGPASS|NOAUTH|NOPERM|ERR|ENOTFOUND)$/.test(error.code ?? "");
}
