/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// time
export { VirtualClock } from "./virtual-clock.ts";
export { virtualTime, type VirtualTimeOptions } from "./virtual-time.ts";
export { waitAllTasksParked } from "./wait-all-tasks-parked.ts";

// order
export { randomOf, SeededSchedule, type SeededScheduleOptions } from "./seeded-schedule.ts";

// what is left behind
export { checkLeaks, findLeaks, type Footprint, takeFootprint } from "./leaks.ts";
