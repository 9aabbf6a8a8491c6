// Tools for testing concurrent programs: a virtual clock, a search for race conditions, a check for leaks.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// time
export { VirtualClock } from "./virtual-clock.ts";
export { virtualTime, type VirtualTimeOptions } from "./virtual-time.ts";
export { waitAllTasksParked } from "./wait-all-tasks-parked.ts";

// order
export { randomOf, SeededSchedule, type SeededScheduleOptions } from "./seeded-schedule.ts";

// races
export { explore } from "./explore/explore.ts";
export { ExploreFailure } from "./explore/explore-failure.ts";
export type { ExploreOptions } from "./explore/explore-options.ts";
export type { ExploreFailureKind } from "./explore/findings.ts";
export type { ExploreContext, ExploreTest } from "./explore/play.ts";
export type { Exploration } from "./explore/search.ts";

// leaks
export { checkLeaks, findLeaks, type Footprint, takeFootprint } from "./leaks.ts";
