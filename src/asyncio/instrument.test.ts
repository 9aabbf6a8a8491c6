import assert from "node:assert/strict";
import { test } from "node:test";
import { setExceptionHandler } from "./exception-handler.ts";
import { addInstrument } from "./instrument.ts";
import { runtime } from "./runtime.ts";
import { sleep } from "./sleep.ts";
import { createTask } from "./task.ts";
import { virtualTime } from "./testing/index.ts";

test(
  "addInstrument() hears a task spawn, wait, wake, be cancelled and exit, in that order",
  virtualTime(async (clock) => {
    const heard: string[] = [];
    const isMine = (task: { name: string } | undefined): boolean => task?.name === "mine";
    const remove = addInstrument({
      spawn: (task) => isMine(task) && heard.push("spawn"),
      wait: (park) => isMine(park.scope.task) && heard.push(`wait ${park.resource.kind}`),
      wake: (park, error) => isMine(park.scope.task) && heard.push(error === undefined ? "wake" : "wake by an error"),
      cancel: (scope) => isMine(scope.task) && heard.push("cancel"),
      exit: (task) => isMine(task) && heard.push("exit"),
    });
    const task = createTask(
      async () => {
        await sleep(5);
        await sleep(1_000);
      },
      { name: "mine" },
    );
    await clock.advance(5);
    task.cancel();
    await assert.rejects(task);
    remove();
    assert.deepEqual(heard, ["spawn", "wait sleep", "wake", "wait sleep", "cancel", "wake by an error", "exit"]);
  }),
);

test("addInstrument() costs nothing once the last instrument is removed", () => {
  const before = runtime.instrument;
  const remove = addInstrument({ spawn: () => undefined });
  assert.notEqual(runtime.instrument, undefined);
  remove();
  assert.equal(runtime.instrument, before);
});

test("addInstrument() tells a `step` listener which task ran, and for how long, and only while it is added", async () => {
  const steps: { name: string; ms: number }[] = [];
  const remove = addInstrument({ step: (task, ms) => steps.push({ name: task.name, ms }) });
  const busy = createTask(
    async () => {
      const end = performance.now() + 20;
      while (performance.now() < end);
    },
    { name: "busy" },
  );
  await busy;
  remove();
  assert.ok(steps.some(({ name, ms }) => name === "busy" && ms >= 20));
  const { length } = steps;
  await createTask(async () => undefined, { name: "unwatched" });
  assert.equal(steps.length, length);
});

test("addInstrument() removes an instrument that fails, and reports it", async () => {
  const messages: string[] = [];
  const before = setExceptionHandler(({ message }) => void messages.push(message));
  let calls = 0;
  addInstrument({
    spawn() {
      calls++;
      throw new Error("bad instrument");
    },
  });
  await createTask(async () => undefined);
  await createTask(async () => undefined);
  setExceptionHandler(before);
  assert.equal(calls, 1);
  assert.deepEqual(messages, ['An instrument failed at "spawn" and was removed']);
});
