import { currentScope, InvalidStateError, outside } from "../../asyncio/index.ts";
import { noop } from "../../base/noop.ts";
import { requireCount } from "../../base/options.ts";
import type { DriverCursor, DriverOptions, DriverSession } from "./_driver.ts";
import { OperationAbort } from "./abort.ts";
import { checkValues } from "./check-values.ts";
import type { Doc, Projection, Sort } from "./documents.ts";
import { type Operation, type OperationContext, runOperation } from "./operation.ts";

/** @internal The options of a query that were set on its cursor. */
export interface CursorOptions {
  sort?: Sort;
  limit?: number;
  skip?: number;
  projection?: Projection;
  batchSize?: number;
}

/** @internal The parts that a cursor is made of. */
export interface CursorSource<T> {
  readonly context: OperationContext;
  readonly operation: Operation;
  /** Makes the driver's cursor, which sends nothing before its first read. */
  readonly open: (options: CursorOptions, ownOptions: DriverOptions) => DriverCursor;
  /** Converts a document to a result; `undefined` if the document is the result. */
  readonly read: ((doc: Doc) => T | Promise<T>) | undefined;
}

/** The driver's objects for a cursor after its first read. */
interface Opened {
  readonly cursor: DriverCursor;
  readonly abort: OperationAbort;
  readonly session: DriverSession | undefined;
}

/**
 * The results of a query. They are read by `for await`, `toArray()` or `next()`, and are fetched in batches. The first
 * read sends the query. The cursor is closed, on the server too, when a loop over it is left, when a read is cancelled,
 * and when the request, group or run ends in which it was first read.
 */
export class MongoCursor<T> implements AsyncIterable<T, void>, AsyncDisposable {
  readonly #source: CursorSource<T>;
  readonly #options: CursorOptions = {};
  #opened: Opened | undefined;
  #unregister: (() => void) | undefined;
  #batch: Doc[] = [];
  #place = 0;
  #hasReply = false;
  #isOver = false;

  /** @internal Use the methods of a collection. */
  constructor(source: CursorSource<T>) {
    this.#source = source;
  }

  /** Sets the order of the results. @throws {InvalidStateError} If the cursor was read from. */
  sort(sort: Sort): this {
    return this.#set({ sort });
  }

  /** Sets the maximum number of results; 0 is no limit. @throws {InvalidStateError} If the cursor was read from. */
  limit(limit: number): this {
    return this.#set({ limit: requireCount(limit, 0, "set 'limit' of a cursor") });
  }

  /** Sets how many results are skipped. @throws {InvalidStateError} If the cursor was read from. */
  skip(skip: number): this {
    return this.#set({ skip: requireCount(skip, 0, "set 'skip' of a cursor") });
  }

  /** Sets how many results are fetched at a time. @throws {InvalidStateError} If the cursor was read from. */
  batchSize(batchSize: number): this {
    return this.#set({ batchSize: requireCount(batchSize, 0, "set 'batchSize' of a cursor") });
  }

