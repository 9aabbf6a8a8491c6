import { requireFunction } from "../../../base/options.ts";
import { within } from "./within.ts";

const shelter = { kind: "uncancellable", masked: true };

/**
 * Runs `fn` to its end: cancellations wait until it is over, and are delivered at the caller's next wait. For clean-up
 * that must not be cut; give it a `timeout` of its own.
 *
 * @returns What `fn` gives.
 * @throws {TypeError} If `fn` is not a function.
 * @example
 * await uncancellable(async () => {
 *   await sleep(5); // a commit and its acknowledgement
 * });
 * @see https://trio.readthedocs.io/en/stable/reference-core.html#trio.CancelScope.shield
 */
export async function uncancellable<T>(fn: () => T | PromiseLike<T>): Promise<T> {
  requireFunction(fn, "run without being cancelled");
  return await within(shelter, () => fn());
}
