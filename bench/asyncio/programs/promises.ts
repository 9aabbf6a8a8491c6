// The same work with nothing but promises and an AsyncLocalStorage, as one would write it by hand: every piece of work
// has a store of its own, nobody owns it, and a cancellation is an AbortSignal that is passed along.

import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as delay } from "node:timers/promises";
import type { Program } from "./stopwatch.ts";

const storage = new AsyncLocalStorage<object>();
const hour = 3_600_000;

function spawn<T>(fn: () => Promise<T>): Promise<T> {
  return storage.run({}, fn);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** A line of waiters; an index in place of `shift`, so that a long line costs no more than a short one. */
class Line {
  #waiters: (() => void)[] = [];
  #next = 0;

  join(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Wakes the first. Returns whether there was one. */
  wake(): boolean {
    const first = this.#waiters[this.#next];
    if (first === undefined) return false;
    this.#next++;
    if (this.#next === this.#waiters.length) this.#waiters.length = this.#next = 0;
    first();
    return true;
  }
}

class BareQueue {
  readonly #items: number[] = [];
  readonly #maxsize: number;
  readonly #getters = new Line();
  readonly #putters = new Line();

  constructor(maxsize: number) {
    this.#maxsize = maxsize;
  }

  async put(item: number): Promise<void> {
    while (this.#items.length >= this.#maxsize) await this.#putters.join();
    this.#items.push(item);
    this.#getters.wake();
  }

  async get(): Promise<number> {
    while (this.#items.length === 0) await this.#getters.join();
    const item = this.#items.shift()!;
    this.#putters.wake();
    return item;
  }
}

class BareLock {
  #held = false;
  readonly #waiters = new Line();

  async acquire(): Promise<void> {
    if (this.#held) await this.#waiters.join();
    else this.#held = true;
  }

  /** Hands the lock to the next in line. */
  release(): void {
    if (!this.#waiters.wake()) this.#held = false;
  }
}

async function withTimeout<T>(ms: number, body: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  try {
    return await storage.run({}, body, controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

function handOffQueue(maxsize: number): Program {
  return async (count, watch) => {
    const queue = new BareQueue(maxsize);
    watch.start();
    const consumer = spawn(async () => {
      for (let i = 0; i < count; i++) await queue.get();
    });
    for (let i = 0; i < count; i++) await queue.put(i);
    await consumer;
    watch.stop();
  };
}

function handOffLock(tasks: number): Program {
  return async (count, watch) => {
    const lock = new BareLock();
    await lock.acquire();
    const running = Array.from({ length: tasks }, () =>
      spawn(async () => {
        for (let i = 0; i < count / tasks; i++) {
          await lock.acquire();
          lock.release();
        }
      }),
    );
    await nextTurn();
    watch.start();
    lock.release();
    await Promise.all(running);
    watch.stop();
  };
}

interface Sleeper {
  readonly promise: Promise<void>;
  readonly controller: AbortController;
}

function startSleeper(): Sleeper {
  const controller = new AbortController();
  return { promise: spawn(() => delay(hour, undefined, { signal: controller.signal })), controller };
}

async function endSleepers(sleepers: readonly Sleeper[]): Promise<void> {
  for (const { controller } of sleepers) controller.abort();
  await Promise.allSettled(sleepers.map(({ promise }) => promise));
}

/** The cases, by id. */
export const programs: Readonly<Record<string, Program>> = {
  async "spawn-one"(count, watch) {
    watch.start();
    for (let i = 0; i < count; i++) await spawn(nextTurn);
    watch.stop();
  },

  async "spawn-many"(count, watch) {
    watch.start();
    for (let left = count; left > 0; left -= 1_000) {
      const running = Array.from({ length: Math.min(left, 1_000) }, () => spawn(nextTurn));
      for (const promise of running) await promise;
    }
    watch.stop();
  },

  async gather(count, watch) {
    watch.start();
    await Promise.all(Array.from({ length: count }, (_, i) => spawn(async () => i)));
    watch.stop();
  },

  async "gather-sleep"(count, watch) {
    watch.start();
    await Promise.all(Array.from({ length: count }, () => spawn(nextTurn)));
    watch.stop();
  },

  "queue-1": handOffQueue(1),
  "queue-64": handOffQueue(64),
  "lock-2": handOffLock(2),
  "lock-10": handOffLock(10),

  async timeout(count, watch) {
    watch.start();
    for (let i = 0; i < count; i++) await withTimeout(hour, async () => i);
    watch.stop();
  },

  async "sleeping-cancel"(count, watch) {
    const sleepers = Array.from({ length: count }, startSleeper);
    await nextTurn();
    watch.start();
    await endSleepers(sleepers);
    watch.stop();
  },

  async "sleeping-memory"(count, watch) {
    watch.startWeighing();
    const sleepers = Array.from({ length: count }, startSleeper);
    await nextTurn();
    watch.weigh();
    await endSleepers(sleepers);
  },
};

/** Runs a program as a user's `main`. */
export function enter(main: () => Promise<void>): Promise<void> {
  return spawn(main);
}
