import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualTime, waitAllTasksParked } from "../../testing/index.ts";
import { setExceptionHandler } from "../errors/exception-handler.ts";
import type { Scope } from "./scope.ts";
import { sleep } from "../waits/sleep.ts";
import { createTask, currentTask, type Task } from "../tasks/task.ts";
import { within } from "./within.ts";

test(
  "within() gives what its body returns, and closes the scope with the tasks in it",
  virtualTime(async () => {
    let child!: Task<void>;
    let inner!: Scope;
    const value = await within({ kind: "job", ownsTasks: true }, async (scope) => {
      inner = scope;
      child = createTask(() => sleep(60_000));
      return "done";
    });
    assert.deepEqual([value, child.cancelled(), inner.isClosed, inner.kind], ["done", true, true, "job"]);
  }),
);

test(
  "within() hands its own cancellation to onOwnCancel, and throws it without",
  virtualTime(async () => {
    const stopped = (scope: Scope): Promise<string> => {
      queueMicrotask(() => scope.cancel("enough"));
      return sleep(60_000, "never");
    };
    const onOwnCancel = ({ reason }: { readonly reason: unknown }): string => `stopped: ${String(reason)}`;
    assert.equal(await within({}, stopped, { onOwnCancel }), "stopped: enough");
    await assert.rejects(within({}, stopped), { name: "CancelledError", reason: "enough" });
  }),
);

test(
  "within() passes a cancellation from outside on, even if its own scope was cancelled as well",
  virtualTime(async () => {
    const onOwnCancel = (): void => assert.fail("absorbed");
    const task = createTask(() =>
      within(
        {},
        async (scope) => {
          try {
            await sleep(60_000);
          } finally {
            scope.cancel("own");
          }
        },
        { onOwnCancel },
      ),
    );
    await waitAllTasksParked();
    task.cancel("outer");
    await assert.rejects(task, { reason: "outer" });
  }),
);

test("within() throws what its body throws, `undefined` too, and calls onLeave once", async () => {
  let left = 0;
  const hooks = { onLeave: (): void => void left++ };
  await assert.rejects(
    within({}, () => Promise.reject(new RangeError("inside")), hooks),
    RangeError,
  );
  const nothing = await within({}, () => Promise.reject(undefined as unknown as Error), hooks).then(
    () => "resolved",
    (error: unknown) => error,
  );
  assert.deepEqual([nothing, left], [undefined, 2]);
  await assert.rejects(within({}, "body" as never), {
    name: "TypeError",
    message: 'Cannot run in a scope as a function is needed: current value is "body"',
  });
});

test(
  "Scope.defer() closes what was opened when the tasks of the scope are over, the last first, and awaits it",
  virtualTime(
    async () => {
      const order: string[] = [];
      await within(
        { ownsTasks: true },
        async (scope) => {
          for (const name of ["first", "second"]) {
            scope.defer(async () => {
              await sleep(10);
              order.push(name);
            });
          }
          scope.defer(() => order.push("taken back"))();
          createTask(async () => {
            try {
              await sleep(60_000);
            } finally {
              order.push("task");
            }
          });
          await sleep(0);
        },
        {},
      );
      assert.deepEqual(order, ["task", "second", "first"]);
    },
    { autoAdvance: true },
  ),
);

test(
  "Scope.defer() reports what a closer throws, names one that hangs, and refuses a scope that has ended",
  virtualTime(
    async () => {
      const messages: string[] = [];
      const before = setExceptionHandler(({ message, error }) => messages.push(`${message} ${String(error)}`));
      let ended!: Scope;
      try {
        await within({ kind: "job" }, (scope) => {
          ended = scope;
          scope.defer(() => Promise.reject(new Error("stuck")));
          scope.defer(() => new Promise(() => {}));
        });
      } finally {
        setExceptionHandler(before);
      }
      assert.deepEqual(messages, [
        "What was opened in a job did not close in time, and was left undefined",
        "Closing what was opened in a job failed Error: stuck",
      ]);
      assert.throws(() => ended.defer(() => {}), {
        name: "InvalidStateError",
        message: "Cannot have something closed with the job as it has ended",
      });
    },
    { autoAdvance: true },
  ),
);

test(
  "Scope.defer() keeps nothing of 100,000 closers that were taken back",
  virtualTime(async () => {
    await within({}, (scope) => {
      for (let i = 0; i < 100_000; i++) scope.defer(() => assert.fail("called"))();
    });
    assert.equal(currentTask()?.cancelling(), 0);
  }),
);
