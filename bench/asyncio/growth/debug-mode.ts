import { createTask, enableDebug, gather, merge, setExceptionHandler, sleep, timeout } from "pottle/asyncio";
import type { Program } from "../programs/stopwatch.ts";
import { combinatorCases } from "./combinators.ts";
import { iteratorCases } from "./iterators.ts";
import { promiseCases } from "./promises.ts";
import { synchronisationCases } from "./synchronisation.ts";
import { taskCases } from "./tasks.ts";
import { drain, HOUR, settle, source, times } from "./_scenes.ts";

const plain: Readonly<Record<string, Program>> = {
  ...taskCases,
  ...combinatorCases,
  ...synchronisationCases,
  ...iteratorCases,
  ...promiseCases,
};

// Those in which something is deep, or many, or left.
const names = [
  "createTask, one after another",
  "fan of tasks cancelled one by one",
  "chain of tasks that returns",
  "chain cancelled at its awaiting end",
  "chain of which each task is cancelled",
  "owner that ends before a fan",
  "owner that ends before a chain",
  "tasks that own one another, ended from outside",
  "gather cancelled",
  "taskGroup of which one fails",
  "groups in groups, as tasks, cancelled",
  "asCompleted of functions",
  "timeout in timeout, cancelled",
  "Lock handed from waiter to waiter",
  "Lock with waiters, cancelled",
  "Condition that notifies all",
  "Queue with waiting getters, cancelled",
  "merge of many, left by break",
  "waitPromise of one promise by many, cancelled",
  "waitPromise of many promises, left, then late",
];

/** The same and more with debug mode on. */
export const debugModeCases: Readonly<Record<string, Program>> = {
  ...Object.fromEntries(names.map((name) => [`debug mode: ${name}`, debugged(plain[name]!)])),

  "debug mode: promises left until they are reported": debugged(async (count, watch) => {
    watch.start();
    const work = createTask(async () => {
      const flows = times(count, () => sleep(HOUR));
      await Promise.race([...flows, settle()]);
    });
    await work;
    await sleep(20);
    watch.stop();
  }),
  "debug mode: left scopes reported at the end": debugged(async (count, watch) => {
    watch.start();
    await createTask(async () => {
      for (let left = count; left > 0; left--) void timeout(HOUR, () => sleep(HOUR)).catch(() => undefined);
      await settle();
    });
    watch.stop();
  }),
  "debug mode: merge of many sources": debugged(async (count, watch) => {
    watch.start();
    await drain(merge(...times(count, () => source(1))));
    watch.stop();
  }),
  "debug mode: gather of one function": debugged(async (count, watch) => {
    watch.start();
    await gather(times(count, () => async () => 1));
    watch.stop();
  }),
};

function debugged(program: Program): Program {
  return async (count, watch) => {
    const stop = enableDebug({ slowStepDuration: Infinity, stopGrace: 10 });
    const handler = setExceptionHandler(() => undefined);
    try {
      await program(count, watch);
    } finally {
      setExceptionHandler(handler);
      await stop();
    }
  };
}
