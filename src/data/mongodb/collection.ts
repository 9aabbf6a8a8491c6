import type { StandardSchemaV1 } from "@standard-schema/spec";
import { wrongType } from "../../base/refusal.ts";
import type { DriverCollection, DriverOptions, DriverUpdateResult } from "./_driver.ts";
import { type CallContext, callDriver, type Operation } from "./call-driver.ts";
import { MongoCursor } from "./cursor.ts";
import type { Doc, Filter, Projection, Sort, Stored, Update } from "./documents.ts";
import { applySchema } from "./schema.ts";

/** What the documents of a collection are. */
export interface CollectionOptions<S extends StandardSchemaV1> {
  /** What is inserted and what replaces has to pass it, and is stored as it makes it. Updates are not looked at. */
  readonly schema: S;
  /** Whether what is found has to pass it as well. @default false */
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
  /** Whether a document is made if there is none to be updated. @default false */
  readonly upsert?: boolean;
  /** Which items of an array `$[name]` stands for. @default none */
  readonly arrayFilters?: readonly Doc[];
}

/** What an update has done. */
export interface UpdateResult {
  /** How many documents the filter fits. */
  readonly matchedCount: number;
  /** How many of them are other than before. */
  readonly modifiedCount: number;
  /** The identity of the document that was made; `null` if none was. */
  readonly upsertedId: unknown;
}

/** @internal What a collection stands on. */
export interface CollectionSource {
  readonly context: CallContext;
  readonly namespace: string;
  readonly driver: () => DriverCollection;
  readonly schema: StandardSchemaV1 | undefined;
  readonly validateReads: boolean;
}

