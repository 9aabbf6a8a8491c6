import type { ExploreFailureKind } from "./findings.ts";
import { describeError } from "./narrative.ts";

/** @internal What is known of a failure. */
export interface FailureDetails {
  readonly kind: ExploreFailureKind;
  readonly schedule: string;
  readonly deviations: number;
  readonly narrative: readonly string[];
  readonly runs: number;
  readonly isCertain: boolean;
  readonly cause: unknown;
}

/**
 * Says that {@link explore} found a schedule under which the test fails. Its `cause` is what the test failed with, its
 * message tells the shortest schedule step by step, and `schedule` runs it again.
 *
 * @example
 * import { ExploreFailure, explore } from "pottle/asyncio/testing";
 * let replay = "";
 * const broken = explore(async () => {
 *   let total = 0;
 *   const add = async () => {
 *     const before = total;
 *     await sleep(5);
 *     total = before + 1;
 *   };
 *   await gather(() => add(), () => add());
 *   assert.equal(total, 2);
 * });
 * await broken.catch((error: ExploreFailure) => (replay = error.schedule));
 * console.log(replay); // explore:v1:usual
 */
export class ExploreFailure extends Error {
  override readonly name = "ExploreFailure";
  /** How the test failed. */
  readonly kind: ExploreFailureKind;
  /** The shortest schedule that was found, as a line for the option `replay`. */
  readonly schedule: string;
  /** In how many places that schedule deviates from the usual order. */
  readonly deviations: number;
  /** How many runs it took to find the failure, before it was shortened. */
  readonly runs: number;
  // Private, so that a printed failure does not show it twice.
  readonly #narrative: readonly string[];

  /** @internal */
  constructor(details: FailureDetails) {
    super(describe(details), { cause: details.cause });
    this.kind = details.kind;
    this.schedule = details.schedule;
    this.deviations = details.deviations;
    this.#narrative = details.narrative;
    this.runs = details.runs;
  }

  /** What happens in the schedule, step by step; an arrow marks each deviation. */
  get narrative(): readonly string[] {
    return this.#narrative;
  }
}

const kinds: Record<ExploreFailureKind, string> = {
  error: "the test fails",
  invariant: "something does not hold that always must",
  unobserved: "an error is observed by nothing",
  hang: "the test hangs",
  endless: "the test does not end",
  leak: "something is left behind",
};

const uncertain = `It did not fail again in the same order: it depends on something that a schedule does not decide, such as
Math.random(), the time of day, what an earlier run left, or I/O.`;

function describe({ kind, schedule, deviations, narrative, runs, isCertain, cause }: FailureDetails): string {
  const places = `in ${deviations} ${deviations === 1 ? "place" : "places"}`;
  const order = deviations === 0 ? "in the usual order" : `in an order that differs from the usual one ${places}`;
  const found = runs === 1 ? "in the first run" : `in run ${runs}`;
  return [
    `Found ${found} that ${kinds[kind]} ${order}: ${describeError(cause)}`,
    "",
    ...(isCertain ? narrative : [uncertain]),
    "",
    `To run this order again: explore(test, { replay: "${schedule}" })`,
  ].join("\n");
}
