import { type Awaitable, type AwaitableInput, type OutputOf, TimeoutError, toAwaitable } from "../core/index.ts";
import { requireTime } from "../../base/options.ts";
import { timeout } from "./timeout.ts";

/**
 * Waits for a function, task or promise for at most `ms` milliseconds. When time runs out, it is cancelled; the error
 * is thrown after its clean-up has finished. With `ms` ≤ 0, a function is not called at all.
 *
 * @returns The result, even if the function or task swallowed the cancellation and returned one late.
 * @throws {RangeError} If `ms` is NaN.
 * @throws {TypeError} If `ms` is not a number, or `awaitable` not a function, task or promise.
 * @throws {TimeoutError} If time ran out.
 * @example
 * const answer = await waitFor(() => sleep(10, "in time"), 2_000);
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.wait_for
 */
export async function waitFor<A extends AwaitableInput<unknown>>(awaitable: A, ms: number): Promise<OutputOf<A>> {
  requireTime(ms, "wait");
  if (typeof awaitable === "function") {
    if (ms <= 0) throw new TimeoutError(ms);
    return timeout(ms, awaitable) as Promise<OutputOf<A>>;
  }
  const target = toAwaitable(awaitable, "wait") as Awaitable<OutputOf<A>>;
  return target.done() ? target.result() : timeout(ms, () => target);
}
