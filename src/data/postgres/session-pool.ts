// A pool lends the session that was released last, so that sessions which are not needed stay idle and are closed. If
// none is free, the caller waits in a queue, and gets whichever session is available first: a released one or a new
// one. The pool opens sessions outside the scope of the caller: if a caller is cancelled, it leaves the queue, and the
// session that is being opened goes to the next caller.
//
//   opening ──> idle <──> lent ──> (cleaned, if a user may have changed it) ──> idle

import { currentTask, outside, publishFigures, type Resource, type Task, WaitQueue } from "../../asyncio/index.ts";
import { option } from "../../base/options.ts";
import { startTimer } from "../../base/platform-timer.ts";
import { AcquireTimeoutError, ConnectionClosedError } from "./errors.ts";
import {
  checkConnectSettings,
  type ConnectOptions,
  type ConnectSettings,
  nameOfPlace,
  openSession,
} from "./open-session.ts";
import { Query } from "./query.ts";
import { runQuery, type SessionSource } from "./session-source.ts";
import type { Session } from "./session.ts";

/** Options of a pool. */
export interface PoolOptions extends ConnectOptions {
  /** The maximum number of connections. @default 10 */
  readonly max?: number;
  /** How long a connection may be idle before it is closed, in milliseconds. @default 60_000 */
  readonly idleTimeout?: number;
  /** The maximum time that a caller waits for a connection, in milliseconds. @default 30_000 */
  readonly acquireTimeout?: number;
}

/** Current counts of a pool, for monitoring. */
export interface PoolStatistics {
  /** How many connections are open, in use or idle. */
  readonly size: number;
  /** How many of the open connections are idle. */
  readonly idle: number;
  /** How many connections are being opened. */
  readonly opening: number;
  /** How many tasks wait for a connection. */
  readonly waiting: number;
  /** The maximum number of connections. */
  readonly max: number;
}

/** How long cleaning a connection may take before the connection is closed, in milliseconds. */
const cleanLimit = 5_000;

/**
 * How long callers have to release their connections after the pool was closed, in milliseconds. Then the connections
 * are closed.
 */
const closeGrace = 5_000;

/** @internal The sessions of a pool. */
export class SessionPool implements SessionSource {
  readonly #settings: ConnectSettings;
  readonly #max: number;
  readonly #idleTimeout: number;
  readonly #acquireTimeout: number;
  readonly #resource: Resource = {
    kind: "postgres connection",
    name: "of a pool",
    holders: () => this.#holders(),
    usage: () => `${this.#lent.size} of ${this.#max} lent`,
  };
  // The lent sessions, with the tasks that hold them.
  readonly #lent = new Map<Session, Task<unknown> | undefined>();
  readonly #sessions = new Set<Session>();
  readonly #idle: Session[] = [];
  readonly #cleaning = new Set<Session>();
  readonly #idleSince = new WeakMap<Session, number>();
  readonly #line = new WaitQueue<Session>();
  #opening = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  #closing: PromiseWithResolvers<void> | undefined;
  readonly #withdraw: () => void;

  constructor(url: string, options: PoolOptions) {
    const { max, idleTimeout, acquireTimeout } = checkPoolOptions(options);
    this.#settings = checkConnectSettings(url, options);
    this.#max = max;
    this.#idleTimeout = idleTimeout;
    this.#acquireTimeout = acquireTimeout;
    this.#withdraw = publishFigures(`postgres ${nameOfPlace(this.#settings)}`, this);
  }

  acquire(): Session | Promise<Session> {
    if (this.#closing !== undefined) throw makeClosed();
    const session = this.#idle.pop();
    if (session !== undefined) {
      this.#lent.set(session, currentTask());
      return session;
    }
    const wait = this.#line.wait(this.#resource, {
      giveBack: (given) => this.release(given),
      timeout: this.#acquireTimeout,
      timeoutError: () => this.#makeTimeout(),
    });
    this.#grow();
    return wait;
  }

  #makeTimeout(): AcquireTimeoutError {
    const { size, idle, opening, waiting, max } = this.statistics();
    return new AcquireTimeoutError(
      `Cannot acquire a connection as none came free within ${this.#acquireTimeout} ms: of at most ${max}, ${size - idle} are lent and ${opening} are being opened; ${waiting} wait`,
      this.#acquireTimeout,
    );
  }

  // The tasks that hold the sessions; empty unless tasks hold all of them, because otherwise a session may still become
  // free in another way.
  #holders(): Task<unknown>[] {
    const tasks = [...this.#lent.values()].filter((task) => task !== undefined);
    return tasks.length === this.#max ? [...new Set(tasks)] : [];
  }

  release(session: Session): void {
    this.#lent.delete(session);
    if (session.isLost) return;
    // A transaction that was begun by hand, or a query that still runs, must not affect the next caller.
    if (session.isBusy || session.transactionStatus !== "I") return session.destroy();
    if (session.isChanged) return void outside(() => this.#clean(session));
    this.#serve(session);
  }

  // Undoes changes of a caller that must not affect the next one: settings, the role, temporary tables, locks, prepared
  // statements.
  async #clean(session: Session): Promise<void> {
    this.#cleaning.add(session);
    const limit = startTimer(outside, cleanLimit, () => session.discard());
    try {
      await runQuery(session, new Query("discard all"));
      session.markClean();
    } catch {
      session.destroy(); // a connection that cannot be cleaned is replaced
    } finally {
      clearTimeout(limit);
      this.#cleaning.delete(session);
    }
    this.release(session);
  }

  #serve(session: Session): void {
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

  // Opens as many sessions as there are waiting callers, up to the maximum.
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
      this.release(session);
    } catch (error) {
      this.#opening--;
      this.#line.fail(error as Error); // if no caller waits, the error can be ignored
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

  // The sessions that have been idle longest are at the front.
  #closeIdle(): void {
    this.#idleTimer = undefined;
    const since = (): number => this.#idleSince.get(this.#idle[0]!)! + this.#idleTimeout - performance.now();
    while (this.#idle.length > 0 && since() <= 0) void this.#retire(this.#idle.shift()!);
    if (this.#idle.length > 0) this.#watchIdle(since());
  }

  /** Closes idle sessions, waits for lent ones, and refuses callers from now on. */
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
    for (const session of this.#cleaning) session.discard();
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

  /** Current counts, for monitoring. */
  statistics(): PoolStatistics {
    const { size } = this.#sessions;
    return {
      size,
      idle: this.#idle.length + this.#cleaning.size,
      opening: this.#opening,
      waiting: this.#line.size,
      max: this.#max,
    };
  }
}

function makeClosed(): ConnectionClosedError {
  return new ConnectionClosedError("Cannot use a pool after its end");
}

/**
 * @internal Checks the options of a pool, and fills in the defaults.
 *
 * @throws {RangeError} If an option is out of range.
 * @throws {TypeError} If an option is not a number.
 */
export function checkPoolOptions({
  max = 10,
  idleTimeout = 60_000,
  acquireTimeout = 30_000,
}: PoolOptions): Required<Omit<PoolOptions, "connectTimeout">> {
  return {
    max: option("make a pool", "max", max).count({ from: 1 }),
    idleTimeout: option("make a pool", "idleTimeout", idleTimeout).milliseconds({ from: 0 }),
    acquireTimeout: option("make a pool", "acquireTimeout", acquireTimeout).milliseconds({ above: 0 }),
  };
}
