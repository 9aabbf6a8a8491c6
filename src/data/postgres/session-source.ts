// Using sessions: a query is run on one that is acquired for it, and of a single session only one caller has the use.

import { currentScope, isCancelled, type Resource, type Scope, type Task, WaitQueue } from "../../asyncio/index.ts";
import { areQueriesTraced, traceQuery } from "../shared/query-channel.ts";
import type { PgResult } from "./driver.ts";
import {
  ConnectionBusyError,
  ConnectionClosedError,
  ConnectionLostError,
  PostgresError,
  QueryArgumentError,
  shorten,
} from "./errors.ts";
import type { Query } from "./query.ts";
import { type CancelMode, type Session, SessionLost } from "./session.ts";
import { endsTransaction } from "./statements.ts";

/** @internal A source that lends sessions: a pool, or a single connection. */
export interface SessionSource {
  /** Acquires a session; returns a promise only if it must be waited for. */
  acquire(): Session | Promise<Session>;
  /** Releases a session. */
  release(session: Session): void;
  /** Whether the session is in a transaction that `transaction()` will end. */
  readonly isInTransaction?: boolean;
}

/** @internal Acquires a session for one query. */
export async function withSession(source: SessionSource, query: Query): Promise<PgResult> {
  if (source.isInTransaction === true) refuseEnd(query);
  const acquired = source.acquire();
  const session = acquired instanceof Promise ? await acquired : acquired;
  try {
    return await runQuery(session, query);
  } finally {
    source.release(session);
  }
}

// Refuses a statement that ends the transaction, because the following queries would run outside it.
function refuseEnd({ text }: Query): void {
  if (!endsTransaction(text)) return;
  throw new QueryArgumentError(
    `Cannot run ${shorten(text)} as transaction() ends the transaction: return from its function to commit, throw to roll back`,
  );
}

// The sources that a task, or a scope within a task, holds.
const held: WeakMap<object, Set<SessionSource>> = new WeakMap();

/**
 * @internal Records that the code of `holder` holds the session of `source`, so that it must not wait for it.
 *
 * @returns A function that removes the record.
 */
export function markHolder(holder: Task<unknown> | Scope, source: SessionSource): () => void {
  const sources = held.get(holder) ?? new Set();
  held.set(holder, sources.add(source));
  return () => void sources.delete(source);
}

function isHolder(source: SessionSource): boolean {
  for (let scope: Scope | undefined = currentScope(); scope !== undefined; scope = scope.parent) {
    if (held.get(scope)?.has(source)) return true;
    if (scope.task !== undefined && held.get(scope.task)?.has(source)) return true;
  }
  return false;
}

/**
 * @internal The session of a connection or a transaction. Only one caller can use it at a time; others wait in a queue.
 */
export class SingleSession implements SessionSource {
  readonly #session: Session;
  readonly #name: string;
  readonly #line = new WaitQueue<Session>();
  readonly #resource: Resource = { kind: "postgres connection", holder: () => this.#holder };
  #holder: Task<unknown> | undefined;
  #isFree = true;
  #isOver = false;

  /** @param name - The kind of its user, for messages: "connection". */
  constructor(session: Session, name: string) {
    this.#session = session;
    this.#name = name;
  }

  get isInTransaction(): boolean {
    return this.#name === "transaction";
  }

  /** How many tasks wait for the session. */
  get waiting(): number {
    return this.#line.size;
  }

  /** Whether the session is in use. */
  get isTaken(): boolean {
    return !this.#isFree;
  }

  acquire(): Session | Promise<Session> {
    if (this.#isOver) throw this.#makeOver();
    if (this.#isFree) {
      this.#isFree = false;
      this.#holder = currentScope().task;
      return this.#session;
    }
    if (isHolder(this)) throw this.#makeBusy();
    return this.#wait();
  }

  #wait(): Promise<Session> {
    return this.#line.wait(this.#resource, { giveBack: (session) => this.release(session) });
  }

  release(session: Session): void {
    const served = this.#line.serve(session);
    this.#holder = served?.scope.task;
    this.#isFree = served === undefined;
  }

  /** Refuses all waiting and later callers. */
  end(): void {
    this.#isOver = true;
    this.#line.failAll(() => this.#makeOver());
  }

  /** Waits until the last caller has released the session; called after `end()`. */
  async untilFree(): Promise<void> {
    if (!this.#isFree) await this.#wait();
  }

  #makeBusy(): ConnectionBusyError {
    return new ConnectionBusyError(
      `Cannot use this ${this.#name} here as the transaction or stream around this code has it: use the transaction, or a pool`,
    );
  }

  #makeOver(): ConnectionClosedError {
    return new ConnectionClosedError(`Cannot use a ${this.#name} after its end`);
  }
}

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
