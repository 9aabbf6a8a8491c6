import type { LifespanHooks } from "../../http/index.ts";
import { openForCaller, openWithApp, urlOf } from "../shared/app-client.ts";
import { RedisClient } from "./client.ts";
import { defaultUrl, readSettings, type RedisOptions } from "./settings.ts";

/**
 * Connects to a Redis server. `await using` closes the client; at the latest it is closed with the scope that it
 * was opened in. A client that is opened at the top level lives until it is closed.
 *
 * @param url - `redis://user:password@host:port/database`, `rediss:` for an encrypted connection, or the path of a unix
 *   socket. Options may follow: `?db=2&tls=true&socketTimeout=5000`.
 * @default process.env.REDIS_URL, else "redis://127.0.0.1:6379" (url)
 * @throws {RedisConnectError} If no server answers, or it refuses the user.
 * @throws {MissingPackageError} If ioredis is not installed.
 * @throws {TypeError} If the URL cannot be read, or an option does not exist.
 * @throws {RangeError} If an option has a value that is not possible.
 * @throws {InvalidStateError} If the scope that it would belong to has ended.
 * @example
 * ```ts no-run
 * import { connect } from "pottle/redis";
 * await using client = await connect("redis://127.0.0.1:6379");
 * await client.set("greeting", "hello", { ex: 60 });
 * console.log(await client.get("greeting")); // hello
 * ```
 */
export async function connect(url?: string, options: RedisOptions = {}): Promise<RedisClient> {
  return openForCaller(new RedisClient(readSettings(redisUrl(url), options)));
}

/** How an application's client talks to Redis. */
export interface RedisAppOptions extends RedisOptions {
  /** The server. @default process.env.REDIS_URL, else "redis://127.0.0.1:6379" */
  readonly url?: string;
}

/**
 * The client of an application: it connects before the first request and closes after the last one.
 *
 * @param app - The application, or anything else that has a lifespan.
 * @throws {TypeError} If the URL cannot be read, or an option does not exist.
 * @throws {RangeError} If an option has a value that is not possible.
 * @example
 * ```ts no-run
 * import { Pottle } from "pottle";
 * import { redis } from "pottle/redis";
 * const app = new Pottle(import.meta);
 * const cache = redis(app);
 * app.get("/visits", async () => ({ visits: await cache.incr("visits") }));
 * ```
 */
export function redis(app: LifespanHooks, options: RedisAppOptions = {}): RedisClient {
  const { url, ...rest } = options;
  return openWithApp(app, new RedisClient(readSettings(redisUrl(url), rest)));
}

function redisUrl(url: string | undefined): string {
  return urlOf(url, "REDIS_URL", defaultUrl);
}
