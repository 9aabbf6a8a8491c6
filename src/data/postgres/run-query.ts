import { isCancelled } from "../../asyncio/index.ts";
import { areQueriesTraced, traceQuery } from "../shared/query-channel.ts";
import type { PgResult } from "./driver.ts";
import { ConnectionLostError, PostgresError, QueryArgumentError, shorten } from "./errors.ts";
import type { Query } from "./query.ts";
import { type CancelMode, type Session, SessionLost } from "./session.ts";

/**
 * @internal Sends a query, and converts an error of the driver to one of ours. This is done here because the stack
 * still leads to the caller.
 *
 * @throws {PostgresError} If the server refuses the query.
 * @throws {ConnectionLostError} If the connection is lost.
 * @throws {QueryArgumentError} If a value cannot be sent.
 * @throws {CancelledError} If the call is cancelled.
 */
export function runQuery(session: Session, query: Query, mode?: CancelMode): Promise<PgResult> {
  if (!areQueriesTraced()) return run(session, query, mode);
  const { server, database } = session;
  const { text } = query;
  const operation = /^\s*([a-z]+)/i.exec(text)?.[1]?.toUpperCase();
  return traceQuery({ system: "postgresql", operation, database, text, server }, () => run(session, query, mode));
}

async function run(session: Session, query: Query, mode: CancelMode | undefined): Promise<PgResult> {
  try {
    return await session.send(query, mode);
  } catch (error) {
    throw explain(error, query.text);
  }
}

function explain(error: unknown, text: string): unknown {
  if (isCancelled(error) || !(error instanceof Error)) return error;
  if (error instanceof SessionLost) return explainLoss(error.cause, text);
  if ("severity" in error && "code" in error) return explainRefusal(error, text);
  return new QueryArgumentError(`Cannot run ${shorten(text)} as a value cannot be written: ${error.message}`, {
    cause: error,
  });
}

function explainLoss(cause: unknown, text: string): ConnectionLostError {
  const reason = cause instanceof Error ? `: ${cause.message}` : "";
  const options = cause === undefined ? undefined : { cause };
  return new ConnectionLostError(`Cannot run ${shorten(text)} as the connection is lost${reason}`, options);
}

// The fields of the driver's error, which have their names from the protocol.
interface Refusal extends Error {
  readonly code?: unknown;
  readonly detail?: string;
  readonly hint?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
  readonly position?: string;
}

function explainRefusal(error: Refusal, query: string): PostgresError {
  const { code, detail, hint, table, column, constraint } = error;
  const position = error.position === undefined ? undefined : Number(error.position);
  const details = { sqlState: String(code), query, detail, hint, table, column, constraint, position };
  return new PostgresError(error.message, details, { cause: error });
}
