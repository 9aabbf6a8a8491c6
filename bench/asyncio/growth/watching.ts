import { createTask, Event, formatCallGraph, type Task, timeout, viewProcess } from "pottle/asyncio";
import { findAwaitCycles, formatTable, formatTree, takeSnapshot } from "pottle/inspect";
import type { Program } from "../programs/stopwatch.ts";
import { cancelAll, endAll, HOUR, startChain, startFan, startNest } from "./_scenes.ts";

const whole = { limit: Infinity, awaiters: true };

/** What looks at tasks from outside: each at a fan, at a chain, and at nested scopes. */
export const watchingCases: Readonly<Record<string, Program>> = {
  ...overAll("formatTree() by owner", () => formatTree(takeSnapshot(whole))),
  ...overAll("formatTree() by awaiter", () => formatTree(takeSnapshot(whole), { by: "awaiter" })),
  ...overAll("formatTable()", () => formatTable(takeSnapshot(whole))),
  ...overAll("viewProcess()", () => viewProcess()),
  ...overAll("viewProcess() without a limit", () => viewProcess({ limit: Infinity })),
  ...overAll("findAwaitCycles()", () => findAwaitCycles(takeSnapshot(whole))),
  ...overAll("formatCallGraph()", ([first]) => formatCallGraph(first)),
  "viewProcess() of many that wait at one event": async (count, watch) => {
    const event = new Event();
    const tasks = await startFan(count, () => event.wait());
    watch.start();
    viewProcess();
    watch.stop();
    await cancelAll(tasks);
  },
};

type Look = (tasks: readonly Task<unknown>[]) => unknown;
type Start = (count: number, fn: () => Promise<unknown>) => Promise<readonly Task<unknown>[]>;

function overAll(name: string, look: Look): Record<string, Program> {
  return {
    [`${name}, fan`]: looking(startFan, look),
    [`${name}, chain`]: looking(startChain, look),
    [`${name}, nested scopes`]: looking((count, fn) => startNest(count, (inner) => timeout(HOUR, inner), fn), look),
    [`${name}, nested tasks`]: looking((count, fn) => startNest(count, (inner) => createTask(inner), fn), look),
  };
}

// The tasks end by themselves: what it costs to cancel them is another case.
function looking(start: Start, look: Look): Program {
  return async (count, watch) => {
    const event = new Event();
    const tasks = await start(count, () => event.wait());
    watch.start();
    look(tasks);
    watch.stop();
    event.set();
    await endAll(tasks);
  };
}
