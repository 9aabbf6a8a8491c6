import { callExceptionHandler, InvalidStateError } from "../../asyncio/index.ts";
import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import { type BroadcastRedis, Relay } from "./relay.ts";
import { BroadcastSubscription, type SubscribeOptions } from "./subscription.ts";
import { Topics } from "./topics.ts";

/** Options of a {@link Broadcast}. */
export interface BroadcastOptions extends Pick<SubscribeOptions, "queue" | "slow"> {
  /**
   * A client of `pottle/redis`, to reach the subscribers of all processes. Messages are sent as JSON then.
   * @default the subscribers of this process only, who get the messages themselves
   */
  readonly redis?: BroadcastRedis;
  /**
   * The channel of Redis. Applications that share a server need different ones.
   * @default "pottle:broadcast"
   */
  readonly channel?: string;
}

/** Current counts of a broadcast, for monitoring. */
export interface BroadcastStatistics {
  /** The number of topics with subscribers in this process. */
  readonly topics: number;
  /** The number of subscribers in this process. */
  readonly subscribers: number;
  /** The number of messages that were published by this process. */
  readonly published: number;
  /** The number of messages that subscribers of this process have lost because they were too slow. */
  readonly dropped: number;
  /** How often messages of other processes may have been missed. */
  readonly gaps: number;
  /** Whether messages arrive: always in memory; with Redis, while there is a connection to it. */
  readonly connected: boolean;
}

/**
 * Sends messages to all that listen to a topic: to the WebSockets of a room, to the streams of a page. A subscriber gets the
 * messages that are published while it is subscribed. Each has a queue with a bound, so that one that is slow neither holds
 * up the others nor fills the memory.
 *
 * @example
 * const news = new Broadcast<string>();
 * const app = new Pottle(import.meta);
 * app.get("/news", () => sse(news.subscribe("news")));
 * app.post("/news", async (_, request) => {
 *   await news.publish("news", await request.text());
 *   return makeResponse("", 202);
 * });
 * const client = app.testClient();
 * const events = client.open("GET", "/news").events();
 * const first = events.next();
 * await sleep(1);
 * await client.post("/news", { body: "It rains." });
 * console.log((await first).value?.data); // It rains.
 * await events.return();
 */
export class Broadcast<T = unknown> implements AsyncDisposable {
  readonly #topics = new Topics<T>();
  readonly #relay: Relay | undefined;
  readonly #defaults: Required<Pick<SubscribeOptions, "queue" | "slow">>;
  #published = 0;
  #droppedByThoseWhoLeft = 0;
  #gaps = 0;
  #isClosed = false;
  readonly #subscriptions = new Set<BroadcastSubscription<T>>();

