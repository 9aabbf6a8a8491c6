import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError } from "../core/errors/errors.ts";
import { Future } from "../core/tasks/future.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask, type Task } from "../core/tasks/task.ts";
import { type VirtualClock, virtualTime, waitAllTasksParked } from "../testing/index.ts";
import { wait } from "./wait.ts";

async function failAfter(ms: number): Promise<never> {
  await sleep(ms);
  throw new RangeError("no");
}

/** Runs `fn` as a task while `ms` milliseconds pass. */
async function during<T>(clock: VirtualClock, ms: number, fn: () => Promise<T>): Promise<T> {
  const task = createTask(fn);
  await clock.advance(ms);
  assert.equal(task.done(), true);
  return await task;
}

test(
  "wait() gives all as done, and the second time at once (test_wait)",
  virtualTime(async (clock) => {
    const [a, b] = [createTask(() => sleep(100)), createTask(() => sleep(150))];
    const both = (): Promise<[Set<Task<void>>, Set<Task<void>>]> => wait([b, a]);
    assert.deepEqual(await during(clock, 150, both), [new Set([b, a]), new Set()]);
    assert.deepEqual(await both(), [new Set([b, a]), new Set()]);
    assert.equal(clock.now(), 150);
  }),
);

test(
  "wait() gives once what is passed twice (test_wait_duplicate_coroutines)",
  virtualTime(async () => {
    const [ham, spam] = [createTask(async () => "test"), createTask(async () => "spam")];
    const [done, pending] = await wait([ham, ham, spam, ham]);
    assert.deepEqual(new Set([...done].map((task) => task.result())), new Set(["test", "spam"]));
    assert.deepEqual([done.size, pending.size], [2, 0]);
  }),
);

test(
  "wait() refuses nothing to wait for and an unknown returnWhen (test_wait_errors)",
  virtualTime(async () => {
    await assert.rejects(wait(new Set<Task<void>>()), {
      name: "RangeError",
      message: "Cannot wait as there is nothing to wait for: current value is []",
    });
    const task = createTask(() => sleep(60_000));
    for (const [returnWhen, shown] of [
      ["everything", '"everything"'],
      [-1, "-1"],
      [null, "null"],
    ]) {
      await assert.rejects(wait([task], { returnWhen: returnWhen as never }), {
        name: "RangeError",
        message: `Cannot wait as returnWhen must be one of firstCompleted, firstException, allCompleted: current value is ${shown}`,
      });
    }
    task.cancel();
    await assert.rejects(task, CancelledError);
  }),
);

test(
  "wait() refuses a single task, a function, and a list of what are no tasks (test_wait_invalid_args)",
  virtualTime(async () => {
    const task = createTask(async () => {});
    for (const value of [task, () => sleep(0), [() => sleep(0)], [Promise.resolve()], [task, 5], "tasks", undefined]) {
      await assert.rejects(wait(value as never), {
        name: "TypeError",
        message: /a list of tasks and futures is needed/,
      });
    }
    await assert.rejects(wait([]), RangeError);
    await task;
  }),
);

test(
  "wait() refuses a timeout that is no time",
  virtualTime(async () => {
    const task = createTask(async () => {});
    await assert.rejects(wait([task], { timeout: Number.NaN }), {
      name: "RangeError",
      message: /current value is NaN/,
    });
    await assert.rejects(wait([task], { timeout: "5" as never }), {
      name: "TypeError",
      message: /current value is "5"/,
    });
    await task;
  }),
);

test(
  "wait({ returnWhen: firstCompleted }) lets the others run on (test_wait_first_completed)",
  virtualTime(async (clock) => {
    const [a, b] = [createTask(() => sleep(10_000)), createTask(() => sleep(100))];
    const outcome = await during(clock, 100, () => wait([b, a], { returnWhen: "firstCompleted" }));
    assert.deepEqual(outcome, [new Set([b]), new Set([a])]);
    assert.deepEqual([a.done(), a.cancelling()], [false, 0]);
    await clock.advance(9_900);
    await a;
  }),
);

test(
  "wait({ returnWhen: firstException }) returns at once where one has failed (test_wait_first_exception)",
  virtualTime(async (clock) => {
    const [a, b] = [createTask(() => sleep(10_000)), createTask(() => failAfter(0))];
    const [done, pending] = await wait([b, a], { returnWhen: "firstException" });
    assert.deepEqual([done, pending], [new Set([b]), new Set<Task<unknown>>([a])]);
    assert.equal(clock.now(), 0);
    assert.ok(b.exception() instanceof RangeError);
    await clock.advance(10_000);
  }),
);

