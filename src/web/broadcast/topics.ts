import { callExceptionHandler } from "../../asyncio/index.ts";
import type { BroadcastSubscription } from "./subscription.ts";

/** The subscribers of this process, by their topics. Joining and leaving take constant time. */
export class Topics<T> {
  readonly #topics = new Map<string, Set<BroadcastSubscription<T>>>();
  #subscribers = 0;

  /** How many topics have subscribers. */
  get size(): number {
    return this.#topics.size;
  }

  /** How many subscribers there are. */
  get subscribers(): number {
    return this.#subscribers;
  }

  join(subscription: BroadcastSubscription<T>): void {
    const { topic } = subscription;
    const all = this.#topics.get(topic);
    if (all === undefined) this.#topics.set(topic, new Set([subscription]));
    else all.add(subscription);
    this.#subscribers++;
  }

  leave(subscription: BroadcastSubscription<T>): void {
    const all = this.#topics.get(subscription.topic);
    if (all?.delete(subscription) !== true) return;
    this.#subscribers--;
    if (all.size === 0) this.#topics.delete(subscription.topic);
  }

  /** Hands a message to every subscriber of a topic. */
  deliver(topic: string, message: T): void {
    for (const subscription of this.#topics.get(topic) ?? []) subscription.deliver(message);
  }

  /** Tells every subscriber that messages may have been missed. */
  tellGap(): void {
    for (const subscription of this.#all()) {
      try {
        subscription.tellGap();
      } catch (error) {
        callExceptionHandler({ message: `onGap of a subscriber of '${subscription.topic}' failed`, error });
      }
    }
  }

  /** Ends every subscription. */
  end(): void {
    for (const subscription of this.#all()) subscription.end();
  }

  #all(): BroadcastSubscription<T>[] {
    return [...this.#topics.values()].flatMap((all) => [...all]);
  }
}
