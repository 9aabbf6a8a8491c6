import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Park } from "./park.ts";
import { currentScope } from "../scopes/scope.ts";
import { createTask, currentTask } from "../tasks/task.ts";
import { virtualTime, waitAllTasksParked } from "../../testing/index.ts";
import { WaitQueue } from "./wait-queue.ts";

const resource = { kind: "line" };

function ignore(): void {}

function line(count: number): { waiters: WaitQueue<unknown>; parks: Park[]; promises: Promise<unknown>[] } {
  const waiters = new WaitQueue<unknown>();
  const parks = Array.from({ length: count }, () => new Park(currentScope(), resource));
  for (const park of parks) waiters.add(park);
  return { waiters, parks, promises: parks.map((park) => park.promise()) };
}

test("WaitQueue.serve() wakes the first in line with the value, and returns whose wait it was", async () => {
  const { waiters, parks, promises } = line(2);
  assert.deepEqual([waiters.size, waiters.first === parks[0]], [2, true]);
  assert.deepEqual([waiters.serve("a"), waiters.serve("b"), waiters.serve("c")], [...parks, undefined]);
  assert.deepEqual(await Promise.all(promises), ["a", "b"]);
  assert.equal(waiters.size, 0);
});

test("WaitQueue.serveAll() wakes all that stand in line, but none that join as they are woken", async () => {
  const { waiters, parks, promises } = line(3);
  const late = new Park(currentScope(), resource);
  void promises[0]!.then(() => waiters.add(late));
  waiters.serveAll("go");
  assert.deepEqual(await Promise.all(promises), ["go", "go", "go"]);
  assert.deepEqual([waiters.size, waiters.first === late, parks.some((park) => park.isWaiting)], [1, true, false]);
  late.wake(undefined);
});

test("WaitQueue.failAll() ends each wait with an error of its own", async () => {
  const { waiters, promises } = line(2);
  let n = 0;
  waiters.failAll(() => new RangeError(`no ${++n}`));
  const results = await Promise.allSettled(promises);
  assert.deepEqual(
    results.map((result) => String((result as PromiseRejectedResult).reason)),
    ["RangeError: no 1", "RangeError: no 2"],
  );
});

test("WaitQueue lets a wait that ends leave the line at once, wherever it stood", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.nat(7)), (count, leaving) => {
      const { waiters, parks } = line(count);
      const expected = [...parks];
      for (const index of leaving) {
        const park = parks[index];
        if (park === undefined) continue;
        park.wake(undefined);
        park.wake(undefined); // once more does nothing
        if (expected.includes(park)) expected.splice(expected.indexOf(park), 1);
        assert.deepEqual([[...waiters], waiters.size, waiters.first], [expected, expected.length, expected[0]]);
      }
      waiters.serveAll(undefined);
    }),
  );
});

test(
  "WaitQueue.wait() gives back what it was given when it was cancelled in the same turn",
  virtualTime(async () => {
    const waiters = new WaitQueue<unknown>();
    const back: unknown[] = [];
    const task = createTask(() =>
      waiters.wait(resource, { giveBack: (value) => back.push(value), payload: "payload" }),
    );
    await waitAllTasksParked();
    assert.equal(waiters.first?.payload, "payload");
    waiters.serve("permit");
    task.cancel();
    await assert.rejects(task, { name: "CancelledError" });
    assert.deepEqual(back, ["permit"]);
  }),
);

test(
  "WaitQueue.wait() that is cancelled, or has a cancellation pending, was given nothing and leaves the line",
  virtualTime(async () => {
    const waiters = new WaitQueue<unknown>();
    const back: unknown[] = [];
    const task = createTask(() => waiters.wait(resource, { giveBack: (value) => back.push(value) }));
    await waitAllTasksParked();
    task.cancel();
    assert.equal(waiters.size, 0);
    await assert.rejects(task, { name: "CancelledError" });
    currentTask()!.cancel("pending");
    await assert.rejects(waiters.wait(resource, { giveBack: ignore }), { reason: "pending" });
    assert.deepEqual([back, waiters.size], [[], 0]);
  }),
);

// Joins outnumber the rest: a line has to grow while its first stands in the middle of the ring.
const anyStep = fc.oneof(
  { arbitrary: fc.constant("join" as const), weight: 4 },
  { arbitrary: fc.constant("serve" as const), weight: 2 },
  { arbitrary: fc.nat(9), weight: 1 },
);

test("WaitQueue keeps its order as it grows, whoever was served or has left before", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 10, maxLength: 60 }), (steps) => {
      const waiters = new WaitQueue<unknown>();
      const expected: Park[] = [];
      for (const step of steps) {
        if (step === "join") {
          const park = new Park(currentScope(), resource);
          waiters.add(park);
          expected.push(park);
        } else if (step === "serve") assert.equal(waiters.serve(undefined), expected.shift());
        else expected.splice(step, 1)[0]?.wake(undefined);
        assert.deepEqual([[...waiters], waiters.size], [expected, expected.length]);
      }
      waiters.serveAll(undefined);
    }),
  );
});

test("WaitQueue keeps those who wait when most of a long line have left", () => {
  const { waiters, parks } = line(1_000);
  for (const [index, park] of parks.entries()) if (index % 100 !== 0) park.wake(undefined);
  const left = parks.filter((_, index) => index % 100 === 0);
  assert.deepEqual([...waiters], left);
  for (const park of left) assert.equal(waiters.serve(undefined), park);
});

test("WaitQueue.fail() ends the first wait with the error, and returns whose wait it was", async () => {
  const { waiters, parks, promises } = line(2);
  assert.equal(waiters.fail(new RangeError("no")), parks[0]);
  await assert.rejects(promises[0]!, RangeError);
  assert.deepEqual([waiters.size, waiters.first === parks[1]], [1, true]);
  waiters.serveAll(undefined);
  assert.equal(waiters.fail(new RangeError("no")), undefined);
});

test(
  "WaitQueue.wait({ timeout }) ends when the time is over: with `undefined`, or with the error of timeoutError",
  virtualTime(async (clock) => {
    const waiters = new WaitQueue();
    const timeoutError = (): Error => new RangeError("too late");
    const plain = createTask(() => waiters.wait(resource, { timeout: 10 }));
    const failing = assert.rejects(
      createTask(() => waiters.wait(resource, { timeout: 20, timeoutError })),
      RangeError,
    );
    const served = createTask(() => waiters.wait(resource, { timeout: Infinity, timeoutError }));
    await clock.advance(10);
    assert.deepEqual([plain.done(), waiters.size], [true, 2]);
    await clock.advance(10);
    await failing;
    assert.equal(clock.timers, 0);
    await clock.advance(1_000);
    waiters.serve();
    await served;
    assert.deepEqual([waiters.size, clock.timers], [0, 0]);
  }),
);