test(
  "wait({ returnWhen: firstException }) returns when one fails, not when one is done or cancelled (test_wait_first_exception_in_wait)",
  virtualTime(async (clock) => {
    const [a, b] = [createTask(() => sleep(10_000)), createTask(() => failAfter(10))];
    const [done, cancelled] = [createTask(() => sleep(5)), createTask(() => sleep(60_000))];
    const waiting = createTask(() => wait([b, a, done, cancelled], { returnWhen: "firstException" }));
    await waitAllTasksParked();
    cancelled.cancel();
    await clock.advance(9);
    assert.equal(waiting.done(), false);
    await clock.advance(1);
    assert.deepEqual(await waiting, [new Set<unknown>([b, done, cancelled]), new Set([a])]);
    assert.ok(b.exception() instanceof RangeError);
    await clock.advance(10_000);
  }),
);

test(
  "wait({ timeout }) returns what is done when time runs out, and cancels nothing (test_wait_with_timeout)",
  virtualTime(async (clock) => {
    const [a, b] = [createTask(() => sleep(100)), createTask(() => sleep(150))];
    const outcome = await during(clock, 110, () => wait([b, a], { timeout: 110 }));
    assert.deepEqual(outcome, [new Set([a]), new Set([b])]);
    assert.deepEqual([b.done(), b.cancelling()], [false, 0]);
    await clock.advance(40);
    assert.equal(b.cancelled(), false);
  }),
);

for (const timeout of [0, -1]) {
  test(
    `wait({ timeout: ${timeout} }) only looks`,
    virtualTime(async (clock) => {
      const [a, b] = [createTask(async () => {}), createTask(() => sleep(10))];
      await waitAllTasksParked();
      const looking = createTask(async () => {
        assert.deepEqual(await wait([a, b], { timeout }), [new Set([a]), new Set([b])]);
        return b.awaitedBy;
      });
      await clock.advance(0);
      assert.deepEqual(await looking, []);
      await clock.advance(10);
    }),
  );
}

test(
  "wait() gives failures as done, and throws none (test_wait_with_exception)",
  virtualTime(async (clock) => {
    const [a, b] = [createTask(() => sleep(100)), createTask(() => failAfter(150))];
    const [done, pending] = await during(clock, 150, () => wait<Task<void>>([b, a]));
    assert.deepEqual([done.size, pending.size], [2, 0]);
    assert.equal([...done].filter((task) => task.exception() !== undefined).length, 1);
  }),
);

test(
  "wait() that is cancelled leaves what it waits for running (test_yield_wait_does_not_shield_cancel)",
  virtualTime(async (clock) => {
    let proof = 0;
    const inner = createTask(async () => {
      await sleep(10);
      proof++;
    });
    const outer = createTask(async () => {
      await wait([inner]);
      proof += 100;
    });
    await waitAllTasksParked();
    outer.cancel();
    await assert.rejects(outer, CancelledError);
    assert.deepEqual([inner.done(), inner.awaitedBy], [false, []]);
    await clock.advance(10);
    await inner;
    assert.equal(proof, 1);
  }),
);

test(
  "wait() takes its timer back when what it waits for is done",
  virtualTime(async (clock) => {
    const future = new Future<void>();
    const waiting = createTask(() => wait([future], { timeout: 60_000 }));
    await waitAllTasksParked();
    assert.equal(clock.timers, 1);
    future.setResult();
    await waiting;
    assert.equal(clock.timers, 0);
  }),
);

test(
  "wait() does not make an error heard: one that nobody asks for is still reported",
  virtualTime(async () => {
    const task = createTask(() => failAfter(0));
    await wait([task]);
    assert.equal(task.failed, true);
    assert.ok(task.exception() instanceof RangeError);
  }),
);

test(
  "wait() leaves nothing at what it waited for, however often",
  virtualTime(async (clock) => {
    const future = new Future<void>();
    const watchers = new Set<unknown>();
    future.watch = (watcher) => {
      const watch = { watcher, previous: undefined, next: undefined };
      watchers.add(watch);
      return watch;
    };
    future.unwatch = (watch) => void watchers.delete(watch);
    for (let round = 0; round < 3; round++) {
      const waiting = createTask(() => wait([future], { timeout: 1 }));
      await waitAllTasksParked();
      assert.deepEqual([watchers.size, future.awaitedBy], [1, [waiting]]);
      await clock.advance(1);
      await waiting;
    }
    assert.deepEqual([watchers.size, future.awaitedBy], [0, []]);
  }),
);
