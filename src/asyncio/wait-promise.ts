// A promise that is not ours cannot be interrupted, only left. What is left is an orphan: it is kept in a table until it
// settles, so that it can be named, its late value disposed of, and its late error reported.

import { callExceptionHandler } from "./exception-handler.ts";
import { park, type Resource } from "./park.ts";
import { show } from "./require.ts";
import { runtime } from "./runtime.ts";

/** How {@link waitPromise} treats a promise that it had to leave. */
export interface WaitPromiseOptions<T> {
  /** Called with the value that came too late, to close what it holds. @default it is dropped */
  readonly onLate?: (value: T) => void | PromiseLike<void>;
  /** What the promise is, as shown by inspectors and in reports. @default "a promise" */
  readonly name?: string;
}

/** @internal A promise that was left while it was pending. */
export interface Orphan {
  /** What it is. */
  readonly label: string;
  /** Since when nobody waits for it, in milliseconds of the runtime's clock. */
  readonly since: number;
}

const left: Set<Orphan> = new Set();

/** @internal The promises that were left and are still pending. */
export function orphans(): Set<Orphan> {
  return new Set(left);
}

/**
 * Waits for a promise that is not ours in a way that can be cancelled. The promise itself cannot be stopped: it is left,
 * its late error is reported, and its late value goes to `onLate`.
 *
 * @throws {CancelledError} If the wait is cancelled.
 * @throws {TypeError} If `promise` is not a promise.
 * @example
 * const file = await waitPromise(open("notes.txt"), { onLate: (late) => late.close() });
 * async function open(path: string) {
 *   return { path, close() {} };
 * }
 */
export async function waitPromise<T>(promise: PromiseLike<T>, options: WaitPromiseOptions<T> = {}): Promise<T> {
  if (typeof promise?.then !== "function")
    throw new TypeError(`Cannot wait as a promise is needed: current value is ${show(promise)}`);
  const { name: label = "a promise" } = options;
  const resource: Resource = { kind: "promise", name: options.name };
  return park<T>(
    resource,
    (wait) =>
      void promise.then(
        (value) => wait.wake(value),
        (error: unknown) => wait.fail(error),
      ),
    (error, wait) => {
      wait.fail(error);
      adopt(promise, label, options.onLate);
    },
  );
}

function adopt<T>(promise: PromiseLike<T>, label: string, onLate: WaitPromiseOptions<T>["onLate"]): void {
  const orphan = { label, since: runtime.timers.now() };
  left.add(orphan);
  const report = (message: string, error: unknown): void => callExceptionHandler({ message, error });
  const settle = async (): Promise<void> => {
    try {
      const value = await promise;
      left.delete(orphan);
      await onLate?.(value);
    } catch (error) {
      const message = left.delete(orphan) ? `A promise that was left failed: ${label}` : `onLate failed: ${label}`;
      report(message, error);
    }
  };
  void settle();
}
