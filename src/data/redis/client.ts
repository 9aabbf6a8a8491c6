import { InvalidStateError, outside, waitPromise } from "../../asyncio/index.ts";
import { requireFunction } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import { type AppClient, ClientLifetime } from "../shared/app-client.ts";
import { callDriver } from "../shared/call-driver.ts";
import { checkOptions } from "../shared/check-options.ts";
import { areQueriesTraced, type QueryMessage, traceQuery } from "../shared/query-channel.ts";
import { checkBatch, type Replies, sendPipeline, sendTransaction } from "./batch.ts";
import { BlockingWires } from "./blocking-wires.ts";
import { isBlocking, whyUnsuitable } from "./command-kinds.ts";
import { CommandMethods } from "./commands.ts";
import type { Wire } from "./wire.ts";
import type { Request } from "./request.ts";
import { type RedisRequests, requests } from "./requests.ts";
import type { RedisSettings } from "./settings.ts";
import { SharedWire } from "./shared-wire.ts";
import { RedisSubscription, type SubscriptionPlan } from "./subscription.ts";

/** Current counts of a client, for monitoring. */
export interface RedisStatistics {
  /** The number of open connections of all kinds. */
  readonly connections: number;
  /** The number of commands that wait for their reply on the shared connection. */
  readonly pending: number;
  /** The number of connections for blocking commands. */
  readonly blocking: number;
  /** The number of idle connections for blocking commands. */
  readonly idle: number;
  /** The number of subscriptions. */
  readonly subscriptions: number;
}

/** Options of `scan`. */
export interface ScanOptions {
  /** A pattern that the keys must match: `user:*`. @default all keys */
  readonly match?: string;
  /** The approximate number of keys that the server examines in one step. @default 10 */
  readonly count?: number;
}

// How long closing a client waits for outstanding replies, in milliseconds.
const closeTimeout = 1_000;

/**
 * A client of a Redis server; made by {@link connect}, or by {@link redis} for an application.
 *
 * Ordinary commands share one connection. Blocking commands and subscriptions have connections of their own. A
 * cancelled task that waits for a reply stops at once; the command may have been executed. A cancelled blocking command
 * is first ended on the server.
 */
export class RedisClient extends CommandMethods implements AppClient, AsyncDisposable {
  /** @internal */
  readonly lifetime: ClientLifetime;
  readonly #settings: RedisSettings;
  readonly #subscriptions = new Set<RedisSubscription>();
  #shared: SharedWire;
  #blocking: BlockingWires;

  /** @internal Use {@link connect}. */
  constructor(settings: RedisSettings) {
    super();
    this.#settings = settings;
    this.lifetime = new ClientLifetime("the client of Redis", `redis ${settings.address}`);
    this.#shared = new SharedWire(settings);
    this.#blocking = new BlockingWires(settings, () => this.#shared.get(0));
  }

