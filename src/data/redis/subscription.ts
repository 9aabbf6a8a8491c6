import { currentScope, Event, InvalidStateError } from "../../asyncio/index.ts";
import { callDriver } from "../shared/call-driver.ts";
import { RedisConnectionLost } from "./errors.ts";
import { Wire } from "./wire.ts";
import type { RedisSettings } from "./settings.ts";

/** A published message. */
export interface RedisMessage {
  /** The channel that it was published to. */
  readonly channel: string;
  /** The content of the message. */
  readonly message: string;
  /** The pattern that the channel matches; `undefined` if the subscription is for the channel itself. */
  readonly pattern: string | undefined;
}

/** @internal The channels or patterns of a subscription, and the command for them. */
export interface SubscriptionPlan {
  readonly command: "SUBSCRIBE" | "PSUBSCRIBE";
  readonly channels: readonly string[];
}

// The number of unread messages at which reading is paused, so that the server keeps the rest.
const highWater = 1_000;

/**
 * The messages of some channels, to be read with `for await`. A subscription has its own connection. The connection is
 * opened by the first read or by `ready()`. It is closed when the loop ends, by `close()`, or when the request, group
 * or run ends in which the subscription was made.
 *
 * If the reader is too slow, the server buffers messages up to a limit of its own, then closes the connection. Redis
 * does not keep messages for absent subscribers, so a lost connection is an error, not a silent gap.
 */
export class RedisSubscription implements AsyncIterable<RedisMessage, void>, AsyncDisposable {
  readonly #settings: RedisSettings;
  readonly #plan: SubscriptionPlan;
  readonly #name: string;
  readonly #onEnd: () => void;
  readonly #unregister: () => void;
  readonly #messages: RedisMessage[] = [];
  readonly #news: Event;
  #wire: Wire | undefined;
  #opening: Promise<void> | undefined;
  #failure: Error | undefined;
  #isPaused = false;
  #isOver = false;

  /** @internal Use `client.subscribe()`. */
  constructor(settings: RedisSettings, plan: SubscriptionPlan, onEnd: () => void) {
    this.#settings = settings;
    this.#plan = plan;
    this.#onEnd = onEnd;
    this.#name = plan.channels.join(" ");
    this.#news = new Event({ name: `redis ${plan.command} ${this.#name}` });
    this.#unregister = currentScope().owner.onClose(() => this.destroy());
  }

  /**
   * Waits until the subscription is active: all messages published from then on arrive.
   *
   * @throws {RedisConnectError} If no connection can be opened.
   * @throws {InvalidStateError} If the subscription was closed.
   */
  async ready(): Promise<void> {
    if (this.#isOver) throw new InvalidStateError(`Cannot subscribe to ${this.#name} as the subscription was closed`);
    const resource = { kind: `redis ${this.#plan.command}`, name: this.#name };
    await callDriver(resource, () => (this.#opening ??= this.#open()));
  }

  /**
   * Waits for the next message. Cancelling the wait does not close the subscription.
   *
   * @throws {RedisConnectError} If no connection can be opened.
   * @throws {RedisConnectionLost} If the connection is lost; messages may have been missed then.
   */
  async next(): Promise<IteratorResult<RedisMessage, undefined>> {
    if (!this.#isOver && this.#failure === undefined) await this.ready();
    while (this.#messages.length === 0) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#isOver) return { done: true, value: undefined };
      this.#news.clear();
      await this.#news.wait();
    }
    const value = this.#messages.shift()!;
    if (this.#isPaused && this.#messages.length <= highWater / 2) this.#pause(false);
    return { done: false, value };
  }

  /** Closes the subscription. Readers get no more messages. */
  close(): Promise<void> {
    this.destroy();
    return this.#wire?.ended ?? Promise.resolve();
  }

  /** Closes the subscription. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Yields the messages, one after the other. The subscription is closed when the loop is left in any way. */
  async *[Symbol.asyncIterator](): AsyncGenerator<RedisMessage, void> {
    try {
      for (let result = await this.next(); result.done !== true; result = await this.next()) yield result.value;
    } finally {
      this.destroy();
    }
  }

  /** @internal Closes the subscription at once. */
  destroy(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#messages.length = 0;
    this.#unregister();
    this.#wire?.destroy();
    this.#news.set();
    this.#onEnd();
  }

  async #open(): Promise<void> {
    const wire = await Wire.dial(this.#settings, (made) => {
      this.#wire = made;
      if (this.#isOver) made.destroy();
    });
    wire.onMessage("message", (channel, message) => this.#push(channel, message, undefined));
    wire.onMessage("pmessage", (pattern, channel, message) => this.#push(channel, message, pattern));
    void wire.ended.then(() => this.#lost(wire));
    try {
      await wire.send({ name: this.#plan.command.toLowerCase(), args: this.#plan.channels, binary: false });
    } catch (error) {
      this.#failure = error as Error;
      wire.destroy();
      throw error;
    }
  }

  #push(channel: string, message: string, pattern: string | undefined): void {
    if (this.#isOver) return;
    this.#messages.push({ channel, message, pattern });
    if (!this.#isPaused && this.#messages.length >= highWater) this.#pause(true);
    this.#news.set();
  }

  #pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#wire?.pause(isPaused);
  }

  #lost({ address, failure, silence }: Wire): void {
    if (this.#isOver) return;
    this.#failure ??= new RedisConnectionLost(`${this.#plan.command} ${this.#name}`, address, {
      cause: failure,
      detail: silence,
    });
    this.#news.set();
  }
}
