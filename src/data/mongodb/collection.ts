import type { StandardSchemaV1 } from "@standard-schema/spec";
import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import { checkOptions } from "../shared/check-options.ts";
import type { DriverCollection, DriverUpdateResult } from "./_driver.ts";
import type { OperationSignal } from "./abort.ts";
import { checkValues, requireDocument } from "./check-values.ts";
import { MongoCursor } from "./cursor.ts";
import type { Doc, Filter, Projection, Sort, Stored, Update } from "./documents.ts";
import { type OperationContext, runOperation } from "./operation.ts";
import { applySchema } from "./schema.ts";

/** Options of a collection with a schema. */
export interface CollectionOptions<S extends StandardSchemaV1> {
  /**
   * Checks inserted documents and replacements, which are stored as the schema returns them. Updates are not checked.
   */
  readonly schema: S;
  /** Whether found documents are checked too. @default false */
  readonly validateReads?: boolean;
}

/** Options of `findOne`. */
export interface FindOneOptions {
  /** The order; the first document in it is returned. @default any document */
  readonly sort?: Sort;
  /** The fields of the document that are returned. @default all */
  readonly projection?: Projection;
}

/** Options of an update. */
export interface UpdateOptions {
  /** Whether a document is inserted if none matches the filter. @default false */
  readonly upsert?: boolean;
  /** Filters that select the items of an array that `$[name]` stands for. @default none */
  readonly arrayFilters?: readonly Doc[];
}

/** The outcome of an update. */
export interface UpdateResult {
  /** The number of documents that match the filter. */
  readonly matchedCount: number;
  /** The number of changed documents. */
  readonly modifiedCount: number;
  /** The identity of the inserted document; `null` if none was inserted. */
  readonly upsertedId: unknown;
}

/** @internal The parts that a collection is made of. */
export interface CollectionSource {
  readonly context: OperationContext;
  readonly namespace: string;
  readonly driver: () => DriverCollection;
  readonly schema: StandardSchemaV1 | undefined;
  readonly validateReads: boolean;
}

// The options of a call without options. They need no check.
const none = {};

/**
 * A collection of documents.
 *
 * If a task that waits for one of the methods is cancelled, the operation is aborted: the driver closes its connection.
 * The server may still execute an operation that it has begun.
 *
 * @typeParam In - The type of inserted documents.
 * @typeParam Out - The type of found documents.
 */
export class Collection<In extends object = Doc, Out extends object = In> {
  readonly #source: CollectionSource;

  /** @internal Use `client.collection()`. */
  constructor(source: CollectionSource) {
    this.#source = source;
  }

  /** The name of the collection, after that of its database: `shop.fruits`. */
  get namespace(): string {
    return this.#source.namespace;
  }

  /**
   * The documents that match the filter. They are read by `for await` or `toArray()`.
   *
   * @throws {TypeError} If the filter has a value that MongoDB has no type for, such as `undefined`.
   */
  find(filter: Filter<Stored<Out>> = {}): MongoCursor<Stored<Out>> {
    const query = this.#filter("find in", filter);
    const { context, namespace } = this.#source;
    return new MongoCursor({
      context,
      operation: { name: "find", namespace },
      open: (options, ownOptions) => this.#source.driver().find(query, { ...options, ...ownOptions }),
      read: this.#source.validateReads ? this.#reader() : undefined,
    });
  }

  /**
   * The results of an aggregation pipeline.
   *
   * @typeParam R - The type of a result.
   * @throws {TypeError} If the pipeline has a value that MongoDB has no type for, such as `undefined`.
   */
  aggregate<R extends object = Doc>(pipeline: readonly Doc[]): MongoCursor<R> {
    const action = `aggregate in ${this.namespace}`;
    if (!Array.isArray(pipeline)) throw wrongType(action, "an array of stages is needed", pipeline, showKind);
    checkValues({ action, part: "the pipeline" }, pipeline);
    const { context, namespace } = this.#source;
    return new MongoCursor<R>({
      context,
      operation: { name: "aggregate", namespace },
      open: ({ batchSize }, ownOptions) =>
        this.#source.driver().aggregate(pipeline, { ...ownOptions, ...(batchSize !== undefined && { batchSize }) }),
      read: undefined,
    });
  }

  /**
   * One document that matches the filter; `null` if there is none.
   *
   * @throws {TypeError} If the filter has a value that MongoDB has no type for, such as `undefined`.
   */
  findOne(filter: Filter<Stored<Out>> = {}, options: FindOneOptions = none): Promise<Stored<Out> | null> {
    return attempt(() => {
      const query = this.#filter("find in", filter);
      this.#options("find in", options, ["sort", "projection"]);
      const found = this.#run("findOne", (driver, signal) =>
        driver.findOne(query, options === none ? { signal } : { ...options, signal }),
      );
      if (options.projection !== undefined || !this.#source.validateReads) return found as Promise<Stored<Out> | null>;
      const read = this.#reader();
      return found.then((doc) => (doc === null ? null : read(doc)));
    });
  }

