import { ambient, runtime, type Task } from "../core/index.ts";
import { captureStack, framesOf, indent, type Stack } from "./stacks.ts";

interface Creation {
  readonly stack: Stack;
  readonly creator: string | undefined;
}

const creations = ambient("debug.creations", () => new WeakMap<Task<unknown>, Creation>());

/** @internal Keeps where `task` is being created. */
export function recordCreation(task: Task<unknown>, creator: Task<unknown> | undefined): void {
  runtime.explain ??= describeCreation;
  creations.set(task, { stack: captureStack(recordCreation), creator: creator?.name });
}

/**
 * Where `task` was created: the calls, innermost first. `undefined` if debug mode was off at that time.
 *
 * @example
 * const stop = enableDebug();
 * const task = createTask(() => sleep(5));
 * console.log(creationStack(task)); // the line above, and its callers
 * await task;
 * await stop();
 * @see https://docs.python.org/3/library/asyncio-dev.html#debug-mode
 */
export function creationStack(task: Task<unknown>): readonly string[] | undefined {
  const creation = creations.get(task);
  return creation === undefined ? undefined : framesOf(creation.stack);
}

/** @internal Where `task` was created, in lines to add to a message; empty if that is not known. */
export function describeCreation(task: Task<unknown>): string {
  const creation = creations.get(task);
  if (creation === undefined) return "";
  const by = creation.creator === undefined ? "" : ` by task ${creation.creator}`;
  return `\n  task ${task.name} was created${by} at${indent(framesOf(creation.stack), "    ")}`;
}
