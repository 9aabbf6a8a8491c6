import type { LifespanHooks } from "../../http/index.ts";
import { RedisClient } from "./client.ts";
import { defaultUrl, readSettings, type RedisOptions } from "./settings.ts";

/**
 * Connects to a Redis server. `await using` closes the client; at the latest it is closed with the scope that it
 * was opened in. One that is opened at the top level lives until it is closed.
 *
 * @param url - `redis://user:password@host:port/database`, `rediss:` for an encrypted connection, or the path of a unix
 *   socket.
 * @default process.env.REDIS_URL, else "redis://127.0.0.1:6379" (url)
 * @throws {RedisConnectError} If nobody is there, or it does not let us in.
 * @throws {MissingPackageError} If ioredis is not installed.
 * @throws {TypeError} If the URL cannot be read.
 * @throws {InvalidStateError} If the scope that it would belong to has ended.
 * @example
 * ```ts no-run
 * import { connect } from "pottle/redis";
 * await using client = await connect("redis://127.0.0.1:6379");
 * await client.set("greeting", "hello", { ex: 60 });
 * console.log(await client.get("greeting")); // hello
 * ```
 */
export async function connect(url: string = urlOfEnvironment(), options: RedisOptions = {}): Promise<RedisClient> {
  const client = new RedisClient(readSettings(url, options));
  client.closeWithCaller();
  await client.open();
  return client;
}

/** How an application's client talks to Redis. */
export interface RedisAppOptions extends RedisOptions {
  /** The server. @default process.env.REDIS_URL, else "redis://127.0.0.1:6379" */
  readonly url?: string;
}

/**
 * The client of an application: it connects before the first request and closes after the last one.
 *
 * @param app - The application, or whatever else has a lifespan.
 * @throws {TypeError} If the URL cannot be read.
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
  const client = new RedisClient(readSettings(options.url ?? urlOfEnvironment(), options));
  app.onStart(() => client.open());
  app.onStop(() => client.close());
  return client;
}

function urlOfEnvironment(): string {
  return process.env["REDIS_URL"] || defaultUrl;
}
