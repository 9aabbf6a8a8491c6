import {
  createTask,
  Event,
  findAwaitCycles,
  formatAwaitTree,
  formatCallGraph,
  formatTaskTable,
  formatTaskTree,
  snapshotTasks,
  type Task,
  taskTable,
  taskTree,
  type TaskSnapshot,
  timeout,
  viewProcess,
} from "pottle/asyncio";
import type { Program } from "../programs/stopwatch.ts";
import { cancelAll, endAll, HOUR, startChain, startFan, startNest, times } from "./_scenes.ts";

/** What looks at tasks from outside: each at a fan, at a chain, and at nested scopes. */
export const watchingCases: Readonly<Record<string, Program>> = {
  ...overAll("taskTree() and its formatter", () => formatTaskTree(taskTree())),
  ...overAll("formatAwaitTree()", () => formatAwaitTree(snapshotTasks())),
  ...overAll("formatTaskTable()", () => formatTaskTable(taskTable(snapshotTasks()))),
  ...overAll("viewProcess()", () => viewProcess()),
  ...overAll("viewProcess() without a limit", () => viewProcess({ limit: 1_000_000 })),
  ...overAll("findAwaitCycles()", () => findAwaitCycles(snapshotTasks())),
  ...overAll("formatCallGraph()", ([first]) => formatCallGraph(first)),
  "findAwaitCycles() of one circle": (count, watch) => {
    const circle = times(count, (index): TaskSnapshot => ({
      id: index,
      name: `T${index}`,
      waits: ["a task"],
      awaitedBy: [{ id: (index + 1) % count, callStack: [] }],
    }));
    watch.start();
    if (findAwaitCycles(circle).length !== 1) throw new Error("The circle was not found");
    watch.stop();
    return Promise.resolve();
  },
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
