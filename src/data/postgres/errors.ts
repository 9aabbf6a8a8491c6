// The error tree of PostgreSQL.
//
//   Error
//   ├─ PostgresError            the server refused a query: read `sqlState`
//   ├─ ConnectError             no connection could be opened: the message says what to do
//   ├─ ConnectionLostError      the connection broke while it was used, or before: the server ended, or the network
//   ├─ ConnectionClosedError    you used a connection, pool or transaction that is over
//   ├─ ConnectionBusyError      you used a connection within its own transaction: use the transaction
//   ├─ AcquireTimeoutError      no connection of a pool came free in time: it is too small, or connections are kept
//   ├─ TransactionAbortedError  you went on after a query of the transaction had failed: nothing was committed
//   ├─ EmbeddedPostgresError    no server of one's own could be started
//   └─ TypeError
//      └─ QueryArgumentError    you passed what cannot be sent

/** What the server says of an error, besides its message. */
export interface PostgresErrorDetails {
  /** Five characters that tell the kind of error: `23505` for a unique constraint. */
  readonly sqlState: string;
  /** The query, as it was sent. */
  readonly query: string;
  /** More than the message says: the values that were in conflict. */
  readonly detail?: string | undefined;
  /** What the server suggests. */
  readonly hint?: string | undefined;
  /** The table that it is about. */
  readonly table?: string | undefined;
  /** The column that it is about. */
  readonly column?: string | undefined;
  /** The constraint that was violated. */
  readonly constraint?: string | undefined;
  /** Where in the query it is, in characters, counted from 1. */
  readonly position?: number | undefined;
}

/**
 * Says that the server refused a query. The connection goes on working.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export class PostgresError extends Error {
  override readonly name = "PostgresError";
  /** Five characters that tell the kind of error: `23505` for a unique constraint. */
  readonly sqlState: string;
  /** The query, as it was sent. */
  readonly query: string;
  /** More than the message says: the values that were in conflict. */
  readonly detail: string | undefined;
  /** What the server suggests. */
  readonly hint: string | undefined;
  /** The table that it is about. */
  readonly table: string | undefined;
  /** The column that it is about. */
  readonly column: string | undefined;
  /** The constraint that was violated. */
  readonly constraint: string | undefined;
  /** Where in the query it is, in characters, counted from 1. */
  readonly position: number | undefined;

  constructor(message: string, details: PostgresErrorDetails, options?: ErrorOptions) {
    super(`Cannot run ${shorten(details.query)} as the server refused it: ${message} (${details.sqlState})`, options);
    this.sqlState = details.sqlState;
    this.query = details.query;
    this.detail = details.detail;
    this.hint = details.hint;
    this.table = details.table;
    this.column = details.column;
    this.constraint = details.constraint;
    this.position = details.position;
  }
}

/** Says that no connection to the server could be opened. Its message never has the password in it. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
  /** What the system or the server calls the reason: `ECONNREFUSED`, `28P01`; `undefined` if neither does. */
  readonly code: string | undefined;

  constructor(message: string, code?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Says that the connection is gone: the server ended it, or the network did. What a query did is not known. */
export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError";
}

/** Says that a connection, a pool or a transaction was used after its end. */
export class ConnectionClosedError extends Error {
  override readonly name = "ConnectionClosedError";
}

/** Says that the code within a transaction used what the transaction holds, and would have waited for itself. */
export class ConnectionBusyError extends Error {
  override readonly name = "ConnectionBusyError";
}

/** Says that no connection of a pool came free in time. */
export class AcquireTimeoutError extends Error {
  override readonly name = "AcquireTimeoutError";
  /** The pool's `acquireTimeout`, in milliseconds. */
  readonly ms: number;

  constructor(message: string, ms: number) {
    super(message);
    this.ms = ms;
  }
}

/** Says that a transaction was rolled back, since a query in it had failed and its error was caught. */
export class TransactionAbortedError extends Error {
  override readonly name = "TransactionAbortedError";
}

/** Says that no PostgreSQL of one's own could be started. */
export class EmbeddedPostgresError extends Error {
  override readonly name = "EmbeddedPostgresError";
}

/** Says that a query's text or values are nothing that can be sent. */
export class QueryArgumentError extends TypeError {
  override readonly name = "QueryArgumentError";
}

const longest = 80;

/** @internal A query in a line: as messages and inspectors show it. */
export function shorten(text: string): string {
  const line = text
    .slice(0, 4 * longest)
    .replace(/\s+/g, " ")
    .trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}
