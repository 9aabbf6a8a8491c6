// A promise that is not ours cannot be interrupted, only left: see orphans.ts.

import { util } from "../../../base/node.ts";
import { show } from "../../../base/options.ts";
import { takePending } from "../scopes/delivery.ts";
import { entryOf, giveLate, type LateHandler, leave } from "./orphans.ts";
import { type Park, park } from "./park.ts";
import { outside } from "../state/real-time.ts";
import { currentScope } from "../scopes/scope.ts";

/** How {@link waitPromise} treats a promise that it had to leave. */
export interface WaitPromiseOptions<T> {
  /**
   * Called with the value that came too late, to close what it holds. If several waits for the same promise are
   * cancelled, it is called for each of them that gave one.
   *
   * @default the value is dropped
   */
  readonly onLate?: LateHandler<T>;
  /** The name of the promise, as shown by inspectors and in reports. @default "a promise" */
  readonly name?: string;
}

/**
 * Waits for a promise that is not ours in a way that can be cancelled. The promise itself cannot be stopped: it is left,
 * its late value goes to `onLate`, and its late error is reported, once, however many waits have left it. A task is left
 * to run on, as by `shield`.
 *
 * @throws {CancelledError} If the wait is cancelled.
 * @throws {TypeError} If `promise` is not a promise.
 * @throws {unknown} The error of the promise.
 * @example
 * const file = await waitPromise(open("notes.txt"), { onLate: (late) => late.close() });
 * async function open(path: string) {
 *   return { path, close() {} };
 * }
 */
export function waitPromise<T>(promise: PromiseLike<T>, options: WaitPromiseOptions<T> = {}): Promise<T> {
  if (typeof promise?.then !== "function")
    return Promise.reject(new TypeError(`Cannot wait as a promise is needed: current value is ${show(promise)}`));
  // A promise-like may do its work anew each time it is asked.
  const only = util().types.isPromise(promise) ? (promise as Promise<T>) : Promise.resolve(promise);
  const pending = takePending(currentScope());
  if (pending === undefined) return untilSettled(only, options);
  leave(only, options.name ?? unnamed, options.onLate);
  return Promise.reject(pending);
}

const unnamed = "a promise";

function untilSettled<T>(promise: Promise<T>, { name, onLate }: WaitPromiseOptions<T>): Promise<T> {
  const label = name ?? unnamed;
  let unregister: () => void;
  return park<T>(
    { kind: "promise", name },
    (wait) => {
      unregister = register(promise, wait);
    },
    {
      onCancel: (error, wait) => {
        unregister();
        // For instruments, which are told of the end of the wait: the promise that it has left.
        wait.payload = leave(promise, label, onLate);
        wait.fail(error);
      },
      // Cancelled in the turn in which the value came: it is as late as any other.
      giveBack: (value) => {
        if (onLate !== undefined) giveLate(value, label, onLate);
      },
    },
  );
}

function register<T>(promise: Promise<T>, wait: Park<T>): () => void {
  const entry = entryOf(promise);
  if (entry === undefined) return react(promise, wait);
  entry.waits.add(wait);
  return () => void entry.waits.delete(wait);
}

// A promise that never settles keeps its reactions. So they let go of the wait that has ended, and are registered outside
// any task or request.
function react<T>(promise: Promise<T>, wait: Park<T>): () => void {
  const current: { wait: Park<T> | undefined } = { wait };
  outside(addReactions, promise, current);
  return () => {
    current.wait = undefined;
  };
}

function addReactions<T>(promise: Promise<T>, current: { readonly wait: Park<T> | undefined }): void {
  promise.then(
    (value) => current.wait?.wake(value),
    (error: unknown) => current.wait?.fail(error),
  );
}
