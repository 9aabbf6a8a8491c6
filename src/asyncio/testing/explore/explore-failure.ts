import type { ExploreFailureKind } from "./findings.ts";
import { describeError } from "./narrative.ts";

/** @internal The details of a failure. */
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
 * {@link explore} found a schedule with which the test fails. `cause` is the error of the test, the message describes
 * the shortest schedule step by step, and `schedule` can be used to replay it.
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
  /** The kind of failure. */
  readonly kind: ExploreFailureKind;
  /** The shortest failing schedule that was found, as a line for the option `replay`. */
  readonly schedule: string;
  /** The number of deviations from the usual order in that schedule. */
  readonly deviations: number;
  /** The number of runs until the failure was found, without those for shortening it. */
  readonly runs: number;
  // Private, so that it is not printed a second time after the message.
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

  /** The events of the schedule, step by step; an arrow marks each deviation. */
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