  /**
   * @throws {RangeError} If `queue` is not a whole number above 0, or `slow` is not a policy.
   * @throws {TypeError} If an option is of the wrong type.
   */
  constructor(options: BroadcastOptions = {}) {
    const { redis, channel = "pottle:broadcast", queue = 100, slow = "drop-oldest" } = options;
    this.#defaults = checkQueue("make a broadcast", { queue, slow });
    if (typeof channel !== "string") throw wrongType("make a broadcast", "'channel' must be a string", channel);
    if (redis === undefined) return;
    if (typeof redis !== "object" || redis === null || !("publish" in redis && "subscribe" in redis)) {
      throw wrongType("make a broadcast", "'redis' must be a client of pottle/redis", redis, showKind);
    }
    this.#relay = new Relay(redis, channel, {
      onMessage: (text) => this.#receive(text),
      onGap: () => this.#tellGap(),
      onEnd: () => this.#topics.end(),
    });
  }

  /**
   * Sends a message to all that are subscribed to the topic.
   *
   * @param message Any value in memory; every subscriber gets the same one, so do not change it. With Redis, a value that JSON
   *   has; every subscriber of a process gets the same copy.
   * @returns A promise that resolves when the message is in the queues of the subscribers, or with Redis, when the server has it.
   * @throws {InvalidStateError} If the broadcast is closed.
   * @throws {TypeError} If the topic is not a string, or with Redis, if JSON does not have the message.
   * @throws {RedisConnectionLost} If the server cannot be reached: the message may have been sent then.
   */
  async publish(topic: string, message: T): Promise<void> {
    this.#requireOpen("publish", topic);
    const text = this.#relay === undefined ? undefined : toText(topic, message);
    this.#published++;
    if (text === undefined) this.#topics.deliver(topic, message);
    else await this.#relay?.publish(text);
  }

  /**
   * Subscribes to a topic. Messages are kept for the subscriber from now on; with Redis, from when its `ready()` resolves.
   *
   * @throws {InvalidStateError} If the broadcast is closed.
   * @throws {RangeError} If `queue` is not a whole number above 0, or `slow` is not a policy.
   * @throws {TypeError} If the topic or an option is of the wrong type.
   */
  subscribe(topic: string, options: SubscribeOptions = {}): BroadcastSubscription<T> {
    this.#requireOpen("subscribe", topic);
    const limits = checkQueue("subscribe", { ...this.#defaults, ...options });
    const { onGap } = options;
    if (onGap !== undefined) option("subscribe", "onGap", onGap).function();
    const subscription: BroadcastSubscription<T> = new BroadcastSubscription<T>({
      ...limits,
      topic,
      onGap,
      ready: () => this.#relay?.ready() ?? Promise.resolve(),
      onClose: () => this.#leave(subscription),
    });
    this.#topics.join(subscription);
    this.#subscriptions.add(subscription);
    this.#relay?.start();
    return subscription;
  }

  /** Ends all subscriptions, whose loops end once they have read what waits, and the connection to Redis. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#topics.end();
    await this.#relay?.stop();
  }

  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Current counts, for monitoring. */
  statistics(): BroadcastStatistics {
    let dropped = this.#droppedByThoseWhoLeft;
    for (const subscription of this.#subscriptions) dropped += subscription.dropped;
    return {
      topics: this.#topics.size,
      subscribers: this.#topics.subscribers,
      published: this.#published,
      dropped,
      gaps: this.#gaps,
      connected: this.#relay?.isConnected ?? true,
    };
  }

  #leave(subscription: BroadcastSubscription<T>): void {
    this.#topics.leave(subscription);
    this.#subscriptions.delete(subscription);
    this.#droppedByThoseWhoLeft += subscription.dropped;
  }

  #receive(text: string): void {
    try {
      const [topic, message] = JSON.parse(text) as [string, T];
      if (typeof topic !== "string") throw wrongType("receive a message", "its topic must be a string", topic);
      this.#topics.deliver(topic, message);
    } catch (error) {
      callExceptionHandler({
        message: "Cannot read a message that was published to the channel of a broadcast",
        error,
      });
    }
  }

  #tellGap(): void {
    this.#gaps++;
    this.#topics.tellGap();
  }

  #requireOpen(action: string, topic: string): void {
    if (typeof topic !== "string") throw wrongType(action, "'topic' must be a string", topic);
    if (this.#isClosed) throw new InvalidStateError(`Cannot ${action} as the broadcast is closed: topic is '${topic}'`);
  }
}

function checkQueue(
  action: string,
  { queue, slow }: Required<Pick<SubscribeOptions, "queue" | "slow">>,
): Required<Pick<SubscribeOptions, "queue" | "slow">> {
  return {
    queue: option(action, "queue", queue).count({ from: 1, unit: "messages" }),
    slow: option(action, "slow", slow).oneOf(["drop-oldest", "drop-newest", "close"]),
  };
}

function toText(topic: string, message: unknown): string {
  // In a list, what JSON does not have would become `null`.
  const text = JSON.stringify(message) as string | undefined;
  if (text !== undefined) return `[${JSON.stringify(topic)},${text}]`;
  throw wrongType("publish", "the message must be a value that JSON has", message, showKind);
}
