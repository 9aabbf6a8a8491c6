import { borrow } from "./ask.ts";
import { toQuery } from "./query.ts";
import { type RowStream, type StreamOptions, streamRows } from "./row-stream.ts";
import { Sql } from "./sql.ts";
import type { SessionSource } from "./session-source.ts";
import type { Transaction, TransactionOptions } from "./transaction.ts";

/** A row: the values by the names of their columns. Whole numbers of 8 bytes and exact decimals come as strings. */
export type Row = Record<string, unknown>;

/** @internal How a transaction is run on what a {@link Queryable} has. */
export type TransactionRunner = <T>(
  source: SessionSource,
  body: (transaction: Transaction) => T | PromiseLike<T>,
  options?: TransactionOptions,
) => Promise<T>;

/**
 * What can run queries: a connection, a pool, a transaction.
 *
 * If the task that waits for an answer is cancelled, the query is cancelled on the server, and the wait ends when that is
 * over.
 */
export abstract class Queryable {
  readonly #source: SessionSource;
  readonly #runTransaction: TransactionRunner;

  /** @internal */
  constructor(source: SessionSource, run: TransactionRunner) {
    this.#source = source;
    this.#runTransaction = run;
  }

  /**
   * Runs a query.
   *
   * @param text - SQL with `$1`, `$2` … where the values go, or what `sql` makes of a template.
   * @returns Its rows. Their type is the caller's word: nothing is checked.
   * @throws {PostgresError} If the server refuses it.
   * @throws {ConnectionLostError} If the connection is gone.
   * @throws {QueryArgumentError} If the text or a value is nothing that can be sent.
   * @throws {CancelledError} If it is cancelled.
   */
  async query<R extends object = Row>(text: string | Sql, values?: readonly unknown[]): Promise<R[]> {
    const { rows } = await borrow(this.#source, toQuery(text, values));
    return rows as R[];
  }

  /**
   * Runs a query and counts.
   *
   * @returns How many rows it inserted, changed, deleted or found; of several statements, the last one.
   * @throws As `query` does.
   */
  async execute(text: string | Sql, values?: readonly unknown[]): Promise<number> {
    const { rowCount } = await borrow(this.#source, toQuery(text, values));
    return rowCount ?? 0;
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
   * batch. The connection is taken until the iteration ends, by itself, by `break` or by an error.
   *
   * @throws {QueryArgumentError} If the text or a value is nothing that can be sent.
   * @throws {RangeError} If `batchSize` is no whole number >= 1.
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
   * @throws {CancelledError} If it is cancelled.
   */
  transaction<T>(body: (transaction: Transaction) => T | PromiseLike<T>, options?: TransactionOptions): Promise<T> {
    return this.#runTransaction(this.#source, body, options);
  }
}
