import { wrongType } from "../../base/refusal.ts";
import type { SessionStore } from "./session-store.ts";

/** A database, as far as sessions need it: that of `pottle/postgres`, or a pool of it. */
export interface SqlExecutor {
  /** Runs a query and returns the rows. */
  query<R extends object>(text: string, values?: readonly unknown[]): Promise<R[]>;
  /** Runs a query and returns the number of affected rows. */
  execute(text: string, values?: readonly unknown[]): Promise<number>;
}

/** Options of {@link PostgresSessionStore}. */
export interface PostgresSessionStoreOptions {
  /** The name of the table: letters, digits and `_`, with a schema before a dot. @default "sessions" */
  readonly table?: string;
}

const later = "now() + $3 * interval '1 millisecond'";

/**
 * Keeps sessions in a table of PostgreSQL. Have `createTable()` make the table, or the statements of its documentation.
 *
 * @example
 * const app = new Pottle();
 * const store = new PostgresSessionStore(postgres(app));
 * app.onStart(() => store.createTable());
 * sessions(app, { secretKey: "a long random secret", store });
 */
export class PostgresSessionStore implements SessionStore {
  readonly #db: SqlExecutor;
  readonly #table: string;

  /** @throws {TypeError} If `table` is not such a name. */
  constructor(db: SqlExecutor, options: PostgresSessionStoreOptions = {}) {
    const { table = "sessions" } = options;
    if (typeof table !== "string" || !/^(?:[a-z_]\w*\.)?[a-z_]\w*$/i.test(table)) {
      throw wrongType("make a store of sessions", "'table' must be a name of letters, digits and '_'", table);
    }
    this.#db = db;
    this.#table = table;
  }

  /**
   * Makes the table and its index, if they do not exist:
   *
   *     create table sessions (id text primary key, data text not null, expires timestamptz not null);
   *     create index sessions_expires on sessions (expires);
   */
  async createTable(): Promise<void> {
    const table = this.#table;
    const index = `${table.split(".").at(-1)}_expires`;
    const columns = "id text primary key, data text not null, expires timestamptz not null";
    await this.#db.execute(`create table if not exists ${table} (${columns})`);
    await this.#db.execute(`create index if not exists ${index} on ${table} (expires)`);
  }

  /** Removes the sessions that are over, and returns how many there were: run it once a day. */
  deleteExpired(): Promise<number> {
    return this.#db.execute(`delete from ${this.#table} where expires <= now()`);
  }

  async load(id: string): Promise<string | undefined> {
    const text = `select data from ${this.#table} where id = $1 and expires > now()`;
    const [row] = await this.#db.query<{ data: string }>(text, [id]);
    return row?.data;
  }

  async create(id: string, text: string, lifetime: number): Promise<void> {
    await this.#db.execute(`insert into ${this.#table} (id, data, expires) values ($1, $2, ${later})`, [
      id,
      text,
      lifetime,
    ]);
  }

  async replace(id: string, text: string, lifetime: number): Promise<boolean> {
    const update = `update ${this.#table} set data = $2, expires = ${later} where id = $1 and expires > now()`;
    return (await this.#db.execute(update, [id, text, lifetime])) > 0;
  }

  async touch(id: string, lifetime: number): Promise<void> {
    const update = `update ${this.#table} set expires = now() + $2 * interval '1 millisecond'`;
    await this.#db.execute(`${update} where id = $1 and expires > now()`, [id, lifetime]);
  }

  async delete(id: string): Promise<void> {
    await this.#db.execute(`delete from ${this.#table} where id = $1`, [id]);
  }
}
