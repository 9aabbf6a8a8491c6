import { closeWithScope } from "../../asyncio/index.ts";
import { Queryable } from "./queryable.ts";
import type { Session } from "./session.ts";
import { SingleSession } from "./session-source.ts";
import { runTransaction } from "./transaction.ts";

/** What a {@link Connection} knows of itself. */
export interface ConnectionStatistics {
  /** Whether a query is under way, or a transaction or a stream has it. */
  readonly busy: boolean;
  /** How many tasks wait for it. */
  readonly waiting: number;
  /** Whether it is closed, or lost. */
  readonly closed: boolean;
}

/**
 * A connection to PostgreSQL: one query at a time, the others wait in line. Opened by `connect()`, or taken from a pool.
 * It is closed, or given back, with the scope that it was opened in, at the latest.
 *
 * @example
 * await using server = await startPostgres();
 * await using connection = await connect(server.url);
 * await connection.execute("create table city (name text, people int)");
 * await connection.execute("insert into city values ($1, $2)", ["Graz", 300_000]);
 * console.log(await connection.sql`select name from city where people > ${100_000}`); // [ { name: 'Graz' } ]
 */
export class Connection extends Queryable implements AsyncDisposable {
  readonly #session: Session;
  readonly #source: SingleSession;
  readonly #end: (session: Session) => Promise<void> | void;
  readonly #forget: () => void;
  #closing: Promise<void> | undefined;

  /** @internal Use `connect()`. @throws {InvalidStateError} If the scope that it would belong to has ended. */
  constructor(session: Session, end: (session: Session) => Promise<void> | void) {
    const source = new SingleSession(session, "connection");
    super(source, runTransaction);
    this.#session = session;
    this.#source = source;
    this.#end = end;
    this.#forget = closeWithScope(() => this.close());
  }

  /**
   * Closes it, or gives it back to its pool. A query that is under way loses its connection, and is cancelled on the
   * server; whoever waits is refused. Closing it again does nothing.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#forget();
    const { isTaken } = this.#source;
    this.#source.end();
    if (isTaken) this.#session.destroy();
    await this.#end(this.#session);
  }

  /** Closes it, or gives it back to its pool. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What it knows of itself. */
  statistics(): ConnectionStatistics {
    const { isTaken, waiting } = this.#source;
    return { busy: isTaken, waiting, closed: this.#closing !== undefined || this.#session.isLost };
  }
}
