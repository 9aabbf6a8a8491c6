import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { runProgram } from "../../program.fixture.ts";
import { outside, RealTime } from "./real-time.ts";
import { createTask, currentTask } from "../tasks/task.ts";
import { TimerQueue } from "./timers.ts";

test("RealTime fires a timer at its time or after, never before", async () => {
  const timers = new TimerQueue(new RealTime());
  for (const ms of [0, 0.4, 1, 3.7]) {
    const { promise, resolve } = Promise.withResolvers<number>();
    const start = performance.now();
    timers.add(ms, () => resolve(performance.now() - start), undefined);
    assert.ok((await promise) >= ms);
  }
});

test("RealTime wakes for an earlier timer that is added later, and in order for those after", async () => {
  const timers = new TimerQueue(new RealTime());
  const fired: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  timers.add(20, () => resolve(fired.push("late") as never), undefined);
  timers.add(2, () => fired.push("early"), undefined);
  await promise;
  assert.deepEqual(fired, ["early", "late"]);
});

test("RealTime waits for a time beyond the platform's 31 bits, in several steps", (t) => {
  let now = 0;
  const set: { readonly fire: () => void; readonly ms: number }[] = [];
  t.mock.method(performance, "now", () => now);
  t.mock.method(globalThis, "setTimeout", ((fire: () => void, ms: number) => set.push({ fire, ms })) as never);
  const timers = new TimerQueue(new RealTime());
  const fired: number[] = [];
  const month = 30 * 24 * 3_600_000;
  timers.add(month, () => fired.push(now), undefined);
  for (let next = set.shift(); next !== undefined; next = set.shift()) {
    assert.ok(next.ms < 2 ** 31);
    now += next.ms;
    next.fire();
  }
  assert.deepEqual(fired, [month]);
});

test("RealTime lets go of the process when all timers are taken back", async () => {
  const start = performance.now();
  const { code } = await runProgram(`
    import { TimerQueue } from "./core/state/timers.ts";
    import { RealTime } from "./core/state/real-time.ts";
    const timers = new TimerQueue(new RealTime());
    timers.remove(timers.add(60_000, () => {}, undefined));
  `);
  assert.equal(code, 0);
  assert.ok(performance.now() - start < 50_000);
});

test("RealTime holds the process open while a timer waits, and no longer", async () => {
  const { code, stdout } = await runProgram(`
    import { TimerQueue } from "./core/state/timers.ts";
    import { RealTime } from "./core/state/real-time.ts";
    const timers = new TimerQueue(new RealTime());
    const long = timers.add(60_000, () => console.log("not reached"), undefined);
    timers.add(30, () => { console.log("held"); timers.remove(long); }, undefined);
    process.on("exit", () => console.log("exit"));
  `);
  assert.deepEqual([code, stdout], [0, "held\nexit\n"]);
});

test("RealTime holds the process again for a timer that is added after all were taken back", async () => {
  const { stdout } = await runProgram(`
    import { TimerQueue } from "./core/state/timers.ts";
    import { RealTime } from "./core/state/real-time.ts";
    const timers = new TimerQueue(new RealTime());
    timers.remove(timers.add(10, () => {}, undefined));
    timers.add(30, () => console.log("held"), undefined);
  `);
  assert.equal(stdout, "held\n");
});

test("outside() runs a function outside every task, with its arguments and its result", async () => {
  const name = await createTask(
    async () => {
      const inside = currentTask()?.name;
      return [inside, outside((text: string) => [text, currentTask()], "outside")];
    },
    { name: "inside" },
  );
  assert.deepEqual(name, ["inside", ["outside", undefined]]);
});

test("outside() keeps what a callback holds from keeping a task", async () => {
  const emitter = new EventTarget();
  const seen: unknown[] = [];
  await createTask(async () => {
    outside(() =>
      setImmediate(() => {
        seen.push(currentTask());
        emitter.dispatchEvent(new Event("turn"));
      }),
    );
    await once(emitter, "turn");
  });
  assert.deepEqual(seen, [undefined]);
});