/**
 * A collection of documents.
 *
 * Cancelling a task that waits for one of its methods aborts the operation: the driver closes its connection, and what
 * the server has begun may be done all the same.
 *
 * @typeParam In - What is inserted.
 * @typeParam Out - What is found.
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

  /** The documents that the filter fits, to be read by `for await` or `toArray()`. */
  find(filter: Filter<Stored<Out>> = {}): MongoCursor<Stored<Out>> {
    const query = this.#requireDoc("find in", filter);
    return new MongoCursor({
      ...this.#operation("find"),
      open: (options, signal) => this.#source.driver().find(query, { ...options, signal }),
      read: (doc) => this.#read(doc),
    });
  }

  /**
   * What a pipeline makes of the documents.
   *
   * @typeParam R - What the results are.
   */
  aggregate<R extends object = Doc>(pipeline: readonly Doc[]): MongoCursor<R> {
    return new MongoCursor<R>({
      ...this.#operation("aggregate"),
      open: ({ batchSize }, signal) =>
        this.#source.driver().aggregate(pipeline, { signal, ...(batchSize !== undefined && { batchSize }) }),
      read: (doc) => doc as R,
    });
  }

  /** One document that the filter fits; `null` if there is none. */
  async findOne(filter: Filter<Stored<Out>> = {}, options: FindOneOptions = {}): Promise<Stored<Out> | null> {
    const query = this.#requireDoc("find in", filter);
    const doc = await this.#call("findOne", (driver, signal) => driver.findOne(query, { ...options, ...signal }));
    if (doc === null) return null;
    return options.projection === undefined ? this.#read(doc) : (doc as Stored<Out>);
  }

  /**
   * Inserts a document. The document itself is left as it is.
   *
   * @throws {DocumentInvalidError} If the schema refuses it.
   * @throws {DuplicateKeyError} If a value is there already that must be unique.
   */
  async insertOne(doc: In): Promise<{ readonly insertedId: Stored<Out>["_id"] }> {
    const checked = await this.#check("insert into", doc);
    const { insertedId } = await this.#call("insertOne", (driver, signal) => driver.insertOne(checked, signal));
    return { insertedId: insertedId as Stored<Out>["_id"] };
  }

  /**
   * Inserts documents, in their order. All are checked by the schema first; the first that the server refuses ends it,
   * those before it stay.
   *
   * @throws {DocumentInvalidError} If the schema refuses one.
   * @throws {DuplicateKeyError} If a value is there already that must be unique.
   */
  async insertMany(docs: readonly In[]): Promise<{ readonly insertedIds: Stored<Out>["_id"][] }> {
    const checked: Doc[] = [];
    for (const doc of docs) checked.push(await this.#check("insert into", doc));
    if (checked.length === 0) return { insertedIds: [] };
    const result = await this.#call("insertMany", (driver, signal) => driver.insertMany(checked, signal));
    return { insertedIds: Object.values(result.insertedIds) as Stored<Out>["_id"][] };
  }

  /** Updates one document that the filter fits. The schema is not asked: it knows whole documents only. */
  async updateOne(
    filter: Filter<Stored<Out>>,
    update: Update<Out> | readonly Doc[],
    options: UpdateOptions = {},
  ): Promise<UpdateResult> {
    const query = this.#requireDoc("update in", filter);
    return updateResult(
      await this.#call("updateOne", (driver, signal) => driver.updateOne(query, update, { ...options, ...signal })),
    );
  }

  /** Updates all documents that the filter fits. The schema is not asked: it knows whole documents only. */
  async updateMany(
    filter: Filter<Stored<Out>>,
    update: Update<Out> | readonly Doc[],
    options: UpdateOptions = {},
  ): Promise<UpdateResult> {
    const query = this.#requireDoc("update in", filter);
    return updateResult(
      await this.#call("updateMany", (driver, signal) => driver.updateMany(query, update, { ...options, ...signal })),
    );
  }

  /**
   * Replaces one document that the filter fits; it keeps its identity.
   *
   * @throws {DocumentInvalidError} If the schema refuses the new one.
   */
  async replaceOne(
    filter: Filter<Stored<Out>>,
    doc: In,
    options: Pick<UpdateOptions, "upsert"> = {},
  ): Promise<UpdateResult> {
    const query = this.#requireDoc("replace in", filter);
    const checked = await this.#check("replace in", doc);
    return updateResult(
      await this.#call("replaceOne", (driver, signal) => driver.replaceOne(query, checked, { ...options, ...signal })),
    );
  }

  /** Removes one document that the filter fits. */
  async deleteOne(filter: Filter<Stored<Out>>): Promise<{ readonly deletedCount: number }> {
    const query = this.#requireDoc("delete from", filter);
    const { deletedCount } = await this.#call("deleteOne", (driver, signal) => driver.deleteOne(query, signal));
    return { deletedCount };
  }

  /** Removes all documents that the filter fits; with `{}`, all. */
  async deleteMany(filter: Filter<Stored<Out>>): Promise<{ readonly deletedCount: number }> {
    const query = this.#requireDoc("delete from", filter);
    const { deletedCount } = await this.#call("deleteMany", (driver, signal) => driver.deleteMany(query, signal));
    return { deletedCount };
  }

  /** How many documents the filter fits. */
  countDocuments(filter: Filter<Stored<Out>> = {}): Promise<number> {
    const query = this.#requireDoc("count in", filter);
    return this.#call("countDocuments", (driver, signal) => driver.countDocuments(query, signal));
  }

  /** The values that a field has, each once. */
  distinct(field: string, filter: Filter<Stored<Out>> = {}): Promise<unknown[]> {
    const query = this.#requireDoc("look in", filter);
    return this.#call("distinct", (driver, signal) => driver.distinct(field, query, signal));
  }

  /** Has the server keep an index. Gives its name. */
  createIndex(keys: Sort, options: { readonly unique?: boolean } = {}): Promise<string> {
    return this.#call("createIndex", (driver, signal) => driver.createIndex(keys, { ...options, ...signal }));
  }

  /** Removes the collection with all its documents and indexes. */
  async drop(): Promise<void> {
    await this.#call("drop", (driver, signal) => driver.drop(signal));
  }

  #operation(name: string): { context: CallContext; operation: Operation } {
    const { context, namespace } = this.#source;
    return { context, operation: { name, namespace } };
  }

  async #call<T>(name: string, start: (driver: DriverCollection, options: DriverOptions) => Promise<T>): Promise<T> {
    const { context, operation } = this.#operation(name);
    const driver = this.#source.driver();
    return callDriver(context, operation, (signal) => start(driver, { signal }));
  }

  #check(action: string, doc: In): Promise<Doc> {
    return applySchema(this.#source.schema, this.#requireDoc(action, doc), `${action} ${this.namespace}`);
  }

  async #read(doc: Doc): Promise<Stored<Out>> {
    if (!this.#source.validateReads) return doc as Stored<Out>;
    return (await applySchema(this.#source.schema, doc, `read from ${this.namespace}`)) as Stored<Out>;
  }

  // The driver takes `null` for a filter that fits everything.
  #requireDoc(action: string, doc: object): Doc {
    if (typeof doc === "object" && doc !== null && !Array.isArray(doc)) return doc as Doc;
    throw wrongType(`${action} ${this.namespace}`, "an object is needed", doc);
  }
}

function updateResult({ matchedCount, modifiedCount, upsertedId }: DriverUpdateResult): UpdateResult {
  return { matchedCount, modifiedCount, upsertedId };
}
