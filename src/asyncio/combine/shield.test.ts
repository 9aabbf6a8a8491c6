import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, TimeoutError } from "../core/errors/errors.ts";
import { setExceptionHandler } from "../core/errors/exception-handler.ts";
import { Future } from "../core/tasks/future.ts";
import { gather } from "./gather.ts";
import { currentScope, Scope } from "../core/scopes/scope.ts";
import { shield } from "./shield.ts";
import { sleep } from "../core/waits/sleep.ts";
import { allTasks, createTask, currentTask, type Task } from "../core/tasks/task.ts";
import { timeout } from "./timeout.ts";
import { checkLeaks, virtualTime, waitAllTasksParked } from "../testing/index.ts";

test(
  "shield() gives the result of what it shelters (test_shield_result)",
  virtualTime(async () => {
    const inner = new Future<number>();
    const outer = shield(inner);
    await waitAllTasksParked();
    assert.equal(outer.done(), false);
    inner.setResult(42);
    assert.equal(await outer, 42);
  }),
);

test(
  "shield() throws the very error of what it shelters (test_shield_exception)",
  virtualTime(async () => {
    const problem = new Error("no");
    const inner = new Future<number>();
    const outer = shield(inner);
    inner.setException(problem);
    await assert.rejects(outer, problem);
    assert.equal(outer.exception(), problem);
  }),
);

test(
  "shield() is cancelled when what it shelters is cancelled (test_shield_cancel_inner)",
  virtualTime(async () => {
    const inner = new Future<number>();
    const outer = shield(inner);
    await waitAllTasksParked();
    inner.cancel("inner");
    await assert.rejects(outer, { name: "CancelledError", reason: "inner" });
    assert.deepEqual([inner.cancelled(), outer.cancelled()], [true, true]);
  }),
);

test(
  "shield() that is cancelled leaves what it shelters as it is, and no wait at it (test_shield_cancel_outer)",
  virtualTime(async () => {
    const inner = new Future<number>();
    const outer = shield(inner);
    await waitAllTasksParked();
    assert.equal(outer.cancel("outer"), true);
    await assert.rejects(outer, { name: "CancelledError", reason: "outer" });
    assert.deepEqual([outer.cancelled(), inner.done(), inner.awaitedBy], [true, false, []]);
    inner.setResult(1);
    assert.equal(await inner, 1);
  }),
);

test(
  "shield() gives a task back that is done (test_shield_shortcut)",
  virtualTime(async () => {
    const done = createTask(async () => 42);
    await done;
    assert.equal(shield(done), done);
    const future = new Future<number>();
    future.setResult(43);
    assert.equal(await shield(future), 43);
  }),
);

test(
  "shield() lets the cancellation of whoever awaits it pass what it shelters by (test_shield_effect)",
  virtualTime(async (clock) => {
    let proof = 0;
    const inner = createTask(async () => {
      await sleep(10);
      proof++;
    });
    const outer = createTask(async () => {
      await shield(inner);
      proof += 100;
    });
    await waitAllTasksParked();
    outer.cancel();
    await assert.rejects(outer, CancelledError); // at once
    assert.deepEqual([inner.done(), proof], [false, 0]);
    await clock.advance(10);
    await inner;
    assert.equal(proof, 1);
  }),
);

test(
  "shield() of a gather() that is cancelled leaves it to finish (test_shield_gather)",
  virtualTime(async () => {
    const [child1, child2] = [new Future<number>(), new Future<number>()];
    const all = gather(child1, child2);
    const outer = shield(all);
    await waitAllTasksParked();
    outer.cancel();
    await assert.rejects(outer, CancelledError);
    child1.setResult(1);
    child2.setResult(2);
    assert.deepEqual(await all, [1, 2]);
  }),
);

test(
  "gather() of shields that is cancelled cancels the shields, and what they shelter goes on (test_gather_shield)",
  virtualTime(async () => {
    const [child1, child2] = [new Future<number>(), new Future<number>()];
    const [inner1, inner2] = [shield(child1), shield(child2)];
    const all = gather(inner1, inner2);
    await waitAllTasksParked();
    all.cancel();
    await assert.rejects(all, CancelledError);
    assert.deepEqual(
      [inner1.cancelled(), inner2.cancelled(), child1.done(), child2.done()],
      [true, true, false, false],
    );
    child1.setResult(1);
    child2.setResult(2);
  }),
);

test(
  "shield() throws a cancellation that was pending when it was called, and what it shelters runs on",
  virtualTime(async (clock) => {
    const inner = createTask(() => sleep(10, "inner"));
    const outer = createTask(async () => {
      currentTask()!.cancel("before");
      await shield(inner);
    });
    await assert.rejects(outer, { name: "CancelledError", reason: "before" });
    await clock.advance(10);
    assert.equal(await inner, "inner");
  }),
);

test(
  "shield() has what it shelters owned by the scope around: it ends with it",
  virtualTime(async () => {
    const scope = new Scope(currentScope(), { kind: "request", ownsTasks: true });
    let inner: Task<void> | undefined;
    const outer = scope.run(() =>
      createTask(() =>
        shield(() => {
          inner = currentTask() as Task<void>;
          return sleep(60_000);
        }),
      ),
    );
    await waitAllTasksParked();
    outer.cancel();
    await assert.rejects(outer, CancelledError);
    assert.equal(inner?.done(), false);
    await scope.close();
    assert.equal(inner?.cancelled(), true);
  }),
);

test(
  "shield() that was cancelled leaves a later error of what it shelters to be reported",
  virtualTime(async () => {
    const problem = new Error("late");
    const reports: unknown[] = [];
    const before = setExceptionHandler(({ error }) => reports.push(error));
    try {
      const scope = new Scope(currentScope(), { ownsTasks: true });
      const inner = scope.run(() => new Future<void>());
      const outer = shield(inner);
      await waitAllTasksParked();
      outer.cancel();
      await assert.rejects(outer, CancelledError);
      inner.setException(problem);
      await scope.close();
      assert.deepEqual(reports, [problem]);
    } finally {
      setExceptionHandler(before);
    }
  }),
);

test("shield() refuses what cannot be awaited", () =>
  checkLeaks(async () => {
    const message = "Cannot shield as functions, tasks or promises are needed: current value is 5";
    assert.throws(() => shield(5 as never), { name: "TypeError", message });
  }));

test(
  "shield() of a promise that never settles leaves no task behind when its awaiter is cancelled",
  virtualTime(
    async () => {
      const never = new Promise<void>(() => {});
      const before = allTasks().size;
      for (let i = 0; i < 100; i++)
        await assert.rejects(
          timeout(0, () => shield(never)),
          TimeoutError,
        );
      assert.equal(allTasks().size, before);
    },
    { autoAdvance: true },
  ),
);
