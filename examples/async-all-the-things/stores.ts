// Three stores, each asked in the same three steps: connect, execute, close.
import { join } from "node:path";
import { type AsyncExitStack, gather } from "pottle/asyncio";
import { connect as connectMongo, MongoConnectError } from "pottle/mongodb";
import { connect as connectPostgres, ConnectError, startPostgres } from "pottle/postgres";
import { connect as connectRedis, RedisConnectError } from "pottle/redis";

/** A store, and how it is asked. */
export interface Store {
  readonly name: string;
  /** The variable of the environment that says where it is. */
  readonly variable: string;
  readonly ask: () => Promise<string>;
}

/** What became of a question. */
export interface Answer {
  readonly store: Store;
  /** The answer, or why there is none. */
  readonly text: string;
  /** Whether there is one. */
  readonly isThere: boolean;
}

/** The stores that the environment names, or else where they usually are; a PostgreSQL is started if none is named. */
export async function findStores(stack: AsyncExitStack): Promise<Store[]> {
  const { DATABASE_URL, REDIS_URL = "redis://127.0.0.1:6379", MONGODB_URL = "mongodb://127.0.0.1:27017" } = process.env;
  const url = DATABASE_URL ?? (await startOwn(stack));
  return [
    { name: "PostgreSQL", variable: "DATABASE_URL", ask: () => askPostgres(url) },
    { name: "Redis", variable: "REDIS_URL", ask: () => askRedis(REDIS_URL) },
    { name: "MongoDB", variable: "MONGODB_URL", ask: () => askMongo(MONGODB_URL) },
  ];
}

async function startOwn(stack: AsyncExitStack): Promise<string> {
  const server = await startPostgres({ folder: join(import.meta.dirname, ".pottle", "postgres") });
  stack.callback(() => server.stop());
  return server.url;
}

/** Asks all of them at once. One that is not there does not stop the others. */
export function askAll(stores: readonly Store[]): Promise<Answer[]> {
  return gather(stores.map((store) => () => answerOf(store)));
}

async function askPostgres(url: string): Promise<string> {
  await using connection = await connectPostgres(url);
  const [row] = await connection.query<{ sum: number }>("select 40 + 2 as sum");
  return `select 40 + 2 gives ${row?.sum}`;
}

async function askRedis(url: string): Promise<string> {
  await using client = await connectRedis(url);
  const greeting = await client.get("greeting");
  return greeting === null ? "GET greeting finds nothing" : `GET greeting gives ${greeting}`;
}

async function askMongo(url: string): Promise<string> {
  await using client = await connectMongo(url, { connectTimeout: 500 });
  const greetings = await client.collection<{ text: string }>("greetings").find().limit(10).toArray();
  return `find in greetings gives ${greetings.length} of them`;
}

async function answerOf(store: Store): Promise<Answer> {
  try {
    return { store, text: await store.ask(), isThere: true };
  } catch (error) {
    const isAbsent = [ConnectError, RedisConnectError, MongoConnectError].some((absent) => error instanceof absent);
    if (!isAbsent) throw error; // a cancellation, or a fault of our own
    return {
      store,
      text: `no server: ${(error as Error).message} (${store.variable} says where else)`,
      isThere: false,
    };
  }
}
