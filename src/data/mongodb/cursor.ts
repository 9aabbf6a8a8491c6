import { currentScope, InvalidStateError, outside } from "../../asyncio/index.ts";
import { requireCount } from "../../base/options.ts";
import type { DriverCursor } from "./_driver.ts";
import { type CallContext, callDriver, type Operation } from "./call-driver.ts";
import type { Doc, Projection, Sort } from "./documents.ts";

/** @internal How a query differs from a plain one. */
export interface CursorOptions {
  sort?: Sort;
  limit?: number;
  skip?: number;
  projection?: Projection;
  batchSize?: number;
}

/** @internal What a cursor is made of. */
export interface CursorSource<T> {
  readonly context: CallContext;
  readonly operation: Operation;
  readonly open: (options: CursorOptions, signal: AbortSignal) => DriverCursor;
  readonly read: (doc: Doc) => T | Promise<T>;
}

/**
 * The results of a query, fetched batch by batch as they are read: by `for await`, `toArray()` or `next()`. The query is
 * sent by the first read. Leaving a loop closes it on the server too; so does the end of the request, group or run that
 * it was first read in. Once a read of it was cancelled, it is closed.
 */
export class MongoCursor<T> implements AsyncIterable<T, void>, AsyncDisposable {
  readonly #source: CursorSource<T>;
  readonly #options: CursorOptions = {};
  readonly #controller = new AbortController();
  #cursor: DriverCursor | undefined;
  #unregister: (() => void) | undefined;
  #batch: Doc[] = [];
  #isOver = false;

  /** @internal Use the methods of a collection. */
  constructor(source: CursorSource<T>) {
    this.#source = source;
  }

  /** Orders the results. @throws {InvalidStateError} If it was read from. */
  sort(sort: Sort): this {
    return this.#set({ sort });
  }

  /** Gives so many results at most; 0 is no limit. @throws {InvalidStateError} If it was read from. */
  limit(limit: number): this {
    return this.#set({ limit: requireCount(limit, 0, "set 'limit' of a cursor") });
  }

  /** Leaves out the first results. @throws {InvalidStateError} If it was read from. */
  skip(skip: number): this {
    return this.#set({ skip: requireCount(skip, 0, "set 'skip' of a cursor") });
  }

  /** Fetches so many results at a time. @throws {InvalidStateError} If it was read from. */
  batchSize(batchSize: number): this {
    return this.#set({ batchSize: requireCount(batchSize, 0, "set 'batchSize' of a cursor") });
  }

  /**
   * Gives some fields only: those with 1, or all but those with 0.
   *
   * @typeParam P - What the results are then.
   * @throws {InvalidStateError} If it was read from.
   */
  project<P extends object = Doc>(projection: Projection): MongoCursor<P> {
    return this.#set({ projection }) as unknown as MongoCursor<P>;
  }

  /**
   * The next result; `undefined` after the last one.
   *
   * @throws {CancelledError} If the wait is cancelled.
   * @throws {MongoError} If the query fails.
   * @throws {InvalidStateError} If the cursor, or its client, was closed.
   */
  async next(): Promise<T | undefined> {
    const doc = this.#batch.shift() ?? (await this.#fetch());
    return doc === undefined ? undefined : this.#source.read(doc);
  }

  /** All results. Closes it. */
  async toArray(): Promise<T[]> {
    const results: T[] = [];
    for await (const result of this) results.push(result);
    return results;
  }

  /** The results, one after the other. It is closed however the loop is left. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    try {
      for (let result = await this.next(); result !== undefined; result = await this.next()) yield result;
    } finally {
      await this.close();
    }
  }

  /** Closes it, on the server too. */
  async close(): Promise<void> {
    const isNews = !this.#isOver;
    this.#end();
    const cursor = this.#cursor;
    if (!isNews || cursor === undefined) return;
    const { context, operation } = this.#source;
    // It is closed also where a cancellation that is pending lets nobody wait for it.
    const closing = outside(() => cursor.close());
    closing.catch(() => undefined);
    await callDriver(context, { name: "killCursors", namespace: operation.namespace }, () => closing);
  }

  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #fetch(): Promise<Doc | undefined> {
    if (this.#isOver) return undefined;
    const { context, operation } = this.#source;
    try {
      const cursor = (this.#cursor ??= this.#open());
      const doc = await callDriver(context, operation, () => cursor.next(), this.#controller);
      if (doc === null) this.#end();
      else this.#batch = cursor.readBufferedDocuments();
      return doc ?? undefined;
    } catch (error) {
      this.#abandon();
      throw error;
    }
  }

  #open(): DriverCursor {
    this.#unregister = currentScope().owner.onClose(() => this.#abandon());
    return outside(() => this.#source.open(this.#options, this.#controller.signal));
  }

  #end(): void {
    this.#isOver = true;
    this.#batch = [];
    this.#unregister?.();
    this.#unregister = undefined;
  }

  // Nobody waits for that, and where it fails the server closes what is not asked for.
  #abandon(): void {
    if (this.#isOver) return;
    this.#end();
    outside(() => void this.#cursor?.close().catch(() => undefined));
  }

  #set(options: CursorOptions): this {
    if (this.#cursor !== undefined || this.#isOver) {
      const [what] = Object.keys(options);
      throw new InvalidStateError(
        `Cannot set '${what}' of a cursor of ${this.#source.operation.namespace} as it was read from`,
      );
    }
    Object.assign(this.#options, options);
    return this;
  }
}
