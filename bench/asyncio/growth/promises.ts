import { createTask, gather, moveOnAfter, waitPromise } from "pottle/asyncio";
import type { Program } from "../programs/stopwatch.ts";
import { cancelAll, endAll, settle, startFan, times } from "./_scenes.ts";

/** What waits for promises that are not ours. */
export const promiseCases: Readonly<Record<string, Program>> = {
  async "waitPromise of one promise by many"(count, watch) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const tasks = await startFan(count, () => waitPromise(promise));
    watch.start();
    resolve();
    await endAll(tasks);
    watch.stop();
  },

  async "waitPromise of one promise by many, cancelled"(count, watch) {
    const { promise } = Promise.withResolvers<void>();
    const tasks = await startFan(count, () => waitPromise(promise));
    watch.start();
    await cancelAll(tasks);
    watch.stop();
  },

  async "waitPromise of one promise, left again and again"(count, watch) {
    const { promise } = Promise.withResolvers<void>();
    watch.start();
    for (let left = count; left > 0; left--) await moveOnAfter(0, () => waitPromise(promise));
    watch.stop();
  },

  async "waitPromise of many promises"(count, watch) {
    watch.start();
    await gather(times(count, (index) => () => waitPromise(Promise.resolve(index))));
    watch.stop();
  },

  async "waitPromise of many promises, left, then late"(count, watch) {
    const late = times(count, () => Promise.withResolvers<void>());
    watch.start();
    const tasks = late.map(({ promise }) => createTask(() => waitPromise(promise, { onLate: () => undefined })));
    await settle();
    await cancelAll(tasks);
    for (const { resolve } of late) resolve();
    await settle();
    watch.stop();
  },
};
