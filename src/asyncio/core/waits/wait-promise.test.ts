import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { isCancelled } from "../errors/errors.ts";
import { type ExceptionContext, setExceptionHandler } from "../errors/exception-handler.ts";
import { Future } from "../tasks/future.ts";
import { collectGarbage, findUncollected } from "../../../base/garbage.fixture.ts";
import { currentScope } from "../scopes/scope.ts";
import { createTask } from "../tasks/task.ts";
import { waitAllTasksParked } from "../../testing/index.ts";
import { describeOrphan, orphans } from "./orphans.ts";
import { waitPromise, type WaitPromiseOptions } from "./wait-promise.ts";

/** Collects the reports to the exception handler during the test. */
function listen(context: TestContext): ExceptionContext[] {
  const heard: ExceptionContext[] = [];
  const before = setExceptionHandler((report) => void heard.push(report));
  context.after(() => setExceptionHandler(before));
  return heard;
}

test("waitPromise() gives what the promise gives", async () => {
  assert.equal(await waitPromise(Promise.resolve(42)), 42);
  await assert.rejects(waitPromise(Promise.reject(new Error("no"))), /no/);
});

test("waitPromise() that is cancelled stops waiting at once, and knows the promise it left", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const late: string[] = [];
  const task = createTask(() => waitPromise(promise, { name: "slow", onLate: (value) => void late.push(value) }), {
    eagerStart: true,
  });
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.deepEqual(
    [...orphans()].map(({ label }) => label),
    ["slow"],
  );
  resolve("value");
  await waitAllTasksParked();
  assert.deepEqual(late, ["value"]);
  assert.equal(orphans().size, 0);
});

test("waitPromise() that is cancelled in the turn in which the value comes gives it to onLate", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const late: string[] = [];
  const task = createTask(() => waitPromise(promise, { onLate: (value) => void late.push(value) }), {
    eagerStart: true,
  });
  resolve("value");
  await promise;
  task.cancel();
  await assert.rejects(task, isCancelled);
  await waitAllTasksParked();
  assert.deepEqual(late, ["value"]);
});

test("waitPromise() where a cancellation is pending does not wait, and gives the value to onLate", async () => {
  const late: string[] = [];
  const task = createTask(async () => {
    currentScope().cancel();
    await waitPromise(Promise.resolve("value"), { onLate: (value) => void late.push(value) });
  });
  await assert.rejects(task, isCancelled);
  await waitAllTasksParked();
  assert.deepEqual(late, ["value"]);
});

test("waitPromise() reports the late error of a promise that it left", async (context) => {
  const heard = listen(context);
  const { promise, reject } = Promise.withResolvers<string>();
  const task = createTask(() => waitPromise(promise, { name: "query" }), { eagerStart: true });
  task.cancel();
  await assert.rejects(task, isCancelled);
  const failure = new Error("late");
  reject(failure);
  await waitAllTasksParked();
  assert.deepEqual(heard, [{ message: "A promise that was left failed: query", error: failure }]);
});

test("waitPromise() reports what onLate throws, and runs it outside the task", async (context) => {
  const heard = listen(context);
  const { promise, resolve } = Promise.withResolvers<string>();
  const failure = new Error("cannot close");
  let scope: unknown;
  const onLate = (): never => {
    scope = currentScope().task;
    throw failure;
  };
  const task = createTask(() => waitPromise(promise, { name: "file", onLate }), { eagerStart: true });
  task.cancel();
  await assert.rejects(task, isCancelled);
  resolve("value");
  await waitAllTasksParked();
  assert.deepEqual(heard, [{ message: "onLate failed: file", error: failure }]);
  assert.equal(scope, undefined);
});

test("waitPromise() asks a promise-like once", async () => {
  let asked = 0;
  const lazy = {
    // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
    then(resolve: (value: number) => void): void {
      resolve(++asked);
    },
  };
  assert.equal(await waitPromise(lazy as PromiseLike<number>), 1);
  assert.equal(asked, 1);
});

