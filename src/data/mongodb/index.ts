// A MongoDB client on top of the official driver. Its operations can be cancelled.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// connecting
export { connect, mongodb, type MongoAppOptions } from "./connect.ts";
export type { MongoOptions } from "./settings.ts";
export { MongoClient, type MongoStatistics } from "./client.ts";
export { Database } from "./database.ts";

// documents
export {
  Collection,
  type CollectionOptions,
  type FindOneOptions,
  type UpdateOptions,
  type UpdateResult,
} from "./collection.ts";
export { MongoCursor } from "./cursor.ts";
export type { Condition, Doc, Filter, ObjectId, Operators, Projection, Sort, Stored, Update } from "./documents.ts";

// tracing
export type { QueryMessage } from "../shared/query-channel.ts";

// errors
export {
  DocumentInvalidError,
  DuplicateKeyError,
  MongoConnectError,
  MongoConnectionLost,
  MongoError,
  type MongoErrorOptions,
  MongoReplyError,
} from "./errors.ts";
export { MissingPackageError } from "../shared/optional-peer.ts";
