import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, TimeoutError } from "../errors/errors.ts";
import { currentSignal } from "./scope.ts";
import { sleep } from "../waits/sleep.ts";
import { createTask, currentTask } from "../tasks/task.ts";
import { virtualTime, waitAllTasksParked } from "../../testing/index.ts";
import { moveOnAfter, timeout } from "../../combine/timeout.ts";
import { uncancellable } from "./uncancellable.ts";

const passing = { autoAdvance: true };

test(
  "uncancellable() lets its work run to the end; a cancellation is delivered at the next wait",
  virtualTime(async (clock) => {
    const steps: string[] = [];
    const task = createTask(async () => {
      const value = await uncancellable(async () => {
        await sleep(10);
        steps.push("first half");
        await sleep(10);
        return "committed";
      });
      steps.push(value);
      await sleep(60_000);
      steps.push("went on");
    });
    await waitAllTasksParked();
    task.cancel();
    await clock.advance(20);
    await assert.rejects(task, CancelledError);
    assert.deepEqual(steps, ["first half", "committed"]);
  }),
);

test(
  "uncancellable() shelters also from a cancellation that was pending before",
  virtualTime(async () => {
    let committed = false;
    const task = createTask(async () => {
      currentTask()!.cancel();
      await uncancellable(async () => {
        await sleep(5);
        committed = true;
      });
    });
    await assert.rejects(task, CancelledError);
    assert.equal(committed, true);
  }, passing),
);

test(
  "uncancellable() shelters from a time limit around it, which throws when it is over",
  virtualTime(async (clock) => {
    let committed = false;
    const limited = timeout(10, async () => {
      await uncancellable(async () => {
        await sleep(50);
        committed = true;
      });
      await sleep(60_000);
    });
    await assert.rejects(limited, TimeoutError);
    assert.deepEqual([committed, clock.now()], [true, 50]);
  }, passing),
);

test(
  "uncancellable() work can have a time limit of its own",
  virtualTime(async (clock) => {
    const task = createTask(() => uncancellable(() => moveOnAfter(10, () => sleep(60_000, "never"))));
    await waitAllTasksParked();
    task.cancel();
    await clock.advance(10);
    await assert.rejects(task, CancelledError); // pending until the end
  }),
);

test(
  "uncancellable() shelters the tasks that its work awaits",
  virtualTime(async (clock) => {
    const inner = createTask(() => sleep(10, "inner"));
    const task = createTask(async () => {
      const value = await uncancellable(() => inner);
      return value;
    });
    await waitAllTasksParked();
    task.cancel();
    assert.equal(inner.cancelling(), 0);
    await clock.advance(10);
    assert.equal(await inner, "inner");
    await assert.rejects(task, CancelledError);
  }),
);

test(
  "currentSignal() within uncancellable() work is not aborted",
  virtualTime(async (clock) => {
    let signal!: AbortSignal;
    const task = createTask(() =>
      uncancellable(async () => {
        signal = currentSignal();
        await sleep(10);
        assert.equal(signal.aborted, false);
      }),
    );
    await waitAllTasksParked();
    task.cancel();
    await clock.advance(10);
    await assert.rejects(task, CancelledError);
    assert.equal(signal.aborted, false);
  }),
);

test(
  "uncancellable() passes the result or error of its work on",
  virtualTime(async () => {
    const problem = new Error("no");
    assert.equal(await uncancellable(() => "plain"), "plain");
    await assert.rejects(
      uncancellable(async () => {
        throw problem;
      }),
      problem,
    );
  }),
);

test(
  "uncancellable() refuses what is not a function",
  virtualTime(async () => {
    await assert.rejects(uncancellable(5 as never), {
      name: "TypeError",
      message: "Cannot run without being cancelled as a function is needed: current value is 5",
    });
  }),
);

test(
  "uncancellable() work ends by its own time limit, even if a cancellation waits outside",
  virtualTime(async (clock) => {
    const errors: unknown[] = [];
    const task = createTask(() =>
      uncancellable(() => timeout(10, () => sleep(60_000)).catch((error: unknown) => void errors.push(error))),
    );
    await waitAllTasksParked();
    task.cancel("stop");
    await clock.advance(10);
    await assert.rejects(task, { name: "CancelledError", reason: "stop" });
    assert.ok(errors[0] instanceof TimeoutError);
  }),
);

test(
  "uncancellable() shelters work beside other sheltered work",
  virtualTime(async (clock) => {
    const done: number[] = [];
    const work = async (n: number): Promise<void> => void done.push(await sleep(10, n));
    const task = createTask(() => Promise.all([1, 2].map((n) => uncancellable(() => work(n)))));
    await waitAllTasksParked();
    task.cancel("stop");
    await clock.advance(10);
    await assert.rejects(task, { name: "CancelledError", reason: "stop" });
    assert.deepEqual(done, [1, 2]);
  }),
);

test("currentSignal() within uncancellable() work is not that of a cancellation that is pending outside", async () => {
  const task = createTask(async () => {
    currentTask()!.cancel("stop");
    const { aborted } = await uncancellable(() => currentSignal());
    await assert.rejects(sleep(1), { reason: "stop" });
    return aborted;
  });
  assert.equal(await task, false);
});

test(
  "uncancellable() work that a failed Promise.all() left is over before its task is",
  virtualTime(async (clock) => {
    const log: string[] = [];
    const work = (): Promise<void> => uncancellable(() => sleep(10)).then(() => void log.push("work is over"));
    const task = createTask(() => Promise.all([work(), Promise.reject(new RangeError("planned"))]));
    const outcome = assert.rejects(task, RangeError).then(() => log.push("task is over"));
    await waitAllTasksParked();
    await clock.advance(10);
    await outcome;
    assert.deepEqual(log, ["work is over", "task is over"]);
  }),
);