test("waitPromise() leaves a future that it waited for alone", async () => {
  const future = new Future<string>();
  const task = createTask(() => waitPromise(future), { eagerStart: true });
  await waitAllTasksParked();
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.equal(future.done(), false);
  future.setResult("later");
});

test("waitPromise() refuses what is no promise", async () => {
  await assert.rejects(waitPromise((() => Promise.resolve()) as never), TypeError);
  await assert.rejects(waitPromise(undefined as never), TypeError);
});

/** Makes a task wait for `promise`, and cancels it during the wait. */
async function waitAndLeave<T>(promise: Promise<T>, options: WaitPromiseOptions<T> = {}): Promise<void> {
  const task = createTask(() => waitPromise(promise, options), { eagerStart: true });
  task.cancel();
  await assert.rejects(task, isCancelled);
}

test("waitPromise() that leaves one promise a thousand times keeps one orphan, with a count, and two reactions", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  let reactions = 0;
  // oxlint-disable-next-line unicorn/no-thenable -- to count
  promise.then = function (...handlers: [never, never]) {
    reactions++;
    return Promise.prototype.then.apply(this, handlers) as never;
  };
  for (let i = 0; i < 1_000; i++) await waitAndLeave(promise, { name: "slow" });
  assert.equal(reactions, 2);
  const [orphan, ...others] = orphans();
  assert.deepEqual([orphan?.label, orphan?.count, orphan?.isPending, others.length], ["slow", 1_000, true, 0]);
  resolve("value");
  await waitAllTasksParked();
  assert.deepEqual([orphan?.isPending, orphans().size], [false, 0]);
});

test("waitPromise() for a promise that was left before gives its value, and its error", async (context) => {
  const heard = listen(context);
  for (const end of ["value", "error"]) {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    await waitAndLeave(promise);
    const waiting = createTask(() => waitPromise(promise), { eagerStart: true });
    if (end === "value") resolve("value");
    else reject(new Error("late"));
    if (end === "value") assert.equal(await waiting, "value");
    else await assert.rejects(waiting, /late/);
    if (end === "value") assert.equal(await waitPromise(promise), "value");
    else await assert.rejects(waitPromise(promise), /late/);
  }
  assert.equal(heard.length, 1);
  assert.equal(orphans().size, 0);
});

test("waitPromise() reports the late error of a promise once, with its names and counts", async (context) => {
  const heard = listen(context);
  const { promise, reject } = Promise.withResolvers<string>();
  for (let i = 0; i < 100; i++) await waitAndLeave(promise, { name: "query" });
  await waitAndLeave(promise, { name: "poll" });
  assert.deepEqual(Array.from(orphans(), describeOrphan), ["query (left 100 times)", "poll"]);
  const failure = new Error("late");
  reject(failure);
  await waitAllTasksParked();
  assert.deepEqual(heard, [
    { message: "A promise that was left failed: query (left 100 times), poll", error: failure },
  ]);
});

test("waitPromise() gives a late value to the onLate of each wait that has left", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const late: string[] = [];
  for (const name of ["a", "b", "c"]) await waitAndLeave(promise, { onLate: (value) => void late.push(name + value) });
  await waitAndLeave(promise);
  resolve("!");
  await waitAllTasksParked();
  assert.deepEqual(late, ["a!", "b!", "c!"]);
});

test("waitPromise() that was left lets its task be collected, even where the promise never settles", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const tasks: WeakRef<object>[] = [];
  async function leave(): Promise<void> {
    const task = createTask(() => waitPromise(promise), { eagerStart: true });
    tasks.push(new WeakRef(task));
    task.cancel();
    await Promise.allSettled([task]);
  }
  for (let i = 0; i < 10; i++) await leave();
  assert.deepEqual(await findUncollected(tasks), []);
  resolve("late");
  await waitAllTasksParked();
});

test("waitPromise() forgets a promise that was left when it is collected: it can settle no more", async () => {
  await waitAndLeave(new Promise<void>(() => {}), { name: "lost" });
  for (let i = 0; i < 100 && orphans().size > 0; i++) {
    await collectGarbage();
  }
  assert.equal(orphans().size, 0);
});
