// The objects that users have: connections and transactions, and the methods that both share with a pool.

import { checkpoint, closeWithScope } from "../../asyncio/index.ts";
import type { PgResult } from "./driver.ts";
import { checkConnectSettings, type ConnectOptions, openSession } from "./open-session.ts";
import { toQuery } from "./query.ts";
import type { Session } from "./session.ts";
import { type SessionSource, SingleSession, withSession } from "./session-source.ts";
import { Sql } from "./sql.ts";
import { type RowStream, type StreamOptions, streamRows } from "./stream.ts";
import { runSavepoint, runTransaction, type TransactionOptions } from "./transaction.ts";

/** A row: the values by column name. 8-byte integers and exact decimals are returned as strings. */
export type Row = Record<string, unknown>;

/** A column of a result. */
export interface Field {
  /** The name of the column. */
  readonly name: string;
  /** The OID of the column's type, as in the server's table `pg_type`: 23 for `int`. */
  readonly typeId: number;
}

/** The complete answer of the server to a query: see `run()`. */
export interface QueryResult<R extends object = Row> {
  /** The rows; empty for a statement that returns none. */
  readonly rows: R[];
  /** How many rows were inserted, changed, deleted or found. */
  readonly count: number;
  /** The columns, in order, even if there are no rows. */
  readonly fields: readonly Field[];
}

/**
 * The base class of everything that can run queries: connections, pools, transactions.
 *
 * If the task that waits for an answer is cancelled, the query is cancelled on the server. The wait ends when the query
 * has ended, or after 0.4 s.
 */
export abstract class Queryable {
  readonly #source: SessionSource;

  /** @internal */
  constructor(source: SessionSource) {
    this.#source = source;
  }

  async #send(text: string | Sql, values: readonly unknown[] | undefined): Promise<PgResult> {
    return withSession(this.#source, toQuery(text, values));
  }

  /**
   * Runs a query.
   *
   * @param text - SQL with `$1`, `$2` … in place of the values, or the result of `sql`.
   * @returns The rows. The type `R` is not checked.
   * @throws {PostgresError} If the server refuses the query.
   * @throws {ConnectionLostError} If the connection is lost.
   * @throws {AcquireTimeoutError} If no connection of the pool became free in time.
   * @throws {QueryArgumentError} If the text or a value cannot be sent.
   * @throws {CancelledError} If the call is cancelled.
   */
  async query<R extends object = Row>(text: string | Sql, values?: readonly unknown[]): Promise<R[]> {
    const { rows } = await this.#send(text, values);
    return rows as R[];
  }

  /**
   * Runs a query and returns the number of affected rows.
   *
   * @returns How many rows were inserted, changed, deleted or found; for several statements, that of the last one.
   * @throws The same errors as `query`.
   */
  async execute(text: string | Sql, values?: readonly unknown[]): Promise<number> {
    const { rowCount } = await this.#send(text, values);
    return rowCount ?? 0;
  }

