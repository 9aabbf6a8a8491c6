import assert from "node:assert/strict";
import { test } from "node:test";
import { setExceptionHandler } from "../core/errors/exception-handler.ts";
import { run, Runner } from "./runner.ts";
import { checkpoint, sleep } from "../core/waits/sleep.ts";
import { createTask, currentTask } from "../core/tasks/task.ts";
import { getEventLoop, newEventLoop } from "./new-event-loop.ts";
import { checkLeaks, VirtualClock, waitAllTasksParked } from "../testing/index.ts";

test("EventLoop.createTask() makes a task that starts when the loop runs, not before", async () => {
  const loop = newEventLoop();
  const started: string[] = [];
  const one = loop.createTask(async () => void started.push("one"));
  const two = loop.createTask(() => sleep(1, started.push("two")), { name: "two" });
  await waitAllTasksParked();
  assert.deepEqual([started, two.name, two.done()], [[], "two", false]);
  assert.equal(await loop.runUntilComplete(two), 2);
  assert.deepEqual([started, one.done()], [["one", "two"], true]);
  await loop.close();
});

test("EventLoop.createTask() starts at once while the loop runs", async () => {
  const loop = newEventLoop();
  const value = await loop.runUntilComplete(async () => await loop.createTask(() => sleep(1, "child")));
  assert.equal(value, "child");
  await loop.close();
});

test("EventLoop.createTask() before Runner.run() starts with it", async () => {
  await using runner = new Runner();
  const task = runner.getLoop().createTask(() => "cold");
  assert.equal(await runner.run(() => task), "cold");
});

test("EventLoop.runUntilComplete() takes a function, a task and a promise, and throws what they throw", async () => {
  const loop = newEventLoop();
  assert.equal(await loop.runUntilComplete(() => 1), 1);
  assert.equal(await loop.runUntilComplete(loop.createTask(async () => 2)), 2);
  assert.equal(await loop.runUntilComplete(Promise.resolve(3)), 3);
  const failing = loop.runUntilComplete(async () => {
    await checkpoint();
    throw new RangeError("inside");
  });
  await assert.rejects(failing, RangeError);
  await loop.close();
});

test("EventLoop.runUntilComplete() refuses what cannot be run, while another runs, and when it is closed", async () => {
  const loop = newEventLoop();
  await assert.rejects(loop.runUntilComplete(5 as never), { name: "TypeError", message: /current value is 5/ });
  const nested = loop.runUntilComplete(() => newEventLoop().runUntilComplete(() => 1));
  await assert.rejects(nested, { name: "InvalidStateError", message: /as one is running/ });
  await loop.close();
  await assert.rejects(
    loop.runUntilComplete(() => 1),
    { name: "InvalidStateError", message: /is closed/ },
  );
});

test("EventLoop.close() cancels what is left, also tasks that never started, and can be called again", async () => {
  const loop = newEventLoop();
  let started = false;
  const cold = loop.createTask(async () => void (started = true));
  const left = await loop.runUntilComplete(async () => ({ task: createTask(() => sleep(60_000)) }));
  const never = loop.createTask(async () => void (started = true));
  await loop.close();
  assert.deepEqual([cold.result(), left.task.cancelled(), never.cancelled()], [undefined, true, true]);
  assert.deepEqual([started, loop.isClosed()], [true, true]);
  await loop.close();
});

test("EventLoop that is closed never starts a cold task, whoever closes it", async () => {
  let started = false;
  const runner = new Runner();
  const task = runner.getLoop().createTask(async () => void (started = true));
  await runner.close();
  assert.deepEqual([task.cancelled(), started, runner.getLoop().isClosed()], [true, false, true]);
});

test("EventLoop.createTask() refuses what is no function, and when the loop is closed", async () => {
  const loop = newEventLoop();
  assert.throws(() => loop.createTask(Promise.resolve() as never), {
    name: "TypeError",
    message: /a promise that already runs/,
  });
  await loop.close();
  const refusal = { name: "InvalidStateError", message: "Cannot create a task as the event loop is closed" };
  assert.throws(() => loop.createTask(() => 1), refusal);
});

test("EventLoop.isRunning() is true within what it runs only", async () => {
  const loop = newEventLoop();
  assert.equal(loop.isRunning(), false);
  assert.equal(await loop.runUntilComplete(async () => loop.isRunning()), true);
  assert.deepEqual([loop.isRunning(), loop.isClosed()], [false, false]);
  await loop.close();
});

test("EventLoop.time() is the time of the clock that sleeps follow", async () => {
  using clock = new VirtualClock();
  const loop = newEventLoop();
  assert.equal(loop.time(), 0);
  await clock.advance(250);
  assert.equal(loop.time(), 250);
  await loop.close();
});

test("getEventLoop() gives the loop that runs, else one of the process, made anew when it was closed", async () => {
  const ofProcess = getEventLoop();
  assert.equal(getEventLoop(), ofProcess);
  assert.equal(await run(() => getEventLoop() === ofProcess), false);
  const [loop, name] = await ofProcess.runUntilComplete(() => [getEventLoop(), currentTask()?.name] as const);
  assert.deepEqual([loop === ofProcess, name], [true, "main"]);
  await ofProcess.close();
  const next = getEventLoop();
  assert.notEqual(next, ofProcess);
  await next.close();
});

test("newEventLoop() takes the options of run(), and leaves nothing behind", async () => {
  assert.throws(() => newEventLoop({ shutdownTimeout: NaN }), RangeError);
  const reports: string[] = [];
  const before = setExceptionHandler(({ message }) => reports.push(message));
  await checkLeaks(async () => {
    const loop = newEventLoop({ shutdownTimeout: 10, handleSignals: false });
    await loop.runUntilComplete(
      async () => void createTask(() => Promise.withResolvers<void>().promise, { name: "stuck" }),
    );
    await loop.runUntilComplete(() => checkpoint());
    await loop.close();
  });
  setExceptionHandler(before);
  assert.match(reports.join(), /Task stuck did not stop within 10 ms/);
});
