import { tracingChannel } from "node:diagnostics_channel";
import { type OperationMessage, traceOperation } from "../../base/traced-operation.ts";

/** The message of the tracing channel `pottle:query`: a query or command that a database executes. */
export interface QueryMessage extends OperationMessage {
  /** The database system. */
  readonly system: "postgresql" | "redis" | "mongodb";
  /** The operation, if it is known: `SELECT`, `GET`, `find`. */
  readonly operation?: string | undefined;
  /** The database. */
  readonly database?: string | undefined;
  /** The collection. */
  readonly collection?: string | undefined;
  /** The text of the query, as it was given; values that were passed beside it are not in it. */
  readonly text?: string | undefined;
  /** The server: `127.0.0.1:5432`, or the path of a socket. */
  readonly server: string;
  /** How many operations are sent at once, if several. */
  readonly batchSize?: number | undefined;
}

const queries = tracingChannel<OperationMessage>("pottle:query");

/** @internal Whether anything subscribes to queries. */
export function areQueriesTraced(): boolean {
  return queries.hasSubscribers;
}

/** @internal Runs a query, and tells subscribers of it. */
export function traceQuery<T>(message: QueryMessage, run: () => Promise<T>): Promise<T> {
  return traceOperation(queries, message, run);
}
