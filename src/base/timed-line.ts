import { startTimer } from "./platform-timer.ts";

interface Entry<T> {
  readonly item: T;
  /** The time when the item is due, in milliseconds of `performance.now()`. */
  readonly dueAt: number;
}

/**
 * @internal A queue of items. Each is passed to `onDue` a fixed time after it was added. All items wait equally long,
 * so they are due in the order in which they were added, and one timer is enough. It is a Node timer, which does not
 * keep the process alive and does not follow the virtual clock of a test.
 */
export class TimedLine<T> {
  readonly #delay: number;
  readonly #onDue: (item: T) => void;
  readonly #outside: Parameters<typeof startTimer>[0];
  #entries: Entry<T>[] = [];
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param delay How long each item waits, in milliseconds; with `Infinity`, no item is ever due.
   * @param onDue Called with each item that is due.
   * @param outside Runs a function outside every scope.
   */
  constructor(delay: number, onDue: (item: T) => void, outside: Parameters<typeof startTimer>[0]) {
    this.#delay = delay;
    this.#onDue = onDue;
    this.#outside = outside;
  }

  /** Adds an item. */
  add(item: T): void {
    if (this.#delay === Infinity) return;
    this.#entries.push({ item, dueAt: performance.now() + this.#delay });
    if (this.#timer === undefined) this.#setTimer();
  }

  /** Drops all items. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#entries = [];
  }

  #setTimer(): void {
    const [next] = this.#entries;
    if (next === undefined) return;
    this.#timer = startTimer(this.#outside, next.dueAt - performance.now(), () => this.#serve());
  }

  #serve(): void {
    this.#timer = undefined;
    const now = performance.now();
    const later = this.#entries.findIndex(({ dueAt }) => dueAt > now);
    for (const { item } of this.#entries.splice(0, later === -1 ? this.#entries.length : later)) this.#onDue(item);
    if (this.#timer === undefined) this.#setTimer();
  }
}
