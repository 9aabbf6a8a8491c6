import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { isCancelled } from "./errors.ts";
import { type ExceptionContext, setExceptionHandler } from "./exception-handler.ts";
import { Future } from "./future.ts";
import { currentScope } from "./scope.ts";
import { createTask } from "./task.ts";
import { waitAllTasksParked } from "../testing/index.ts";
import { orphans, waitPromise } from "./wait-promise.ts";

/** Collects what is reported to the exception handler during the test. */
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
