// A promise that is not ours cannot be interrupted, only left. What is left is an orphan: it is kept in a table until it
// settles, so that it can be named, its late value disposed of, and its late error reported.

import { ambient } from "./ambient.ts";
import { Awaitable } from "./awaitable.ts";
import { isCancelled } from "./errors.ts";
import { callExceptionHandler } from "./exception-handler.ts";
import { park } from "./park.ts";
import { outside } from "./real-time.ts";
import { show } from "../../base/options.ts";
import { runtime } from "./runtime.ts";
import { takePending } from "./delivery.ts";
import { currentScope } from "./scope.ts";

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
  /** Since when it is left, in milliseconds of the runtime's clock. */
  readonly since: number;
  /** Whether it is still pending. */
  isPending: boolean;
}

const left = ambient("orphans", () => new Set<Orphan>());

/** @internal The promises that were left and are still pending. */
export function orphans(): Set<Orphan> {
  return new Set(left);
}

/**
 * Waits for a promise that is not ours in a way that can be cancelled. The promise itself cannot be stopped: it is left,
 * its late error is reported, and its late value goes to `onLate`. A task is left to run on, as by `shield`.
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
  const scope = currentScope();
  const only = once(promise);
  const pending = takePending(scope);
  if (pending !== undefined) {
    adopt(only, options);
    throw pending;
  }
  const value = await untilSettled(only, options);
  // Cancelled in the turn in which the value came: it is as late as any other.
  const late = takePending(scope);
  if (late === undefined) return value;
  adopt(only, options);
  throw late;
}

// A promise-like may do its work anew each time it is awaited. A task or future that is awaited here would hear of our
// cancellation.
function once<T>(promise: PromiseLike<T>): Promise<T> {
  return promise instanceof Awaitable ? outside(() => Promise.resolve(promise)) : Promise.resolve(promise);
}

// A promise that never settles keeps what waits for it; so that waits outside any task or request.
function untilSettled<T>(promise: Promise<T>, options: WaitPromiseOptions<T>): Promise<T> {
  return park<T>(
    { kind: "promise", name: options.name },
    (wait) => {
      const wake = (value: T): boolean => wait.wake(value);
      const fail = (error: unknown): boolean => wait.fail(error);
      outside(() => void promise.then(wake, fail));
    },
    {
      onCancel: (error, wait) => {
        // Instruments that are told of the end of the wait find there what is left.
        wait.payload = adopt(promise, options);
        wait.fail(error);
      },
    },
  );
}

function adopt<T>(promise: Promise<T>, { name: label = "a promise", onLate }: WaitPromiseOptions<T>): Orphan {
  const orphan: Orphan = { label, since: runtime.timers.now(), isPending: true };
  left.add(orphan);
  void outside(async () => {
    try {
      const value = await promise;
      forget(orphan);
      await onLate?.(value);
    } catch (error) {
      const what = orphan.isPending ? "A promise that was left failed" : "onLate failed";
      forget(orphan);
      if (!isCancelled(error)) callExceptionHandler({ message: `${what}: ${label}`, error });
    }
  });
  return orphan;
}

function forget(orphan: Orphan): void {
  orphan.isPending = false;
  left.delete(orphan);
}
