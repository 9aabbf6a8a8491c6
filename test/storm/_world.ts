// One round of the storm: a few workers that use a primitive, and cancellations that fall on them
//
//   - in the same turn as a wake-up, from the very code that woke (`disturb`),
//   - at any moment, from tormentors that run beside the workers,
//   - at rest, when everybody waits, several at once (by the driver in _round.ts).

import { checkpoint, createTask, currentTask, isCancelled, Scope, sleep, type Task } from "../../src/asyncio/index.ts";
import { randomOf } from "../../src/asyncio/testing/index.ts";
import type { Counts } from "./_tally.ts";
import type { Trace } from "./_trace.ts";

// A promise that is not ours; to await it takes one microtask.
const passed = Promise.resolve();

/** The error with which work fails on purpose. */
export class Boom extends Error {
  override readonly name = "Boom";
}

/** The workers of a round, the chances they take, and those who cancel them. */
export class World {
  /** Owns every task of the round. */
  readonly scope: Scope = new Scope(undefined, { kind: "storm", ownsTasks: true });
  /** What went wrong. */
  readonly violations: string[] = [];
  /** The tasks that the storm cancelled itself. */
  readonly struck: WeakSet<Task<unknown>> = new WeakSet();
  /** Whether no more steps are to be begun. */
  isOver = false;
  /** How many cancellations there were. */
  cancels = 0;
  readonly #random: () => number;
  readonly #counts: Counts;
  readonly #trace: Trace;
  readonly #victims: Task<unknown>[] = [];
  #workers = 0;

  constructor(seed: number, counts: Counts, trace: Trace) {
    this.#random = randomOf(seed ^ 0x5bd1e995);
    this.#counts = counts;
    this.#trace = trace;
  }

  /** Whether something of the given probability happens. */
  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  /** A whole number from 0 to `below` − 1. */
  int(below: number): number {
    return Math.floor(this.#random() * below);
  }

  /** One of several. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.int(choices.length)]!;
  }

  /** Notes that something that must hold does not. */
  require(holds: boolean, otherwise: string): void {
    if (!holds) this.violations.push(otherwise);
  }

  /** Starts a task that the storm may cancel. */
  spawn<T>(name: string, fn: () => Promise<T>): Task<T> {
    return this.expose(createTask(fn, { name, owner: this.scope, eagerStart: this.chance(0.2) }));
  }

  /** Lets the storm cancel a task. */
  expose<T>(task: Task<T>): Task<T> {
    this.#victims.push(task);
    return task;
  }

  /** Starts a worker: it repeats `step` until the round is over; cancelled, it ends and is replaced, or goes on. */
  addWorker(step: () => Promise<void>): void {
    const worker = this.spawn(`Worker-${++this.#workers}`, () => this.#work(step));
    worker.addDoneCallback(() => {
      if (!this.isOver) this.addWorker(step);
    });
  }

  async #work(step: () => Promise<void>): Promise<void> {
    while (!this.isOver) {
      try {
        await this.pause();
        await step();
        await this.#requireDelivery();
      } catch (error) {
        if (!isCancelled(error)) return (this.violations.push(`a worker failed: ${describe(error)}`), undefined);
        if (this.chance(0.3)) throw error;
        if (this.chance(0.3)) await this.#requireOneDelivery(error);
        this.forgive();
      }
    }
  }

  // Whatever the step did with a cancellation: either it threw it, or the next wait does.
  async #requireDelivery(): Promise<void> {
    const requests = currentTask()!.cancelling();
    if (requests === 0) return;
    await checkpoint();
    this.violations.push(`a cancellation was lost: ${requests} requests, and none was delivered`);
  }

  // Whoever catches a cancellation and goes on is left in peace, until another one comes.
  async #requireOneDelivery(error: unknown): Promise<void> {
    try {
      await this.hop();
      await checkpoint();
    } catch (next) {
      if (!isCancelled(next)) throw next;
      this.require(next !== error, "a cancellation was delivered twice");
    }
  }

  /** Takes every cancellation of the current task back. */
  forgive(): void {
    while (currentTask()!.uncancel() > 0);
  }

  /** Does something at the primitive; what cancellations meet from now on is counted as met there. */
  async attempt<T>(operation: () => PromiseLike<T>): Promise<T> {
    const task = currentTask()!;
    this.#trace.enter(task);
    try {
      return await operation();
    } finally {
      this.#trace.leave(task);
    }
  }

  /** What a cancellation of the current task would have met just now. */
  get standing(): "parked" | "woken" | "none" {
    return this.#trace.standing(currentTask()!);
  }

  /** Does nothing for a moment: not at all, for some microtasks, or until time passes. */
  async pause(): Promise<void> {
    const roll = this.#random();
    if (roll < 0.35) return;
    if (roll < 0.75) return this.hop();
    if (roll < 0.85) return checkpoint();
    return sleep(roll < 0.87 ? 0 : 1 + this.int(3));
  }

  /** Lets a few microtasks pass, by promises that are not ours. */
  async hop(): Promise<void> {
    for (let hops = this.int(6); hops >= 0; hops--) await passed;
  }

  /** Perhaps cancels somebody, most often the one whom the caller woke in this turn. */
  disturb(): void {
    if (this.isOver || !this.chance(0.4)) return;
    const woken = this.#trace.lastWoken;
    if (woken !== undefined && this.chance(0.7)) this.#strike(woken);
    else this.strike();
  }

  /** Cancels somebody. */
  strike(): void {
    for (let tries = 0; tries < 4 && this.#victims.length > 0; tries++) {
      const index = this.int(this.#victims.length);
      const victim = this.#victims[index]!;
      if (!victim.done()) return this.#strike(victim);
      this.#victims[index] = this.#victims[this.#victims.length - 1]!;
      void this.#victims.pop();
    }
  }

  #strike(victim: Task<unknown>): void {
    const meeting = this.#trace.standing(victim);
    this.struck.add(victim);
    if (!victim.cancel("storm")) return;
    this.#counts[meeting]++;
    this.cancels++;
  }

  /** Starts somebody who cancels the others, until the round is over. */
  addTormentor(name: string): void {
    this.start(name, () => this.#torment());
  }

  /** Starts a task that the storm spares. */
  start(name: string, fn: () => Promise<void>): void {
    createTask(fn, { name, owner: this.scope });
  }

  async #torment(): Promise<void> {
    while (!this.isOver) {
      if (this.chance(0.4)) this.strike();
      await this.hop();
      if (this.chance(0.3)) await sleep(this.int(3));
    }
  }
}

/** An error in one line. */
export function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
