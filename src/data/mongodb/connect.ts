import type { LifespanHooks } from "../../http/index.ts";
import { MongoClient } from "./client.ts";
import { defaultUrl, type MongoOptions, readSettings } from "./settings.ts";

/**
 * Connects to a MongoDB server. `await using` closes the client; at the latest it is closed with the scope that it
 * was opened in. One that is opened at the top level lives until it is closed.
 *
 * @param url - `mongodb://user:password@host:port/database`.
 * @default process.env.MONGODB_URL, else "mongodb://127.0.0.1:27017" (url)
 * @throws {MongoConnectError} If nobody is there, or it does not let us in.
 * @throws {MissingPackageError} If the package mongodb is not installed.
 * @throws {TypeError} If the URL cannot be read.
 * @throws {InvalidStateError} If the scope that it would belong to has ended.
 * @example
 * import { connect } from "pottle/mongodb";
 * import { startMongoDouble } from "pottle/mongodb/testing";
 * await using double = await startMongoDouble();
 * await using client = await connect(`${double.url}/shop`);
 * const fruits = client.collection<{ name: string; kilos: number }>("fruits");
 * await fruits.insertMany([{ name: "apple", kilos: 3 }, { name: "pear", kilos: 5 }]);
 * for await (const { name } of fruits.find({ kilos: { $gt: 4 } })) console.log(name); // pear
 */
export async function connect(url: string = urlOfEnvironment(), options: MongoOptions = {}): Promise<MongoClient> {
  const client = new MongoClient(readSettings(url, options));
  client.closeWithCaller();
  try {
    await client.open();
    return client;
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** How an application's client talks to MongoDB. */
export interface MongoAppOptions extends MongoOptions {
  /** The server. @default process.env.MONGODB_URL, else "mongodb://127.0.0.1:27017" */
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
 * import { mongodb } from "pottle/mongodb";
 * const app = new Pottle(import.meta);
 * const store = mongodb(app);
 * app.get("/fruits", async () => ({ fruits: await store.collection("fruits").find().toArray() }));
 * ```
 */
export function mongodb(app: LifespanHooks, options: MongoAppOptions = {}): MongoClient {
  const client = new MongoClient(readSettings(options.url ?? urlOfEnvironment(), options));
  app.onStart(() => client.open());
  app.onStop(() => client.close());
  return client;
}

function urlOfEnvironment(): string {
  return process.env["MONGODB_URL"] || defaultUrl;
}
