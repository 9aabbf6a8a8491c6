// A search for race conditions. A test is run again and again, each time with another order of the events that Pottle
// controls: when a task starts, when woken code continues, which of two timers fires first, where a task yields, and,
// if requested, where a task is cancelled. Everything uses virtual time and depends only on the schedule, so that a
// failure can be replayed.
//
//   usual order ─> one deviation ─> two deviations ─> …       systematic.ts: most races need one or two
//        └───────> random walks and random priorities         deciders.ts: for those that need more
//                            │ a failure
//                            v
//                  shrink.ts: the fewest deviations that still fail ─> described in words, and as a line to replay
//
// Prior art: loom runs all orders of a small test, and shuttle runs random orders, by PCT; both replace the primitives
// of threads. fast-check's scheduler reorders the promises that a test passes to it. Here the primitives are Pottle's
// own, so a program is explored unchanged. Limiting the number of deviations from the usual order, instead of the
// number of preemptions, is called delay bounding (Emmi, Qadeer, Rakamarić, 2011).
//
// A schedule does not order promises of other code. They settle as Node settles them: in the same order in each run,
// unless they wait for real I/O.

import { requireFunction } from "../../../base/options.ts";
import { ambient, InvalidStateError } from "../../core/index.ts";
import { completeOptions, type ExploreOptions } from "./explore-options.ts";
import type { ExploreTest } from "./play.ts";
import { type Exploration, Search } from "./search.ts";

// Only one search can run at a time, because the clock, the schedule and the handlers belong to the process.
const search = ambient("testing.search", () => ({ isUnderWay: false }));

/**
 * Runs `test` again and again on virtual time, each time with another order of its tasks and waits, and throws if the
 * test fails in one of them. A test fails if it throws, leaves an unobserved error, hangs, does not end, or leaves a
 * leak. The failure is reduced to the fewest deviations from the usual order.
 *
 * `test` must create everything that it uses, and depend on nothing else: no state of an earlier run, no
 * `Math.random()`, no real I/O. Replace a database or a client by a fake that calls `sleep`.
 *
 * @throws {ExploreFailure} If the test fails with one of the tried orders.
 * @throws {InvalidStateError} If a search is already running in this process.
 * @throws {TypeError} If `test` is not a function, or an option has the wrong type.
 * @throws {RangeError} If an option is out of range, or `replay` is not the `schedule` of a failure.
 * @example
 * import { explore } from "pottle/asyncio/testing";
 * const { isExhaustive } = await explore(async () => {
 *   const lock = new Lock();
 *   let total = 0;
 *   const add = () =>
 *     lock.with(async () => {
 *       const before = total;
 *       await sleep(5);
 *       total = before + 1;
 *     });
 *   await gather(() => add(), () => add());
 *   assert.equal(total, 2);
 * });
 * console.log(isExhaustive); // true
 * @see https://docs.rs/loom
 * @see https://docs.rs/shuttle
 * @see https://fast-check.dev/docs/advanced/race-conditions/
 */
export async function explore(test: ExploreTest, options: ExploreOptions = {}): Promise<Exploration> {
  requireFunction(test, "explore a test");
  const settings = completeOptions(options);
  if (search.isUnderWay) throw new InvalidStateError("Cannot explore a test as another one is being explored");
  search.isUnderWay = true;
  try {
    return await new Search(test, settings).run();
  } finally {
    search.isUnderWay = false;
  }
}
