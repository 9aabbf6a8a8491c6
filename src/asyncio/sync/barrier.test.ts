import assert from "node:assert/strict";
import { test } from "node:test";
import { Barrier } from "./barrier.ts";
import { BrokenBarrierError } from "../core/errors/errors.ts";
import { createTask, currentTask, type Task } from "../core/tasks/task.ts";
import { virtualTime, waitAllTasksParked } from "../testing/index.ts";
import { timeout } from "../combine/timeout.ts";

function startParties(barrier: Barrier, count: number): Task<number>[] {
  return Array.from({ length: count }, () => createTask(() => barrier.wait()));
}

/** The results of the waits, or the names of the errors that they threw. */
async function outcomesOf(tasks: readonly Task<number>[]): Promise<(number | string)[]> {
  const outcomes: (number | string)[] = [];
  for (const task of tasks) outcomes.push(await task.catch((error: unknown) => (error as Error).name));
  return outcomes;
}

test(
  "Barrier.wait() gives each party another number from 0 on, the last to come the highest (test_filling_tasks_check_return_value)",
  virtualTime(async () => {
    const barrier = new Barrier(5);
    const tasks = startParties(barrier, 4);
    await waitAllTasksParked();
    assert.deepEqual([barrier.waiting, tasks.some((task) => task.done())], [4, false]);
    assert.equal(await barrier.wait(), 4);
    assert.deepEqual(await outcomesOf(tasks), [0, 1, 2, 3]);
    assert.deepEqual(barrier.statistics(), { parties: 5, waiting: 0, broken: false });
  }),
);

test(
  "Barrier.wait() can be used again and again",
  virtualTime(async () => {
    const barrier = new Barrier(3);
    for (let round = 0; round < 3; round++) assert.deepEqual(await outcomesOf(startParties(barrier, 3)), [0, 1, 2]);
    const rounds = createTask(async () => [await barrier.wait(), await barrier.wait()]);
    const others = [...startParties(barrier, 2), ...startParties(barrier, 2)];
    assert.deepEqual((await rounds).length, 2);
    assert.equal((await outcomesOf(others)).every(Number.isInteger), true);
  }),
);

test(
  "Barrier.wait() that is cancelled leaves, and a later party completes the barrier (test_filling_tasks_cancel_one)",
  virtualTime(async () => {
    const barrier = new Barrier(3);
    const [one, two] = startParties(barrier, 2) as [Task<number>, Task<number>];
    await waitAllTasksParked();
    one.cancel();
    await assert.rejects(one, { name: "CancelledError" });
    assert.equal(barrier.waiting, 1);
    const later = startParties(barrier, 2);
    assert.deepEqual(await outcomesOf([two, ...later]), [0, 1, 2]);
  }),
);

test(
  "Barrier.wait() cancelled in the turn in which the barrier opens: the others pass",
  virtualTime(async () => {
    const barrier = new Barrier(3);
    const [one, two] = startParties(barrier, 2) as [Task<number>, Task<number>];
    await waitAllTasksParked();
    const last = barrier.wait();
    one.cancel();
    assert.deepEqual([await last, await two], [2, 1]);
    assert.deepEqual(await outcomesOf([one]), ["CancelledError"]);
    assert.equal(barrier.waiting, 0);
  }),
);

test(
  "Barrier.reset() sends those that wait away by a BrokenBarrierError, and can be used at once (test_reset_barrier_while_tasks_waiting)",
  virtualTime(async () => {
    const barrier = new Barrier(3, { name: "start" });
    const tasks = startParties(barrier, 2);
    await waitAllTasksParked();
    barrier.reset();
    assert.equal(barrier.broken, false);
    await assert.rejects(tasks[0]!, new BrokenBarrierError("Cannot wait at Barrier start as it was reset"));
    assert.deepEqual(await outcomesOf(tasks), ["BrokenBarrierError", "BrokenBarrierError"]);
    assert.deepEqual(await outcomesOf(startParties(barrier, 3)), [0, 1, 2]);
  }),
);

test(
  "Barrier.abort() breaks it for those that wait and those that come, until it is reset (test_abort_barrier_when_exception_then_resetting)",
  virtualTime(async () => {
    const barrier = new Barrier(3);
    const waiting = startParties(barrier, 1);
    const failing = createTask(async () => {
      try {
        throw new RangeError("before the barrier");
      } catch {
        barrier.abort();
      }
    });
    await failing;
    assert.deepEqual([barrier.broken, await outcomesOf(waiting)], [true, ["BrokenBarrierError"]]);
    assert.deepEqual(await outcomesOf(startParties(barrier, 1)), ["BrokenBarrierError"]);
    assert.deepEqual(barrier.statistics(), { parties: 3, waiting: 0, broken: true });
    barrier.reset();
    assert.deepEqual(await outcomesOf(startParties(barrier, 3)), [0, 1, 2]);
  }),
);

test(
  "Barrier.wait() by the last party throws what is pending, and nobody passes",
  virtualTime(async () => {
    const barrier = new Barrier(2);
    const tasks = startParties(barrier, 1);
    await waitAllTasksParked();
    assert.equal(tasks[0]!.waitsFor, "it waits for Barrier");
    currentTask()!.cancel("stop");
    await assert.rejects(barrier.wait(), { name: "CancelledError", reason: "stop" });
    assert.equal(barrier.waiting, 1);
    assert.equal(await barrier.wait(), 1);
    await tasks[0];
  }),
);

test("Barrier.wait() of a barrier for one never waits, and lets timers have their turn", async () => {
  const barrier = new Barrier(1);
  const limited = timeout(5, async () => {
    for (;;) assert.equal(await barrier.wait(), 0);
  });
  await assert.rejects(limited, { name: "TimeoutError" });
});

test("Barrier refuses a number of parties that is none, and says what it was given", () => {
  for (const [parties, name, shown] of [
    [0, "RangeError", "0"],
    [-2, "RangeError", "-2"],
    [1.5, "RangeError", "1.5"],
    [NaN, "RangeError", "NaN"],
    [Infinity, "RangeError", "Infinity"],
    ["2", "TypeError", '"2"'],
  ] as const) {
    assert.throws(() => new Barrier(parties as never), {
      name,
      message: new RegExp(`a whole number >= 1: current value is ${shown}$`),
    });
  }
});
