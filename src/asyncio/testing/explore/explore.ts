// A search for races. A test is run again and again, each time in another order of what Pottle orders: which task starts
// when, when woken code goes on, which of two timers fires first, where a task yields, and, if asked, where a task is
// cancelled. All of it is on virtual time, and follows from the schedule alone, so that a failure can be run again.
//
//   usual order ─> one deviation ─> two deviations ─> …       systematic.ts: most races need one or two
//        └───────> random walks and random priorities         deciders.ts: for those that need more
//                            │ a failure
//                            v
//                  shrink.ts: the fewest deviations that still fail ─> told in words, and as a line to replay
//
// Prior art: loom runs all orders of a small test, shuttle random ones by PCT; both replace the primitives of threads.
// fast-check's scheduler reorders the promises that a test hands to it. Here the primitives are Pottle's own, so a program
// is explored as it is. Bounding the deviations from a usual order instead of the preemptions is delay bounding (Emmi,
// Qadeer, Rakamarić, 2011).
//
// What a schedule does not order is promises that are not Pottle's: they settle as the platform settles them, in the same
// way in each run, unless they wait for real I/O.

import { requireFunction } from "../../../base/options.ts";
import { ambient, InvalidStateError } from "../../core/index.ts";
import { completeOptions, type ExploreOptions } from "./explore-options.ts";
import type { ExploreTest } from "./play.ts";
import { type Exploration, Search } from "./search.ts";

// Clock, schedule and handlers are those of the process: one search at a time.
const search = ambient("testing.search", () => ({ isUnderWay: false }));

/**
 * Runs `test` again and again on virtual time, each time in another order of its tasks and waits, and fails if it fails
 * in any of them: if it throws, leaves an error that nothing observes, hangs, does not end, or leaves something behind.
 * The failure is shortened to the fewest deviations from the usual order.
 *
 * `test` has to make everything that it uses, and to depend on nothing but that: no state of an earlier run, no
 * `Math.random()`, no real I/O. Let stand-ins for a database or a client `sleep`.
 *
 * @throws {ExploreFailure} If the test fails in an order that was tried.
 * @throws {InvalidStateError} If a search is under way already in this process.
 * @throws {TypeError} If `test` is not a function, or an option has the wrong type.
 * @throws {RangeError} If an option is out of range, or `replay` is not the line of a failure.
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
