import { currentScope, Event } from "../../asyncio/index.ts";
import { RingBuffer } from "../../base/ring-buffer.ts";
import { type SlowPolicy, SlowSubscriberError } from "./slow-subscriber.ts";

/** Options of a subscription. */
export interface SubscribeOptions {
  /**
   * How many messages wait for the subscriber at most.
   * @default 100
   */
  readonly queue?: number;
  /**
   * What happens when there is one more.
   * @default "drop-oldest"
   */
  readonly slow?: SlowPolicy;
  /**
   * Called when messages of other processes may have been missed, since the connection to Redis was lost. It is called when
   * the connection is there again, so that what it reads elsewhere is complete.
   * @default nothing is
   */
  readonly onGap?: () => void;
}

/** @internal Options of a subscription, with the defaults filled in, and what it belongs to. */
export interface SubscriptionPlan extends Required<Pick<SubscribeOptions, "queue" | "slow">> {
  readonly topic: string;
  readonly onGap: (() => void) | undefined;
  /** Waits until all messages that are published from then on arrive. */
  readonly ready: () => Promise<void>;
  /** Called once, when it is closed. */
  readonly onClose: () => void;
}

/**
 * The messages of a topic from now on, to be read with `for await`. Messages that come before they are read wait in a queue
 * of its own. It is closed when the loop is left, by `close()`, or when the request, group or run ends in which it was made.
 */
export class BroadcastSubscription<T> implements AsyncIterable<T, void>, Disposable {
  readonly #plan: SubscriptionPlan;
  readonly #messages = new RingBuffer<T>();
  readonly #news: Event;
  readonly #forget: () => void;
  #dropped = 0;
  #gaps = 0;
  #failure: SlowSubscriberError | undefined;
  #isClosed = false;

  /** @internal Use `broadcast.subscribe()`. */
  constructor(plan: SubscriptionPlan) {
    this.#plan = plan;
    this.#news = new Event({ name: `message of '${plan.topic}'` });
    this.#forget = currentScope().owner.onClose(() => this.close());
  }

  /** The topic. */
  get topic(): string {
    return this.#plan.topic;
  }

  /** How many messages wait for it. */
  get size(): number {
    return this.#messages.size;
  }

  /** How many messages it has lost because it was too slow. */
  get dropped(): number {
    return this.#dropped;
  }

  /** How often messages of other processes may have been missed. */
  get gaps(): number {
    return this.#gaps;
  }

  /** Whether it is closed: it gets no more messages. */
  get closed(): boolean {
    return this.#isClosed;
  }

  /**
   * Waits until every message that is published from then on, in any process, arrives. In memory that is so at once.
   *
   * @throws {CancelledError} If the wait is cancelled.
   */
  ready(): Promise<void> {
    return this.#plan.ready();
  }

  /**
   * Waits for the next message. Cancelling the wait does not close the subscription.
   *
   * @throws {SlowSubscriberError} If it was closed as it was too slow, and all messages before that were read.
   * @throws {CancelledError} If the wait is cancelled.
   */
  async next(): Promise<IteratorResult<T, undefined>> {
    while (this.#messages.size === 0) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#isClosed) return { done: true, value: undefined };
      this.#news.clear();
      await this.#news.wait();
    }
    return { done: false, value: this.#messages.take() as T };
  }

  /** Closes it: messages that were not read are dropped. */
  close(): void {
    this.#messages.clear();
    this.#end();
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Yields the messages, one after the other. The subscription is closed when the loop is left in any way. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (let result = await this.next(); result.done !== true; result = await this.next()) yield result.value;
    } finally {
      this.close();
    }
  }

  /** @internal Takes a message, as its policy says. */
  deliver(message: T): void {
    const { queue, slow, topic } = this.#plan;
    if (this.#messages.size >= queue) {
      this.#dropped++;
      if (slow === "drop-newest") return;
      if (slow === "close") {
        this.#failure = new SlowSubscriberError(topic, queue);
        this.#end();
        return;
      }
      this.#messages.take();
    }
    this.#messages.add(message);
    this.#news.set();
  }

  /** @internal Says that messages may have been missed. */
  tellGap(): void {
    this.#gaps++;
    this.#plan.onGap?.();
  }

  /** @internal Ends it: what waits can still be read. */
  end(): void {
    this.#end();
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#forget();
    this.#plan.onClose();
    this.#news.set();
  }
}
