import { outside, WaitQueue } from "../asyncio/index.ts";
import { noop } from "../base/noop.ts";
import type { RequestInfo } from "./errors.ts";
import type { Connection, Transport } from "./undici.ts";

/** Current counts of a session's connections, for monitoring. */
export interface ClientStatistics {
  /** How many connections are open or being opened. */
  readonly open: number;
  /** How many connections serve a request. */
  readonly inUse: number;
  /** How many connections are idle. */
  readonly idle: number;
  /** How many requests wait for a connection. */
  readonly waiting: number;
}

/** The limits of a pool's number of connections. */
export interface PoolLimits {
  readonly limit: number;
  readonly limitPerHost: number;
}

/** The payload of a wait for a connection. */
interface Waiter {
  readonly origin: string;
  readonly request: RequestInfo;
  /** How many waits began before this one. */
  readonly arrival: number;
}

/**
 * The connections of a session: at most `limit`, and at most `limitPerHost` to one host and port. If a limit is
 * reached, requests wait, first come, first served. A request that waits for its host's limit does not delay requests
 * for other hosts.
 */
export class ConnectionPool {
  readonly #limits: PoolLimits;
  readonly #transport: Pick<Transport, "connect">;
  readonly #inUse = new Set<Connection>();
  // Ordered by last use. The one used most recently is the last, and is taken first, because it is most likely still
  // alive.
  readonly #idle = new Set<Connection>();
  readonly #closing = new Set<Promise<void>>();
  readonly #inUseOf = new Map<string, number>();
  // One queue for each host, or a single one if there is no limit per host.
  readonly #queues = new Map<string, WaitQueue<Connection>>();
  #arrivals = 0;

  constructor(limits: PoolLimits, transport: Pick<Transport, "connect">) {
    this.#limits = limits;
    this.#transport = transport;
  }

  /** Current counts, for monitoring. */
  statistics(): ClientStatistics {
    const [inUse, idle] = [this.#inUse.size, this.#idle.size];
    let waiting = 0;
    for (const queue of this.#queues.values()) waiting += queue.size;
    return { open: inUse + idle, inUse, idle, waiting };
  }

  /** Waits for a connection to `origin`. The caller must return it by `release` or `discard`. */
  async acquire(origin: string, request: RequestInfo): Promise<Connection> {
    if (this.#hasRoom(origin)) return this.#take(origin);
    const payload: Waiter = { origin, request, arrival: this.#arrivals++ };
    const giveBack = (connection: Connection): void => this.release(connection);
    return this.#queueOf(origin).wait({ kind: "connection", name: origin }, { payload, giveBack });
  }

  /** Returns a connection that can serve another request. */
  release(connection: Connection): void {
    if (!this.#end(connection)) return;
    connection.onClosed = (): void => void this.#idle.delete(connection);
    this.#idle.add(connection);
    this.#serveNext();
  }

  /** Returns a connection that cannot serve another request, and closes it. */
  discard(connection: Connection, error: Error): void {
    this.#destroy(connection, error);
    if (this.#end(connection)) this.#serveNext();
  }

  /** Replaces a dead connection by a new one, without another wait in the queue. */
  renew(dead: Connection, error: Error): Connection {
    this.#destroy(dead, error);
    this.#inUse.delete(dead);
    const connection = this.#transport.connect(dead.origin);
    this.#inUse.add(connection);
    return connection;
  }

  /** Ends each wait for a connection with an error of its own. */
  failWaiting(makeError: (request: RequestInfo) => Error): void {
    for (const queue of this.#queues.values()) {
      for (const wait of queue) wait.fail(makeError((wait.payload as Waiter).request));
    }
    this.#queues.clear();
  }

  /** Closes idle connections, and waits until all closing connections are closed. */
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

  // Idle connections count towards the limit. If the limit is reached, the connection that has been idle longest is
  // closed.
  #open(origin: string): Connection {
    const [oldest] = this.#idle;
    if (oldest !== undefined && this.#inUse.size + this.#idle.size >= this.#limits.limit) {
      this.#idle.delete(oldest);
      this.#destroy(oldest, new Error("Another connection needs its place"));
    }
    return this.#transport.connect(origin);
  }

  #serveNext(): void {
    const queue = this.#nextQueue();
    if (queue !== undefined) queue.serve(this.#take(waiterOf(queue)!.origin));
  }

  // The queue with the oldest first wait, among the queues for hosts that have room. Empty queues are removed on the
  // way.
  #nextQueue(): WaitQueue<Connection> | undefined {
    let next: WaitQueue<Connection> | undefined;
    let first = Infinity;
    for (const [name, queue] of this.#queues) {
      const waiter = waiterOf(queue);
      if (waiter === undefined) this.#queues.delete(name);
      else if (waiter.arrival < first && this.#hasRoom(waiter.origin)) [next, first] = [queue, waiter.arrival];
    }
    return next;
  }

  #queueOf(origin: string): WaitQueue<Connection> {
    const name = this.#limits.limitPerHost === Infinity ? "" : hostOf(origin);
    let queue = this.#queues.get(name);
    if (queue === undefined) this.#queues.set(name, (queue = new WaitQueue()));
    return queue;
  }
}

function waiterOf(queue: WaitQueue<Connection>): Waiter | undefined {
  return queue.first?.payload as Waiter | undefined;
}

// The host of an origin: `example.org`, with the port if it is not the default port.
function hostOf(origin: string): string {
  return origin.slice(origin.indexOf("//") + 2);
}
