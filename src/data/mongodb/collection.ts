import type { StandardSchemaV1 } from "@standard-schema/spec";
import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import { checkOptions } from "../shared/check-options.ts";
import type { DriverCollection, DriverUpdateResult } from "./_driver.ts";
import type { OperationSignal } from "./abort.ts";
import { checkValues, requireDocument } from "./check-values.ts";
import { MongoCursor } from "./cursor.ts";
import type { Doc, Filter, Projection, Sort, Stored, Update } from "./documents.ts";
import { type Operation, type OperationContext, runOperation } from "./operation.ts";
import { applySchema } from "./schema.ts";

/** The documents of a collection. */
export interface CollectionOptions<S extends StandardSchemaV1> {
  /** Checks what is inserted and what replaces, which is stored as the schema returns it. Updates are not checked. */
  readonly schema: S;
  /** Whether what is found is checked too. @default false */
  readonly validateReads?: boolean;
}

/** How one document is found. */
export interface FindOneOptions {
  /** Which one, if there are several. @default any */
  readonly sort?: Sort;
  /** Which fields of it. @default all */
  readonly projection?: Projection;
}

/** How documents are updated. */
export interface UpdateOptions {
  /** Whether a document is inserted if the filter fits none. @default false */
  readonly upsert?: boolean;
  /** The items of an array that `$[name]` stands for. @default none */
  readonly arrayFilters?: readonly Doc[];
}

/** The outcome of an update. */
export interface UpdateResult {
  /** The number of documents that the filter fits. */
  readonly matchedCount: number;
  /** The number of documents that were changed. */
  readonly modifiedCount: number;
  /** The identity of the document that was inserted; `null` if none was. */
  readonly upsertedId: unknown;
}

/** @internal What a collection stands on. */
export interface CollectionSource {
  readonly context: OperationContext;
  readonly namespace: string;
  readonly driver: () => DriverCollection;
  readonly schema: StandardSchemaV1 | undefined;
  readonly validateReads: boolean;
}

// The options of a call without options, which need not be looked at.
const none = {};

/**
 * A collection of documents.
 *
 * Cancelling a task that waits for one of its methods aborts the operation: the driver closes its connection, and what
 * the server has begun may be executed all the same.
 *
 * @typeParam In - The documents that are inserted.
 * @typeParam Out - The documents that are found.
 */
export class Collection<In extends object = Doc, Out extends object = In> {
  readonly #source: CollectionSource;

  /** @internal Use `client.collection()`. */
  constructor(source: CollectionSource) {
    this.#source = source;
  }

  /** Its name, with that of its database: `shop.fruits`. */
  get namespace(): string {
    return this.#source.namespace;
  }

  /**
   * The documents that the filter fits, to be read by `for await` or `toArray()`.
   *
   * @throws {TypeError} If the filter has a value that MongoDB would not get, such as `undefined`.
   */
  find(filter: Filter<Stored<Out>> = {}): MongoCursor<Stored<Out>> {
    const query = this.#filter("find in", filter);
    return new MongoCursor({
      ...this.#operation("find"),
      open: (options, ownOptions) => this.#source.driver().find(query, { ...options, ...ownOptions }),
      read: this.#source.validateReads ? this.#reader() : undefined,
    });
  }

  /**
   * The results of an aggregation pipeline.
   *
   * @typeParam R - The results.
   * @throws {TypeError} If the pipeline has a value that MongoDB would not get, such as `undefined`.
   */
  aggregate<R extends object = Doc>(pipeline: readonly Doc[]): MongoCursor<R> {
    const action = `aggregate in ${this.namespace}`;
    if (!Array.isArray(pipeline)) throw wrongType(action, "an array of stages is needed", pipeline, showKind);
    checkValues({ action, part: "the pipeline" }, pipeline);
    return new MongoCursor<R>({
      ...this.#operation("aggregate"),
      open: ({ batchSize }, ownOptions) =>
        this.#source.driver().aggregate(pipeline, { ...ownOptions, ...(batchSize !== undefined && { batchSize }) }),
      read: undefined,
    });
  }

