/** What is measured: one piece of work that every peer does `count` times. */
export interface Case {
  /** The name that the programs know it by. */
  readonly id: string;
  /** What is done, as the table says it. */
  readonly title: string;
  /** What one figure is: CPU time, or heap, of one piece of work. */
  readonly unit: "µs" | "bytes";
  /** How often the work is done in a measurement. */
  readonly count: number;
  /** How often it is done before, so that every engine has compiled or specialised what it will. */
  readonly warmUp: number;
  /** What is to be reached. */
  readonly targets: readonly Target[];
}

/** What a case is to reach. */
export interface Target {
  /** Which figure is judged: how many times faster than the fastest CPython, how many times slower than promises, or our own. */
  readonly figure: "times faster than CPython" | "times the bare promises" | "own figure";
  /** The bound: a least value for "times faster", a greatest for the others. */
  readonly bound: number;
  /** A bound that is not the goal and yet good enough. */
  readonly acceptable?: number;
}

const fasterThanCPython: Target = { figure: "times faster than CPython", bound: 2, acceptable: 1.5 };
const closeToPromises: Target = { figure: "times the bare promises", bound: 4 };

/** All that is measured, in the order of the table. */
export const cases: readonly Case[] = [
  timed("spawn-one", "spawn + sleep(0) + join, one after another", 100_000, [fasterThanCPython, closeToPromises]),
  timed("spawn-many", "spawn + sleep(0) + join, 1,000 at a time", 100_000, [fasterThanCPython, closeToPromises]),
  timed("gather", "gather of 100,000 that return at once", 100_000, [fasterThanCPython, closeToPromises]),
  timed("gather-sleep", "gather of 100,000 that sleep(0)", 100_000, [fasterThanCPython, closeToPromises]),
  timed("queue-1", "queue hand-off, maxsize 1", 100_000, [atLeast(2), closeToPromises]),
  timed("queue-64", "queue hand-off, maxsize 64", 200_000, [atLeast(2), closeToPromises]),
  timed("lock-2", "lock hand-off, 2 tasks", 100_000, [closeToPromises]),
  timed("lock-10", "lock hand-off, 10 tasks", 100_000, [closeToPromises]),
  timed("timeout", "timeout armed and disarmed", 100_000, [atMost(2)]),
  timed("sleeping-cancel", "cancel and await 100,000 sleeping tasks", 100_000, [atLeast(5)]),
  {
    ...timed("sleeping-memory", "memory of one of 100,000 sleeping tasks", 100_000, [atMost(2_000)]),
    unit: "bytes",
    warmUp: 1_000,
  },
];

function timed(id: string, title: string, count: number, targets: readonly Target[]): Case {
  return { id, title, unit: "µs", count, warmUp: count, targets };
}

function atLeast(bound: number): Target {
  return { figure: "times faster than CPython", bound };
}

function atMost(bound: number): Target {
  return { figure: "own figure", bound };
}

/** The same work in counts that take no time: to see that everything runs, not how fast. */
export function shrink(one: Case): Case {
  return { ...one, count: 50, warmUp: 10 };
}
