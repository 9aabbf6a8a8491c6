import { currentScope, Event, InvalidStateError } from "../../asyncio/index.ts";
import { callDriver } from "../shared/call-driver.ts";
import { RedisConnectionLost } from "./errors.ts";
import { Wire } from "./wire.ts";
import type { RedisSettings } from "./settings.ts";

/** A message that was published. */
export interface RedisMessage {
  /** The channel that it was published to. */
  readonly channel: string;
  /** What was published. */
  readonly message: string;
  /** The pattern that the channel fits; `undefined` if the channel itself was subscribed to. */
  readonly pattern: string | undefined;
}

/** @internal What is subscribed to, and with what. */
export interface SubscriptionPlan {
  readonly command: "SUBSCRIBE" | "PSUBSCRIBE";
  readonly channels: readonly string[];
}

// So many unread messages, and the server has to keep the rest.
const highWater = 1_000;

/**
 * The messages of some channels, to be read by `for await`. It has a connection of its own, opened by the first read or
 * by `ready()`, and closed when the loop ends, by `close()`, or with the request, group or run that it was made in.
 *
 * A reader who is too slow holds the server back, which keeps what it sends up to a limit of its own and then cuts the
 * connection. Redis keeps no messages for those who are away, so a lost connection is an error, not a silent gap.
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
   * Waits until it is in force: what is published from then on arrives.
   *
   * @throws {RedisConnectError} If there is no connection to be had.
   * @throws {InvalidStateError} If it was closed.
   */
  async ready(): Promise<void> {
    if (this.#isOver) throw new InvalidStateError(`Cannot subscribe to ${this.#name} as the subscription was closed`);
    const resource = { kind: `redis ${this.#plan.command}`, name: this.#name };
    await callDriver(resource, () => (this.#opening ??= this.#open()));
  }

  /**
   * The next message. To stop waiting for it does not close the subscription.
   *
   * @throws {RedisConnectError} If there is no connection to be had.
   * @throws {RedisConnectionLost} If the connection is lost: messages may have been missed.
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

  /** Closes it. Whoever reads gets no more. */
  close(): Promise<void> {
    this.destroy();
    return this.#wire?.ended ?? Promise.resolve();
  }

  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The messages, one after the other. It is closed however the loop is left. */
  async *[Symbol.asyncIterator](): AsyncGenerator<RedisMessage, void> {
    try {
      for (let result = await this.next(); result.done !== true; result = await this.next()) yield result.value;
    } finally {
      this.destroy();
    }
  }

  /** @internal Closes it at once. */
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