  /**
   * One document that the filter fits; `null` if there is none.
   *
   * @throws {TypeError} If the filter has a value that MongoDB would not get, such as `undefined`.
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
   * Inserts a document. The document itself is left as it is; a field that is `undefined` is not stored.
   *
   * @throws {DocumentInvalidError} If the schema refuses it.
   * @throws {DuplicateKeyError} If a value exists already that must be unique.
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
   * Inserts documents, in their order. All are checked first. The first one that the server refuses ends it; those before
   * it stay, and the error has their identities in `insertedIds`.
   *
   * @throws {DocumentInvalidError} If the schema refuses one.
   * @throws {DuplicateKeyError} If a value exists already that must be unique.
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
    const { context, operation } = this.#operation("insertMany", checked.length);
    const driver = this.#source.driver();
    const result = await runOperation(context, operation, (signal) => driver.insertMany(checked, { signal }));
    return { insertedIds: Object.values(result.insertedIds) as Stored<Out>["_id"][] };
  }

  /**
   * Updates one document that the filter fits. The schema is not asked: it knows whole documents only.
   *
   * @throws {TypeError} If the filter or the update has a value that MongoDB would not get, such as `undefined`.
   */
  updateOne(
    filter: Filter<Stored<Out>>,
    update: Update<Out> | readonly Doc[],
    options: UpdateOptions = none,
  ): Promise<UpdateResult> {
    return this.#update("updateOne", filter, update, options);
  }

  /**
   * Updates all documents that the filter fits. The schema is not asked: it knows whole documents only.
   *
   * @throws {TypeError} If the filter or the update has a value that MongoDB would not get, such as `undefined`.
   */
  updateMany(
    filter: Filter<Stored<Out>>,
    update: Update<Out> | readonly Doc[],
    options: UpdateOptions = none,
  ): Promise<UpdateResult> {
    return this.#update("updateMany", filter, update, options);
  }

  /**
   * Replaces one document that the filter fits; it keeps its identity. A field that is `undefined` is not stored.
   *
   * @throws {DocumentInvalidError} If the schema refuses the new one.
   * @throws {TypeError} If the filter has a value that MongoDB would not get, or the document one that it cannot store.
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
   * Removes one document that the filter fits.
   *
   * @throws {TypeError} If the filter has a value that MongoDB would not get, such as `undefined`.
   */
  async deleteOne(filter: Filter<Stored<Out>>): Promise<{ readonly deletedCount: number }> {
    const query = this.#filter("delete from", filter);
    return this.#run("deleteOne", (driver, signal) => driver.deleteOne(query, { signal }), deleteResult);
  }

  /**
   * Removes all documents that the filter fits; with `{}`, all.
   *
   * @throws {TypeError} If the filter has a value that MongoDB would not get: `{ owner: undefined }` is refused.
   */
  async deleteMany(filter: Filter<Stored<Out>>): Promise<{ readonly deletedCount: number }> {
    const query = this.#filter("delete from", filter);
    return this.#run("deleteMany", (driver, signal) => driver.deleteMany(query, { signal }), deleteResult);
  }

  /**
   * The number of documents that the filter fits.
   *
   * @throws {TypeError} If the filter has a value that MongoDB would not get, such as `undefined`.
   */
  async countDocuments(filter: Filter<Stored<Out>> = {}): Promise<number> {
    const query = this.#filter("count in", filter);
    return this.#run("countDocuments", (driver, signal) => driver.countDocuments(query, { signal }));
  }

  /**
   * The values of a field, each once.
   *
   * @throws {TypeError} If the filter has a value that MongoDB would not get, such as `undefined`.
   */
  async distinct(field: string, filter: Filter<Stored<Out>> = {}): Promise<unknown[]> {
    if (typeof field !== "string") throw wrongType(`look in ${this.namespace}`, "a field is needed", field);
    const query = this.#filter("look in", filter);
    return this.#run("distinct", (driver, signal) => driver.distinct(field, query, { signal }));
  }

  /** Has the server keep an index. Returns its name. */
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

  #operation(name: string, documents?: number): { context: OperationContext; operation: Operation } {
    const { context, namespace } = this.#source;
    return { context, operation: { name, namespace, ...(documents !== undefined && { documents }) } };
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

  /** A filter whose values MongoDB gets as they are. The driver would take `null` for one that fits everything. */
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

  /** A document as the schema makes it, and as it can be stored. A schema may take its time; without one, none is taken. */
  #document(action: string, doc: In): Doc | Promise<Doc> {
    const whole = `${action} ${this.namespace}`;
    requireDocument(whole, doc);
    const { schema } = this.#source;
    if (schema === undefined) return { ...storable(whole, doc) };
    return applySchema(schema, doc, whole).then((made) => storable(whole, made));
  }

  /** Makes a result of a document that was found. */
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

/** Has the promise say what is refused, as an async function would: that costs more. */
function attempt<T>(start: () => Promise<T>): Promise<T> {
  try {
    return start();
  } catch (error) {
    return Promise.reject(error);
  }
}