  /**
   * Runs a query.
   *
   * @returns The rows, the number of affected rows, and the columns; for several statements, those of the last one.
   * @throws The same errors as `query`.
   * @example
   * await using server = await startPostgres();
   * await using connection = await connect(server.url);
   * const { count, fields } = await connection.run("select 1 as a, 'x' as b");
   * console.log(count, fields.map(({ name }) => name)); // 1 [ 'a', 'b' ]
   */
  async run<R extends object = Row>(text: string | Sql, values?: readonly unknown[]): Promise<QueryResult<R>> {
    const { rows, rowCount, fields } = await this.#send(text, values);
    const columns = fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID }));
    return { rows: rows as R[], count: rowCount ?? 0, fields: columns };
  }

  /**
   * Runs the template as a query; each value in it becomes a parameter.
   *
   * @returns The rows.
   * @throws The same errors as `query`.
   */
  sql<R extends object = Row>(strings: TemplateStringsArray, ...parts: unknown[]): Promise<R[]> {
    return this.query<R>(new Sql(strings, parts));
  }

  /**
   * Runs a `select` and fetches its rows in batches, as they are read: a result of any size needs only the memory of
   * one batch. The connection is held until the iteration ends, by itself, by `break` or by an error.
   *
   * @throws {QueryArgumentError} If the text or a value cannot be sent.
   * @throws {RangeError} If `batchSize` is not a whole number >= 1.
   * @throws {TypeError} If `batchSize` is not a number.
   * @throws {PostgresError} From the iteration, if the server refuses the query.
   */
  stream<R extends object = Row>(
    text: string | Sql,
    values?: readonly unknown[],
    options: StreamOptions = {},
  ): RowStream<R> {
    return streamRows<R>(this.#source, text, values, options);
  }

  /**
   * Runs `body` in a transaction. It is committed if `body` returns, and rolled back if `body` throws or is cancelled.
   * Tasks that `body` left running are cancelled first. A nested transaction undoes only its own changes.
   *
   * A cancellation during the commit is thrown after the commit has ended, so the transaction may have been committed.
   *
   * @returns The result of `body`.
   * @throws {TransactionAbortedError} If a query in the transaction failed, but `body` returned normally.
   * @throws {AcquireTimeoutError} If no connection of the pool became free in time.
   * @throws {CancelledError} If the call is cancelled.
   */
  transaction<T>(body: (transaction: Transaction) => T | PromiseLike<T>, options?: TransactionOptions): Promise<T> {
    const run = this.#source.isInTransaction === true ? runSavepoint : runTransaction;
    return run(this.#source, (inner) => body(new Transaction(inner)), options);
  }
}

/** A running transaction: either all its changes are made, or none. */
export class Transaction extends Queryable {
  readonly #source: SingleSession;

  /** @internal Use `transaction()`. */
  constructor(source: SingleSession) {
    super(source);
    this.#source = source;
  }

  /** How many queries wait for the previous one to end. */
  statistics(): { readonly waiting: number } {
    return { waiting: this.#source.waiting };
  }
}

/** Current state of a {@link Connection}, for monitoring. */
export interface ConnectionStatistics {
  /** Whether a query is running, or a transaction or stream uses the connection. */
  readonly busy: boolean;
  /** How many tasks wait for the connection. */
  readonly waiting: number;
  /** Whether the connection is closed or lost. */
  readonly closed: boolean;
}

/**
 * A connection to PostgreSQL. It runs one query at a time; others wait in a queue. It is opened by `connect()` or
 * acquired from a pool. It is closed or released at the latest when the scope ends in which it was opened.
 *
 * @example
 * await using server = await startPostgres();
 * await using connection = await connect(server.url);
 * await connection.execute("create table city (name text, people int)");
 * await connection.execute("insert into city values ($1, $2)", ["Graz", 300_000]);
 * console.log(await connection.sql`select name from city where people > ${100_000}`); // [ { name: 'Graz' } ]
 */
export class Connection extends Queryable implements AsyncDisposable {
  readonly #session: Session;
  readonly #source: SingleSession;
  readonly #end: (session: Session) => Promise<void> | void;
  readonly #forget: () => void;
  #closing: Promise<void> | undefined;

  /** @internal Use `connect()`. @throws {InvalidStateError} If the scope that would own the connection has ended. */
  constructor(session: Session, end: (session: Session) => Promise<void> | void) {
    const source = new SingleSession(session, "connection");
    super(source);
    this.#session = session;
    this.#source = source;
    this.#end = end;
    this.#forget = closeWithScope(() => this.close());
  }

  /**
   * Closes the connection, or releases it to its pool. A running query loses its connection and is cancelled on the
   * server; waiting callers get an error. Closing it again does nothing.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#forget();
    const { isTaken } = this.#source;
    this.#source.end();
    if (isTaken) this.#session.destroy();
    await this.#end(this.#session);
  }

  /** Closes the connection, or releases it to its pool. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Current state, for monitoring. */
  statistics(): ConnectionStatistics {
    const { isTaken, waiting } = this.#source;
    return { busy: isTaken, waiting, closed: this.#closing !== undefined || this.#session.isLost };
  }
}

/**
 * Opens a single connection. If queries should run concurrently, use a pool.
 *
 * @param url - `postgres://user:password@host:5432/database`. Missing parts are taken from `PGUSER`, `PGPASSWORD` and
 * so on. `?sslmode=verify-full` encrypts the connection.
 * @returns The connection. `await using` closes it. It is closed at the latest when the scope ends in which it was
 * opened.
 * @throws {ConnectError} If no connection can be opened; the message says what to do.
 * @throws {MissingPackageError} If `pg` is not installed.
 * @throws {TypeError} If the URL is not a PostgreSQL URL.
 * @throws {CancelledError} If the call is cancelled; nothing is left open.
 * @throws {InvalidStateError} If the scope that would own the connection has ended; nothing is left open.
 * @example
 * await using server = await startPostgres();
 * await using connection = await connect(server.url);
 * console.log(await connection.query("select $1::int + 1 as next", [41])); // [ { next: 42 } ]
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Connection> {
  const session = await openSession(checkConnectSettings(url, options), () => {});
  try {
    return new Connection(session, (ended) => ended.close());
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** @internal Acquires a session as a connection, which the caller must close. */
export async function acquireConnection(source: SessionSource): Promise<Connection> {
  await checkpoint();
  const session = await source.acquire();
  const { sent } = session;
  const release = (ended: Session): void => {
    if (ended.sent > sent) ended.markChanged();
    source.release(ended);
  };
  try {
    return new Connection(session, release);
  } catch (error) {
    source.release(session);
    throw error;
  }
}
