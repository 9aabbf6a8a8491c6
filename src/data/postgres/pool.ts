import { closeWithScope } from "../../asyncio/index.ts";
import { acquireConnection, type Connection, Queryable } from "./client.ts";
import { type PoolOptions, type PoolStatistics, SessionPool } from "./session-pool.ts";

/**
 * Some connections to one database, lent to the callers that need one. A query acquires one for itself; what must be on the
 * same connection is done in a `transaction()`, or with `acquire()`.
 *
 * A connection comes back clean: settings, the role, temporary tables and locks of one caller do not reach the next.
 */
export class Pool extends Queryable implements AsyncDisposable {
  readonly #sessions: SessionPool;
  readonly #forget: () => void;

  /** @internal Use {@link createPool}. */
  constructor(sessions: SessionPool) {
    super(sessions);
    this.#sessions = sessions;
    this.#forget = closeWithScope(() => this.close());
  }

  /**
   * Acquires a connection. Closing it releases it: `await using connection = await pool.acquire()`.
   *
   * @throws {ConnectError} If a new one was needed and could not be opened.
   * @throws {AcquireTimeoutError} If none came free in time.
   * @throws {ConnectionClosedError} If the pool is closed.
   * @throws {CancelledError} If it is cancelled; nothing is acquired then.
   */
  acquire(): Promise<Connection> {
    return acquireConnection(this.#sessions);
  }

  /**
   * Closes it: waiters are refused, connections that are lent have 5 s to be released. What still runs on them then is
   * cancelled on the server. Closing it again does nothing.
   */
  close(): Promise<void> {
    this.#forget();
    return this.#sessions.close();
  }

  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Current figures, for monitoring. */
  statistics(): PoolStatistics {
    return this.#sessions.statistics();
  }
}

/**
 * Makes a pool. It opens connections when they are needed, the first with the first query.
 *
 * @returns The pool. `await using` closes it; at the latest it is closed with the scope that it was made in. One that is
 * made at the top level lives until it is closed.
 * @throws {TypeError} If the URL is not one of PostgreSQL, or an option is not a number.
 * @throws {RangeError} If an option is out of range.
 * @throws {InvalidStateError} If the scope that it would belong to has ended.
 * @example
 * await using server = await startPostgres();
 * await using pool = createPool(server.url, { max: 4 });
 * const answers = await gather([1, 2, 3].map((n) => () => pool.sql`select ${n}::int * 2 as twice`));
 * console.log(answers.flat()); // [ { twice: 2 }, { twice: 4 }, { twice: 6 } ]
 */
export function createPool(url: string, options: PoolOptions = {}): Pool {
  const sessions = new SessionPool(url, options);
  try {
    return new Pool(sessions);
  } catch (error) {
    void sessions.close(); // it has opened nothing yet
    throw error;
  }
}
