import { createTask, runtime, Scope } from "../core/index.ts";
import { checkLeaks } from "./leaks.ts";
import { SeededSchedule, type SeededScheduleOptions } from "./seeded-schedule.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { waitAllTasksParked } from "./wait-all-tasks-parked.ts";

/** Options of {@link virtualTime}. */
export interface VirtualTimeOptions extends SeededScheduleOptions {
  /** Whether time advances by itself whenever all tasks wait. @default false */
  readonly autoAdvance?: boolean;
  /** The seed that decides the order of events. @default the usual order */
  readonly seed?: number;
}

/**
 * Makes a test function from `body`. The test runs `body` as a task, with a clock that stands still until it is
 * advanced. It fails if `body` leaves a task or timer behind.
 *
 * @throws {Error} From the test: with `autoAdvance`, if all tasks wait and no timer can wake them; and if a task or
 * timer is left.
 * @example
 * import { virtualTime } from "pottle/asyncio/testing";
 * const check = virtualTime(async (clock) => {
 *   const nap = createTask(() => sleep(1_000));
 *   await clock.advance(1_000);
 *   await nap;
 * });
 * await check(); // or: test("sleep() ends after its time", check)
 */
export function virtualTime(
  body: (clock: VirtualClock) => Promise<unknown>,
  options: VirtualTimeOptions = {},
): () => Promise<void> {
  return async () => {
    await checkLeaks(() => runBody(body, options));
  };
}

async function runBody(body: (clock: VirtualClock) => Promise<unknown>, options: VirtualTimeOptions): Promise<void> {
  using clock = new VirtualClock();
  using stack = new DisposableStack();
  if (options.seed !== undefined) stack.use(new SeededSchedule(options.seed, options));
  const scope = new Scope(runtime.root, { kind: "test", ownsTasks: true });
  const task = createTask(() => body(clock), { name: "test", owner: scope });
  try {
    if (options.autoAdvance === true) await passTime(clock, task);
    await task;
  } finally {
    await closeAndPassTime(clock, scope);
  }
}

async function passTime(clock: VirtualClock, task: { done(): boolean; waitsFor: string }): Promise<void> {
  await waitAllTasksParked();
  while (!task.done()) {
    if (!(await clock.advanceToNext()))
      throw new Error(`Every task waits and no time limit is set: in test, ${task.waitsFor}`);
  }
}

// Cancels the remaining tasks. Time must advance meanwhile, because their clean-up may sleep.
async function closeAndPassTime(clock: VirtualClock, scope: Scope): Promise<void> {
  const closing = scope.close(true);
  if (closing === undefined) return;
  const progress = { isOver: false };
  const watch = async (): Promise<void> => {
    await closing;
    progress.isOver = true;
  };
  const watching = watch();
  await waitAllTasksParked();
  while (!progress.isOver && (await clock.advanceToNext()));
  await watching;
}
