import type { StandardSchemaV1 } from "@standard-schema/spec";
import { closeWithScope, InvalidStateError, outside, publishFigures, waitPromise } from "../../asyncio/index.ts";
import { wrongType } from "../../base/refusal.ts";
import { type Driver, type DriverDatabase, makeDriver } from "./_driver.ts";
import { type CallContext, callDriver } from "./call-driver.ts";
import type { Collection, CollectionOptions } from "./collection.ts";
import { Database } from "./database.ts";
import type { Doc, ObjectId } from "./documents.ts";
import type { MongoSettings } from "./settings.ts";

/** What a client knows of itself. */
export interface MongoStatistics {
  /** How many connections are open, besides those that watch whether the server is there. */
  readonly connections: number;
  /** How many operations are under way. */
  readonly running: number;
}

/** A client of a MongoDB server. Made by {@link connect}, or by {@link mongodb} for an application. */
export class MongoClient implements AsyncDisposable {
  readonly #settings: MongoSettings;
  readonly #context: CallContext;
  #driver: Driver | undefined;
  #connections = 0;
  #whyNot = "was not opened";
  #withdraw: (() => void) | undefined;
  #forget: (() => void) | undefined;

  /** @internal Use {@link connect}. */
  constructor(settings: MongoSettings) {
    this.#settings = settings;
    this.#context = { address: settings.address, running: 0 };
  }

  /**
   * @internal Has it closed with the scope of the caller, at the latest.
   *
   * @throws {InvalidStateError} If that scope has ended.
   */
  closeWithCaller(): void {
    this.#forget = closeWithScope(() => this.close());
  }

  /** @internal Connects. @throws {MongoConnectError} If there is no connection to be had. */
  async open(): Promise<void> {
    const driver = await waitPromise(outside(makeDriver, this.#settings));
    this.#driver = driver;
    this.#connections = 0;
    this.#withdraw = publishFigures(`mongodb ${this.#settings.address}`, this);
    driver.client.on("connectionCreated", () => this.#connections++);
    driver.client.on("connectionClosed", () => this.#connections--);
    const operation = { name: "connect", namespace: this.#settings.address };
    try {
      await callDriver(this.#context, operation, (signal) => connectUntil(driver, signal));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /**
   * A database.
   *
   * @param name - Its name.
   * @default the one that the URL names, else "test" (name)
   * @throws {InvalidStateError} If the client is not open and no name is given.
   */
  db(name?: string): Database {
    const found = name ?? this.#database(undefined).databaseName;
    return new Database({ context: this.#context, name: found, driver: () => this.#database(found) });
  }

  /**
   * A collection of the database that the URL names, whose documents are typed and checked by a schema: that of any
   * library that has Standard Schema, as zod, valibot and arktype have.
   *
   * @see https://standardschema.dev
   */
  collection<S extends StandardSchemaV1<object, object>>(
    name: string,
    options: CollectionOptions<S>,
  ): Collection<StandardSchemaV1.InferInput<S>, StandardSchemaV1.InferOutput<S>>;
  /** A collection of the database that the URL names. */
  collection<T extends object = Doc>(name: string): Collection<T>;
  collection(name: string, options?: CollectionOptions<StandardSchemaV1<object, object>>): Collection {
    const database = this.db();
    return options === undefined ? database.collection(name) : (database.collection(name, options) as Collection);
  }

  /**
   * Makes an identity: a new one, or the one with these 24 hexadecimal digits.
   *
   * @throws {TypeError} If those are none.
   * @throws {InvalidStateError} If the client is not open.
   */
  objectId(hex?: string): ObjectId {
    const { makeId } = this.#requireOpen();
    if (hex === undefined || (typeof hex === "string" && /^[0-9a-f]{24}$/i.test(hex))) return makeId(hex) as ObjectId;
    throw wrongType("make an ObjectId", "it must be 24 hexadecimal digits", hex);
  }

  /** What it knows of itself. */
  statistics(): MongoStatistics {
    return { connections: this.#connections, running: this.#context.running };
  }

  /** Closes all connections; operations that are under way fail. May be called again. */
  async close(): Promise<void> {
    this.#forget?.();
    const driver = this.#driver;
    if (driver === undefined) return;
    this.#driver = undefined;
    this.#withdraw?.();
    this.#whyNot = "was closed";
    await waitPromise(outside(() => driver.client.close()));
  }

  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #database(name: string | undefined): DriverDatabase {
    return this.#requireOpen().client.db(name);
  }

  #requireOpen(): Driver {
    if (this.#driver === undefined) throw new InvalidStateError(`Cannot use MongoDB as its client ${this.#whyNot}`);
    return this.#driver;
  }
}

// The driver's own way to connect takes no signal; a first command, which connects, does.
async function connectUntil({ client }: Driver, signal: AbortSignal): Promise<void> {
  await client.db("admin").command({ ping: 1 }, { signal });
}
