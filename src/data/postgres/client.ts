// What users hold: connections and transactions, and what both and a pool can do.

import { checkpoint, closeWithScope } from "../../asyncio/index.ts";
import type { PgResult } from "./driver.ts";
import { checkConnectSettings, type ConnectOptions } from "./connect-settings.ts";
import { openSession } from "./open-session.ts";
import { toQuery } from "./query.ts";
import type { Session } from "./session.ts";
import { type SessionSource, SingleSession, withSession } from "./session-source.ts";
import { Sql } from "./sql.ts";
import { type RowStream, type StreamOptions, streamRows } from "./stream.ts";
import { runSavepoint, runTransaction, type TransactionOptions } from "./transaction.ts";

/** A row: the values by the names of their columns. Whole numbers of 8 bytes and exact decimals come as strings. */
export type Row = Record<string, unknown>;

/** A column of a result. */
export interface Field {
  /** Its name. */
  readonly name: string;
  /** The number of its type, as in the table `pg_type` of the server: 23 for `int`. */
  readonly typeId: number;
}

/** All that the server answers to a query: see `run()`. */
export interface QueryResult<R extends object = Row> {
  /** The rows; none for a statement that gives none. */
  readonly rows: R[];
  /** How many rows were inserted, changed, deleted or found. */
  readonly count: number;
  /** The columns, in their order, even if there is no row. */
  readonly fields: readonly Field[];
}

/**
 * What can run queries: a connection, a pool, a transaction.
 *
 * If the task that waits for an answer is cancelled, the query is cancelled on the server, and the wait ends when that is
 * over, or after 0.4 s.
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
   * @param text - SQL with `$1`, `$2` … where the values go, or what `sql` makes of a template.
   * @returns Its rows. Their type is the caller's word: nothing is checked.
   * @throws {PostgresError} If the server refuses it.
   * @throws {ConnectionLostError} If the connection is gone.
   * @throws {AcquireTimeoutError} If no connection of the pool came free in time.
   * @throws {QueryArgumentError} If the text or a value cannot be sent.
   * @throws {CancelledError} If it is cancelled.
   */
  async query<R extends object = Row>(text: string | Sql, values?: readonly unknown[]): Promise<R[]> {
    const { rows } = await this.#send(text, values);
    return rows as R[];
  }

  /**
   * Runs a query and counts.
   *
   * @returns How many rows it inserted, changed, deleted or found; of several statements, the last one.
   * @throws As `query` does.
   */
  async execute(text: string | Sql, values?: readonly unknown[]): Promise<number> {
    const { rowCount } = await this.#send(text, values);
    return rowCount ?? 0;
  }

  /**
   * Runs a query.
   *
   * @returns Its rows, how many there are or were changed, and its columns; of several statements, those of the last one.
   * @throws As `query` does.
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
   * Runs the template as a query: each value in it is a parameter.
   *
   * @returns Its rows.
   * @throws As `query` does.
   */
  sql<R extends object = Row>(strings: TemplateStringsArray, ...parts: unknown[]): Promise<R[]> {
    return this.query<R>(new Sql(strings, parts));
  }

  /**
   * Runs a `select` whose rows are fetched in batches, as they are asked for: a result of any size takes the memory of one
   * batch. The connection is acquired until the iteration ends, by itself, by `break` or by an error.
   *
   * @throws {QueryArgumentError} If the text or a value cannot be sent.
   * @throws {RangeError} If `batchSize` is not a whole number >= 1.
   * @throws {TypeError} If `batchSize` is not a number.
   * @throws {PostgresError} Where it is iterated, if the server refuses it.
   */
  stream<R extends object = Row>(
    text: string | Sql,
    values?: readonly unknown[],
    options: StreamOptions = {},
  ): RowStream<R> {
    return streamRows<R>(this.#source, text, values, options);
  }

  /**
   * Runs `body` in a transaction: committed if it returns, rolled back if it throws or is cancelled. What `body` left
   * running is cancelled first. A transaction within a transaction undoes only what it did itself.
   *
   * A cancellation that comes while the commit is under way is thrown once that is over: it may have been done.
   *
   * @returns What `body` returns.
   * @throws {TransactionAbortedError} If a query in it had failed and `body` returned all the same.
   * @throws {AcquireTimeoutError} If no connection of the pool came free in time.
   * @throws {CancelledError} If it is cancelled.
   */
  transaction<T>(body: (transaction: Transaction) => T | PromiseLike<T>, options?: TransactionOptions): Promise<T> {
    const run = this.#source.isInTransaction === true ? runSavepoint : runTransaction;
    return run(this.#source, (inner) => body(new Transaction(inner)), options);
  }
}

/** A running transaction: its queries are all done, or none of them. */
export class Transaction extends Queryable {
  readonly #source: SingleSession;

  /** @internal Use `transaction()`. */
  constructor(source: SingleSession) {
    super(source);
    this.#source = source;
  }

  /** How many queries wait for the one before. */
  statistics(): { readonly waiting: number } {
    return { waiting: this.#source.waiting };
  }
}

/** Current figures of a {@link Connection}. */
export interface ConnectionStatistics {
  /** Whether a query is under way, or a transaction or a stream has it. */
  readonly busy: boolean;
  /** How many tasks wait for it. */
  readonly waiting: number;
  /** Whether it is closed, or lost. */
  readonly closed: boolean;
}

/**
 * A connection to PostgreSQL: one query at a time, the others wait in line. Opened by `connect()`, or acquired from a pool.
 * It is closed, or released, with the scope that it was opened in, at the latest.
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

  /** @internal Use `connect()`. @throws {InvalidStateError} If the scope that it would belong to has ended. */
  constructor(session: Session, end: (session: Session) => Promise<void> | void) {
    const source = new SingleSession(session, "connection");
    super(source);
    this.#session = session;
    this.#source = source;
    this.#end = end;
    this.#forget = closeWithScope(() => this.close());
  }

  /**
   * Closes it, or releases it to its pool. A query that is under way loses its connection, and is cancelled on the
   * server; waiters are refused. Closing it again does nothing.
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

  /** Closes it, or releases it to its pool. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Current figures, for monitoring. */
  statistics(): ConnectionStatistics {
    const { isTaken, waiting } = this.#source;
    return { busy: isTaken, waiting, closed: this.#closing !== undefined || this.#session.isLost };
  }
}

/**
 * Opens a connection of its own. For more than one thing at a time, a pool is better.
 *
 * @param url - `postgres://user:password@host:5432/database`; what it leaves out comes from `PGUSER`, `PGPASSWORD` and so
 * on. `?sslmode=verify-full` encrypts.
 * @returns The connection. `await using` closes it; at the latest it is closed with the scope that it was opened in.
 * @throws {ConnectError} If none can be opened; the message says what to do.
 * @throws {MissingPackageError} If `pg` is not installed.
 * @throws {TypeError} If the URL is not one of PostgreSQL.
 * @throws {CancelledError} If it is cancelled; nothing is left open.
 * @throws {InvalidStateError} If the scope that it would belong to has ended; nothing is left open.
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

/** @internal Acquires a session, for a caller who closes the connection. */
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
