// A schedule that uses a seed wherever the order is not fixed: which task starts first, which of several woken tasks
// runs first, which of two timers due at the same time fires first, and whether an optional yield happens. The same
// seed always makes the same decisions, so that a race that was found can be replayed.

import { type Park, runtime, type Schedule } from "../core/index.ts";

/** Options of a {@link SeededSchedule}. */
export interface SeededScheduleOptions {
  /** The probability of an optional yield, from 0 to 1. @default 0.1 */
  readonly yields?: number;
}

/**
 * Returns a generator of pseudo-random numbers, which are the same for the same seed.
 *
 * @example
 * import { randomOf } from "pottle/asyncio/testing";
 * console.log(randomOf(1)() === randomOf(1)()); // true
 */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/**
 * Makes the order of events depend on a seed, until it is disposed.
 *
 * @example
 * import { SeededSchedule } from "pottle/asyncio/testing";
 * using schedule = new SeededSchedule(42);
 * const order: string[] = [];
 * await gather(async () => order.push("a"), async () => order.push("b"));
 */
export class SeededSchedule implements Schedule, Disposable {
  readonly #random: () => number;
  readonly #yields: number;
  readonly #before: Schedule | undefined = runtime.schedule;
  #ready: (() => void)[] = [];

  constructor(seed: number, options: SeededScheduleOptions = {}) {
    this.#random = randomOf(seed);
    this.#yields = options.yields ?? 0.1;
    runtime.schedule = this;
  }

  /** @internal */
  start(): Promise<void> {
    return new Promise((resolve) => this.#add(resolve));
  }

  /** @internal */
  wake(_park: Park | undefined, deliver: () => void): void {
    this.#add(deliver);
  }

  /** @internal */
  yields(): boolean {
    return this.#yields > 0 && this.#random() < this.#yields;
  }

  /** @internal */
  tie(): number {
    return this.#random();
  }

  #add(step: () => void): void {
    if (this.#ready.push(step) === 1) queueMicrotask(() => this.#runOne());
  }

  // Runs one at a time, so that the code that it wakes mixes with the rest.
  #runOne(): void {
    const ready = this.#ready;
    const index = Math.floor(this.#random() * ready.length);
    const step = ready[index]!;
    ready[index] = ready[ready.length - 1]!;
    ready.pop();
    step();
    if (ready.length > 0) queueMicrotask(() => this.#runOne());
  }

  /** Restores the usual order. */
  [Symbol.dispose](): void {
    if (runtime.schedule === this) runtime.schedule = this.#before;
  }
}
