import assert from "node:assert/strict";
import { test } from "node:test";
import { ContextVar } from "../state/context-var.ts";
import { CancelledError } from "../errors/errors.ts";
import { type ExceptionContext, setExceptionHandler } from "../errors/exception-handler.ts";
import { Future } from "./future.ts";
import { gather } from "../../combine/gather.ts";
import { currentScope, Scope } from "../scopes/scope.ts";
import { sleep } from "../waits/sleep.ts";
import { createTask, currentTask, type Task } from "./task.ts";
import { checkLeaks, virtualTime, waitAllTasksParked } from "../../testing/index.ts";

test("Task is a Promise, and what its methods give are plain ones", async () => {
  const task = createTask(async () => 1);
  assert.ok(task instanceof Promise);
  for (const derived of [task.then((value) => value), task.catch(() => 0), task.finally(() => {})]) {
    assert.equal(derived.constructor, Promise);
    assert.equal(await derived, 1);
  }
});

const parking: [name: string, wait: (task: Task<void>) => Promise<unknown>][] = [
  ["await", async (task) => await task],
  ["Promise.all()", (task) => Promise.all([task, task])],
  ["Promise.race()", (task) => Promise.race([task, new Promise(() => {})])],
  [
    "then() with two handlers",
    (task) =>
      task.then(
        (value) => value,
        (error: unknown) => Promise.reject(error as Error),
      ),
  ],
];

for (const [name, wait] of parking) {
  test(
    `Awaitable.then() registers the wait of the task by ${name}: it is seen, and a cancellation reaches what it awaits`,
    virtualTime(async () => {
      const inner = createTask(() => sleep(60_000));
      const outer = createTask(() => wait(inner));
      await waitAllTasksParked();
      assert.deepEqual(inner.awaitedBy, [outer]);
      assert.equal(outer.waits[0]?.resource, inner);
      outer.cancel("enough");
      await assert.rejects(outer, { name: "CancelledError", reason: "enough" });
      assert.equal(inner.cancelled(), true);
      assert.deepEqual(inner.awaitedBy, []);
    }),
  );
}

const passing: [name: string, derive: (task: Task<void>) => Promise<unknown>][] = [
  ["then() with one handler", (task) => task.then(() => {})],
  ["catch()", (task) => task.catch(() => {})],
  ["finally()", (task) => task.finally(() => {})],
];

for (const [name, derive] of passing) {
  test(
    `Awaitable.then() registers nothing by ${name}: it awaits nothing, and cancels nothing`,
    virtualTime(async (clock) => {
      const inner = createTask(() => sleep(10));
      const outer = createTask(() => derive(inner));
      await waitAllTasksParked();
      assert.deepEqual(inner.awaitedBy, []);
      assert.equal(outer.waits.length, 0);
      outer.cancel();
      await clock.advance(10);
      assert.deepEqual([inner.cancelled(), outer.cancelled()], [false, true]); // it was pending until its end
    }),
  );
}

test(
  "Awaitable.then() of what is done is no wait: a pending cancellation goes on to the next",
  virtualTime(async () => {
    const done = createTask(async () => "done");
    await done;
    const task = createTask(async () => {
      currentTask()!.cancel();
      assert.equal(await done, "done");
      await sleep(0);
    });
    await assert.rejects(task, CancelledError);
  }),
);

test("Awaitable.then() outside any task awaits like any promise", () =>
  checkLeaks(async () => {
    const task = createTask(() => sleep(1, "done"));
    assert.equal(await task, "done");
    assert.deepEqual(task.awaitedBy, []);
  }));

test(
  "Awaitable.awaitedBy has each task once, in the order in which they began",
  virtualTime(async (clock) => {
    const inner = createTask(() => sleep(10));
    const first = createTask(() => Promise.all([inner, inner]));
    const second = createTask(async () => {
      await inner;
    });
    await waitAllTasksParked();
    assert.deepEqual(inner.awaitedBy, [first, second]);
    await clock.advance(10);
    assert.deepEqual(inner.awaitedBy, []);
  }),
);

test(
  "Awaitable.addDoneCallback() calls in the context in which it was added",
  virtualTime(async () => {
    const name = new ContextVar("name", "nobody");
    const seen: unknown[] = [];
    const future = new Future<void>();
    const adder = createTask(async () => {
      name.set("adder");
      future.addDoneCallback(() => seen.push(name.get(), currentTask()));
    });
    await adder;
    await createTask(async () => {
      name.set("setter");
      future.setResult();
    });
    await waitAllTasksParked();
    assert.deepEqual(seen, ["adder", adder]);
  }),
);

test(
  "Awaitable.addDoneCallback() reports a callback that throws, and calls the others",
  virtualTime(async () => {
    const reports: ExceptionContext[] = [];
    const before = setExceptionHandler((context) => reports.push(context));
    try {
      const problem = new Error("callback");
      const future = new Future<void>({ name: "f" });
      let called = false;
      future.addDoneCallback(() => {
        throw problem;
      });
      future.addDoneCallback(() => (called = true));
      future.setResult();
      await waitAllTasksParked();
      assert.deepEqual(reports, [{ message: "A done callback of future f failed", error: problem }]);
      assert.equal(called, true);
    } finally {
      setExceptionHandler(before);
    }
  }),
);

