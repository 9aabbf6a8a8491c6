import { requireFunction } from "../../../base/options.ts";
import { within } from "./within.ts";

const shelter = { kind: "uncancellable", masked: true };

/**
 * Runs `fn` without interruption: cancellations are held back until it has ended, and delivered at the caller's next
 * wait. For clean-up that must not be interrupted; put a `timeout` inside it.
 *
 * @returns The result of `fn`.
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
