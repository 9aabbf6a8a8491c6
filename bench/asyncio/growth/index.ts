import type { Program } from "../programs/stopwatch.ts";
import { combinatorCases } from "./combinators.ts";
import { debugModeCases } from "./debug-mode.ts";
import { iteratorCases } from "./iterators.ts";
import { promiseCases } from "./promises.ts";
import { synchronisationCases } from "./synchronisation.ts";
import { taskCases } from "./tasks.ts";
import { watchingCases } from "./watching.ts";

/** All cases whose growth is measured, by what they do; each does it `count` times, or with `count` of something. */
export const growthCases: Readonly<Record<string, Program>> = {
  ...taskCases,
  ...combinatorCases,
  ...synchronisationCases,
  ...iteratorCases,
  ...promiseCases,
  ...watchingCases,
  ...debugModeCases,
};
