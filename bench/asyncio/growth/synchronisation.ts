import {
  Barrier,
  CapacityLimiter,
  Condition,
  createTask,
  Event,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  Semaphore,
} from "pottle/asyncio";
import type { Program } from "../programs/stopwatch.ts";
import { cancelAll, endAll, passed, settle, startFan, times } from "./_scenes.ts";

/** What tasks wait at for one another. */
export const synchronisationCases: Readonly<Record<string, Program>> = {
  "Queue filled and emptied": (count, watch) => fillAndEmpty(new Queue<number>(Infinity), count, watch),
  "LifoQueue filled and emptied": (count, watch) => fillAndEmpty(new LifoQueue<number>(Infinity), count, watch),
  "PriorityQueue filled and emptied": (count, watch) => fillAndEmpty(new PriorityQueue<number>(Infinity), count, watch),
  "Queue with waiting getters, served": async (count, watch) => {
    const queue = new Queue<number>(Infinity);
    const getters = await startFan(count, () => queue.get());
    watch.start();
    for (let item = 0; item < count; item++) queue.putNowait(item);
    await endAll(getters);
    watch.stop();
  },
  "Queue with waiting putters, served": async (count, watch) => {
    const queue = new Queue<number>(1);
    const putters = await startFan(count, () => queue.put(1));
    watch.start();
    for (let left = count; left > 0; left--) await queue.get();
    await endAll(putters);
    watch.stop();
  },
  "Queue with waiting getters, cancelled": standing(
    (queue) => queue.get(),
    () => new Queue<number>(1),
  ),
  "Queue with waiting putters, cancelled": standing(
    (queue) => queue.put(1),
    () => {
      const queue = new Queue<number>(1);
      queue.putNowait(0);
      return queue;
    },
  ),
  "Queue with waiting getters, shut down": async (count, watch) => {
    const queue = new Queue<number>(1);
    const getters = await startFan(count, () => queue.get().catch(() => 0));
    watch.start();
    queue.shutdown();
    await endAll(getters);
    watch.stop();
  },
  "Queue.join() by many": async (count, watch) => {
    const queue = new Queue<number>(Infinity);
    for (let item = 0; item < count; item++) queue.putNowait(item);
    const joiners = await startFan(count, () => queue.join());
    watch.start();
    for (let left = count; left > 0; left--) {
      queue.getNowait();
      queue.taskDone();
    }
    await endAll(joiners);
    watch.stop();
  },

  "Lock handed from waiter to waiter": handing(() => new Lock()),
  "Lock with waiters, cancelled": standingLocked(() => new Lock()),
  "Semaphore handed from waiter to waiter": handing(() => new Semaphore(1)),
  "Semaphore released for all its waiters": async (count, watch) => {
    const semaphore = new Semaphore(0);
    const waiters = await startFan(count, () => semaphore.acquire());
    watch.start();
    for (let left = count; left > 0; left--) semaphore.release();
    await endAll(waiters);
    watch.stop();
  },
  "Semaphore with waiters, cancelled": standing(
    (semaphore) => semaphore.acquire(),
    () => new Semaphore(0),
  ),
  "CapacityLimiter handed from waiter to waiter": async (count, watch) => {
    const limiter = new CapacityLimiter(1);
    watch.start();
    await endAll(times(count, () => createTask(() => limiter.with(() => settle()))));
    watch.stop();
  },
  "CapacityLimiter with many borrowers": async (count, watch) => {
    const limiter = new CapacityLimiter(count);
    const borrowers = times(count, () => ({}));
    watch.start();
    for (const borrower of borrowers) await limiter.acquireOnBehalfOf(borrower);
    for (const borrower of borrowers) limiter.releaseOnBehalfOf(borrower);
    watch.stop();
  },
  "CapacityLimiter that grows for all its waiters": async (count, watch) => {
    const limiter = new CapacityLimiter(1);
    await limiter.acquireOnBehalfOf({});
    const waiters = await startFan(count, () => limiter.acquireOnBehalfOf({}));
    watch.start();
    limiter.totalTokens = count + 1;
    await endAll(waiters);
    watch.stop();
  },
  "CapacityLimiter with waiters, cancelled": async (count, watch) => {
    const limiter = new CapacityLimiter(1);
    await limiter.acquireOnBehalfOf({});
    const waiters = await startFan(count, () => limiter.acquireOnBehalfOf({}));
    watch.start();
    await cancelAll(waiters);
    watch.stop();
  },

  "Event set for all its waiters": async (count, watch) => {
    const event = new Event();
    const waiters = await startFan(count, () => event.wait());
    watch.start();
    event.set();
    await endAll(waiters);
    watch.stop();
  },
  "Event with waiters, cancelled": standing(
    (event) => event.wait(),
    () => new Event(),
  ),

  "Condition that notifies all": async (count, watch) => {
    const condition = new Condition();
    const waiters = await startFan(count, () => condition.with(() => condition.wait()));
    await condition.with(async () => {
      watch.start();
      condition.notifyAll();
    });
    await endAll(waiters);
    watch.stop();
  },
  "Condition that notifies one by one": async (count, watch) => {
    const condition = new Condition();
    const waiters = await startFan(count, () => condition.with(() => condition.wait()));
    watch.start();
    for (let left = count; left > 0; left--) await condition.with(async () => condition.notify());
    await endAll(waiters);
    watch.stop();
  },
  "Condition with waiters, cancelled": standing(
    (condition) => condition.with(() => condition.wait()),
    () => new Condition(),
  ),

  "Barrier passed by all": async (count, watch) => {
    const barrier = new Barrier(count);
    watch.start();
    await endAll(times(count, () => createTask(() => barrier.wait())));
    watch.stop();
  },
  "Barrier of two, passed in pairs": async (count, watch) => {
    const barrier = new Barrier(2);
    watch.start();
    await endAll(times(count - (count % 2), () => createTask(() => barrier.wait())));
    watch.stop();
  },
  "Barrier with waiters, aborted": async (count, watch) => {
    const barrier = new Barrier(count + 1);
    const waiters = await startFan(count, () => barrier.wait().catch(() => 0));
    watch.start();
    barrier.abort();
    await endAll(waiters);
    watch.stop();
  },
  "Barrier with waiters, cancelled": async (count, watch) => {
    const barrier = new Barrier(count + 1);
    const waiters = await startFan(count, () => barrier.wait());
    watch.start();
    for (const waiter of waiters) waiter.cancel();
    await endAll(waiters.map((waiter) => Promise.resolve(waiter).catch(() => undefined)));
    watch.stop();
  },
};

async function fillAndEmpty(queue: Queue<number>, ...[count, watch]: Parameters<Program>): Promise<void> {
  watch.start();
  for (let item = 0; item < count; item++) await queue.put((item * 7919) % count);
  for (let left = count; left > 0; left--) await queue.get();
  watch.stop();
}

// Everybody waits, and all are cancelled.
function standing<P>(enter: (primitive: P) => Promise<unknown>, make: () => P): Program {
  return async (count, watch) => {
    const primitive = make();
    const waiters = await startFan(count, () => enter(primitive));
    watch.start();
    await cancelAll(waiters);
    watch.stop();
  };
}

function standingLocked(make: () => Lock): Program {
  return async (count, watch) => {
    const lock = make();
    await lock.with(async () => {
      const waiters = await startFan(count, () => lock.acquire());
      watch.start();
      await cancelAll(waiters);
      watch.stop();
    });
  };
}

function handing(make: () => Lock | Semaphore): Program {
  return async (count, watch) => {
    const gate = make();
    watch.start();
    await endAll(times(count, () => createTask(() => gate.with(() => passed))));
    watch.stop();
  };
}
