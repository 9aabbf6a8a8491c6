import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError } from "../errors/errors.ts";
import { createTask } from "../tasks/task.ts";
import { checkLeaks, SeededSchedule, virtualTime, waitAllTasksParked } from "../../testing/index.ts";
import { maybeYield, countTurns, nextTurn } from "./turn.ts";

test("nextTurn() waits for what the event loop does before, and gives its value", () =>
  checkLeaks(async () => {
    let ran = false;
    setImmediate(() => (ran = true));
    assert.equal(await nextTurn("value"), "value");
    assert.equal(ran, true);
  }));

test("nextTurn() shares one turn, and wakes in the order of the calls", () =>
  checkLeaks(async () => {
    const order: number[] = [];
    const waits = [1, 2, 3].map(async (n) => {
      await nextTurn();
      order.push(n);
    });
    assert.equal(countTurns(), 3);
    assert.equal(process.getActiveResourcesInfo().filter((name) => name === "Immediate").length, 1);
    await Promise.all(waits);
    assert.deepEqual(order, [1, 2, 3]);
    assert.equal(countTurns(), 0);
  }));

test(
  "nextTurn() can be cancelled",
  virtualTime(async () => {
    const task = createTask(() => nextTurn(), { eagerStart: true });
    assert.equal(task.waits[0]?.resource.kind, "turn");
    task.cancel();
    await assert.rejects(task, CancelledError);
    await waitAllTasksParked();
    assert.equal(countTurns(), 0);
  }),
);

test("maybeYield() has one step in 1,024 wait for a turn", () =>
  checkLeaks(async () => {
    const pauses: Promise<void>[] = [];
    for (let step = 0; step < 10 * 1_024; step++) {
      const pause = maybeYield();
      if (pause !== undefined) pauses.push(pause);
    }
    await Promise.all(pauses);
    assert.equal(pauses.length, 10);
  }));

test(
  "maybeYield() asks the schedule, where one decides",
  virtualTime(async () => {
    for (const [yields, expected] of [
      [0, 0],
      [1, 20],
    ] as const) {
      using _ = new SeededSchedule(1, { yields });
      const pauses = Array.from({ length: 20 }, () => maybeYield()).filter((pause) => pause !== undefined);
      await Promise.all(pauses);
      assert.equal(pauses.length, expected);
    }
  }),
);
