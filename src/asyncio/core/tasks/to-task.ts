import { isThenable } from "../../../base/is-thenable.ts";
import { Awaitable } from "./awaitable.ts";
import { show } from "../../../base/options.ts";
import { createTask, type TaskFunction } from "./task.ts";
import { waitPromise } from "../waits/wait-promise.ts";

/**
 * An input of a combinator: a function to run as a task, a task or future, or a promise. A promise cannot be cancelled,
 * only waited for.
 */
export type AwaitableInput<T> = TaskFunction<T> | PromiseLike<T>;

/** The result type of an {@link AwaitableInput}. */
export type OutputOf<A> = A extends () => infer R ? Awaited<R> : Awaited<A>;

/** @internal A task or future for `input`. */
export function toAwaitable<T>(input: AwaitableInput<T>, action: string): Awaitable<T> {
  requireInput(input, action);
  if (input instanceof Awaitable) return input as Awaitable<T>;
  if (typeof input === "function") return createTask(input);
  return createTask(() => waitPromise(Promise.resolve(input)));
}

/**
 * @internal Checks that `input` can be awaited. If there are several inputs, check all of them before you start the
 * first.
 */
export function requireInput(input: unknown, action: string): void {
  if (typeof input === "function" || isThenable(input)) return;
  throw new TypeError(`Cannot ${action} as functions, tasks or promises are needed: current value is ${show(input)}`);
}