for (const callback of [undefined, "print", 5]) {
  test(`Awaitable.addDoneCallback() refuses what is not a function: ${callback}`, () => {
    const future = new Future<void>();
    assert.throws(() => future.addDoneCallback(callback as never), { name: "TypeError", message: /current value is / });
  });
}

test(
  "Awaitable.cancel() by one of two awaiters ends the wait of both: what they share is cancelled",
  virtualTime(async () => {
    const shared = createTask(() => sleep(60_000));
    const [one, other] = [1, 2].map(() =>
      createTask(async () => {
        await shared;
      }),
    ) as [Task<void>, Task<void>];
    await waitAllTasksParked();
    one.cancel();
    await assert.rejects(one, CancelledError);
    await assert.rejects(other, CancelledError);
    // The other task was not cancelled itself: the task that it awaits was.
    assert.deepEqual([one.cancelling(), other.cancelling()], [1, 0]);
  }),
);

test(
  "Awaitable.cancel() reaches what is awaited twice once, so that it can keep it to itself",
  virtualTime(async () => {
    const inner = createTask(async () => {
      await sleep(60_000).catch(() => {});
      return "stayed";
    });
    const outer = createTask(() => Promise.all([inner, inner]));
    await waitAllTasksParked();
    outer.cancel();
    assert.equal(inner.cancelling(), 1);
    assert.equal(await inner, "stayed");
    assert.deepEqual(await outer, ["stayed", "stayed"]);
  }),
);

test(
  "Task.cancel() ends tasks that wait for each other in a circle",
  virtualTime(async () => {
    const tasks: Task<unknown>[] = [];
    tasks.push(
      createTask(async () => await tasks[1]),
      createTask(async () => await tasks[0]),
    );
    await waitAllTasksParked();
    assert.equal(tasks[0]!.cancel("enough"), true);
    await waitAllTasksParked();
    assert.deepEqual(
      tasks.map((task) => task.cancelled()),
      [true, true],
    );
  }),
);

// Refused awaits.

test(
  "An await that is refused, as its scope has ended, leaves a later failure to be reported, and not to end the process",
  virtualTime(async () => {
    const messages: string[] = [];
    const before = setExceptionHandler(({ message }) => messages.push(message));
    const gate = Promise.withResolvers<void>();
    const failing = createTask(
      async () => {
        await gate.promise;
        throw new RangeError("late");
      },
      { name: "failing" },
    );
    const ended = new Scope(currentScope());
    void ended.close();
    await assert.rejects(
      ended.run(async () => await failing),
      { name: "CancelledError" },
    );
    gate.resolve();
    await waitAllTasksParked();
    setExceptionHandler(before);
    assert.ok(failing.done());
    await assert.rejects(failing, RangeError);
    assert.deepEqual(messages, []);
  }),
);

for (let position = 0; position < 12; position++) {
  test(
    `An await of a gather that is cancelled when its children are just done, ${position} microtasks later, loses no failure`,
    virtualTime(async () => {
      const rejections: unknown[] = [];
      const listen = (reason: unknown): void => void rejections.push(reason);
      process.on("unhandledRejection", listen);
      const children = [new Future<void>(), new Future<void>()];
      const all = gather(...children);
      const task = createTask(async () => {
        for (let i = 0; i < position; i++) await Promise.resolve();
        currentTask()!.cancel("stop");
        await all;
      });
      for (const child of children) child.setException(new RangeError("planned"));
      await assert.rejects(task);
      await waitAllTasksParked();
      await assert.rejects(all, RangeError);
      process.off("unhandledRejection", listen);
      assert.deepEqual(rejections, []);
    }),
  );
}

test(
  "Task.cancel() of an awaiter reaches a task that has kept an earlier request to itself",
  virtualTime(async () => {
    const kid = createTask(() => sleep(60_000));
    const task = createTask(async () => {
      await Promise.allSettled([kid]);
      await sleep(60_000);
    });
    const keeper = createTask(async () => {
      await task;
    });
    await waitAllTasksParked();
    task.cancel("first");
    await waitAllTasksParked();
    assert.equal(task.done(), false);
    keeper.cancel("second");
    await assert.rejects(task, { name: "CancelledError", reason: "second" });
    await assert.rejects(keeper);
  }),
);

test(
  "An await that is refused does not count as asked for: a later failure is reported when the owner ends",
  virtualTime(async () => {
    const messages: string[] = [];
    const before = setExceptionHandler(({ message }) => messages.push(message));
    const gate = Promise.withResolvers<void>();
    const owner = new Scope(currentScope(), { ownsTasks: true });
    const fail = (): Promise<void> => gate.promise.then(() => Promise.reject(new RangeError("late")));
    const failing = owner.run(() => createTask(fail, { name: "failing" }));
    const ended = new Scope(currentScope());
    void ended.close();
    await assert.rejects(
      ended.run(async () => await failing),
      { name: "CancelledError" },
    );
    gate.resolve();
    await waitAllTasksParked();
    await owner.close();
    setExceptionHandler(before);
    assert.deepEqual(messages, ["Task failing failed and nobody awaited it"]);
  }),
);
