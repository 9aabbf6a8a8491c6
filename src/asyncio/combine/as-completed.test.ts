import assert from "node:assert/strict";
import { test } from "node:test";
import { type AsCompleted, asCompleted } from "./as-completed.ts";
import { CancelledError, TimeoutError } from "../core/errors/errors.ts";
import { Future } from "../core/tasks/future.ts";
import { gather } from "./gather.ts";
import { sleep } from "../core/waits/sleep.ts";
import { collectGarbage } from "../../base/garbage.fixture.ts";
import { createTask, currentTask, type Task } from "../core/tasks/task.ts";
import { checkLeaks, virtualTime, waitAllTasksParked } from "../testing/index.ts";

const passing = { autoAdvance: true };

/** Three functions of different duration: c is the slowest. */
function abc(): (() => Promise<string>)[] {
  return [() => sleep(10, "a"), () => sleep(30, "c"), () => sleep(20, "b")];
}

/** Collects the results of a loop over `results`. */
async function collect(results: Iterable<Promise<string>>): Promise<string[]> {
  const values: string[] = [];
  for (const result of results) values.push(await result);
  return values;
}

test(
  "asCompleted() gives results in the order in which they come, by plain and by async iteration (test_as_completed)",
  virtualTime(async (clock) => {
    assert.deepEqual(await collect(asCompleted(abc())), ["a", "b", "c"]);
    assert.equal(clock.now(), 30);
    const values: string[] = [];
    for await (const task of asCompleted(abc())) values.push(task.result());
    assert.deepEqual(values, ["a", "b", "c"]);
  }, passing),
);

test(
  "asCompleted() gives the very tasks that it was given by async iteration, and tasks for functions (test_as_completed_same_tasks_in_as_out)",
  virtualTime(async () => {
    const [a, b] = [createTask(() => sleep(20, "a")), createTask(() => sleep(10, "b"))];
    const future = new Future<string>();
    future.setResult("now");
    const fn = (): Promise<string> => sleep(30, "fn");
    const given: unknown[] = [];
    for await (const task of asCompleted([a, b, future, fn])) given.push(task);
    assert.deepEqual(given.slice(0, 3), [future, b, a]);
    assert.equal(await (given[3] as Task<string>), "fn");
  }, passing),
);

test(
  "asCompleted({ timeout }) throws TimeoutError when time runs out, and cancels nothing (test_as_completed_with_timeout)",
  virtualTime(async (clock) => {
    for (const isAsync of [true, false]) {
      const start = clock.now();
      const [a, b] = [createTask(() => sleep(100, "a")), createTask(() => sleep(150, "b"))];
      const values: string[] = [];
      const loop = async (): Promise<void> => {
        const completed = asCompleted([a, b], { timeout: 120 });
        if (isAsync) for await (const task of completed) values.push(task.result());
        else for (const result of completed) values.push(await result);
      };
      await assert.rejects(loop, TimeoutError);
      assert.deepEqual([values, clock.now() - start], [["a"], 120]);
      assert.equal(await b, "b");
    }
  }, passing),
);

test(
  "asCompleted({ timeout }) ends also where the loop catches each TimeoutError",
  virtualTime(async () => {
    const errors: unknown[] = [];
    const tasks = [1, 2, 3].map(() => createTask(() => sleep(1_000)));
    for (const result of asCompleted(tasks, { timeout: 10 }))
      await result.catch((error: unknown) => errors.push(error));
    assert.equal(errors.length, 3);
    await Promise.all(tasks);
  }, passing),
);

test(
  "asCompleted({ timeout }) throws nothing when all are done in time (test_as_completed_with_unused_timeout)",
  virtualTime(async (clock) => {
    assert.deepEqual(await collect(asCompleted([() => sleep(10, "a")], { timeout: 60_000 })), ["a"]);
    assert.equal(clock.timers, 0);
  }, passing),
);

