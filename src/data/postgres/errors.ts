// The error tree of PostgreSQL.
//
//   Error
//   ├─ PostgresError            the server refused a query: read `sqlState`
//   ├─ ConnectError             no connection could be opened: the message says what to do
//   ├─ ConnectionLostError      the connection broke during or before its use: the server or the network failed
//   ├─ ConnectionClosedError    you used a connection, pool or transaction after its end
//   ├─ ConnectionBusyError      you used a connection within its own transaction: use the transaction
//   ├─ AcquireTimeoutError      no connection became free in time: the pool is too small, or callers do not release
//   ├─ TransactionAbortedError  you continued after a query of the transaction had failed: nothing was committed
//   ├─ EmbeddedPostgresError    no embedded server could be started
//   └─ TypeError
//      └─ QueryArgumentError    you passed a text or value that cannot be sent

/** The server's details of an error, besides its message. */
export interface PostgresErrorDetails {
  /** The error code of five characters: `23505` for a violated unique constraint. */
  readonly sqlState: string;
  /** The query, as it was sent. */
  readonly query: string;
  /** More details than the message has, such as the conflicting values. */
  readonly detail?: string | undefined;
  /** A suggestion of the server. */
  readonly hint?: string | undefined;
  /** The table that the error refers to. */
  readonly table?: string | undefined;
  /** The column that the error refers to. */
  readonly column?: string | undefined;
  /** The constraint that was violated. */
  readonly constraint?: string | undefined;
  /** The position of the error in the query, in characters, counted from 1. */
  readonly position?: number | undefined;
}

/**
 * The server refused a query. The connection can still be used.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export class PostgresError extends Error {
  override readonly name = "PostgresError";
  /** The error code of five characters: `23505` for a violated unique constraint. */
  readonly sqlState: string;
  /** The query, as it was sent. */
  readonly query: string;
  /** More details than the message has, such as the conflicting values. */
  readonly detail: string | undefined;
  /** A suggestion of the server. */
  readonly hint: string | undefined;
  /** The table that the error refers to. */
  readonly table: string | undefined;
  /** The column that the error refers to. */
  readonly column: string | undefined;
  /** The constraint that was violated. */
  readonly constraint: string | undefined;
  /** The position of the error in the query, in characters, counted from 1. */
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

/** No connection to the server could be opened. The message never contains the password. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
  /** The error code of the system or the server: `ECONNREFUSED`, `28P01`; `undefined` if there is none. */
  readonly code: string | undefined;

  constructor(message: string, code?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The connection is lost: the server or the network ended it. It is unknown whether a running query took effect. */
export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError";
}

/** A connection, a pool or a transaction was used after its end. */
export class ConnectionClosedError extends Error {
  override readonly name = "ConnectionClosedError";
}

/** The code within a transaction used the connection that the transaction holds, and would have waited for itself. */
export class ConnectionBusyError extends Error {
  override readonly name = "ConnectionBusyError";
}

/** No connection of a pool became free in time. */
export class AcquireTimeoutError extends Error {
  override readonly name = "AcquireTimeoutError";
  /** The pool's `acquireTimeout`, in milliseconds. */
  readonly ms: number;

  constructor(message: string, ms: number) {
    super(message);
    this.ms = ms;
  }
}

/** A transaction was rolled back, because a query in it had failed and the error was caught. */
export class TransactionAbortedError extends Error {
  override readonly name = "TransactionAbortedError";
}

/** No embedded PostgreSQL server could be started. */
export class EmbeddedPostgresError extends Error {
  override readonly name = "EmbeddedPostgresError";
}

/** A query's text or values cannot be sent. */
export class QueryArgumentError extends TypeError {
  override readonly name = "QueryArgumentError";
}

const longest = 80;

/** @internal A query in one line, for messages and inspectors. */
export function shorten(text: string): string {
  const line = text
    .slice(0, 4 * longest)
    .replace(/\s+/g, " ")
    .trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}
