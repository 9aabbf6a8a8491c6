import type { Doc, Engine } from "./_engine.ts";
import { CommandError, unsupported } from "./command-error.ts";

/** @internal An index. It has an effect only if it is unique. */
export interface Index {
  readonly name: string;
  readonly key: Doc;
  readonly unique: boolean;
}

const idIndex: Index = { name: "_id_", key: { _id: 1 }, unique: true };

/** @internal A collection: documents in the order of their insertion, and indexes. */
export class StoredCollection {
  /** The name of the collection, after that of its database. */
  readonly namespace: string;
  /** The documents. Only the methods change them. */
  readonly docs: Doc[] = [];
  readonly #engine: Engine;
  readonly #indexes: Index[] = [];
  readonly #taken = new Map<Index, Map<string, Doc>>();

  constructor(engine: Engine, namespace: string) {
    this.#engine = engine;
    this.namespace = namespace;
    this.addIndex(idIndex);
  }

  /** The indexes. */
  get indexes(): readonly Index[] {
    return this.#indexes;
  }

  /** @throws {CommandError} If existing documents violate the index. */
  addIndex(index: Index): void {
    if (this.#indexes.some(({ name }) => name === index.name)) return;
    const taken = new Map<string, Doc>();
    if (index.unique) for (const doc of this.docs) this.#claim(index, taken, doc);
    this.#indexes.push(index);
    if (index.unique) this.#taken.set(index, taken);
  }

  /** @throws {CommandError} If there is no such index. */
  dropIndex(name: string): void {
    const at = this.#indexes.findIndex((index) => index.name === name);
    if (at <= 0) throw new CommandError("BadValue", `cannot drop index: ${name}`);
    for (const index of this.#indexes.splice(at, 1)) this.#taken.delete(index);
  }

  /** @throws {CommandError} If a value that must be unique already exists. */
  insert(doc: Doc): void {
    this.#checkUnique(doc, undefined);
    this.docs.push(doc);
    for (const [index, taken] of this.#taken) taken.set(this.#keyOf(index, doc), doc);
  }

  /** @throws {CommandError} If a value that must be unique already exists. */
  replace(doc: Doc, changed: Doc): void {
    this.#checkUnique(changed, doc);
    for (const [index, taken] of this.#taken) {
      taken.delete(this.#keyOf(index, doc));
      taken.set(this.#keyOf(index, changed), changed);
    }
    this.docs[this.docs.indexOf(doc)] = changed;
  }

  /** Removes documents. */
  remove(gone: ReadonlySet<Doc>): void {
    const left = this.docs.filter((doc) => !gone.has(doc));
    this.docs.splice(0, Infinity, ...left);
    for (const [index, taken] of this.#taken) for (const doc of gone) taken.delete(this.#keyOf(index, doc));
  }

  #checkUnique(doc: Doc, except: Doc | undefined): void {
    for (const [index, taken] of this.#taken) {
      const holder = taken.get(this.#keyOf(index, doc));
      if (holder !== undefined && holder !== except) throw this.#duplicate(index, doc);
    }
  }

  #claim(index: Index, taken: Map<string, Doc>, doc: Doc): void {
    const key = this.#keyOf(index, doc);
    if (taken.has(key)) throw this.#duplicate(index, doc);
    taken.set(key, doc);
  }

  #keyOf(index: Index, doc: Doc): string {
    const values = Object.keys(index.key).map((field) => doc[field] ?? null);
    if (values.some(Array.isArray)) throw unsupported("unique values in arrays");
    return this.#engine.textOf(values);
  }

  #duplicate({ name, key }: Index, doc: Doc): DuplicateKeyError {
    const keyValue = Object.fromEntries(Object.keys(key).map((field) => [field, doc[field] ?? null]));
    return new DuplicateKeyError(this.namespace, name, key, keyValue);
  }
}

/** @internal The error for two documents with the same value where it must be unique. */
export class DuplicateKeyError extends CommandError {
  readonly keyPattern: Doc;
  readonly keyValue: Doc;

  constructor(namespace: string, index: string, keyPattern: Doc, keyValue: Doc) {
    const shown = Object.entries(keyValue).map(([field, value]) => `${field}: ${JSON.stringify(value)}`);
    const where = `collection: ${namespace} index: ${index}`;
    super("DuplicateKey", `E11000 duplicate key error ${where} dup key: { ${shown.join(", ")} }`);
    this.keyPattern = keyPattern;
    this.keyValue = keyValue;
  }
}

/** @internal All databases. */
export class Store {
  readonly #engine: Engine;
  readonly #databases = new Map<string, Map<string, StoredCollection>>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The collections of a database, by name. */
  collections(database: string): ReadonlyMap<string, StoredCollection> {
    return this.#databases.get(database) ?? new Map<string, StoredCollection>();
  }

  /** The documents of a collection; none if it does not exist. */
  docs(database: string, name: string): readonly Doc[] {
    return this.collections(database).get(name)?.docs ?? [];
  }

  /** A collection, which is made if it does not exist. */
  collection(database: string, name: string): StoredCollection {
    const collections = this.#databases.get(database) ?? new Map<string, StoredCollection>();
    this.#databases.set(database, collections);
    const collection = collections.get(name) ?? new StoredCollection(this.#engine, `${database}.${name}`);
    collections.set(name, collection);
    return collection;
  }

  /** Removes a collection. Returns whether it existed. */
  drop(database: string, name: string): boolean {
    return this.#databases.get(database)?.delete(name) ?? false;
  }

  /** Removes a database. */
  dropDatabase(database: string): void {
    this.#databases.delete(database);
  }

  /** Removes all databases. */
  clear(): void {
    this.#databases.clear();
  }
}

// Kinds of values that mingo would compare wrongly.
const incomparable: ReadonlySet<string> = new Set([
  "Long",
  "Decimal128",
  "Timestamp",
  "MinKey",
  "MaxKey",
  "Code",
  "DBRef",
  "BSONSymbol",
]);

/** @internal @throws {CommandError} If a value is of a kind that the double would compare wrongly. */
export function checkValues(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  const kind = "_bsontype" in value ? String(value["_bsontype"]) : undefined;
  if (kind !== undefined && incomparable.has(kind)) throw unsupported(`values of type ${kind}`);
  if (kind === undefined) for (const item of Object.values(value)) checkValues(item);
}
