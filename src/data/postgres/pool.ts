import { closeWithScope } from "../../asyncio/index.ts";
import { acquireConnection, type Connection, Queryable } from "./client.ts";
import { type PoolOptions, type PoolStatistics, SessionPool } from "./session-pool.ts";

/**
 * A number of connections to one database, which callers share. Each query acquires a connection and releases it.
 * Queries that must use the same connection run in a `transaction()`, or on a connection from `acquire()`.
 *
 * A released connection is cleaned: settings, the role, temporary tables and locks of one caller do not affect the
 * next.
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
   * Acquires a connection. Closing the connection releases it: `await using connection = await pool.acquire()`.
   *
   * @throws {ConnectError} If a new connection was needed and could not be opened.
   * @throws {AcquireTimeoutError} If no connection became free in time.
   * @throws {ConnectionClosedError} If the pool is closed.
   * @throws {CancelledError} If the call is cancelled; no connection is acquired then.
   */
  acquire(): Promise<Connection> {
    return acquireConnection(this.#sessions);
  }

  /**
   * Closes the pool. Waiting callers get an error, and callers have 5 s to release their connections. After that,
   * queries that still run on them are cancelled on the server. Closing the pool again does nothing.
   */
  close(): Promise<void> {
    this.#forget();
    return this.#sessions.close();
  }

  /** Closes the pool. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Current counts, for monitoring. */
  statistics(): PoolStatistics {
    return this.#sessions.statistics();
  }
}

/**
 * Makes a pool. It opens connections when they are needed, the first one with the first query.
 *
 * @returns The pool. `await using` closes it. It is closed at the latest when the scope ends in which it was made. A
 * pool that is made at the top level lives until it is closed.
 * @throws {TypeError} If the URL is not a PostgreSQL URL, or an option is not a number.
 * @throws {RangeError} If an option is out of range.
 * @throws {InvalidStateError} If the scope that would own the pool has ended.
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
    void sessions.close(); // it has not opened any connection yet
    throw error;
  }
}
