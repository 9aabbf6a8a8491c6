/**
 * The way of a message between processes:
 *
 *     publish() ── PUBLISH ──> Redis ──> the relay of each process, this one included ──> its subscribers
 *
 * All topics share one channel of Redis, and thus one connection of each process. A message reaches the subscribers of its
 * own process by Redis too, so that all processes see the messages in one order. When the connection is lost, the relay
 * connects anew until it is stopped; as Redis keeps no messages for those who are away, it tells then that some may have
 * been missed.
 */

import {
  callExceptionHandler,
  createTask,
  currentScope,
  Event,
  InvalidStateError,
  isCancelled,
  outside,
  Scope,
  sleep,
} from "../../asyncio/index.ts";

/** A subscription of a Redis client, as far as the relay needs it. */
export interface RelaySource {
  ready(): Promise<void>;
  next(): Promise<IteratorResult<{ readonly message: string }, undefined>>;
  close(): Promise<void>;
}

/** A Redis client, as far as a `Broadcast` needs it: that of `pottle/redis`. */
export interface BroadcastRedis {
  publish(channel: string, message: string): Promise<unknown>;
  subscribe(...channels: readonly string[]): RelaySource;
}

/** Hears of messages and of the connection. */
export interface RelayListener {
  readonly onMessage: (text: string) => void;
  /** The connection is there again after it was lost. */
  readonly onGap: () => void;
  /** The client of Redis was closed. */
  readonly onEnd: () => void;
}

const shortestPause = 50;
const longestPause = 5_000;

/** Listens to one channel of Redis. */
export class Relay {
  readonly #redis: BroadcastRedis;
  readonly #channel: string;
  readonly #listener: RelayListener;
  readonly #connected = new Event({ name: "broadcast connected to Redis" });
  #scope: Scope | undefined;

  constructor(redis: BroadcastRedis, channel: string, listener: RelayListener) {
    this.#redis = redis;
    this.#channel = channel;
    this.#listener = listener;
  }

  /** Whether messages arrive. */
  get isConnected(): boolean {
    return this.#connected.isSet();
  }

  /** Sends a message to all processes. */
  async publish(text: string): Promise<void> {
    await this.#redis.publish(this.#channel, text);
  }

  /** Begins to listen, unless it does. It belongs to the process, not to the request that begins it. */
  start(): void {
    if (this.#scope !== undefined) return;
    const scope = outside(() => new Scope(currentScope(), { kind: "broadcast", ownsTasks: true }));
    this.#scope = scope;
    const options = { name: `broadcast ${this.#channel}`, owner: scope, ownsTasks: true };
    void outside(() => createTask(() => this.#run(scope), options));
  }

  /** Waits until messages arrive. */
  async ready(): Promise<void> {
    await this.#connected.wait();
  }

  /** Stops to listen. */
  async stop(): Promise<void> {
    const scope = this.#scope;
    this.#scope = undefined;
    this.#connected.clear();
    scope?.cancel("the broadcast is closed");
    await scope?.close();
  }

  async #run(scope: Scope): Promise<void> {
    let pause = shortestPause;
    for (let wasLost = false; ; wasLost = true) {
      try {
        await this.#listen(wasLost, () => void (pause = shortestPause));
        break;
      } catch (error) {
        if (isCancelled(error)) throw error;
        if (error instanceof InvalidStateError) break;
        if (this.#connected.isSet() || !wasLost) this.#report(error);
      }
      this.#connected.clear();
      await sleep(pause * (0.5 + Math.random() / 2));
      pause = Math.min(pause * 2, longestPause);
    }
    // The client was closed, so that nothing will come any more.
    if (this.#scope === scope) this.#scope = undefined;
    this.#connected.clear();
    this.#listener.onEnd();
  }

  /** Listens until the subscription ends. */
  async #listen(wasLost: boolean, onConnected: () => void): Promise<void> {
    const source = this.#redis.subscribe(this.#channel);
    try {
      await source.ready();
      this.#connected.set();
      onConnected();
      if (wasLost) this.#listener.onGap();
      for (let item = await source.next(); item.done !== true; item = await source.next()) {
        this.#listener.onMessage(item.value.message);
      }
    } finally {
      await source.close();
    }
  }

  #report(error: unknown): void {
    const message = `Broadcast '${this.#channel}' lost its connection to Redis: messages may be missed`;
    callExceptionHandler({ message, error });
  }
}
