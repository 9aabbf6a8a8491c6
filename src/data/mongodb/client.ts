import type { StandardSchemaV1 } from "@standard-schema/spec";
import { outside, waitPromise } from "../../asyncio/index.ts";
import { wrongType } from "../../base/refusal.ts";
import { type AppClient, ClientLifetime } from "../shared/app-client.ts";
import { settleTimeout } from "../shared/call-driver.ts";
import { closeDriver, type Driver, makeDriver } from "./_driver.ts";
import type { Collection, CollectionOptions } from "./collection.ts";
import { Database, oncePer } from "./database.ts";
import type { Doc, ObjectId } from "./documents.ts";
import { type OperationContext, runOperation } from "./operation.ts";
import { Sessions } from "./sessions.ts";
import type { MongoSettings } from "./settings.ts";

/** Current counts of a client, for monitoring. */
export interface MongoStatistics {
  /** The number of open connections, without those that check whether the server is available. */
  readonly connections: number;
  /** The number of running operations. */
  readonly running: number;
}

/** A client of a MongoDB server. Made by {@link connect}, or by {@link mongodb} for an application. */
export class MongoClient implements AppClient, AsyncDisposable {
  /** @internal */
  readonly lifetime: ClientLifetime;
  readonly #settings: MongoSettings;
  readonly #context: OperationContext;
  #driver: Driver | undefined;
  #ownDatabase: Database | undefined;
  #connections = 0;

  /** @internal Use {@link connect}. */
  constructor(settings: MongoSettings) {
    this.#settings = settings;
    this.lifetime = new ClientLifetime("its client", `mongodb ${settings.address}`);
    const sessions = new Sessions(() => this.#driver?.client);
    this.#context = { address: settings.address, sessions, running: 0 };
  }

  /** @internal Connects. @throws {MongoConnectError} If a connection cannot be made. */
  async open(): Promise<void> {
    const driver = await waitPromise(outside(makeDriver, this.#settings));
    this.#driver = driver;
    this.#connections = 0;
    this.lifetime.begin(this);
    driver.client.on("connectionCreated", () => this.#connections++);
    driver.client.on("connectionClosed", () => this.#connections--);
    driver.client.on("topologyDescriptionChanged", ({ newDescription }) => {
      this.#context.sessions.isSupported = newDescription.logicalSessionTimeoutMinutes !== null;
    });
    const operation = { name: "connect", namespace: this.#settings.address };
    try {
      // The driver's `connect()` takes no signal. A first command also connects, and takes one.
      await runOperation(this.#context, operation, (signal) => {
        return driver.client.db("admin").command({ ping: 1 }, { signal });
      });
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
    if (name !== undefined) return this.#makeDatabase(name);
    const { client } = this.#requireOpen();
    return (this.#ownDatabase ??= this.#makeDatabase(client.db().databaseName));
  }

  #makeDatabase(found: string): Database {
    return new Database({
      context: this.#context,
      name: found,
      driver: oncePer(
        () => this.#requireOpen(),
        ({ client }) => client.db(found),
      ),
    });
  }

  /**
   * A collection of the database that the URL names. A schema types and checks its documents; it may come from any
   * library with Standard Schema, such as zod, valibot and arktype.
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
   * @throws {TypeError} If `hex` is not 24 hexadecimal digits.
   * @throws {InvalidStateError} If the client is not open.
   */
  objectId(hex?: string): ObjectId {
    const { makeId } = this.#requireOpen();
    if (hex === undefined || (typeof hex === "string" && /^[0-9a-f]{24}$/i.test(hex))) return makeId(hex) as ObjectId;
    throw wrongType("make an ObjectId", "it must be 24 hexadecimal digits", hex);
  }

  /** Current counts, for monitoring. */
  statistics(): MongoStatistics {
    return { connections: this.#connections, running: this.#context.running };
  }

  /**
   * Closes all connections. Running operations fail. The client waits at most 0.8 s for a silent server. A second call
   * has no effect.
   */
  async close(): Promise<void> {
    const driver = this.#driver;
    if (!this.lifetime.end() || driver === undefined) return;
    await waitPromise(outside(() => this.#context.sessions.settle()));
    this.#driver = undefined;
    await waitPromise(outside(() => closeDriver(driver.client, settleTimeout)));
  }

  /** Closes the client. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #requireOpen(): Driver {
    this.lifetime.requireOpen("MongoDB");
    return this.#driver!;
  }
}
