import {
  allTasks,
  ContextVar,
  copyContext,
  createTask,
  currentSignal,
  currentTask,
  Future,
  taskGroup,
  timeout,
} from "pottle/asyncio";
import type { Program } from "../programs/stopwatch.ts";
import {
  cancelAll,
  endAll,
  HOUR,
  ignoreCancellation,
  nap,
  nest,
  settle,
  startChain,
  startFan,
  startNest,
  times,
} from "./_scenes.ts";

/** What tasks and scopes do by themselves. */
export const taskCases: Readonly<Record<string, Program>> = {
  async "createTask, one after another"(count, watch) {
    watch.start();
    for (let left = count; left > 0; left--) await createTask(async () => left);
    watch.stop();
  },

  async "fan of tasks cancelled one by one"(count, watch) {
    const tasks = await startFan(count);
    watch.start();
    await cancelAll(tasks);
    watch.stop();
  },

  async "fan of tasks cancelled from the last to the first"(count, watch) {
    const tasks = await startFan(count);
    watch.start();
    await cancelAll(tasks.toReversed());
    watch.stop();
  },

  async "chain of tasks that returns"(count, watch) {
    watch.start();
    await endAll(await startChain(count, settle));
    watch.stop();
  },

  async "chain cancelled at its awaiting end"(count, watch) {
    const tasks = await startChain(count);
    watch.start();
    tasks.at(-1)!.cancel();
    await endAll(tasks);
    watch.stop();
  },

  async "chain cancelled at its sleeping end"(count, watch) {
    const tasks = await startChain(count);
    watch.start();
    tasks[0]!.cancel();
    await endAll(tasks);
    watch.stop();
  },

  async "chain of which each task is cancelled"(count, watch) {
    const tasks = await startChain(count);
    watch.start();
    await cancelAll(tasks);
    watch.stop();
  },

  async "chain under a timeout that runs out"(count, watch) {
    watch.start();
    await timeout(1, async () => (await startChain(count)).at(-1)).catch(() => undefined);
    watch.stop();
  },

  async "owner that ends before a fan"(count, watch) {
    watch.start();
    await createTask(async () => void (await startFan(count)));
    watch.stop();
  },

  async "owner that ends before a chain"(count, watch) {
    watch.start();
    await createTask(async () => void (await startChain(count)));
    watch.stop();
  },

  async "tasks that own one another, ended from outside"(count, watch) {
    const [outermost] = await startNest(count, (inner) => createTask(inner));
    watch.start();
    outermost.cancel();
    await endAll([outermost]);
    watch.stop();
  },

  async "many that await one task"(count, watch) {
    const task = createTask(settle);
    watch.start();
    await endAll(times(count, () => createTask(async () => task)));
    watch.stop();
  },

  async "many that await one future, cancelled"(count, watch) {
    const future = new Future<void>();
    const tasks = await startFan(count, async () => future);
    watch.start();
    await cancelAll(tasks);
    watch.stop();
  },

  async "futures settled"(count, watch) {
    const futures = times(count, () => new Future<number>());
    const tasks = futures.map((future) => createTask(async () => future));
    await settle();
    watch.start();
    for (const future of futures) future.setResult(1);
    await endAll(tasks);
    watch.stop();
  },

  async "done callbacks of one task, half of them removed"(count, watch) {
    const task = createTask(nap);
    await settle();
    const callbacks = times(count, () => () => undefined);
    watch.start();
    for (const callback of callbacks) task.addDoneCallback(callback);
    for (let index = count - 1; index >= 0; index -= 2) task.removeDoneCallback(callbacks[index]!);
    await cancelAll([task]);
    watch.stop();
  },

  async "cancel() of one task, again and again"(count, watch) {
    watch.start();
    const task = createTask(async () => {
      for (let left = count; left > 0; left--) {
        currentTask()!.cancel();
        await nap().catch(ignoreCancellation);
        currentTask()!.uncancel();
      }
    });
    await task;
    watch.stop();
  },

  async "allTasks() and currentTask()"(count, watch) {
    const tasks = await startFan(count);
    watch.start();
    if (allTasks().size < count || currentTask() === undefined) throw new Error("Not all tasks are there");
    watch.stop();
    await cancelAll(tasks);
  },

  async "currentSignal() in each of nested scopes"(count, watch) {
    const [task] = await startNest(count, (inner) => timeout(HOUR, () => (currentSignal(), inner())));
    watch.start();
    task.cancel();
    await endAll([task]);
    watch.stop();
  },

  async "context variables of one context"(count, watch) {
    const variables = times(count, (index) => new ContextVar<number>(`v${index}`));
    watch.start();
    await createTask(async () => {
      for (const variable of variables) variable.set(1);
      for (const variable of variables) variable.get();
    });
    watch.stop();
  },

  async "one context variable, set and reset"(count, watch) {
    const variable = new ContextVar<number>("v", 0);
    watch.start();
    const tokens = times(count, (index) => variable.set(index));
    for (const token of tokens.toReversed()) variable.reset(token);
    watch.stop();
  },

  async "context variable read in the innermost of nested tasks"(count, watch) {
    const variable = new ContextVar<number>("v", 0);
    const read = async (): Promise<void> => {
      watch.start();
      for (let left = count; left > 0; left--) variable.get();
      watch.stop();
    };
    await createTask(() => {
      variable.set(1);
      return nest(count, (inner) => createTask(inner), read);
    });
  },

  async "copyContext() with a variable more each"(count, watch) {
    const variable = new ContextVar<number>("v");
    watch.start();
    for (let index = 0; index < count; index++) {
      variable.set(index);
      copyContext();
    }
    watch.stop();
  },

  async "new scope at depth, opened and closed"(count, watch) {
    await nest(
      count,
      (inner) => taskGroup(inner),
      async () => {
        watch.start();
        for (let left = count; left > 0; left--) await timeout(HOUR, async () => undefined);
        watch.stop();
      },
    );
  },
};