  /** @internal Connects. @throws {RedisConnectError} If no connection can be opened. */
  async open(): Promise<void> {
    this.lifetime.begin(this);
    try {
      await this.#shared.wait(0);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** @internal Sends one command. */
  send<T>(request: Request<T>): Promise<T> {
    if (!areQueriesTraced()) return this.#send(request);
    return traceQuery(this.#message(request.name), () => this.#send(request));
  }

  async #send<T>(request: Request<T>): Promise<T> {
    const { name, args } = request;
    this.lifetime.requireOpen(name);
    if (isBlocking(name, args)) return this.#blocking.run(request);
    const reason = whyUnsuitable(name, args);
    if (reason !== undefined) throw new InvalidStateError(`Cannot execute ${name} on a shared connection: ${reason}`);
    const wire = this.#shared.live ?? (await this.#shared.wait());
    const resource = { kind: `redis ${name}`, name: args[0] === undefined ? undefined : shorten(args[0]) };
    return request.read(await callDriver(resource, () => wire.send(request)), name);
  }

  /**
   * Sends several commands in one write, and returns their replies in the same order.
   *
   * @param build - Returns the commands. It is called at once with an object that has the methods of a client; here
   * each method only makes a request.
   * @throws {RedisBatchError} If some commands failed; the others were executed.
   * @throws {InvalidStateError} If one of the commands blocks on the server, or the client is closed.
   */
  async pipeline<const R extends readonly Request<unknown>[]>(build: (redis: RedisRequests) => R): Promise<Replies<R>> {
    const batch = this.#batch("send a pipeline", build);
    if (batch.length === 0) return [] as unknown as Replies<R>;
    return (await this.#sendBatch("PIPELINE", batch, sendPipeline)) as Replies<R>;
  }

  /**
   * Like `pipeline`, but no commands of other clients are executed in between, and if one command is malformed, none is
   * executed. If a command fails for another reason, such as a value of the wrong type, the others are not undone:
   * Redis has no rollback.
   *
   * @throws {RedisBatchError} If some commands failed, or none was executed.
   * @throws {InvalidStateError} If one of the commands blocks on the server, or the client is closed.
   * @see https://redis.io/docs/latest/develop/using-commands/transactions/
   */
  async transaction<const R extends readonly Request<unknown>[]>(
    build: (redis: RedisRequests) => R,
  ): Promise<Replies<R>> {
    const batch = this.#batch("send a transaction", build);
    if (batch.length === 0) return [] as unknown as Replies<R>;
    return (await this.#sendBatch("MULTI", batch, sendTransaction)) as Replies<R>;
  }

  /**
   * Subscribes to channels; the messages are read with `for await`.
   *
   * @throws {TypeError} If no channel is given.
   */
  subscribe(...channels: readonly string[]): RedisSubscription {
    return this.#subscribe({ command: "SUBSCRIBE", channels });
  }

  /**
   * Subscribes to all channels with names that match one of the patterns, such as `news.*`.
   *
   * @throws {TypeError} If no pattern is given.
   */
  psubscribe(...patterns: readonly string[]): RedisSubscription {
    return this.#subscribe({ command: "PSUBSCRIBE", channels: patterns });
  }

  /**
   * Yields the keys of the database, in no particular order. A key that exists during the whole scan is yielded at
   * least once, and may be yielded twice.
   *
   * @throws {TypeError} If an option does not exist.
   */
  async *scan(options: ScanOptions = {}): AsyncGenerator<string, void> {
    checkOptions("scan", options, ["match", "count"]);
    const { match, count } = options;
    const rest = [...(match === undefined ? [] : ["MATCH", match]), ...(count === undefined ? [] : ["COUNT", count])];
    let cursor = "0";
    do {
      const [next, keys] = (await this.execute("SCAN", cursor, ...rest)) as [string, string[]];
      yield* keys;
      cursor = next;
    } while (cursor !== "0");
  }

  /** Current counts, for monitoring. */
  statistics(): RedisStatistics {
    const { live } = this.#shared;
    const { open, idle } = this.#blocking.counts;
    const subscriptions = this.#subscriptions.size;
    const connections = (live === undefined ? 0 : 1) + open + subscriptions;
    return { connections, pending: live?.pending ?? 0, blocking: open, idle, subscriptions };
  }

  /**
   * Closes all connections. Outstanding replies are awaited for at most one second; blocking commands fail, and
   * subscriptions end. It may be called more than once.
   */
  async close(): Promise<void> {
    if (!this.lifetime.end()) return;
    const [shared, blocking] = [this.#shared, this.#blocking];
    // A new one, because an application that is started again opens the client again.
    this.#shared = new SharedWire(this.#settings);
    this.#blocking = new BlockingWires(this.#settings, () => this.#shared.get(0));
    const reason = new InvalidStateError("Cannot finish a command as the client was closed");
    blocking.destroy(reason);
    for (const subscription of this.#subscriptions) subscription.destroy();
    try {
      if (shared.live !== undefined) await waitPromise(outside(lastReplies, shared.live));
    } finally {
      shared.destroy(reason);
    }
  }

  /** Closes the client. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #sendBatch(name: string, batch: readonly Request<unknown>[], send: typeof sendPipeline): Promise<unknown[]> {
    const run = async (): Promise<unknown[]> => send(this.#shared.live ?? (await this.#shared.wait()), batch);
    return areQueriesTraced() ? traceQuery(this.#message(name, batch.length), run) : run();
  }

  #message(operation: string, batchSize?: number): QueryMessage {
    return { system: "redis", operation, server: this.#settings.address, batchSize };
  }

  #batch<R extends readonly Request<unknown>[]>(action: string, build: (redis: RedisRequests) => R): R {
    this.lifetime.requireOpen(action);
    requireFunction(build, action);
    const batch = build(requests);
    checkBatch(action, batch);
    return batch;
  }

  #subscribe(plan: SubscriptionPlan): RedisSubscription {
    this.lifetime.requireOpen(plan.command);
    const { command, channels } = plan;
    if (channels.length === 0 || channels.some((channel) => typeof channel !== "string")) {
      throw wrongType(command, "names are needed", channels);
    }
    const subscription = new RedisSubscription(this.#settings, plan, () => this.#subscriptions.delete(subscription));
    this.#subscriptions.add(subscription);
    return subscription;
  }
}

// Waits for all outstanding replies: the command that is sent last is answered last.
async function lastReplies(wire: Wire): Promise<void> {
  if (wire.pending === 0) return;
  const timer = setTimeout(() => wire.destroy(), closeTimeout);
  await wire.send({ name: "PING", args: [], binary: false }).catch(() => undefined);
  clearTimeout(timer);
}

function shorten(key: string | Buffer): string {
  const text = typeof key === "string" ? key : String(key.subarray(0, 41));
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
