import type { LifespanHooks } from "../../http/index.ts";
import { openForCaller, openWithApp, urlOf } from "../shared/app-client.ts";
import { MongoClient } from "./client.ts";
import { defaultUrl, type MongoOptions, readSettings } from "./settings.ts";

/**
 * Connects to a MongoDB server. `await using` closes the client. It is closed at the latest when the scope ends in
 * which it was opened. A client that is opened at the top level lives until it is closed.
 *
 * @param url - `mongodb://user:password@host:port/database`.
 * @default process.env.MONGODB_URL, else "mongodb://127.0.0.1:27017" (url)
 * @throws {MongoConnectError} If no server answers, or it refuses the user.
 * @throws {MissingPackageError} If the package mongodb is not installed.
 * @throws {TypeError} If the URL cannot be read, or an option does not exist.
 * @throws {InvalidStateError} If the scope that would own the client has ended.
 * @example
 * import { connect } from "pottle/mongodb";
 * import { startMongoDouble } from "pottle/mongodb/testing";
 * await using double = await startMongoDouble();
 * await using client = await connect(`${double.url}/shop`);
 * const fruits = client.collection<{ name: string; kilos: number }>("fruits");
 * await fruits.insertMany([{ name: "apple", kilos: 3 }, { name: "pear", kilos: 5 }]);
 * for await (const { name } of fruits.find({ kilos: { $gt: 4 } })) console.log(name); // pear
 */
export async function connect(url?: string, options: MongoOptions = {}): Promise<MongoClient> {
  return openForCaller(new MongoClient(readSettings(mongoUrl(url), options)));
}

/** Options of an application's client. */
export interface MongoAppOptions extends MongoOptions {
  /** The URL of the server. @default process.env.MONGODB_URL, else "mongodb://127.0.0.1:27017" */
  readonly url?: string;
}

/**
 * Makes the client of an application. It connects before the first request and closes after the last one.
 *
 * @param app - The application, or another object with lifespan hooks.
 * @throws {TypeError} If the URL cannot be read, or an option does not exist.
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
  const { url, ...rest } = options;
  return openWithApp(app, new MongoClient(readSettings(mongoUrl(url), rest)));
}

function mongoUrl(url: string | undefined): string {
  return urlOf(url, "MONGODB_URL", defaultUrl);
}