for (const isAsync of [false, true]) {
  test(
    `asCompleted() goes on where a loop was left, ${isAsync ? "async" : "plain"} (test_as_completed_resume_iterator)`,
    virtualTime(async () => {
      const completed = asCompleted([4, 1, 3, 2].map((n) => () => sleep(n * 10, n)));
      const values: number[] = [];
      const loop = async (most: number): Promise<void> => {
        let count = 0;
        if (isAsync) {
          for await (const task of completed) {
            values.push(task.result());
            if (++count === most) break;
          }
        } else {
          for (const result of completed) {
            values.push(await result);
            if (++count === most) break;
          }
        }
      };
      await loop(2);
      assert.deepEqual(values, [1, 2]);
      await loop(Infinity);
      assert.deepEqual(values, [1, 2, 3, 4]);
      await loop(Infinity);
      assert.equal(values.length, 4);
    }, passing),
  );
}

test(
  "asCompleted() gives what is done first to the promise that is awaited first (test_as_completed_reverse_wait)",
  virtualTime(async (clock) => {
    const [first, second] = [...asCompleted([() => sleep(50, "a"), () => sleep(100, "b")])];
    assert.equal(await second, "a");
    assert.equal(clock.now(), 50);
    assert.equal(await first, "b");
    assert.equal(clock.now(), 100);
  }, passing),
);

test(
  "asCompleted() lets several of its promises be awaited at once (test_as_completed_concurrent)",
  virtualTime(async (clock) => {
    const results = [...asCompleted([() => sleep(50, "a"), () => sleep(100, "b")])];
    assert.deepEqual(await gather(results), ["a", "b"]);
    assert.equal(clock.now(), 100);
  }, passing),
);

test(
  "asCompleted() runs a function as often as it is passed, and gives once a task that is passed twice (test_as_completed_duplicate_coroutines)",
  virtualTime(async () => {
    let runs = 0;
    const ham = async (): Promise<string> => {
      runs++;
      return "ham";
    };
    const spam = createTask(async () => "spam");
    const promise = Promise.resolve("eggs");
    const values = await collect(asCompleted([ham, promise, spam, ham, spam, promise]));
    assert.deepEqual(values.toSorted(), ["eggs", "ham", "ham", "spam"]);
    assert.equal(runs, 2);
  }),
);

test("asCompleted() refuses a single task or function, and lists of other things, and starts nothing (test_as_completed_invalid_args)", () =>
  checkLeaks(async () => {
    const task = createTask(async () => {});
    for (const value of [task, () => sleep(0), "tasks", 5, null, undefined]) {
      assert.throws(() => asCompleted(value as never), {
        name: "TypeError",
        message: /a list of functions, tasks or promises is needed/,
      });
    }
    assert.throws(() => asCompleted([() => sleep(60_000), 5] as never), {
      name: "TypeError",
      message: /current value is 5/,
    });
    await task;
  }));

for (const timeout of [Number.NaN, "10"]) {
  test(`asCompleted() refuses a timeout that is no time: ${timeout}`, () => {
    assert.throws(() => asCompleted([], { timeout: timeout as number }), /Cannot wait as the time must be/);
  });
}

test(
  "asCompleted() of nothing is over at once",
  virtualTime(async () => {
    assert.deepEqual([...asCompleted([])], []);
    for await (const _ of asCompleted([])) assert.fail();
  }),
);

test(
  "asCompleted() throws a failure where its result is awaited, and goes on",
  virtualTime(async () => {
    const problem = new Error("no");
    const fail = async (): Promise<string> => {
      throw problem;
    };
    const outcomes: unknown[] = [];
    for await (const task of asCompleted([fail, async () => "fine"])) {
      outcomes.push(task.exception() ?? task.result());
    }
    assert.deepEqual(outcomes, [problem, "fine"]);
  }),
);

test(
  "asCompleted() promises keep their result when they are awaited again",
  virtualTime(async () => {
    const [first, second] = [...asCompleted([() => sleep(1, "a"), () => sleep(2, "b")])];
    assert.deepEqual([await first, await first, await second, await first], ["a", "a", "b", "a"]);
  }, passing),
);

