import { Park, type Resource } from "./park.ts";
import { runtime } from "../state/runtime.ts";
import { takePending, throwPending } from "../scopes/delivery.ts";
import { currentScope } from "../scopes/scope.ts";
import { requireTime } from "../../../base/options.ts";
import { maybeYield, nextTurn } from "../state/turn.ts";

const sleeping: Resource = { kind: "sleep" };

/**
 * Waits for `ms` milliseconds and returns `value`. With `ms` ≤ 0 it waits for one turn of the event loop, so that I/O
 * and other tasks can run; all tasks that do so at the same time share the turn. With `Infinity` it waits until it is
 * cancelled.
 *
 * @throws {RangeError} If `ms` is NaN.
 * @throws {TypeError} If `ms` is not a number.
 * @throws {CancelledError} If it is cancelled.
 * @example
 * console.log(await sleep(10, "hello")); // hello
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.sleep
 */
export function sleep(ms: number): Promise<void>;
/** Waits for `ms` milliseconds and returns `value`. */
export function sleep<T>(ms: number, value: T): Promise<T>;
export function sleep(ms: number, value?: unknown): Promise<unknown> {
  if (typeof ms !== "number" || Number.isNaN(ms)) return refuse(ms);
  if (ms <= 0) return nextTurn(value);
  const scope = currentScope();
  const pending = takePending(scope);
  if (pending !== undefined) return Promise.reject(pending);
  const park = new Park<unknown>(scope, sleeping);
  if (ms !== Infinity) park.timer = runtime.timers.add(ms, wake, park, runtime.schedule?.tie());
  park.payload = value;
  return park.promise();
}

function wake(park: Park<unknown>): void {
  park.wake(park.payload);
}

async function refuse(ms: unknown): Promise<unknown> {
  return requireTime(ms, "sleep");
}

/**
 * Throws a pending cancellation, and lets I/O run now and then. Otherwise it does not wait. For loops that compute for
 * a long time.
 *
 * @throws {CancelledError} If a cancellation is pending.
 * @example
 * for (let i = 0; i < 10_000; i++) await checkpoint();
 * @see https://trio.readthedocs.io/en/stable/reference-lowlevel.html#trio.lowlevel.checkpoint
 */
export async function checkpoint(): Promise<void> {
  throwPending(currentScope());
  const pause = maybeYield();
  if (pause !== undefined) await pause;
}
