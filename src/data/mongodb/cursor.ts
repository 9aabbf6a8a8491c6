import { currentScope, InvalidStateError, outside } from "../../asyncio/index.ts";
import { noop } from "../../base/noop.ts";
import { requireCount } from "../../base/options.ts";
import type { DriverCursor, DriverOptions, DriverSession } from "./_driver.ts";
import { OperationAbort } from "./abort.ts";
import { checkValues } from "./check-values.ts";
import type { Doc, Projection, Sort } from "./documents.ts";
import { type Operation, type OperationContext, runOperation } from "./operation.ts";

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
  readonly context: OperationContext;
  readonly operation: Operation;
  /** Makes the driver's cursor; nothing is sent before it is read. */
  readonly open: (options: CursorOptions, ownOptions: DriverOptions) => DriverCursor;
  /** Makes a result of a document; `undefined` if the document is the result. */
  readonly read: ((doc: Doc) => T | Promise<T>) | undefined;
}

/** What the driver has for a cursor that was read from. */
interface Opened {
  readonly cursor: DriverCursor;
  readonly abort: OperationAbort;
  readonly session: DriverSession | undefined;
}

/**
 * The results of a query, fetched batch by batch as they are read: by `for await`, `toArray()` or `next()`. The query is
 * sent by the first read. Leaving a loop closes it on the server too; so does the end of the request, group or run that
 * it was first read in. Once a read of it was cancelled, it is closed.
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

  /** Orders the results. @throws {InvalidStateError} If it was read from. */
  sort(sort: Sort): this {
    return this.#set({ sort });
  }

  /** Gives at most `limit` results; 0 is no limit. @throws {InvalidStateError} If it was read from. */
  limit(limit: number): this {
    return this.#set({ limit: requireCount(limit, 0, "set 'limit' of a cursor") });
  }

  /** Leaves out the first results. @throws {InvalidStateError} If it was read from. */
  skip(skip: number): this {
    return this.#set({ skip: requireCount(skip, 0, "set 'skip' of a cursor") });
  }

  /** Fetches `batchSize` results at a time. @throws {InvalidStateError} If it was read from. */
  batchSize(batchSize: number): this {
    return this.#set({ batchSize: requireCount(batchSize, 0, "set 'batchSize' of a cursor") });
  }

  /**
   * Gives only some fields: those with 1, or all but those with 0.
   *
   * @typeParam P - The results with those fields.
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
    const doc = this.#buffered() ?? ((await this.#fetch()) ? this.#buffered() : undefined);
    const { read } = this.#source;
    return doc === undefined || read === undefined ? (doc as T | undefined) : read(doc);
  }

  /** All results. Closes it. */
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
    this.#batch = [];
    const opened = this.#end();
    if (opened === undefined) return;
    const { context, operation } = this.#source;
    // It is closed even where a pending cancellation lets nothing wait for it.
    const closing = outside(() => this.#release(opened));
    await runOperation(context, { name: "killCursors", namespace: operation.namespace }, () => closing);
  }

  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The next document of the batch that was fetched last; `undefined` after the last one. */
  #buffered(): Doc | undefined {
    return this.#batch[this.#place++];
  }

  /** All of them. */
  #rest(): Doc[] {
    const rest = this.#place === 0 ? this.#batch : this.#batch.slice(this.#place);
    this.#batch = [];
    return rest;
  }

  /** Fetches the next batch. Gives whether there is one. */
  async #fetch(): Promise<boolean> {
    if (this.#isOver) return false;
    const { context, operation } = this.#source;
    try {
      const { cursor, abort } = (this.#opened ??= this.#open());
      const doc = await runOperation(context, operation, () => cursor.next(), undefined, abort);
      this.#hasReply = true;
      this.#batch = doc === null ? [] : cursor.readBufferedDocuments();
      if (doc !== null) this.#batch.unshift(doc);
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

  /** Takes leave of what the driver has; `undefined` if that is closed, or was never opened. */
  #end(): Opened | undefined {
    this.#isOver = true;
    this.#unregister?.();
    this.#unregister = undefined;
    const opened = this.#opened;
    this.#opened = undefined;
    return opened;
  }

  // The server has no more, and the driver has closed its cursor. What was fetched can still be read.
  #exhausted(): void {
    this.#source.context.sessions.end(this.#end()?.session);
  }

  // In the background: where it fails, the server closes what is not asked for.
  #abandon(): void {
    this.#batch = [];
    const opened = this.#end();
    if (opened !== undefined) outside(() => void this.#release(opened).catch(noop));
  }

  /** Closes what the driver has. To be called outside of any scope. */
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

async function readAll<T>(docs: readonly Doc[], read: (doc: Doc) => T | Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (const doc of docs) results.push(await read(doc));
  return results;
}
