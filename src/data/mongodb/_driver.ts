// The only file that imports the driver. The part of its API that we use is declared here, so that our type
// declarations do not need the package.

import { loadOptionalPeer } from "../shared/optional-peer.ts";
import { type DriverServer, wakeWritersOnClose } from "./_closed-sockets.ts";
import type { OperationSignal } from "./abort.ts";
import type { Doc } from "./documents.ts";
import type { MongoSettings } from "./settings.ts";

/** @internal */
export interface DriverOptions {
  readonly signal?: OperationSignal;
  readonly [option: string]: unknown;
}

/** @internal */
export interface DriverSession {
  /** The number of the session, in the form that commands have. */
  readonly id: unknown;
  endSession(): Promise<void>;
}

/** @internal */
export interface DriverCursor {
  /** Whether the server has no more documents and all fetched ones have been read. */
  readonly closed: boolean;
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
  startSession(options: { readonly causalConsistency: boolean }): DriverSession;
  /** The object that holds the connections. It is not public in the driver. */
  readonly topology?: Partial<DriverTopology> | undefined;
  on(event: ConnectionEvent, listener: () => void): unknown;
  on(event: "topologyDescriptionChanged", listener: (event: DriverTopologyEvent) => void): unknown;
}

type ConnectionEvent = "connectionCreated" | "connectionReady" | "connectionClosed" | "serverHeartbeatSucceeded";

interface DriverTopology {
  readonly s: { readonly servers?: ReadonlyMap<string, DriverServer> };
  closeCheckedOutConnections(): void;
  close(): void;
}

/**
 * @internal Closes a client. The driver first tells the server which cursors have ended, then which sessions, without a
 * time limit; here each of these steps has `patience` milliseconds. A connection that is being opened to a silent
 * server cannot be cut. After a third period of `patience` it is left to its own time limit.
 */
export async function closeDriver(client: DriverClient, patience: number): Promise<void> {
  const { topology } = client;
  const { promise: tooLate, resolve: giveUp } = Promise.withResolvers<void>();
  let turn = 0;
  const timer = setInterval(() => {
    turn++;
    topology?.closeCheckedOutConnections?.();
    // If it were closed earlier, the next step of the driver would look for a server.
    if (turn === 2) topology?.close?.();
    if (turn === 3) giveUp();
  }, patience);
  try {
    await Promise.race([client.close(), tooLate]);
  } finally {
    clearInterval(timer);
  }
}

/** @internal A change of the known servers. */
export interface DriverTopologyEvent {
  readonly newDescription: { readonly logicalSessionTimeoutMinutes: number | null };
}

/** @internal A client of the driver, and its way to make identities. */
export interface Driver {
  readonly client: DriverClient;
  readonly makeId: (hex?: string) => unknown;
}

/** @internal Loads the driver and makes a client, which has not connected yet. */
export async function makeDriver(settings: MongoSettings): Promise<Driver> {
  const { MongoClient, ObjectId } = await loadOptionalPeer("mongodb", "use MongoDB", () => import("mongodb"));
  // Only inserted documents can have fields that are `undefined`; everywhere else such fields are refused.
  const options = { ...settings.driverOptions, ignoreUndefined: true };
  const client = orRefuse(() => new MongoClient(settings.url, options)) as unknown as DriverClient;
  wakeWritersOnClose(client);
  return { client, makeId: (hex) => new ObjectId(hex) };
}

// Before the client has connected, the only thing that it can refuse is the URL.
function orRefuse<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new TypeError(`Cannot connect to MongoDB as its URL is refused: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** @internal Whether the driver was called with an argument that it cannot use. */
export function isMisuse({ name }: Error): boolean {
  return name === "MongoInvalidArgumentError" || /^BSON\w*Error$/.test(name);
}

/**
 * @internal Whether a document was too large: for the buffer of 17 MB to which the driver writes it, or for the limit
 * of 16 MB that the driver and the server have.
 */
export function isTooLarge({ name, message, code }: Error & { readonly code?: unknown }): boolean {
  if (name === "RangeError") return code === "ERR_OUT_OF_RANGE" || /offset is out of bounds/.test(message);
  if (name === "MongoInvalidArgumentError") return message.includes("larger than the maximum size");
  return tooLarge.has(code) || (code === 2 && message.includes("object to insert too large"));
}

// The server's codes for a command that is too large, and for a document that an update would make too large.
const tooLarge: ReadonlySet<unknown> = new Set([10_334, 17_419, 17_420]);

/** @internal The progress of an insertion of several documents when it failed. */
export interface InsertedBefore {
  /** The identities of the documents that were inserted. */
  readonly ids: readonly unknown[];
  /** The error of the next document. */
  readonly cause: Error;
}

/** @internal The progress of a failed insertion of several documents; `undefined` for any other error. */
export function insertedBefore(error: Error): InsertedBefore | undefined {
  if (!("insertedIds" in error && "insertedCount" in error)) return undefined;
  const { insertedIds, insertedCount, errorResponse } = error as Error & BulkWriteError;
  // If the connection was lost, the driver lists all documents.
  const ids = Object.values(insertedIds).slice(0, insertedCount);
  return { ids, cause: errorResponse instanceof Error ? errorResponse : error };
}

interface BulkWriteError {
  readonly insertedIds: Readonly<Record<number, unknown>>;
  readonly insertedCount: number;
  readonly errorResponse: unknown;
}
