import type { StandardSchemaV1 } from "@standard-schema/spec";
import { wrongType } from "../../base/refusal.ts";
import type { DriverDatabase } from "./_driver.ts";
import { type CallContext, callDriver } from "./call-driver.ts";
import { Collection, type CollectionOptions } from "./collection.ts";
import { MongoCursor } from "./cursor.ts";
import type { Doc } from "./documents.ts";

/** @internal What a database stands on. */
export interface DatabaseSource {
  readonly context: CallContext;
  readonly name: string;
  readonly driver: () => DriverDatabase;
}

/** A database. */
export class Database {
  readonly #source: DatabaseSource;

  /** @internal Use `client.db()`. */
  constructor(source: DatabaseSource) {
    this.#source = source;
  }

  /** Its name. */
  get name(): string {
    return this.#source.name;
  }

  /** A collection whose documents are typed and checked by a schema. */
  collection<S extends StandardSchemaV1<object, object>>(
    name: string,
    options: CollectionOptions<S>,
  ): Collection<StandardSchemaV1.InferInput<S>, StandardSchemaV1.InferOutput<S>>;
  /** A collection. */
  collection<T extends object = Doc>(name: string): Collection<T>;
  collection(name: string, options?: CollectionOptions<StandardSchemaV1>): Collection {
    if (typeof name !== "string" || name === "") throw wrongType("use a collection", "it needs a name", name);
    const { context, driver } = this.#source;
    return new Collection({
      context,
      namespace: `${this.name}.${name}`,
      driver: () => driver().collection(name),
      schema: options?.schema,
      validateReads: options?.validateReads ?? false,
    });
  }

  /**
   * Executes any command and gives the server's reply.
   *
   * @throws {MongoReplyError} If the server refuses it.
   * @see https://www.mongodb.com/docs/manual/reference/command/
   */
  async command(command: Doc): Promise<Doc> {
    const { context, name, driver } = this.#source;
    const operation = { name: Object.keys(command)[0] ?? "command", namespace: name };
    const database = driver();
    return callDriver(context, operation, (signal) => database.command(command, { signal }));
  }

  /** The names of its collections, in no order. */
  async collectionNames(): Promise<string[]> {
    const { context, name, driver } = this.#source;
    const cursor = new MongoCursor<string>({
      context,
      operation: { name: "listCollections", namespace: name },
      open: (_, signal) => driver().listCollections({}, { signal, nameOnly: true }),
      read: (doc) => doc["name"] as string,
    });
    return cursor.toArray();
  }

  /** Removes it with all its collections. */
  async drop(): Promise<void> {
    const { context, name, driver } = this.#source;
    const database = driver();
    await callDriver(context, { name: "dropDatabase", namespace: name }, (signal) => database.dropDatabase({ signal }));
  }
}
