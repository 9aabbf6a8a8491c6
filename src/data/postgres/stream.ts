import { currentScope, currentTask } from "../../asyncio/index.ts";
import { option } from "../../base/options.ts";
import type { PgResult } from "./driver.ts";
import { Query, toQuery } from "./query.ts";
import { markHolder, runQuery, type SessionSource, withSession } from "./session-source.ts";
import { type Session, silenceLimit } from "./session.ts";
import type { Sql } from "./sql.ts";
import { rollBackQuietly } from "./transaction.ts";

/** Options of `stream()`. */
export interface StreamOptions {
  /** How many rows to fetch at once. @default 1_000 */
  readonly batchSize?: number;
}

/**
 * The rows of a `stream()`, for `for await`. Leaving the loop closes the stream.
 *
 * @see https://www.postgresql.org/docs/current/sql-declare.html
 */
export class RowStream<R extends object> implements AsyncIterableIterator<R, undefined>, AsyncDisposable {
  readonly #batches: AsyncGenerator<R[], void, undefined>;
  #batch: readonly R[] = [];
  #next = 0;
  #fetching: Promise<IteratorResult<R, undefined>> | undefined;

  /** @internal Use `stream()`. */
  constructor(batches: AsyncGenerator<R[], void, undefined>) {
    this.#batches = batches;
  }

  // Not a generator, so that a row which was already fetched costs only one promise.
  /** The next row. */
  next(): Promise<IteratorResult<R, undefined>> {
    const value = this.#batch[this.#next];
    if (value === undefined) return this.#fetch();
    this.#next++;
    return Promise.resolve({ done: false, value });
  }

  #fetch(): Promise<IteratorResult<R, undefined>> {
    if (this.#fetching !== undefined) return this.#fetching.then(() => this.next());
    this.#fetching = this.#fetchNow().finally(() => (this.#fetching = undefined));
    return this.#fetching;
  }

  async #fetchNow(): Promise<IteratorResult<R, undefined>> {
    const { done, value } = await this.#batches.next();
    this.#batch = value ?? [];
    this.#next = 1;
    if (done === true) return { done, value: undefined };
    return { done: false, value: value[0]! }; // no batch is empty
  }

  /** Ends the stream, and releases the connection. */
  async return(): Promise<IteratorResult<R, undefined>> {
    this.#batch = [];
    await this.#batches.return();
    return { done: true, value: undefined };
  }

  /** Returns this iterator. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the stream, and releases the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}

interface Cursor {
  readonly declare: Query;
  readonly fetch: Query;
  readonly close: Query;
  readonly batchSize: number;
}

let cursors = 0;

type Batches<R> = AsyncGenerator<R[], void, undefined>;

/** @internal Iterates over the rows of a query with a server-side cursor. */
export function streamRows<R extends object>(
  source: SessionSource,
  text: string | Sql,
  values: readonly unknown[] | undefined,
  { batchSize = 1_000 }: StreamOptions,
): RowStream<R> {
  const cursor = makeCursor(toQuery(text, values), requireBatchSize(batchSize));
  return new RowStream(readBatches<R>(source, cursor));
}

async function* readBatches<R extends object>(source: SessionSource, cursor: Cursor): Batches<R> {
  const session = await source.acquire();
  if (session.transactionStatus === "I") {
    yield* readAlone<R>(source, session, cursor);
  } else {
    source.release(session);
    yield* readWithin<R>(source, cursor);
  }
}

function makeCursor({ text, values }: Query, batchSize: number): Cursor {
  const name = `pottle_${++cursors}`;
  return {
    declare: new Query(`declare ${name} no scroll cursor for ${text}`, values),
    fetch: new Query(`fetch ${batchSize} from ${name}`),
    close: new Query(`close ${name}`),
    batchSize,
  };
}

// Reads in a transaction of its own, which a cursor needs. The session is held until the end of the stream.
async function* readAlone<R extends object>(source: SessionSource, session: Session, cursor: Cursor): Batches<R> {
  const { owner } = currentScope();
  const unmark = markHolder(currentTask() ?? owner, source);
  // An iteration by hand that is never finished must not hold the connection for ever.
  const forget = owner.onClose(() => session.destroy());
  try {
    await runQuery(session, new Query("begin"));
    await runQuery(session, cursor.declare);
    yield* read<R>(cursor, (query) => runQuery(session, query));
    await runQuery(session, new Query("commit"), "finish");
  } finally {
    forget();
    if (session.transactionStatus !== "I") await rollBackQuietly(session, "rollback", silenceLimit);
    unmark();
    source.release(session);
  }
}

// Reads in the caller's transaction, which the caller may use between two batches. The cursor ends with the transaction
// at the latest.
async function* readWithin<R extends object>(source: SessionSource, cursor: Cursor): Batches<R> {
  await withSession(source, cursor.declare);
  yield* read<R>(cursor, (query) => withSession(source, query));
  await withSession(source, cursor.close);
}

async function* read<R extends object>(
  { fetch, batchSize }: Cursor,
  run: (query: Query) => Promise<PgResult>,
): Batches<R> {
  for (;;) {
    const { rows } = await run(fetch);
    if (rows.length > 0) yield rows as R[];
    if (rows.length < batchSize) return;
  }
}

function requireBatchSize(size: unknown): number {
  return option("stream rows", "batchSize", size).count({ from: 1 });
}