  /**
   * Selects fields: those with 1, or all except those with 0.
   *
   * @typeParam P - The type of a result with those fields.
   * @throws {InvalidStateError} If the cursor was read from.
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
    const doc = this.#buffered() ?? ((await this.#fetch()) ? this.#buffered() : undefined);
    const { read } = this.#source;
    return doc === undefined || read === undefined ? (doc as T | undefined) : read(doc);
  }

  /** All results. Closes the cursor. */
  async toArray(): Promise<T[]> {
    let results: T[] = [];
    try {
      for (let isThere = true; isThere; isThere = !this.#isOver && (await this.#fetch())) {
        const { read } = this.#source;
        const docs = this.#rest();
        const batch = read === undefined ? (docs as T[]) : await readAll(docs, read);
        if (results.length === 0) results = batch;
        else for (const result of batch) results.push(result);
      }
    } finally {
      if (this.#opened !== undefined) await this.close();
    }
    return results;
  }

  /** Iterates over the results. The cursor is closed however the loop is left. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    try {
      for (let result = await this.next(); result !== undefined; result = await this.next()) yield result;
    } finally {
      await this.close();
    }
  }

  /** Closes the cursor, on the server too. */
  async close(): Promise<void> {
    this.#batch = [];
    const opened = this.#end();
    if (opened === undefined) return;
    const { context, operation } = this.#source;
    // The cursor is closed even if a pending cancellation prevents the wait.
    const closing = outside(() => this.#release(opened));
    await runOperation(context, { name: "killCursors", namespace: operation.namespace }, () => closing);
  }

  /** Closes the cursor. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The next document of the current batch; `undefined` after the last one. */
  #buffered(): Doc | undefined {
    return this.#batch[this.#place++];
  }

  /** The remaining documents of the current batch. */
  #rest(): Doc[] {
    const rest = this.#place === 0 ? this.#batch : this.#batch.slice(this.#place);
    this.#batch = [];
    return rest;
  }

  /** Fetches the next batch. Returns whether there is one. */
  async #fetch(): Promise<boolean> {
    if (this.#isOver) return false;
    const { context, operation } = this.#source;
    try {
      const { cursor, abort } = (this.#opened ??= this.#open());
      const doc = await runOperation(context, operation, () => cursor.next(), undefined, abort);
      this.#hasReply = true;
      this.#batch = doc === null ? [] : withRest(doc, cursor.readBufferedDocuments());
      this.#place = 0;
      if (cursor.closed) this.#exhausted();
      return doc !== null;
    } catch (error) {
      this.#abandon();
      throw error;
    }
  }

  #open(): Opened {
    this.#unregister = currentScope().owner.onClose(() => this.#abandon());
    const { context, open } = this.#source;
    return outside(() => {
      const abort = new OperationAbort();
      const session = context.sessions.start();
      const ownOptions = session === undefined ? { signal: abort } : { signal: abort, session };
      return { cursor: open(this.#options, ownOptions), abort, session };
    });
  }

  /** Ends the cursor, and returns the driver's objects; `undefined` if they are closed or were never opened. */
  #end(): Opened | undefined {
    this.#isOver = true;
    this.#unregister?.();
    this.#unregister = undefined;
    const opened = this.#opened;
    this.#opened = undefined;
    return opened;
  }

  // The server has no more documents, and the driver has closed its cursor. Fetched documents can still be read.
  #exhausted(): void {
    this.#source.context.sessions.end(this.#end()?.session);
  }

  // In the background. If it fails, the server closes the cursor when it was not used for some time.
  #abandon(): void {
    this.#batch = [];
    const opened = this.#end();
    if (opened !== undefined) outside(() => void this.#release(opened).catch(noop));
  }

  /** Closes the driver's objects. Must be called outside any scope. */
  async #release({ cursor, abort, session }: Opened): Promise<void> {
    const { sessions } = this.#source.context;
    try {
      await cursor.close();
    } finally {
      if (session !== undefined && abort.aborted && !this.#hasReply) sessions.kill(session);
      else sessions.end(session);
    }
  }

  #set(options: CursorOptions): this {
    const [what] = Object.keys(options);
    const { namespace } = this.#source.operation;
    if (this.#opened !== undefined || this.#isOver) {
      throw new InvalidStateError(`Cannot set '${what}' of a cursor of ${namespace} as it was read from`);
    }
    checkValues({ action: `find in ${namespace}`, part: `'${what}'` }, options[what as keyof CursorOptions]);
    Object.assign(this.#options, options);
    return this;
  }
}

/** A document before those of `rest`. Most batches have one document, for which no array must grow. */
function withRest(doc: Doc, rest: Doc[]): Doc[] {
  if (rest.length === 0) return [doc];
  rest.unshift(doc);
  return rest;
}

async function readAll<T>(docs: readonly Doc[], read: (doc: Doc) => T | Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (const doc of docs) results.push(await read(doc));
  return results;
}
