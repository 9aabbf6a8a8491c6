import { allTasks, outside, runtime, type Task } from "../core/index.ts";

/** The tasks, timers, process listeners and open resources at one moment. */
export interface Footprint {
  /** The tasks that are not done. */
  readonly tasks: ReadonlySet<Task<unknown>>;
  /** How many sleeps and time limits are pending. */
  readonly timers: number;
  /** How many listeners `process` has, by event. */
  readonly listeners: ReadonlyMap<string, number>;
  /** How many handles and requests keep the process alive, by kind. */
  readonly resources: ReadonlyMap<string, number>;
}

/**
 * Records the current tasks, timers, listeners and resources, for a later comparison by {@link findLeaks}.
 *
 * @example
 * import { findLeaks, takeFootprint } from "pottle/asyncio/testing";
 * const before = takeFootprint();
 * await createTask(() => sleep(5));
 * console.log(findLeaks(before)); // []
 */
export function takeFootprint(): Footprint {
  const listeners = process.eventNames().map((name) => [String(name), process.listenerCount(name)] as const);
  return {
    tasks: allTasks(),
    timers: runtime.timers.size,
    listeners: new Map(listeners),
    resources: count(process.getActiveResourcesInfo()),
  };
}

function count(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/**
 * Lists what exists now but did not exist `before`, one line each; empty if there are no leaks.
 *
 * @example
 * import { findLeaks, takeFootprint } from "pottle/asyncio/testing";
 * const before = takeFootprint();
 * const task = createTask(() => sleep(5), { name: "nap" });
 * console.log(findLeaks(before)[0]); // task nap: …
 * await task;
 */
export function findLeaks(before: Footprint): string[] {
  const now = takeFootprint();
  const leaks = [...now.tasks]
    .filter((task) => !before.tasks.has(task))
    .map((task) => `task ${task.name}: ${task.waitsFor}`);
  if (now.timers > before.timers) leaks.push(`timers: ${now.timers - before.timers}`);
  for (const [name, more] of grown(before.listeners, now.listeners))
    if (!permanent.has(name)) leaks.push(`process listeners for ${name}: ${more}`);
  for (const [name, more] of grown(before.resources, now.resources))
    if (!passing.has(name)) leaks.push(`open ${name}: ${more}`);
  return leaks;
}

// Events with listeners that are installed once, for the life of the process.
const permanent: ReadonlySet<string> = new Set(["exit", "unhandledRejection", "uncaughtExceptionMonitor"]);
// Resources that end by themselves within a turn.
const passing: ReadonlySet<string> = new Set([
  "Immediate",
  "CloseReq",
  "TickObject",
  "SimpleWriteWrap",
  "WriteWrap",
  "ShutdownWrap",
]);

function grown(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): [string, number][] {
  return [...now]
    .map(([name, total]): [string, number] => [name, total - (before.get(name) ?? 0)])
    .filter(([, more]) => more > 0);
}

/**
 * Runs `fn`, and throws if it leaves a task, timer, listener or open handle behind.
 *
 * @throws {Error} If anything is left; the message lists it.
 * @example
 * import { checkLeaks } from "pottle/asyncio/testing";
 * await checkLeaks(async () => {
 *   await createTask(() => sleep(5));
 * });
 */
export async function checkLeaks<T>(fn: () => T | PromiseLike<T>): Promise<T> {
  const before = takeFootprint();
  const value = await fn();
  // Sockets and similar resources need a few turns to close.
  for (let turns = 0; turns < 20 && findLeaks(before).length > 0; turns++) {
    await new Promise((resolve) => void outside(setImmediate, resolve));
  }
  const leaks = findLeaks(before);
  if (leaks.length > 0) throw new Error(`Left behind:\n  ${leaks.join("\n  ")}`);
  return value;
}
