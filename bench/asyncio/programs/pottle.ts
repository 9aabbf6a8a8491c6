// The work as a user of Pottle writes it.

import { createTask, gather, Lock, Queue, run, sleep, type Task, timeout } from "pottle/asyncio";
import type { Program } from "./stopwatch.ts";

const hour = 3_600_000;

function handOffQueue(maxsize: number): Program {
  return async (count, watch) => {
    const queue = new Queue<number>(maxsize);
    watch.start();
    const consumer = createTask(async () => {
      for (let i = 0; i < count; i++) await queue.get();
    });
    for (let i = 0; i < count; i++) await queue.put(i);
    await consumer;
    watch.stop();
  };
}

function handOffLock(tasks: number): Program {
  return async (count, watch) => {
    const lock = new Lock();
    await lock.acquire();
    const running = Array.from({ length: tasks }, () =>
      createTask(async () => {
        for (let i = 0; i < count / tasks; i++) {
          await lock.acquire();
          lock.release();
        }
      }),
    );
    await sleep(0); // all of them stand in line now, so that every release hands the lock over
    watch.start();
    lock.release();
    for (const task of running) await task;
    watch.stop();
  };
}

async function startSleepers(count: number): Promise<Task<void>[]> {
  const sleepers = Array.from({ length: count }, () => createTask(() => sleep(hour)));
  await sleep(0);
  return sleepers;
}

async function endSleepers(sleepers: readonly Task<void>[]): Promise<void> {
  for (const task of sleepers) task.cancel();
  await gather(sleepers, { returnExceptions: true });
}

/** The cases, by id. */
export const programs: Readonly<Record<string, Program>> = {
  async "spawn-one"(count, watch) {
    watch.start();
    for (let i = 0; i < count; i++) await createTask(() => sleep(0));
    watch.stop();
  },

  async "spawn-many"(count, watch) {
    watch.start();
    for (let left = count; left > 0; left -= 1_000) {
      const running = Array.from({ length: Math.min(left, 1_000) }, () => createTask(() => sleep(0)));
      for (const task of running) await task;
    }
    watch.stop();
  },

  async gather(count, watch) {
    watch.start();
    await gather(Array.from({ length: count }, (_, i) => async () => i));
    watch.stop();
  },

  async "gather-sleep"(count, watch) {
    watch.start();
    await gather(Array.from({ length: count }, () => () => sleep(0)));
    watch.stop();
  },

  "queue-1": handOffQueue(1),
  "queue-64": handOffQueue(64),
  "lock-2": handOffLock(2),
  "lock-10": handOffLock(10),

  async timeout(count, watch) {
    watch.start();
    for (let i = 0; i < count; i++) await timeout(hour, async () => i);
    watch.stop();
  },

  async "sleeping-cancel"(count, watch) {
    const sleepers = await startSleepers(count);
    watch.start();
    await endSleepers(sleepers);
    watch.stop();
  },

  async "sleeping-memory"(count, watch) {
    watch.startWeighing();
    const sleepers = await startSleepers(count);
    watch.weigh();
    await endSleepers(sleepers);
  },
};

/** Runs a program as a user's `main`. */
export function enter(main: () => Promise<void>): Promise<void> {
  return run(main);
}
