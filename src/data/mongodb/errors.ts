// What can go wrong with MongoDB. What you did wrong yourself is a TypeError, RangeError or InvalidStateError.
//
//   Error
//   └─ MongoError
//      ├─ MongoConnectError      nobody there, or not let in
//      ├─ MongoConnectionLost    the connection broke while a reply was awaited
//      ├─ MongoReplyError        the server refused an operation; its `code` says why
//      │  └─ DuplicateKeyError   a value is there already, and must be unique
//      └─ DocumentInvalidError   a document is not what the schema of its collection says

import type { StandardSchemaV1 } from "@standard-schema/spec";

/** What all errors of MongoDB have in common. */
export class MongoError extends Error {
  override readonly name: string = "MongoError";
}

/** Says that there is no connection to be had. The message names the server and the reason, never the password. */
export class MongoConnectError extends MongoError {
  override readonly name = "MongoConnectError";
  /** The server or servers. */
  readonly address: string;

  constructor(address: string, reason: string, options?: ErrorOptions) {
    super(`Cannot connect to MongoDB at ${address} as ${reason}`, options);
    this.address = address;
  }
}

/** Says that the connection broke before the reply had come. The operation may or may not have been executed. */
export class MongoConnectionLost extends MongoError {
  override readonly name = "MongoConnectionLost";
  /** What was under way, as in `find shop.fruits`. */
  readonly operation: string;

  constructor(operation: string, options?: ErrorOptions) {
    super(`Cannot finish ${operation} as the connection to MongoDB was lost`, options);
    this.operation = operation;
  }
}

/** Says that the server answered an operation with an error. */
export class MongoReplyError extends MongoError {
  override readonly name: string = "MongoReplyError";
  /** What was asked for, as in `find shop.fruits`. */
  readonly operation: string;
  /** The server's number for the error, as 59 for a command that it does not know. */
  readonly code: number;

  constructor(operation: string, answer: string, code: number, options?: ErrorOptions) {
    super(`Cannot ${operation} as MongoDB refuses it: ${answer}`, options);
    this.operation = operation;
    this.code = code;
  }
}

/** Says that a value is there already which an index wants to be unique. */
export class DuplicateKeyError extends MongoReplyError {
  override readonly name = "DuplicateKeyError";
  /** The fields, and what they would have been; empty after `insertMany`, where only the message says it. */
  readonly keyValue: Readonly<Record<string, unknown>>;

  constructor(operation: string, answer: string, keyValue: Record<string, unknown>, options?: ErrorOptions) {
    super(operation, answer, 11_000, options);
    this.keyValue = keyValue;
  }
}

/** Says that a document is not what the schema of its collection says. The message names the field. */
export class DocumentInvalidError extends MongoError {
  override readonly name = "DocumentInvalidError";
  /** All that is wrong with it. */
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
