import { outside, park, type Park } from "../asyncio/index.ts";
import { noop } from "../base/noop.ts";
import type { Connect, Connection } from "./_connection.ts";
import type { RequestInfo } from "./errors.ts";

/** What a session's connections are doing. */
export interface ClientStatistics {
  /** Connections that are open or being opened. */
  readonly open: number;
  /** Those that serve a request. */
  readonly inUse: number;
  /** Those that wait for one. */
  readonly idle: number;
  /** Requests that wait for a connection. */
  readonly waiting: number;
}

/** How many connections there may be. */
export interface PoolLimits {
  readonly limit: number;
  readonly limitPerHost: number;
}

interface Waiter {
  readonly origin: string;
  readonly request: RequestInfo;
  readonly wait: Park<Connection>;
  /** How many came before it. */
  readonly arrival: number;
}

/**
 * The connections of a session: at most `limit`, and `limitPerHost` to one host and port. Who comes when there are as
 * many waits, first come first served; whoever waits for a host that has its share does not hold up the others.
 */
export class ConnectionPool {
  readonly #limits: PoolLimits;
  readonly #connect: Connect;
  readonly #inUse = new Set<Connection>();
  // The one used last is the last: it is the likeliest to be alive.
  readonly #idle = new Set<Connection>();
  readonly #closing = new Set<Promise<void>>();
  readonly #inUseOf = new Map<string, number>();
  // One line for each host, or a single one if hosts have no limits of their own. Each in the order of arrival.
  readonly #lines = new Map<string, Set<Waiter>>();
  #arrivals = 0;
  #waiting = 0;

  constructor(limits: PoolLimits, connect: Connect) {
    this.#limits = limits;
    this.#connect = connect;
  }

  statistics(): ClientStatistics {
    const [inUse, idle] = [this.#inUse.size, this.#idle.size];
    return { open: inUse + idle, inUse, idle, waiting: this.#waiting };
  }

  /** Waits for a connection to `origin`. Whoever has it gives it back by `release` or `discard`. */
  async acquire(origin: string, request: RequestInfo): Promise<Connection> {
    if (this.#hasRoom(origin)) return this.#take(origin);
    let waiter: Waiter;
    return park<Connection>(
      { kind: "connection", name: origin },
      (wait) => {
        waiter = { origin, request, wait, arrival: this.#arrivals++ };
        this.#waiting++;
        this.#lineOf(origin).add(waiter);
      },
      {
        // At once, not when its task resumes: a connection given to it in between would be lost.
        onCancel: (error, wait) => {
          this.#leave(waiter);
          wait.fail(error);
        },
        giveBack: (connection) => this.release(connection),
      },
    );
  }

  #leave(waiter: Waiter): void {
    const line = this.#lines.get(this.#lineName(waiter.origin));
    if (line === undefined || !line.delete(waiter)) return;
    this.#waiting--;
    if (line.size === 0) this.#lines.delete(this.#lineName(waiter.origin));
  }

  /** Takes back a connection that can serve another request. */
  release(connection: Connection): void {
    if (!this.#end(connection)) return;
    connection.onClosed = (): void => void this.#idle.delete(connection);
    this.#idle.add(connection);
    this.#serveNext();
  }

  /** Takes back a connection that can serve nothing more, and closes it. */
  discard(connection: Connection, error: Error): void {
    this.#destroy(connection, error);
    if (this.#end(connection)) this.#serveNext();
  }

  /** In place of a connection that turned out to be dead: a new one, without waiting in line again. */
  renew(dead: Connection, error: Error): Connection {
    this.#destroy(dead, error);
    this.#inUse.delete(dead);
    const connection = this.#connect(dead.origin);
    this.#inUse.add(connection);
    return connection;
  }

  /** Ends the waits of all that stand in line. */
  refuseWaiting(makeError: (request: RequestInfo) => Error): void {
    for (const line of this.#lines.values()) {
      for (const waiter of line) {
        this.#leave(waiter);
        waiter.wait.fail(makeError(waiter.request));
      }
    }
  }

  /** Closes what is idle, and waits until all that was ever to be closed is closed. */
  async close(): Promise<void> {
    for (const connection of this.#idle) this.#destroy(connection, new Error("The session was closed"));
    this.#idle.clear();
    await Promise.all(this.#closing);
  }

  #destroy(connection: Connection, error: Error): void {
    connection.onClosed = noop;
    const closed = outside(() => connection.destroy(error).finally(() => this.#closing.delete(closed)));
    this.#closing.add(closed);
  }

  #end(connection: Connection): boolean {
    if (!this.#inUse.delete(connection)) return false;
    const host = hostOf(connection.origin);
    const left = (this.#inUseOf.get(host) ?? 0) - 1;
    if (left > 0) this.#inUseOf.set(host, left);
    else this.#inUseOf.delete(host);
    return true;
  }

  #hasRoom(origin: string): boolean {
    if (this.#inUse.size >= this.#limits.limit) return false;
    return (this.#inUseOf.get(hostOf(origin)) ?? 0) < this.#limits.limitPerHost;
  }

  #take(origin: string): Connection {
    const connection = this.#takeIdle(origin) ?? this.#open(origin);
    connection.onClosed = noop;
    this.#inUse.add(connection);
    const host = hostOf(origin);
    this.#inUseOf.set(host, (this.#inUseOf.get(host) ?? 0) + 1);
    return connection;
  }

  #takeIdle(origin: string): Connection | undefined {
    let found: Connection | undefined;
    for (const connection of this.#idle) if (connection.origin === origin) found = connection;
    if (found !== undefined) this.#idle.delete(found);
    return found;
  }

  // Idle ones count as open: the one that has been idle for longest makes room.
  #open(origin: string): Connection {
    const [oldest] = this.#idle;
    if (oldest !== undefined && this.#inUse.size + this.#idle.size >= this.#limits.limit) {
      this.#idle.delete(oldest);
      this.#destroy(oldest, new Error("Another connection needs its place"));
    }
    return this.#connect(origin);
  }

  #serveNext(): void {
    const next = this.#next();
    if (next === undefined) return;
    this.#leave(next);
    next.wait.wake(this.#take(next.origin));
  }

  #next(): Waiter | undefined {
    let first: Waiter | undefined;
    for (const [head] of this.#lines.values()) {
      if (head === undefined || !this.#hasRoom(head.origin)) continue;
      if (first === undefined || head.arrival < first.arrival) first = head;
    }
    return first;
  }

  #lineName(origin: string): string {
    return this.#limits.limitPerHost === Infinity ? "" : hostOf(origin);
  }

  #lineOf(origin: string): Set<Waiter> {
    const name = this.#lineName(origin);
    let line = this.#lines.get(name);
    if (line === undefined) this.#lines.set(name, (line = new Set()));
    return line;
  }
}

// `example.org`, with its port if that is not the usual one.
function hostOf(origin: string): string {
  return origin.slice(origin.indexOf("//") + 2);
}
