import assert from "node:assert/strict";
import { test } from "node:test";
import { runtime } from "../core/state/runtime.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask } from "../core/tasks/task.ts";
import { timeout } from "../combine/timeout.ts";
import { VirtualClock } from "./virtual-clock.ts";

test("VirtualClock stands still until it is told to advance", async () => {
  using clock = new VirtualClock();
  const nap = createTask(() => sleep(1_000, "rested"));
  assert.deepEqual([clock.now(), clock.timers], [0, 0]);
  await clock.advance(999);
  assert.deepEqual([nap.done(), clock.now(), clock.timers, clock.next], [false, 999, 1, 1_000]);
  await clock.advance(1);
  assert.deepEqual([nap.done(), clock.timers, clock.next], [true, 0, Infinity]);
  assert.equal(await nap, "rested");
});

test("VirtualClock.advance() ends each sleep at its moment, and lets all come to rest between one and the next", async () => {
  using clock = new VirtualClock();
  const seen: [string, number][] = [];
  const tick = async (name: string, ms: number): Promise<void> => {
    for (let n = 0; n < 3; n++) {
      await sleep(ms);
      seen.push([name, clock.now()]);
    }
  };
  const tasks = [createTask(() => tick("a", 20)), createTask(() => tick("b", 30))];
  await clock.advance(100);
  for (const task of tasks) await task;
  assert.deepEqual(seen, [
    ["a", 20],
    ["b", 30],
    ["a", 40],
    ["b", 60],
    ["a", 60],
    ["b", 90],
  ]);
  assert.equal(clock.now(), 100);
});

test("VirtualClock.advance() makes time limits run out", async () => {
  using clock = new VirtualClock();
  const limited = createTask(() => timeout(3_600_000, () => sleep(Infinity)));
  const outcome = assert.rejects(limited, { name: "TimeoutError" });
  await clock.advance(3_600_000);
  await outcome;
});

test("VirtualClock.advanceToNext() lets time pass until the next is due, and tells whether there was one", async () => {
  using clock = new VirtualClock();
  const nap = createTask(() => sleep(250));
  await clock.advance(0);
  assert.deepEqual([await clock.advanceToNext(), clock.now()], [true, 250]);
  await nap;
  assert.deepEqual([await clock.advanceToNext(), clock.now()], [false, 250]);
});

test("VirtualClock puts the clock before it back when it is disposed", async () => {
  const before = runtime.timers;
  {
    using outer = new VirtualClock();
    {
      using inner = new VirtualClock();
      await inner.advance(5);
    }
    assert.equal(runtime.timers.now(), outer.now());
    assert.notEqual(runtime.timers, before);
  }
  assert.equal(runtime.timers, before);
});

test("VirtualClock that is disposed while another is installed does not come back after that one", () => {
  const { timers } = runtime;
  const first = new VirtualClock();
  const second = new VirtualClock();
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assert.notEqual(runtime.timers, timers);
  second[Symbol.dispose]();
  assert.equal(runtime.timers, timers);
});

test("VirtualClock.advance() refuses a time that is none, or runs backwards", async () => {
  using clock = new VirtualClock();
  await assert.rejects(clock.advance(NaN), { name: "RangeError", message: /current value is NaN/ });
  await assert.rejects(clock.advance("1" as never), { name: "TypeError", message: /current value is "1"/ });
  await assert.rejects(clock.advance(-1), {
    name: "RangeError",
    message: /does not run backwards: current value is -1/,
  });
  assert.equal(clock.now(), 0);
});
