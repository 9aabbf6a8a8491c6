import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { runtime } from "../core/state/runtime.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask, type Task } from "../core/tasks/task.ts";
import { checkLeaks, findLeaks, takeFootprint } from "./leaks.ts";

test("checkLeaks() gives what the function gives when nothing is left", async () => {
  assert.equal(await checkLeaks(async () => await createTask(() => sleep(1, "value"))), "value");
});

test("checkLeaks() throws what the function throws", async () => {
  await assert.rejects(
    checkLeaks(() => assert.fail("inside")),
    /inside/,
  );
});

test("checkLeaks() names a task that is left, with what it waits for", async () => {
  let left!: Task<void>;
  const leaky = checkLeaks(() => {
    left = createTask(() => sleep(Infinity), { name: "left" });
  });
  await assert.rejects(leaky, { message: "Left behind:\n  task left: it waits for sleep" });
  left.cancel();
  await assert.rejects(left, { name: "CancelledError" });
});

test("checkLeaks() counts timers, listeners and open handles that are left", async () => {
  const timer = { now: () => runtime.timers.add(60_000, () => {}, undefined) };
  let added: ReturnType<typeof timer.now> | undefined;
  await assert.rejects(
    checkLeaks(() => void (added = timer.now())),
    /Left behind:\n {2}timers: 1/,
  );
  runtime.timers.remove(added!);
  const listener = (): void => {};
  await assert.rejects(
    checkLeaks(() => void process.on("SIGUSR2", listener)),
    /process listeners for SIGUSR2: 1/,
  );
  process.off("SIGUSR2", listener);
  const server = createServer();
  const listening = Promise.withResolvers<void>();
  const open = checkLeaks(() => (server.listen(0, "127.0.0.1", listening.resolve), listening.promise));
  await assert.rejects(open, /open TCPServerWrap: 1/);
  const closed = Promise.withResolvers<unknown>();
  server.close(closed.resolve);
  await closed.promise;
});

test("checkLeaks() waits the few turns that closing takes", async () => {
  await checkLeaks(async () => {
    const server = createServer();
    const listening = Promise.withResolvers<void>();
    server.listen(0, "127.0.0.1", listening.resolve);
    await listening.promise;
    server.close();
  });
});

test("findLeaks() says nothing about what was there before, or has gone", () => {
  const listener = (): void => {};
  process.on("SIGUSR2", listener);
  const before = takeFootprint();
  assert.deepEqual(findLeaks(before), []);
  process.off("SIGUSR2", listener);
  assert.deepEqual(findLeaks(before), []);
});
