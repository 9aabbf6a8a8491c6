// A pool lends sessions: the one that was given back last first, so that those that are not needed grow old and are
// closed. Whoever finds none free stands in line, and is served by whichever session comes first: one that is given back,
// or a new one. Opening is the pool's own work, outside the scope of whoever waits: one who is cancelled leaves the line,
// and the session that was being opened for him goes to the next.

import {
  checkpoint,
  closeWithScope,
  currentTask,
  outside,
  publishFigures,
  type Resource,
  type Task,
  WaitQueue,
} from "../../asyncio/index.ts";
import { option } from "../../base/options.ts";
import { startTimer } from "../../base/platform-timer.ts";
import { Connection } from "./connection.ts";
import { ConnectionClosedError } from "./errors.ts";
import { checkConnectSettings, type ConnectOptions, type ConnectSettings, openSession } from "./open-session.ts";
import { Queryable } from "./queryable.ts";
import type { Session } from "./session.ts";
import type { SessionSource } from "./session-source.ts";
import { runTransaction } from "./transaction.ts";

/** How a pool works. */
export interface PoolOptions extends ConnectOptions {
  /** How many connections it opens at most. @default 10 */
  readonly max?: number;
  /** How long a connection may lie idle before it is closed, in milliseconds. @default 60_000 */
  readonly idleTimeout?: number;
}

/** What a {@link Pool} knows of itself. */
export interface PoolStatistics {
  /** How many connections are open, lent or idle. */
  readonly size: number;
  /** How many of them are idle. */
  readonly idle: number;
  /** How many are being opened. */
  readonly opening: number;
  /** How many tasks wait for one. */
  readonly waiting: number;
  /** How many it opens at most. */
  readonly max: number;
}

/** How long connections that are lent have, once the pool is closed, before they are broken off; in milliseconds. */
const closeGrace = 5_000;

