import { allTasks, type Awaitable, type Task } from "../core/index.ts";
import { awaitersOf, waitsOf, waitsOn } from "./await-graph.ts";
import { describeAwaited } from "./describe-wait.ts";
import { waitStack } from "./wait-stacks.ts";

/** A task and who awaits it at one moment, as plain data that can be sent elsewhere. */
export interface TaskSnapshot {
  /** Its number. */
  readonly id: number;
  /** Its name, if it has one. */
  readonly name?: string | undefined;
  /** What it waits for, in words. */
  readonly waits: readonly string[];
  /** The tasks that await it. */
  readonly awaitedBy: readonly AwaiterSnapshot[];
}

/** Who awaits a task. */
export interface AwaiterSnapshot {
  /** The number of the awaiting task. */
  readonly id: number;
  /** The calls in it that led to the wait, innermost first; empty outside debug mode. */
  readonly callStack: readonly string[];
}

/**
 * All tasks that are not done, and who awaits whom. What only stands for others, as `gather` and `shield` do, is looked
 * through: the task that awaits it awaits them.
 *
 * @example
 * const child = createTask(() => sleep(5), { name: "child" });
 * const parent = createTask(() => child, { name: "parent" });
 * await sleep(0);
 * console.log(formatAwaitTree(snapshotTasks()));
 * await parent;
 */
export function snapshotTasks(): TaskSnapshot[] {
  return [...allTasks()].filter(isShown).map(snapshotTask);
}

function isShown(task: Task<unknown>): boolean {
  return task.combinator === undefined || awaitersOf(task).length === 0;
}

function snapshotTask(task: Task<unknown>): TaskSnapshot {
  return {
    id: task.id,
    name: task.name,
    waits: waitsOf(task).map(describeAwaited),
    awaitedBy: awaitersOf(task).flatMap((awaiter) => snapshotAwaits(awaiter, task)),
  };
}

// One for each flow of the awaiter.
function snapshotAwaits(awaiter: Task<unknown>, awaitable: Awaitable<unknown>): AwaiterSnapshot[] {
  const stacks = waitsOn(awaiter, awaitable).map((park) => waitStack(park) ?? []);
  return (stacks.length === 0 ? [[]] : stacks).map((callStack) => ({ id: awaiter.id, callStack }));
}

/** @internal A task in one line: its name, its number, and what it waits for. */
export function describeSnapshot({ id, name, waits }: TaskSnapshot): string {
  const label = `${name === undefined || name === "" ? "(no name)" : name} (${id})`;
  return waits.length === 0 ? label : `${label} waits for ${waits.join(", ")}`;
}
