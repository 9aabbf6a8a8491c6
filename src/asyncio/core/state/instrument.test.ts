import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError } from "../errors/errors.ts";
import { type ExceptionContext, setExceptionHandler } from "../errors/exception-handler.ts";
import { addInstrument } from "./instrument.ts";
import { runtime } from "./runtime.ts";
import { sleep } from "../waits/sleep.ts";
import { createTask, currentTask } from "../tasks/task.ts";
import { virtualTime, waitAllTasksParked } from "../../testing/index.ts";

test(
  "addInstrument() tells of the life of a task: created, waiting, woken, cancelled, done",
  virtualTime(async (clock) => {
    const events: string[] = [];
    const remove = addInstrument({
      spawn: (task) => events.push(`spawn ${task.name}`),
      wait: (park) => park.scope.task?.name === "seen" && events.push(`wait ${park.resource.kind}`),
      wake: (park, error) =>
        park.scope.task?.name === "seen" && events.push(`wake ${error instanceof Error ? error.message : "well"}`),
      cancel: (scope, error) => events.push(`cancel ${scope.task?.name} ${String(error.reason)}`),
      close: (scope, failed) => events.push(`close ${scope.kind} ${failed}`),
      exit: (task) => events.push(`exit ${task.name} ${task.cancelled()}`),
    });
    try {
      const task = createTask(
        async () => {
          await sleep(10);
          await sleep(60_000);
        },
        { name: "seen" },
      );
      await clock.advance(10);
      task.cancel("why");
      await assert.rejects(task, CancelledError);
    } finally {
      remove();
    }
    assert.deepEqual(
      events.filter((event) => !event.includes("wait task")),
      [
        "spawn seen",
        "wait sleep",
        "wake well",
        "wait sleep",
        "cancel seen why",
        "wake why",
        "close task true",
        "exit seen true",
      ],
    );
  }),
);

test(
  "addInstrument() tells of a wait that did not begin, because a request was thrown instead",
  virtualTime(async () => {
    const refused: unknown[] = [];
    const remove = addInstrument({ refuse: (scope, error) => refused.push(scope.task?.name, error.reason) });
    const task = createTask(
      async () => {
        currentTask()!.cancel("pending");
        await sleep(10);
      },
      { name: "seen" },
    );
    await assert.rejects(task, CancelledError);
    remove();
    assert.deepEqual(refused, ["seen", "pending"]);
  }),
);

test("addInstrument() costs nothing once all are removed", () => {
  const before = runtime.instrument;
  const removeOne = addInstrument({ spawn() {} });
  const removeOther = addInstrument({ exit() {} });
  assert.notEqual(runtime.instrument, undefined);
  removeOne();
  removeOne();
  assert.deepEqual(Object.keys(runtime.instrument ?? {}), ["exit"]);
  removeOther();
  assert.equal(runtime.instrument, before);
});

test(
  "addInstrument() removes one that fails, reports it, and lets the others and the task go on",
  virtualTime(async () => {
    const problem = new Error("instrument");
    const reports: ExceptionContext[] = [];
    const before = setExceptionHandler((context) => reports.push(context));
    let calls = 0;
    let others = 0;
    const remove = [
      addInstrument({
        spawn() {
          calls++;
          throw problem;
        },
      }),
      addInstrument({ spawn: () => others++ }),
    ];
    try {
      assert.equal(await createTask(async () => "fine"), "fine");
      assert.equal(await createTask(async () => "fine"), "fine");
      await waitAllTasksParked();
      assert.deepEqual([calls, others], [1, 2]);
      assert.deepEqual(
        reports.map(({ message, error }) => [message, error]),
        [['An instrument failed at "spawn" and was removed', problem]],
      );
    } finally {
      for (const each of remove) each();
      setExceptionHandler(before);
    }
  }),
);

test(
  "addInstrument() calls several in the order in which they were added",
  virtualTime(async () => {
    const calls: number[] = [];
    const remove = [1, 2, 3].map((n) => addInstrument({ spawn: () => calls.push(n) }));
    await createTask(async () => {});
    for (const each of remove) each();
    assert.deepEqual(calls, [1, 2, 3]);
  }),
);

for (const value of [undefined, null, 5]) {
  test(`addInstrument() refuses ${value}`, () => {
    const message = `Cannot add an instrument as an object is needed: current value is ${value}`;
    assert.throws(() => addInstrument(value as never), { name: "TypeError", message });
  });
}

test(
  "addInstrument() tells of each step of a task, while an instrument asks for it",
  virtualTime(async () => {
    const steps: [string, number][] = [];
    const remove = addInstrument({ step: (task, ms) => steps.push([task.name, ms]) });
    const task = createTask(
      async () => {
        await sleep(0);
        for (const end = performance.now() + 5; performance.now() < end;);
      },
      { name: "busy" },
    );
    await task;
    await sleep(0);
    remove();
    const longest = Math.max(...steps.filter(([name]) => name === "busy").map(([, ms]) => ms));
    assert.ok(longest >= 4, `${longest} ms`);
    const count = steps.length;
    await createTask(() => sleep(0));
    assert.equal(steps.length, count);
  }),
);
