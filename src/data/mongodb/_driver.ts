// The one place that knows the driver. What we use of it is written down here, so that our declarations can be read
// without it.

import { loadOptionalPeer } from "../optional-peer.ts";
import type { Doc } from "./documents.ts";
import type { MongoSettings } from "./settings.ts";

/** @internal */
export interface DriverOptions {
  readonly signal: AbortSignal;
  readonly [option: string]: unknown;
}

/** @internal */
export interface DriverCursor {
  next(): Promise<Doc | null>;
  readBufferedDocuments(): Doc[];
  close(): Promise<void>;
}

/** @internal */
export interface DriverUpdateResult {
  readonly matchedCount: number;
  readonly modifiedCount: number;
  readonly upsertedId: unknown;
}

/** @internal */
export interface DriverCollection {
  find(filter: Doc, options: DriverOptions): DriverCursor;
  aggregate(pipeline: readonly Doc[], options: DriverOptions): DriverCursor;
  findOne(filter: Doc, options: DriverOptions): Promise<Doc | null>;
  insertOne(doc: Doc, options: DriverOptions): Promise<{ readonly insertedId: unknown }>;
  insertMany(docs: readonly Doc[], options: DriverOptions): Promise<{ readonly insertedIds: Record<number, unknown> }>;
  updateOne(filter: Doc, update: unknown, options: DriverOptions): Promise<DriverUpdateResult>;
  updateMany(filter: Doc, update: unknown, options: DriverOptions): Promise<DriverUpdateResult>;
  replaceOne(filter: Doc, doc: Doc, options: DriverOptions): Promise<DriverUpdateResult>;
  deleteOne(filter: Doc, options: DriverOptions): Promise<{ readonly deletedCount: number }>;
  deleteMany(filter: Doc, options: DriverOptions): Promise<{ readonly deletedCount: number }>;
  countDocuments(filter: Doc, options: DriverOptions): Promise<number>;
  distinct(key: string, filter: Doc, options: DriverOptions): Promise<unknown[]>;
  createIndex(keys: Doc, options: DriverOptions): Promise<string>;
  drop(options: DriverOptions): Promise<boolean>;
}

/** @internal */
export interface DriverDatabase {
  readonly databaseName: string;
  collection(name: string): DriverCollection;
  command(command: Doc, options: DriverOptions): Promise<Doc>;
  listCollections(filter: Doc, options: DriverOptions): DriverCursor;
  dropDatabase(options: DriverOptions): Promise<boolean>;
}

/** @internal */
export interface DriverClient {
  connect(): Promise<unknown>;
  close(): Promise<void>;
  db(name?: string): DriverDatabase;
  on(event: "connectionCreated" | "connectionClosed", listener: () => void): unknown;
}

/** @internal What the driver brings. */
export interface Driver {
  readonly client: DriverClient;
  readonly makeId: (hex?: string) => unknown;
}

/** @internal Loads the driver and makes a client, which has not connected yet. */
export async function makeDriver(settings: MongoSettings): Promise<Driver> {
  const { MongoClient, ObjectId } = await loadOptionalPeer("mongodb", "use MongoDB", () => import("mongodb"));
  const client = orRefuse(
    () =>
      new MongoClient(settings.url, {
        serverSelectionTimeoutMS: settings.connectTimeout,
        connectTimeoutMS: settings.connectTimeout,
        maxPoolSize: settings.maxPoolSize,
      }),
  );
  return { client: client as unknown as DriverClient, makeId: (hex) => new ObjectId(hex) };
}

// Before it has connected, all that it can dislike is the URL.
function orRefuse<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new TypeError(`Cannot connect to MongoDB as its URL is refused: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** @internal Whether the driver was given what it cannot use. */
export function isMisuse({ name }: Error): boolean {
  return name === "MongoInvalidArgumentError";
}
