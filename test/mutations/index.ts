// The mistakes that the tests must notice. `npm run mutate` plants one at a time in a copy of the repository.

import type { Mutation } from "./_mutation.ts";
import { combinatorMutations } from "./combinators.ts";
import { exploringMutations } from "./exploring.ts";
import { deliveryMutations } from "./deliveries.ts";
import { outsideMutations } from "./outside.ts";
import { programMutations } from "./programs.ts";
import { scopeMutations } from "./scopes.ts";
import { synchronisationMutations } from "./synchronisation.ts";
import { taskMutations } from "./tasks.ts";
import { waitMutations } from "./waits.ts";
import { watchingMutations } from "./watching.ts";

export type { Mutation } from "./_mutation.ts";

/** All of them. */
export const mutations: readonly Mutation[] = [
  ...scopeMutations,
  ...deliveryMutations,
  ...waitMutations,
  ...taskMutations,
  ...combinatorMutations,
  ...synchronisationMutations,
  ...exploringMutations,
  ...programMutations,
  ...outsideMutations,
  ...watchingMutations,
];
