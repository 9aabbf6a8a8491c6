import type { RateDecision, RateLimitStore, RateRule } from "./rate-limit-store.ts";
import { tolerance } from "./rate-limit-store.ts";

/** A client of Redis, as far as limits need it: that of `pottle/redis`. */
export interface RedisScripts {
  /** Sends a command and returns the reply. */
  execute(command: string, ...args: (string | number)[]): Promise<unknown>;
}

/** Options of {@link RedisRateLimitStore}. */
export interface RedisRateLimitStoreOptions {
  /** The beginning of the keys. @default "rate-limit:" */
  readonly prefix?: string;
}

// The clock of the server: those of several processes differ. Numbers are sent as text, as Redis cuts off their decimals.
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local interval, period = tonumber(ARGV[1]), tonumber(ARGV[2])
local before = math.max(tonumber(redis.call('GET', KEYS[1])) or now, now)
local wait = before + interval - period - now
if wait > interval * ${tolerance} then
  return { tostring(wait), tostring(before - now) }
end
local after = before + interval
redis.call('SET', KEYS[1], string.format('%.3f', after), 'PX', math.ceil(after - now))
return { '0', tostring(after - now) }`;

/**
 * Counts requests in Redis, for all processes of an application together: one script and one round trip for each request. A
 * key expires when it is as good as new.
 *
 * @example
 * ```ts no-run
 * const app = new Pottle(import.meta);
 * const store = new RedisRateLimitStore(redis(app, { url: "redis://localhost" }));
 * app.beforeRequest(rateLimit(100, 60_000, { store, name: "all" }));
 * ```
 */
export class RedisRateLimitStore implements RateLimitStore {
  readonly #redis: RedisScripts;
  readonly #prefix: string;

  constructor(redis: RedisScripts, options: RedisRateLimitStoreOptions = {}) {
    this.#redis = redis;
    this.#prefix = options.prefix ?? "rate-limit:";
  }

  async take(key: string, { interval, period }: RateRule): Promise<RateDecision> {
    const reply = await this.#redis.execute("EVAL", script, 1, this.#prefix + key, interval, period);
    const [wait, reset] = reply as [string, string];
    return { wait: Number(wait), reset: Number(reset) };
  }
}
