import type { LifespanHooks } from "../../http/index.ts";
import { openForCaller, openWithApp, urlOf } from "../shared/app-client.ts";
import { RedisClient } from "./client.ts";
import { defaultUrl, readSettings, type RedisOptions } from "./settings.ts";

/**
 * Connects to a Redis server. `await using` closes the client. It is closed at the latest when the scope ends in which
 * it was opened. A client that is opened at the top level lives until it is closed.
 *
 * @param url - `redis://user:password@host:port/database`, `rediss:` for an encrypted connection, or the path of a Unix
 *   socket. Options may follow: `?db=2&tls=true&socketTimeout=5000`.
 * @default process.env.REDIS_URL, else "redis://127.0.0.1:6379" (url)
 * @throws {RedisConnectError} If no server answers, or the server refuses the user.
 * @throws {MissingPackageError} If ioredis is not installed.
 * @throws {TypeError} If the URL is invalid, or an option does not exist.
 * @throws {RangeError} If an option has a value that is not allowed.
 * @throws {InvalidStateError} If the scope that would own the client has ended.
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

/** Options of an application's client. */
export interface RedisAppOptions extends RedisOptions {
  /** The URL of the server. @default process.env.REDIS_URL, else "redis://127.0.0.1:6379" */
  readonly url?: string;
}

/**
 * Makes a client for an application. It connects before the first request, and is closed after the last one.
 *
 * @param app - The application, or another object with a lifespan.
 * @throws {TypeError} If the URL is invalid, or an option does not exist.
 * @throws {RangeError} If an option has a value that is not allowed.
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
