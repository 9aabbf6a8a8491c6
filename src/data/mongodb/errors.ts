// The errors of MongoDB. A mistake of the caller is a TypeError, RangeError or InvalidStateError.
//
//   Error
//   └─ MongoError
//      ├─ MongoConnectError      no server answers, or it refuses the user
//      ├─ MongoConnectionLost    the connection broke while a reply was awaited
//      ├─ MongoReplyError        the server refused an operation; its `code` says why
//      │  └─ DuplicateKeyError   a value that must be unique already exists
//      └─ DocumentInvalidError   a document does not pass the schema of its collection

import type { StandardSchemaV1 } from "@standard-schema/spec";

/** Options of an error of MongoDB. */
export interface MongoErrorOptions extends ErrorOptions {
  /** The identities of the documents that `insertMany` had inserted before it failed. @default none */
  readonly insertedIds?: readonly unknown[];
}

/** The base class of all errors of MongoDB. */
export class MongoError extends Error {
  override readonly name: string = "MongoError";
  /** The identities of the documents that `insertMany` had inserted before it failed; none for other operations. */
  readonly insertedIds: readonly unknown[];

  constructor(message: string, options: MongoErrorOptions = {}) {
    const { insertedIds = [], ...rest } = options;
    super(message, rest);
    this.insertedIds = insertedIds;
  }
}

/** Thrown when a connection cannot be made. The message names the server and the reason, never the password. */
export class MongoConnectError extends MongoError {
  override readonly name = "MongoConnectError";
  /** The server or servers. */
  readonly address: string;

  constructor(address: string, reason: string, options?: MongoErrorOptions) {
    super(`Cannot connect to MongoDB at ${address} as ${reason}`, options);
    this.address = address;
  }
}

/** Thrown when the connection broke before the reply came. The operation may or may not have been executed. */
export class MongoConnectionLost extends MongoError {
  override readonly name = "MongoConnectionLost";
  /** The operation that was running: `find shop.fruits`. */
  readonly operation: string;

  constructor(operation: string, options: MongoErrorOptions & { readonly detail?: string } = {}) {
    const { detail = "", ...rest } = options;
    const message = `Cannot finish ${operation} as the connection to MongoDB was lost`;
    super(detail === "" ? message : `${message}: ${detail}`, rest);
    this.operation = operation;
  }
}

/** Thrown when the server answers an operation with an error. */
export class MongoReplyError extends MongoError {
  override readonly name: string = "MongoReplyError";
  /** The operation: `find shop.fruits`. */
  readonly operation: string;
  /** The server's code for the error, such as 59 for an unknown command. */
  readonly code: number;

  constructor(operation: string, answer: string, code: number, options?: MongoErrorOptions) {
    super(`Cannot ${operation} as MongoDB refuses it: ${answer}`, options);
    this.operation = operation;
    this.code = code;
  }
}

/** Thrown when a value already exists that a unique index allows only once. */
export class DuplicateKeyError extends MongoReplyError {
  override readonly name = "DuplicateKeyError";
  /** The fields and their values. It is empty after `insertMany`: only the message has them then. */
  readonly keyValue: Readonly<Record<string, unknown>>;

  constructor(operation: string, answer: string, keyValue: Record<string, unknown>, options?: MongoErrorOptions) {
    super(operation, answer, 11_000, options);
    this.keyValue = keyValue;
  }
}

/** Thrown when a document does not pass the schema of its collection. The message names the field. */
export class DocumentInvalidError extends MongoError {
  override readonly name = "DocumentInvalidError";
  /** The schema's reasons for refusing the document. */
  readonly issues: readonly StandardSchemaV1.Issue[];

  constructor(action: string, issues: readonly StandardSchemaV1.Issue[]) {
    super(`Cannot ${action} as ${issues.map(describe).join("; ")}`);
    this.issues = issues;
  }
}

function describe({ path = [], message }: StandardSchemaV1.Issue): string {
  const field = path.map((part) => String(typeof part === "object" ? part.key : part)).join(".");
  return field === "" ? `the document is invalid: ${message}` : `field '${field}' is invalid: ${message}`;
}
