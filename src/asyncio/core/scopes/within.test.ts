import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualTime, waitAllTasksParked } from "../../testing/index.ts";
import { setExceptionHandler } from "../errors/exception-handler.ts";
import { currentScope, type Scope } from "./scope.ts";
import { sleep } from "../waits/sleep.ts";
import { createTask, currentTask, type Task } from "../tasks/task.ts";
import { taskGroup } from "../../combine/task-group.ts";
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
        message: "Cannot close a resource with the job as it has ended",
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

test("Scope.defer() calls a closer as often as it was given", async () => {
  let calls = 0;
  const closer = (): void => void calls++;
  await within({}, (scope) => {
    scope.defer(closer);
    scope.defer(closer);
    scope.defer(closer)();
  });
  assert.equal(calls, 2);
});

test(
  "Scope.defer() closes what was opened while other things close",
  virtualTime(async () => {
    const order: string[] = [];
    await within({}, (scope) => {
      scope.defer(() => {
        order.push("first");
        scope.defer(() => order.push("second"));
      });
    });
    assert.deepEqual(order, ["first", "second"]);
  }),
);

test(
  "Scope.defer() has its closer wait outside every scope, so that no cancellation cuts it",
  virtualTime(async (clock) => {
    let isClosed = false;
    const task = createTask(() =>
      within({}, (scope) => {
        scope.defer(async () => {
          await sleep(10);
          isClosed = true;
        });
      }),
    );
    await waitAllTasksParked();
    task.cancel("stop");
    await clock.advance(10);
    await assert.rejects(task, { reason: "stop" });
    assert.equal(isClosed, true);
  }),
);

test("within() calls onOwnCancel in the scope around it, where tasks can be created", async () => {
  const outer = currentScope();
  const scopes: Scope[] = [];
  await within(
    {},
    async (scope) => {
      scope.cancel();
      await sleep(1);
    },
    { onOwnCancel: () => void scopes.push(currentScope()) },
  );
  assert.deepEqual(scopes, [outer]);
});

test(
  "Scope.defer() closes what was opened when the clean-up of the tasks is over",
  virtualTime(
    async () => {
      const order: string[] = [];
      await within({ ownsTasks: true }, async (scope) => {
        scope.defer(() => order.push("closed"));
        createTask(async () => {
          try {
            await sleep(60_000);
          } finally {
            await sleep(10);
            order.push("cleaned up");
          }
        });
        await sleep(0);
      });
      assert.deepEqual(order, ["cleaned up", "closed"]);
    },
    { autoAdvance: true },
  ),
);

test(
  "within() whose body ends by a request has heard it, even if another task was told of that",
  virtualTime(
    async () => {
      let kid!: Task<void>;
      let wentOn = false;
      const follow = async (): Promise<void> => {
        await assert.rejects(
          within({}, () => kid.then((value) => value)),
          { name: "CancelledError", reason: "stop" },
        );
        await sleep(1);
        wentOn = true;
      };
      await taskGroup(async (group) => {
        kid = group.createTask(() => sleep(60_000));
        group.createTask(follow);
        await sleep(0);
        group.cancel("stop");
      });
      assert.equal(wentOn, true);
    },
    { autoAdvance: true },
  ),
);

test(
  "Scope.defer() leaves no timer behind when its closer has ended",
  virtualTime(async (clock) => {
    await within({}, (scope) => void scope.defer(() => Promise.resolve()));
    assert.equal(clock.timers, 0);
  }),
);
