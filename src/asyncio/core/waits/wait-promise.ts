// A promise that this package did not make cannot be interrupted. A cancelled wait leaves it pending: see orphans.ts.

import { util } from "../../../base/node.ts";
import { show } from "../../../base/options.ts";
import { takePending } from "../scopes/delivery.ts";
import { entryOf, giveLate, type LateHandler, leave } from "./orphans.ts";
import { type Park, park } from "./park.ts";
import { outside } from "../state/real-time.ts";
import { currentScope } from "../scopes/scope.ts";

/** Options of {@link waitPromise}, for the case that it is cancelled. */
export interface WaitPromiseOptions<T> {
  /**
   * Called with a value that arrives after the wait was cancelled, to release what the value holds. If several waits
   * for the same promise are cancelled, the `onLate` of each of them is called.
   *
   * @default the value is dropped
   */
  readonly onLate?: LateHandler<T>;
  /** The name of the promise, as shown by inspectors and in reports. @default "a promise" */
  readonly name?: string;
}

/**
 * Waits for any promise in a way that can be cancelled. Cancelling the wait does not stop the work behind the promise.
 * If the promise is fulfilled later, its value is passed to `onLate`; if it is rejected later, the error is reported,
 * once for all cancelled waits. If the promise is a task, the task continues, as with `shield`.
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
  // A promise-like object may repeat its work each time `then` is called, so it is converted to one promise.
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
        // For instruments, which are called at the end of the wait: the record of the abandoned promise.
        wait.payload = leave(promise, label, onLate);
        wait.fail(error);
      },
      // If the cancellation comes in the same turn as the value, the value counts as late too.
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

// A promise that never settles keeps its reactions alive. So the reactions drop their reference to a wait that has
// ended, and they are registered outside any task or request.
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
