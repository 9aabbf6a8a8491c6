// One round of the storm: a few workers that use a primitive, and cancellations that fall on them
//
//   - in the same turn as a wake-up, from the very code that woke (`disturb`),
//   - at any moment, from tormentors that run beside the workers,
//   - at rest, when everybody waits, several at once (by the driver in _round.ts).

import {
  checkpoint,
  createTask,
  currentScope,
  currentTask,
  isCancelled,
  outside,
  Scope,
  sleep,
  type Task,
} from "../../src/asyncio/index.ts";
import { runtime } from "../../src/asyncio/core/index.ts";
import { randomOf } from "../../src/asyncio/testing/index.ts";
import type { Counts } from "./_tally.ts";
import type { Trace } from "./_trace.ts";

// A promise that is not ours; to await it takes one microtask.
const passed = Promise.resolve();

/** The error with which work fails on purpose. */
export class Boom extends Error {
  override readonly name = "Boom";
}

/** Whether a report is one of an error that was planned, and whose awaiter was gone when it came. */
export function isPlanned({ error }: { readonly error?: unknown }): boolean {
  return error instanceof Boom;
}

const ofFlows: readonly RegExp[] = [
  / ended while a flow in it still waited /,
  // The cancellation of a scope met only a flow that nobody awaits.
  /^A timeout in task .* swallowed a cancellation/,
  // One flow of a task waits for what another one holds.
  /^Deadlock: task .* held by itself/,
];

/** Whether debug mode says something of flows that share a task, and of those that were left behind. */
export function isOfFlows({ message }: { readonly message: string }): boolean {
  return ofFlows.some((pattern) => pattern.test(message));
}

/** The workers of a round, the chances they take, and those who cancel them. */
export class World {
  /** Owns every task of the round. */
  readonly scope: Scope = new Scope(currentScope(), { kind: "storm", ownsTasks: true });
  /** What went wrong. */
  readonly violations: string[] = [];
  /** The tasks that the storm cancelled itself. */
  readonly struck: WeakSet<Task<unknown>> = new WeakSet();
  /** Whether no more steps are to be begun. */
  isOver = false;
  /** How many cancellations there were. */
  cancels = 0;
  readonly #strikes: WeakMap<Task<unknown>, number> = new WeakMap();
  readonly #fresh: Set<Task<unknown>> = new Set();
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

  /** A promise that is not ours: it is fulfilled after some milliseconds of the round's clock, and nothing can end it. */
  foreign(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.start("foreign", async () => {
      await sleep(ms);
      resolve();
    });
    return promise;
  }

  /** Waits for a promise that is not ours for a moment: some microtasks, or some time. */
  elsewhere(): Promise<void> {
    return this.chance(0.7) ? this.hop() : this.foreign(this.int(3));
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
    this.#strikes.set(victim, this.strikes(victim) + 1);
    this.#fresh.add(victim);
    if (this.#fresh.size === 1) outside(setImmediate, () => this.#fresh.clear());
  }

  /** How often the storm has cancelled a task. */
  strikes(task: Task<unknown>): number {
    return this.#strikes.get(task) ?? 0;
  }

  /** Whether the storm has cancelled a task in this very turn of the event loop. */
  isFresh(task: Task<unknown>): boolean {
    return this.#fresh.has(task);
  }

  /** The time of the round's clock, in milliseconds. */
  now(): number {
    return runtime.timers.now();
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
  if (error instanceof SuppressedError)
    return `${describe(error.error)}, which suppressed ${describe(error.suppressed)}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
