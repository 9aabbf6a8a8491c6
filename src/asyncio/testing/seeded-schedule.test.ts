import assert from "node:assert/strict";
import { test } from "node:test";
import { Queue } from "../sync/queue.ts";
import { runtime } from "../core/state/runtime.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask, type Task } from "../core/tasks/task.ts";
import { randomOf, SeededSchedule } from "./seeded-schedule.ts";

async function orderOf(
  seed: number,
  body: (note: (name: string) => void) => readonly Task<unknown>[],
): Promise<string> {
  using schedule = new SeededSchedule(seed);
  assert.equal(runtime.schedule, schedule);
  const order: string[] = [];
  for (const task of body((name) => order.push(name))) await task;
  return order.join("");
}

const letters = ["a", "b", "c", "d", "e"];

const settings: Record<string, (note: (name: string) => void) => readonly Task<unknown>[]> = {
  "in which tasks start": (note) => letters.map((name) => createTask(async () => note(name))),
  "in which woken waits go on": (note) => {
    const queue = new Queue<number>(Infinity);
    const getters = letters.map((name) => createTask(async () => (await queue.get(), note(name))));
    for (let n = 0; n < 5; n++) queue.putNowait(n);
    return getters;
  },
  "of sleeps that end at the same time": (note) =>
    letters.map((name) => createTask(() => sleep(2).then(() => note(name)))),
};

for (const [what, body] of Object.entries(settings)) {
  test(`SeededSchedule decides the order ${what}: the same for the same seed, another for others`, async () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 12; seed++) {
      const order = await orderOf(seed, body);
      assert.deepEqual(new Set(order), new Set(letters));
      orders.add(order);
      if (what !== "of sleeps that end at the same time") assert.equal(await orderOf(seed, body), order);
    }
    assert.ok(orders.size > 3, [...orders].join());
  });
}

test("SeededSchedule puts the order before it back when it is disposed", () => {
  const before = runtime.schedule;
  {
    using outer = new SeededSchedule(1);
    {
      using inner = new SeededSchedule(2);
      assert.equal(runtime.schedule, inner);
    }
    assert.equal(runtime.schedule, outer);
  }
  assert.equal(runtime.schedule, before);
});

test("SeededSchedule yields as often as it is told", () => {
  for (const [yields, least, most] of [
    [0, 0, 0],
    [0.5, 400, 600],
    [1, 1_000, 1_000],
  ] as const) {
    using schedule = new SeededSchedule(7, { yields });
    const count = Array.from({ length: 1_000 }, () => schedule.yields()).filter(Boolean).length;
    assert.ok(count >= least && count <= most, `${yields}: ${count}`);
  }
});

test("randomOf() gives the same numbers for the same seed, spread over 0 to 1", () => {
  const [one, same, other] = [randomOf(5), randomOf(5), randomOf(6)];
  const numbers = Array.from({ length: 1_000 }, one);
  assert.deepEqual(Array.from({ length: 1_000 }, same), numbers);
  assert.notDeepEqual(Array.from({ length: 1_000 }, other), numbers);
  assert.ok(numbers.every((number) => number >= 0 && number < 1));
  const mean = numbers.reduce((sum, number) => sum + number) / 1_000;
  assert.ok(Math.abs(mean - 0.5) < 0.05, String(mean));
});