  /**
   * Inserts a document. The object itself is not changed. A field that is `undefined` is not stored.
   *
   * @throws {DocumentInvalidError} If the schema refuses it.
   * @throws {DuplicateKeyError} If a value that must be unique already exists.
   * @throws {TypeError} If it has a value that MongoDB has no type for.
   * @throws {RangeError} If it is larger than 16 MB, or has a date or an integer that MongoDB cannot store.
   */
  insertOne(doc: In): Promise<{ readonly insertedId: Stored<Out>["_id"] }> {
    return attempt(() => {
      const made = this.#document("insert into", doc);
      return made instanceof Promise ? made.then((checked) => this.#insertOne(checked)) : this.#insertOne(made);
    });
  }

  #insertOne(checked: Doc): Promise<{ readonly insertedId: Stored<Out>["_id"] }> {
    return this.#run(
      "insertOne",
      (driver, signal) => driver.insertOne(checked, { signal }),
      insertResult<Stored<Out>["_id"]>,
    );
  }

  /**
   * Inserts documents in the given order. All are checked first. The insertion ends at the first document that the
   * server refuses. The documents before it stay, and the error has their identities in `insertedIds`.
   *
   * @throws {DocumentInvalidError} If the schema refuses a document.
   * @throws {DuplicateKeyError} If a value that must be unique already exists.
   * @throws {TypeError} If one has a value that MongoDB has no type for.
   * @throws {RangeError} If one is larger than 16 MB, or has a date or an integer that MongoDB cannot store.
   */
  async insertMany(docs: readonly In[]): Promise<{ readonly insertedIds: Stored<Out>["_id"][] }> {
    if (!Array.isArray(docs)) {
      throw wrongType(`insert into ${this.namespace}`, "an array of documents is needed", docs, showKind);
    }
    const checked: Doc[] = [];
    for (const doc of docs as readonly In[]) {
      const made = this.#document("insert into", doc);
      checked.push(made instanceof Promise ? await made : made);
    }
    if (checked.length === 0) return { insertedIds: [] };
    const { context, namespace } = this.#source;
    const operation = { name: "insertMany", namespace, documents: checked.length };
    const driver = this.#source.driver();
    const result = await runOperation(context, operation, (signal) => driver.insertMany(checked, { signal }));
    return { insertedIds: Object.values(result.insertedIds) as Stored<Out>["_id"][] };
  }

  /**
   * Updates one document that matches the filter. The schema is not used, because it describes whole documents.
   *
   * @throws {TypeError} If the filter or the update has a value that MongoDB has no type for, such as `undefined`.
   */
  updateOne(
    filter: Filter<Stored<Out>>,
    update: Update<Out> | readonly Doc[],
    options: UpdateOptions = none,
  ): Promise<UpdateResult> {
    return this.#update("updateOne", filter, update, options);
  }

  /**
   * Updates all documents that match the filter. The schema is not used, because it describes whole documents.
   *
   * @throws {TypeError} If the filter or the update has a value that MongoDB has no type for, such as `undefined`.
   */
  updateMany(
    filter: Filter<Stored<Out>>,
    update: Update<Out> | readonly Doc[],
    options: UpdateOptions = none,
  ): Promise<UpdateResult> {
    return this.#update("updateMany", filter, update, options);
  }

  /**
   * Replaces one document that matches the filter. It keeps its identity. A field that is `undefined` is not stored.
   *
   * @throws {DocumentInvalidError} If the schema refuses the new document.
   * @throws {TypeError} If the filter or the document has a value that MongoDB has no type for.
   */
  async replaceOne(
    filter: Filter<Stored<Out>>,
    doc: In,
    options: Pick<UpdateOptions, "upsert"> = none,
  ): Promise<UpdateResult> {
    const query = this.#filter("replace in", filter);
    this.#options("replace in", options, ["upsert"]);
    const checked = await this.#document("replace in", doc);
    return this.#run(
      "replaceOne",
      (driver, signal) => driver.replaceOne(query, checked, { ...options, signal }),
      updateResult,
    );
  }

  /**
   * Removes one document that matches the filter.
   *
   * @throws {TypeError} If the filter has a value that MongoDB has no type for, such as `undefined`.
   */
  async deleteOne(filter: Filter<Stored<Out>>): Promise<{ readonly deletedCount: number }> {
    const query = this.#filter("delete from", filter);
    return this.#run("deleteOne", (driver, signal) => driver.deleteOne(query, { signal }), deleteResult);
  }

  /**
   * Removes all documents that match the filter. `{}` matches every document.
   *
   * @throws {TypeError} If the filter has a value that MongoDB has no type for: `{ owner: undefined }` is refused.
   */
  async deleteMany(filter: Filter<Stored<Out>>): Promise<{ readonly deletedCount: number }> {
    const query = this.#filter("delete from", filter);
    return this.#run("deleteMany", (driver, signal) => driver.deleteMany(query, { signal }), deleteResult);
  }

  /**
   * The number of documents that match the filter.
   *
   * @throws {TypeError} If the filter has a value that MongoDB has no type for, such as `undefined`.
   */
  async countDocuments(filter: Filter<Stored<Out>> = {}): Promise<number> {
    const query = this.#filter("count in", filter);
    return this.#run("countDocuments", (driver, signal) => driver.countDocuments(query, { signal }));
  }

  /**
   * The distinct values of a field.
   *
   * @throws {TypeError} If the filter has a value that MongoDB has no type for, such as `undefined`.
   */
  async distinct(field: string, filter: Filter<Stored<Out>> = {}): Promise<unknown[]> {
    if (typeof field !== "string") throw wrongType(`look in ${this.namespace}`, "a field is needed", field);
    const query = this.#filter("look in", filter);
    return this.#run("distinct", (driver, signal) => driver.distinct(field, query, { signal }));
  }

  /** Creates an index, unless it exists. Returns its name. */
  async createIndex(keys: Sort, options: { readonly unique?: boolean } = none): Promise<string> {
    const action = "create an index of";
    this.#options(action, options, ["unique"]);
    const checked = this.#values(action, "the index", keys);
    return this.#run("createIndex", (driver, signal) => driver.createIndex(checked, { ...options, signal }));
  }

  /** Removes the collection with all its documents and indexes. */
  async drop(): Promise<void> {
    await this.#run("drop", (driver, signal) => driver.drop({ signal }));
  }

  #run<D, T = D>(
    name: string,
    start: (driver: DriverCollection, signal: OperationSignal) => Promise<D>,
    read?: (value: D) => T,
  ): Promise<T> {
    const { context, namespace } = this.#source;
    const driver = this.#source.driver();
    return runOperation(context, { name, namespace }, (signal) => start(driver, signal), read);
  }

  #update(
    method: "updateOne" | "updateMany",
    filter: object,
    update: object,
    options: UpdateOptions,
  ): Promise<UpdateResult> {
    return attempt(() => {
      const query = this.#filter("update in", filter);
      this.#options("update in", options, ["upsert", "arrayFilters"]);
      const action = `update in ${this.namespace}`;
      if (!Array.isArray(update)) requireDocument(action, update);
      checkValues({ action, part: "the update" }, update);
      return this.#run(
        method,
        (driver, signal) => driver[method](query, update, options === none ? { signal } : { ...options, signal }),
        updateResult,
      );
    });
  }

  /** A checked filter. The driver would take `null` for a filter that matches every document. */
  #filter(action: string, filter: object): Doc {
    return this.#values(action, "the filter", filter);
  }

  #values(action: string, part: string, value: object): Doc {
    const whole = `${action} ${this.namespace}`;
    requireDocument(whole, value);
    checkValues({ action: whole, part }, value);
    return value;
  }

  #options(action: string, options: object, known: readonly string[]): void {
    if (options === none) return;
    const whole = `${action} ${this.namespace}`;
    checkOptions(whole, options, known);
    for (const [name, value] of Object.entries(options)) {
      if (value !== undefined) checkValues({ action: whole, part: `'${name}'` }, value);
    }
  }

  /** A checked document, as the schema returns it. The result is a promise only if there is a schema. */
  #document(action: string, doc: In): Doc | Promise<Doc> {
    const whole = `${action} ${this.namespace}`;
    requireDocument(whole, doc);
    const { schema } = this.#source;
    if (schema === undefined) return { ...storable(whole, doc) };
    return applySchema(schema, doc, whole).then((made) => storable(whole, made));
  }

  /** A function that checks a found document by the schema. */
  #reader(): (doc: Doc) => Promise<Stored<Out>> {
    const { schema, namespace } = this.#source;
    return async (doc) => (await applySchema(schema, doc, `read from ${namespace}`)) as Stored<Out>;
  }
}

function storable(action: string, doc: Doc): Doc {
  checkValues({ action, part: "the document", mayLackFields: true }, doc);
  return doc;
}

function insertResult<Id>({ insertedId }: { readonly insertedId: unknown }): { readonly insertedId: Id } {
  return { insertedId: insertedId as Id };
}

function updateResult({ matchedCount, modifiedCount, upsertedId }: DriverUpdateResult): UpdateResult {
  return { matchedCount, modifiedCount, upsertedId };
}

function deleteResult({ deletedCount }: { readonly deletedCount: number }): { readonly deletedCount: number } {
  return { deletedCount };
}

/** Calls `start`, and returns a rejected promise if it throws. An async function would do the same at a higher cost. */
function attempt<T>(start: () => Promise<T>): Promise<T> {
  try {
    return start();
  } catch (error) {
    return Promise.reject(error);
  }
}
