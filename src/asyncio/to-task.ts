import { Awaitable } from "./awaitable.ts";
import { createTask, type TaskFunction } from "./task.ts";
import { waitPromise } from "./wait-promise.ts";

/** What combinators take: a function to run as a task, a task or future, or a promise, which is only waited for. */
export type AwaitableInput<T> = TaskFunction<T> | PromiseLike<T>;

/** What an {@link AwaitableInput} gives. */
export type OutputOf<A> = A extends () => infer R ? Awaited<R> : Awaited<A>;

/** @internal A task or future for `input`. */
export function toAwaitable<T>(input: AwaitableInput<T>, action: string): Awaitable<T> {
  if (input instanceof Awaitable) return input as Awaitable<T>;
  if (typeof input === "function") return createTask(input);
  if (isThenable(input)) return createTask(() => waitPromise(Promise.resolve(input)));
  throw new TypeError(`Cannot ${action} as functions, tasks or promises are needed: current value is ${String(input)}`);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
