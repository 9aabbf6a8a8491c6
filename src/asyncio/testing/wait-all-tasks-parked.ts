import { addInstrument, countTurns, platformTurn } from "../core/index.ts";

/**
 * Waits until all tasks are waiting, so that nothing more happens until time passes or the test acts. A task that
 * awaits I/O, or a promise of other code, counts as waiting.
 *
 * @example
 * import { waitAllTasksParked } from "pottle/asyncio/testing";
 * const event = new Event();
 * const task = createTask(() => event.wait());
 * await waitAllTasksParked();
 * console.log(event.statistics().waiting); // 1
 * event.set();
 * await task;
 * @see https://trio.readthedocs.io/en/stable/reference-testing.html#trio.testing.wait_all_tasks_blocked
 */
export async function waitAllTasksParked(): Promise<void> {
  let events = 0;
  const count = (): void => {
    events++;
  };
  const remove = addInstrument({ spawn: count, wait: count, wake: count, exit: count });
  try {
    let before: number;
    do {
      before = events;
      await platformTurn();
      await platformTurn();
    } while (events !== before || countTurns() > 0);
  } finally {
    remove();
  }
}
