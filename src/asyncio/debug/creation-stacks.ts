import { ambient, runtime, type Task } from "../core/index.ts";
import { captureStack, framesOf, indent, type Stack } from "./stacks.ts";

interface Creation {
  readonly stack: Stack;
  readonly creator: string | undefined;
}

const creations = ambient("debug.creations", () => new WeakMap<Task<unknown>, Creation>());

/** @internal Records where `task` is being created. */
export function recordCreation(task: Task<unknown>, creator: Task<unknown> | undefined): void {
  runtime.explain ??= describeCreation;
  creations.set(task, { stack: captureStack(recordCreation), creator: creator?.name });
}

/**
 * The call stack of the code that created `task`, the innermost call first; `undefined` if debug mode was off at that
 * time.
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

/**
 * @internal The call stack of the code that created `task`, as lines to append to a message; empty if it is not known.
 */
export function describeCreation(task: Task<unknown>): string {
  const creation = creations.get(task);
  if (creation === undefined) return "";
  const by = creation.creator === undefined ? "" : ` by task ${creation.creator}`;
  return `\n  task ${task.name} was created${by} at${indent(framesOf(creation.stack), "    ")}`;
}
