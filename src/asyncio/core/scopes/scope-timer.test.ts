import assert from "node:assert/strict";
import { test } from "node:test";
import { currentScope } from "./scope.ts";
import { ScopeTimer } from "./scope-timer.ts";
import { sleep } from "../waits/sleep.ts";
import { createTask, currentTask } from "../tasks/task.ts";
import { checkLeaks, virtualTime } from "../../testing/index.ts";

test(
  "ScopeTimer calls its function when the time is over, outside any task, and once",
  virtualTime(async (clock) => {
    const calls: unknown[] = [];
    const task = createTask(async () => {
      const timer = new ScopeTimer(currentScope(), 100, () => calls.push(currentTask()));
      await sleep(1_000);
      timer.stop();
    });
    await clock.advance(99);
    assert.deepEqual(calls, []);
    await clock.advance(901);
    await task;
    assert.deepEqual(calls, [undefined]);
  }),
);

test(
  "ScopeTimer is not called when it was stopped, or has no end",
  virtualTime(async (clock) => {
    const never = (): never => assert.fail("called");
    new ScopeTimer(currentScope(), 100, never).stop();
    const endless = new ScopeTimer(currentScope(), Infinity, never);
    await clock.advance(1_000);
    endless.stop();
    endless.stop();
  }),
);

test(
  "ScopeTimer gives its scope the time of the earliest, and gives it back",
  virtualTime(async (clock) => {
    await clock.advance(7);
    await createTask(() => {
      const scope = currentScope();
      const outer = new ScopeTimer(scope, 100, () => {});
      const later = new ScopeTimer(scope, 200, () => {});
      assert.deepEqual([outer.when, later.when, scope.deadline], [107, 207, 107]);
      later.stop();
      const earlier = new ScopeTimer(scope, 50, () => {});
      assert.equal(scope.deadline, 57);
      earlier.stop();
      assert.equal(scope.deadline, 107);
      outer.stop();
      assert.equal(scope.deadline, undefined);
    });
  }),
);

test("ScopeTimer leaves nothing behind when it is stopped", () =>
  checkLeaks(() => createTask(() => new ScopeTimer(currentScope(), 60_000, () => {}).stop())));
