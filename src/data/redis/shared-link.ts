import { callDriver } from "../shared/call-driver.ts";
import { RedisConnectError } from "./errors.ts";
import { Link } from "./link.ts";
import type { RedisSettings } from "./settings.ts";

// The pauses between attempts to connect, in milliseconds.
const firstPause = 25;
const longestPause = 400;

/**
 * @internal The connection that all ordinary commands share. When it was lost, the next command gets it back; no
 * attempt is made before.
 */
export class SharedLink {
  readonly #settings: RedisSettings;
  #link: Link | undefined;
  #dialling: Promise<Link> | undefined;
  #reason: Error | undefined;

  constructor(settings: RedisSettings) {
    this.#settings = settings;
  }

  /** The connection, if there is one at this moment. */
  get live(): Link | undefined {
    return this.#link?.isLive === true ? this.#link : undefined;
  }

  /** The connection, dialled if it is needed, once for all callers. To be called outside of any scope. */
  get(retryFor: number = this.#settings.retryFor): Promise<Link> {
    const { live } = this;
    if (live !== undefined) return Promise.resolve(live);
    return (this.#dialling ??= this.#dial(retryFor).finally(() => (this.#dialling = undefined)));
  }

  /** As `get`, for a task to wait for. */
  wait(retryFor?: number): Promise<Link> {
    return callDriver({ kind: "redis connection", name: this.#settings.address }, () => this.get(retryFor));
  }

  /** Ends it, even while it is dialled. */
  destroy(reason: Error): void {
    this.#reason = reason;
    this.#link?.destroy(reason);
  }

  async #dial(retryFor: number): Promise<Link> {
    const end = performance.now() + retryFor;
    for (let pause = firstPause; ; pause = Math.min(2 * pause, longestPause)) {
      try {
        return await Link.dial(this.#settings, (link) => this.#adopt(link));
      } catch (error) {
        if (!isPassing(error) || performance.now() + pause > end) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  #adopt(link: Link): void {
    this.#link = link;
    if (this.#reason !== undefined) link.destroy(this.#reason);
  }
}

// A server that restarts is away for a moment. One that refuses the user will do so again.
function isPassing(error: unknown): boolean {
  return error instanceof RedisConnectError && !/^(WRONGPASS|NOAUTH|NOPERM|ERR|ENOTFOUND)$/.test(error.code ?? "");
}
