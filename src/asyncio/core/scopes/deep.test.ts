// Very deep and very large structures: chains of tasks, nested scopes and many children, a hundred thousand of each.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gather } from "../../combine/gather.ts";
import { taskGroup } from "../../combine/task-group.ts";
import { timeout } from "../../combine/timeout.ts";
import { checkLeaks, virtualTime, waitAllTasksParked } from "../../testing/index.ts";
import { InvalidStateError, TimeoutError } from "../errors/errors.ts";
import { currentScope, Scope } from "./scope.ts";
import { sleep } from "../waits/sleep.ts";
import { allTasks, createTask, type Task, type TaskFunction } from "../tasks/task.ts";

const many = 100_000;

type Create = (fn: TaskFunction<void>) => Task<void>;

/** Tasks that each await the previous one, the first of which sleeps; and a count of those that have cleaned up. */
function chain(length: number, create: Create = createTask): { last: Task<void>; tidied: () => number } {
  let tidied = 0;
  let last: Task<void> | undefined;
  for (let i = 0; i < length; i++) {
    const before = last;
    last = create(async () => {
      try {
        await (before ?? sleep(60_000));
      } finally {
        tidied++;
      }
    });
  }
  return { last: last!, tidied: () => tidied };
}

test(
  "Task.cancel() reaches the end of a chain of 100,000 tasks that each await the one before",
  virtualTime(async () => {
    const { last, tidied } = chain(many);
    await waitAllTasksParked();
    last.cancel("stop");
    assert.equal(last.cancelling(), 1);
    await assert.rejects(last, { name: "CancelledError", reason: "stop" });
    assert.equal(tidied(), many);
  }),
);

test(
  "Task.cancel() counts one request, whether a task is reached by one way or by many",
  virtualTime(
    async () => {
      const counts: number[] = [];
      const slow = createTask(async () => {
        try {
          await sleep(60_000);
        } finally {
          counts.push(slow.cancelling());
          await sleep(5);
        }
      });
      const sides = [1, 2, 3].map(() => createTask(async () => slow));
      const all = createTask(() => Promise.all(sides));
      const passing = createTask(() => sleep(5));
      await waitAllTasksParked();
      all.cancel();
      passing.cancel();
      await waitAllTasksParked();
      assert.deepEqual([counts, sides.map((side) => side.cancelling())], [[1], [1, 1, 1]]);
    },
    { autoAdvance: true },
  ),
);

test("timeout() ends a chain of 100,000 tasks, from its timer", () =>
  checkLeaks(async () => {
    let tidied = (): number => 0;
    const limited = timeout(1, () => {
      const made = chain(many);
      tidied = made.tidied;
      return made.last;
    });
    await assert.rejects(limited, TimeoutError);
    assert.equal(tidied(), many);
  }));

test(
  "TaskGroup.cancel() ends a group of 100,000 tasks that each await the one before",
  virtualTime(async () => {
    let tidied = (): number => 0;
    await taskGroup(async (group) => {
      ({ tidied } = chain(many, (fn) => group.createTask(fn)));
      await waitAllTasksParked();
      group.cancel();
    });
    assert.equal(tidied(), many);
  }),
);

test(
  "Task.cancel() reaches the innermost of 100,000 scopes, and each passes it on",
  virtualTime(async () => {
    let tidied = 0;
    async function nest(depth: number): Promise<void> {
      await Promise.resolve(); // so that the user's own call stack does not overflow
      try {
        await (depth === 0 ? sleep(60_000) : timeout(60_000, () => nest(depth - 1)));
      } finally {
        tidied++;
      }
    }
    const task = createTask(() => nest(many));
    await waitAllTasksParked();
    task.cancel("stop");
    await assert.rejects(task, { name: "CancelledError", reason: "stop" });
    assert.equal(tidied, many + 1);
  }),
);

test(
  "gather() of 100,000 is cancelled as a whole",
  virtualTime(async () => {
    let tidied = 0;
    const all = gather(
      Array.from({ length: many }, () => async (): Promise<void> => {
        try {
          await sleep(60_000);
        } finally {
          tidied++;
        }
      }),
    );
    await waitAllTasksParked();
    all.cancel("stop");
    await assert.rejects(all, { name: "CancelledError", reason: "stop" });
    assert.equal(tidied, many);
  }),
);

test(
  "Scope.close() ends 100,000 scopes within it",
  virtualTime(async () => {
    const top = new Scope(currentScope());
    let scope = top;
    for (let i = 0; i < many; i++) scope = new Scope(scope);
    const lost = assert.rejects(
      scope.run(() => sleep(60_000)),
      { name: "CancelledError" },
    );
    await top.close(true);
    await lost;
    assert.deepEqual([scope.isClosed, top.children], [true, []]);
  }),
);

test(
  "allTasks() finds tasks that own each other, 100,000 deep",
  virtualTime(async () => {
    const before = allTasks().size;
    function own(depth: number): void {
      if (depth > 0) createTask(async () => (own(depth - 1), sleep(60_000)), { ownsTasks: true });
    }
    const top = createTask(async () => (own(many - 1), sleep(60_000)), { ownsTasks: true });
    await waitAllTasksParked();
    assert.equal(allTasks().size - before, many);
    top.cancel();
    await assert.rejects(top);
    assert.equal(allTasks().size, before);
  }),
);

test(
  "Task.cancel() that meets a failure on its way still delivers the next one",
  virtualTime(async () => {
    const task = createTask(async () => {
      for (let i = 0; i < 2; i++) {
        try {
          await sleep(60_000);
        } catch {
          // The second request must arrive too.
        }
      }
      return "both came";
    });
    await waitAllTasksParked();
    task.cancel();
    await waitAllTasksParked();
    task.cancel();
    assert.equal(await task, "both came");
  }),
);

test("createTask() in a scope that has ended is refused", () => {
  const scope = new Scope(currentScope(), { ownsTasks: true });
  void scope.close();
  assert.throws(() => scope.run(() => createTask(() => sleep(1))), InvalidStateError);
});