/** @internal The sessions of a pool. */
export class SessionPool implements SessionSource {
  readonly #settings: ConnectSettings;
  readonly #max: number;
  readonly #idleTimeout: number;
  readonly #resource: Resource = {
    kind: "postgres connection",
    name: "of a pool",
    holders: () => this.#holders(),
    usage: () => `${this.#lent.size} of ${this.#max} lent`,
  };
  // Which task has which session.
  readonly #lent = new Map<Session, Task<unknown> | undefined>();
  readonly #sessions = new Set<Session>();
  readonly #idle: Session[] = [];
  readonly #idleSince = new WeakMap<Session, number>();
  readonly #line = new WaitQueue<Session>();
  #opening = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  #closing: PromiseWithResolvers<void> | undefined;
  readonly #withdraw: () => void;

  constructor(url: string, options: PoolOptions) {
    const { max, idleTimeout } = checkPoolOptions(options);
    this.#settings = checkConnectSettings(url, options);
    this.#max = max;
    this.#idleTimeout = idleTimeout;
    this.#withdraw = publishFigures(`postgres ${placeOf(url)}`, this);
  }

  take(): Session | Promise<Session> {
    if (this.#closing !== undefined) throw makeClosed();
    const session = this.#idle.pop();
    if (session !== undefined) {
      this.#lent.set(session, currentTask());
      return session;
    }
    const wait = this.#line.wait(this.#resource, { giveBack: (given) => this.give(given) });
    this.#grow();
    return wait;
  }

  // The tasks that have all its sessions; none as long as one may come from elsewhere.
  #holders(): Task<unknown>[] {
    const tasks = [...this.#lent.values()].filter((task) => task !== undefined);
    return tasks.length === this.#max ? [...new Set(tasks)] : [];
  }

  give(session: Session): void {
    this.#lent.delete(session);
    if (session.isLost) return;
    // Somebody began a transaction by hand and left it, or a query is still there: nobody else must get that.
    if (session.isBusy || session.transactionStatus !== "I") return session.destroy();
    const served = this.#line.serve(session);
    if (served !== undefined) return void this.#lent.set(session, served.scope.task);
    if (this.#closing !== undefined) return void this.#retire(session);
    this.#rest(session);
  }

  #rest(session: Session): void {
    this.#idle.push(session);
    this.#idleSince.set(session, performance.now());
    if (this.#idleTimer === undefined) this.#watchIdle(this.#idleTimeout);
  }

  // Opens as many as are waited for.
  #grow(): void {
    while (this.#opening < this.#line.size && this.#sessions.size + this.#opening < this.#max) {
      this.#opening++;
      void outside(() => this.#open());
    }
  }

  async #open(): Promise<void> {
    try {
      const session = await openSession(this.#settings, (lost) => this.#remove(lost));
      this.#opening--;
      this.#sessions.add(session);
      this.give(session);
    } catch (error) {
      this.#opening--;
      this.#line.fail(error as Error); // if nobody waits any more, nobody misses it
      this.#grow();
    }
    this.#lookClosed();
  }

  #remove(session: Session): void {
    this.#sessions.delete(session);
    this.#lent.delete(session);
    const i = this.#idle.indexOf(session);
    if (i >= 0) this.#idle.splice(i, 1);
    this.#grow();
    this.#lookClosed();
  }

  async #retire(session: Session): Promise<void> {
    await session.close();
  }

  #watchIdle(ms: number): void {
    if (this.#idleTimeout === Infinity) return;
    this.#idleTimer = startTimer(outside, ms, () => this.#closeIdle());
  }

  // The longest idle are at the front.
  #closeIdle(): void {
    this.#idleTimer = undefined;
    const since = (): number => this.#idleSince.get(this.#idle[0]!)! + this.#idleTimeout - performance.now();
    while (this.#idle.length > 0 && since() <= 0) void this.#retire(this.#idle.shift()!);
    if (this.#idle.length > 0) this.#watchIdle(since());
  }

  /** Closes what is idle, waits for what is lent, and refuses whoever comes. */
  close(): Promise<void> {
    return this.#closing?.promise ?? this.#close();
  }

  #close(): Promise<void> {
    const closing = Promise.withResolvers<void>();
    this.#closing = closing;
    this.#withdraw();
    clearTimeout(this.#idleTimer);
    this.#line.failAll(makeClosed);
    for (const session of this.#idle.splice(0)) void this.#retire(session);
    const limit = outside(setTimeout, () => this.#breakOff(), closeGrace);
    this.#lookClosed();
    return closing.promise.finally(() => clearTimeout(limit));
  }

  #breakOff(): void {
    for (const session of this.#sessions) session.destroy();
  }

  #lookClosed(): void {
    if (this.#sessions.size + this.#opening === 0) this.#closing?.resolve();
  }

  /** What it knows of itself. */
  statistics(): PoolStatistics {
    const { size } = this.#sessions;
    return { size, idle: this.#idle.length, opening: this.#opening, waiting: this.#line.size, max: this.#max };
  }
}

/**
 * Some connections to one database, lent to whoever needs one. A query takes one for itself; what must be on the same
 * connection is done in a `transaction()`, or with `acquire()`.
 */
export class Pool extends Queryable implements AsyncDisposable {
  readonly #sessions: SessionPool;
  readonly #forget: () => void;

  /** @internal Use {@link createPool}. */
  constructor(sessions: SessionPool) {
    super(sessions, runTransaction);
    this.#sessions = sessions;
    this.#forget = closeWithScope(() => this.close());
  }

  /**
   * Takes a connection out of the pool. Closing it gives it back: `await using connection = await pool.acquire()`.
   *
   * @throws {ConnectError} If a new one was needed and could not be opened.
   * @throws {ConnectionClosedError} If the pool is closed.
   * @throws {CancelledError} If it is cancelled; nothing is taken then.
   */
  acquire(): Promise<Connection> {
    return lend(this.#sessions);
  }

  /**
   * Closes it: whoever waits is refused, connections that are lent have 5 s to be given back. What still runs on them
   * then is cancelled on the server. Closing it again does nothing.
   */
  close(): Promise<void> {
    this.#forget();
    return this.#sessions.close();
  }

  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What it knows of itself. */
  statistics(): PoolStatistics {
    return this.#sessions.statistics();
  }
}

/** @internal Takes a session, for a caller who closes the connection. */
export async function lend(source: SessionSource): Promise<Connection> {
  await checkpoint();
  const session = await source.take();
  try {
    return new Connection(session, (ended) => source.give(ended));
  } catch (error) {
    source.give(session);
    throw error;
  }
}

/**
 * Makes a pool. It opens connections when they are needed, the first with the first query.
 *
 * @returns The pool. `await using` closes it; at the latest it is closed with the scope that it was made in. One that is
 * made at the top level lives until it is closed.
 * @throws {TypeError} If the URL is none of PostgreSQL, or an option is not a number.
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

// The URL itself is not shown: it may have a password in it.
function placeOf(url: string): string {
  const { host, pathname } = new URL(url.replace("@/", "@localhost/"));
  return `${host}${pathname === "/" ? "" : pathname}`;
}

function makeClosed(): ConnectionClosedError {
  return new ConnectionClosedError("Cannot use a pool after its end");
}

/**
 * @internal Checks and completes what somebody asks of a pool.
 *
 * @throws {RangeError} If an option is out of range.
 * @throws {TypeError} If such an option is not a number.
 */
export function checkPoolOptions({ max = 10, idleTimeout = 60_000 }: PoolOptions): {
  readonly max: number;
  readonly idleTimeout: number;
} {
  return {
    max: option("make a pool", "max", max).count({ from: 1 }),
    idleTimeout: option("make a pool", "idleTimeout", idleTimeout).milliseconds({ from: 0 }),
  };
}
