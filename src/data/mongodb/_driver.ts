// The one place that knows the driver. What we use of it is written down here, so that our declarations can be read
// without it.

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
  /** Its number, as commands have it. */
  readonly id: unknown;
  endSession(): Promise<void>;
}

/** @internal */
export interface DriverCursor {
  /** Whether the server has no more and all documents that were fetched have been read. */
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
  /** What holds its connections; not of the driver's public face. */
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
 * @internal Closes a client. The driver first tells the server which cursors are over, then which sessions, however long
 * that takes; each of them is given `patience` milliseconds. A connection that is being opened to a silent server cannot
 * be cut: after a third of these times it is left to its own time limit.
 */
export async function closeDriver(client: DriverClient, patience: number): Promise<void> {
  const { topology } = client;
  const { promise: tooLate, resolve: giveUp } = Promise.withResolvers<void>();
  let turn = 0;
  const timer = setInterval(() => {
    turn++;
    topology?.closeCheckedOutConnections?.();
    // Closed earlier, a server would be looked for by what the driver does next.
    if (turn === 2) topology?.close?.();
    if (turn === 3) giveUp();
  }, patience);
  try {
    await Promise.race([client.close(), tooLate]);
  } finally {
    clearInterval(timer);
  }
}

/** @internal What is new about the servers. */
export interface DriverTopologyEvent {
  readonly newDescription: { readonly logicalSessionTimeoutMinutes: number | null };
}

/** @internal What the driver brings. */
export interface Driver {
  readonly client: DriverClient;
  readonly makeId: (hex?: string) => unknown;
}

/** @internal Loads the driver and makes a client, which has not connected yet. */
export async function makeDriver(settings: MongoSettings): Promise<Driver> {
  const { MongoClient, ObjectId } = await loadOptionalPeer("mongodb", "use MongoDB", () => import("mongodb"));
  // Only inserted documents have fields that are `undefined`: everywhere else they are refused.
  const options = { ...settings.driverOptions, ignoreUndefined: true };
  const client = orRefuse(() => new MongoClient(settings.url, options)) as unknown as DriverClient;
  wakeWritersOnClose(client);
  return { client, makeId: (hex) => new ObjectId(hex) };
}

// Before it has connected, it can object to the URL only.
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
  return name === "MongoInvalidArgumentError" || /^BSON\w*Error$/.test(name);
}

/**
 * @internal Whether a document was too large: for the buffer of 17 MB that it is written to, or for the driver or the
 * server, which have the limit of 16 MB.
 */
export function isTooLarge({ name, message, code }: Error & { readonly code?: unknown }): boolean {
  if (name === "RangeError") return code === "ERR_OUT_OF_RANGE" || /offset is out of bounds/.test(message);
  if (name === "MongoInvalidArgumentError") return message.includes("larger than the maximum size");
  return tooLarge.has(code) || (code === 2 && message.includes("object to insert too large"));
}

// The server's numbers for a command that is too large, and for a document that an update would make so.
const tooLarge: ReadonlySet<unknown> = new Set([10_334, 17_419, 17_420]);

/** @internal How far an insertion of several documents had come when it failed. */
export interface InsertedBefore {
  /** The identities of the documents that were inserted. */
  readonly ids: readonly unknown[];
  /** Why the next one was not. */
  readonly cause: Error;
}

/** @internal How far an insertion of several documents had come; `undefined` if the error is of something else. */
export function insertedBefore(error: Error): InsertedBefore | undefined {
  if (!("insertedIds" in error && "insertedCount" in error)) return undefined;
  const { insertedIds, insertedCount, errorResponse } = error as Error & BulkWriteError;
  // The driver lists all documents where the connection was lost.
  const ids = Object.values(insertedIds).slice(0, insertedCount);
  return { ids, cause: errorResponse instanceof Error ? errorResponse : error };
}

interface BulkWriteError {
  readonly insertedIds: Readonly<Record<number, unknown>>;
  readonly insertedCount: number;
  readonly errorResponse: unknown;
}
