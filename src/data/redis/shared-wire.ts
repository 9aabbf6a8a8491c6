import { callDriver } from "../shared/call-driver.ts";
import { RedisConnectError } from "./errors.ts";
import { Wire } from "./wire.ts";
import type { RedisSettings } from "./settings.ts";

// The pauses between attempts to connect, in milliseconds.
const firstPause = 25;
const longestPause = 400;

/**
 * @internal The connection that all ordinary commands share. When it was lost, the next command gets it back; no
 * attempt is made before.
 */
export class SharedWire {
  readonly #settings: RedisSettings;
  #wire: Wire | undefined;
  #dialling: Promise<Wire> | undefined;
  #reason: Error | undefined;

  constructor(settings: RedisSettings) {
    this.#settings = settings;
  }

  /** The connection, if there is one at this moment. */
  get live(): Wire | undefined {
    return this.#wire?.isLive === true ? this.#wire : undefined;
  }

  /** The connection, dialled if it is needed, once for all callers. To be called outside of any scope. */
  get(retryFor: number = this.#settings.retryFor): Promise<Wire> {
    const { live } = this;
    if (live !== undefined) return Promise.resolve(live);
    return (this.#dialling ??= this.#dial(retryFor).finally(() => (this.#dialling = undefined)));
  }

  /** As `get`, for a task to wait for. */
  wait(retryFor?: number): Promise<Wire> {
    return callDriver({ kind: "redis connection", name: this.#settings.address }, () => this.get(retryFor));
  }

  /** Ends it, even while it is dialled. */
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

// A server that restarts is away for a moment. One that refuses the user will do so again.
function isPassing(error: unknown): boolean {
  return error instanceof RedisConnectError && !/^(WRONGPASS|NOAUTH|NOPERM|ERR|ENOTFOUND)$/.test(error.code ?? "");
}