test(
  "asCompleted() promises that nobody awaits take nothing, and report nothing",
  virtualTime(async () => {
    const problem = new Error("no");
    const completed = asCompleted([createTask(() => Promise.reject(problem)), createTask(() => sleep(5, "late"))]);
    const [unused] = completed;
    assert.ok(unused instanceof Promise);
    await sleep(1);
    for (const result of completed) await assert.rejects(result, problem);
  }, passing),
);

test(
  "asCompleted() that is cancelled leaves the tasks running, and loses none of them",
  virtualTime(async (clock) => {
    const tasks = [createTask(() => sleep(10, "a")), createTask(() => sleep(20, "b"))];
    const completed = asCompleted(tasks);
    for (const isAsync of [true, false]) {
      const loop = createTask(async () => {
        if (isAsync) for await (const _ of completed);
        else await collect(completed);
      });
      await waitAllTasksParked();
      loop.cancel();
      await assert.rejects(loop, CancelledError);
    }
    await clock.advance(20);
    assert.deepEqual(await collect(completed), ["a", "b"]);
  }),
);

test(
  "asCompleted() hands on what a loop was given and was cancelled before it took it",
  virtualTime(async () => {
    const future = new Future<string>();
    const completed = asCompleted([future]);
    const loop = createTask(async () => {
      for await (const _ of completed) assert.fail();
    });
    await waitAllTasksParked();
    future.setResult("handed on");
    loop.cancel();
    await assert.rejects(loop, CancelledError);
    assert.deepEqual(await collect(completed), ["handed on"]);
    assert.equal(currentTask()?.cancelling(), 0);
  }),
);

for (const isAsync of [false, true]) {
  const how = isAsync ? "async" : "plain";
  test(`asCompleted() gives 100,000 tasks that are done already, ${how}`, async () => {
    const futures = Array.from({ length: 100_000 }, () => new Future<number>());
    for (const [index, future] of futures.entries()) future.setResult(index);
    assert.equal(await sum(asCompleted(futures), isAsync), 4_999_950_000);
  });

  test(`asCompleted() gives 100,000 tasks as they are done, ${how}`, async () => {
    const futures = Array.from({ length: 100_000 }, () => new Future<number>());
    const summing = createTask(() => sum(asCompleted(futures), isAsync), { eagerStart: true });
    for (const [index, future] of futures.entries()) future.setResult(index);
    assert.equal(await summing, 4_999_950_000);
  });
}

async function sum(completed: AsCompleted<number>, isAsync: boolean): Promise<number> {
  let total = 0;
  if (isAsync) for await (const task of completed) total += task.result();
  else for (const result of completed) total += await result;
  return total;
}

test("asCompleted() that nobody can go on with leaves nothing at a future that lives on", async () => {
  const future = new Future<string>();
  async function round(): Promise<void> {
    for await (const task of asCompleted([future, async () => "quick"])) {
      assert.equal(task.result(), "quick");
      break;
    }
    await assert.rejects(collect(asCompleted([future], { timeout: 0 })), TimeoutError);
  }
  for (let i = 0; i < 50; i++) await round();
  for (let i = 0; i < 100 && future.isWatched; i++) {
    await sleep(1); // Node 24 keeps the context of our last wait alive
    await collectGarbage();
  }
  assert.equal(future.isWatched, false);
});

test("asCompleted() is kept by a loop that waits, and by a loop that can go on", async () => {
  const future = new Future<string>();
  const completed = asCompleted([async () => "quick", future]);
  for await (const _ of completed) break;
  const waiting = createTask(() => collect(asCompleted([future])), { eagerStart: true });
  for (let i = 0; i < 3; i++) {
    await collectGarbage();
  }
  future.setResult("late");
  assert.deepEqual(await waiting, ["late"]);
  assert.deepEqual(await collect(completed), ["late"]);
});
