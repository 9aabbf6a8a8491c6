import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError } from "../errors/errors.ts";
import { Future } from "./future.ts";
import { createTask } from "./task.ts";
import { virtualTime, waitAllTasksParked } from "../../testing/index.ts";

test(
  "Future.cancel() cancels it once: result(), exception() and whoever awaits it throw, and it takes no result (test_cancel)",
  virtualTime(async () => {
    const future = new Future<number>({ name: "f" });
    assert.equal(future.cancel("enough"), true);
    assert.deepEqual([future.cancelled(), future.done(), future.cancel()], [true, true, false]);
    assert.throws(() => future.result(), { name: "CancelledError", reason: "enough" });
    assert.throws(() => future.exception(), CancelledError);
    assert.throws(() => future.setResult(1), {
      name: "InvalidStateError",
      message: "Cannot set the result of future f as it is done",
    });
    assert.throws(() => future.setException(new Error()), {
      name: "InvalidStateError",
      message: /exception of future f/,
    });
    await assert.rejects(future, CancelledError);
  }),
);

test(
  "Future.result() throws while it is not done; setResult() is for once, and cancel() then returns false (test_result)",
  virtualTime(async () => {
    const future = new Future<number>({ name: "f" });
    assert.throws(() => future.result(), {
      name: "InvalidStateError",
      message: "Cannot read the result of future f as it is not done",
    });
    future.setResult(42);
    assert.deepEqual(
      [future.done(), future.cancelled(), future.result(), future.exception()],
      [true, false, 42, undefined],
    );
    assert.throws(() => future.setResult(43), { name: "InvalidStateError" });
    assert.throws(() => future.setException(new Error()), { name: "InvalidStateError" });
    assert.equal(future.cancel(), false);
    assert.equal(await future, 42);
  }),
);

test(
  "Future.exception() throws while it is not done, and then gives the very error (test_exception)",
  virtualTime(async () => {
    const future = new Future<number>({ name: "f" });
    const problem = new RangeError("no");
    assert.throws(() => future.exception(), {
      name: "InvalidStateError",
      message: "Cannot read the exception of future f as it is not done",
    });
    future.setException(problem);
    assert.equal(future.exception(), problem);
    assert.throws(() => future.result(), problem);
    assert.throws(() => future.setException(problem), { name: "InvalidStateError" });
    assert.throws(() => future.setResult(1), { name: "InvalidStateError" });
    assert.equal(future.cancel(), false);
    await assert.rejects(future, problem);
  }),
);

test(
  "Future.addDoneCallback() calls later, in the order of the additions (test_callbacks_invoked_on_set_result)",
  virtualTime(async () => {
    const future = new Future<string>();
    const calls: unknown[] = [];
    future.addDoneCallback((done) => calls.push(42, done === future));
    future.addDoneCallback(() => calls.push(17));
    assert.deepEqual(calls, []);
    future.setResult("foo");
    assert.deepEqual(calls, []);
    await waitAllTasksParked();
    assert.deepEqual(calls, [42, true, 17]);
    assert.equal(future.result(), "foo");
  }),
);

test(
  "Future.addDoneCallback() calls also after an error, a cancel, and when it is done already",
  virtualTime(async () => {
    const calls: string[] = [];
    const [failing, cancelled, done] = [new Future<void>(), new Future<void>(), new Future<void>()];
    done.setResult();
    done.addDoneCallback(() => calls.push("done"));
    failing.addDoneCallback((future) => calls.push(String(future.exception())));
    cancelled.addDoneCallback((future) => calls.push(`cancelled ${future.cancelled()}`));
    failing.setException(new Error("no"));
    cancelled.cancel();
    assert.deepEqual(calls, []);
    await waitAllTasksParked();
    assert.deepEqual(calls, ["done", "Error: no", "cancelled true"]);
  }),
);

test(
  "Future.removeDoneCallback() takes all additions of a function back and tells how many (test_remove_done_callback)",
  virtualTime(async () => {
    const future = new Future<void>();
    const calls: string[] = [];
    const [one, two, three] = ["one", "two", "three"].map((name) => () => void calls.push(name)) as [
      () => void,
      () => void,
      () => void,
    ];
    for (const callback of [one, one, two, three, one]) future.addDoneCallback(callback);
    assert.equal(future.removeDoneCallback(one), 3);
    assert.equal(future.removeDoneCallback(two), 1);
    assert.equal(future.removeDoneCallback(two), 0);
    future.setResult();
    await waitAllTasksParked();
    assert.deepEqual(calls, ["three"]);
    assert.equal(future.removeDoneCallback(three), 0);
  }),
);

test(
  "Future.cancel() is called when the task that awaits it is cancelled, with the same reason",
  virtualTime(async () => {
    const future = new Future<void>();
    const task = createTask(async () => {
      await future;
    });
    await waitAllTasksParked();
    task.cancel("stop");
    assert.throws(() => future.result(), { name: "CancelledError", reason: "stop" });
    await assert.rejects(task, CancelledError);
  }),
);

test(
  "Future wakes all that await it, and shows them while they wait",
  virtualTime(async () => {
    const future = new Future<number>();
    const tasks = [1, 2].map(() => createTask(async () => (await future) + 1));
    await waitAllTasksParked();
    assert.deepEqual(future.awaitedBy, tasks);
    future.setResult(1);
    assert.deepEqual(await Promise.all(tasks), [2, 2]);
    assert.deepEqual(future.awaitedBy, []);
  }),
);

test(
  "Future.name is Future-N unless it is given",
  virtualTime(async () => {
    assert.match(new Future<void>().name, /^Future-\d+$/);
    assert.equal(new Future<void>({ name: "answer" }).name, "answer");
    assert.equal(Object.prototype.toString.call(new Future<void>()), "[object Future]");
  }),
);
