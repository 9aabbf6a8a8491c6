import assert from "node:assert/strict";
import { test } from "node:test";
import { Condition } from "../sync/condition.ts";
import { Lock } from "../sync/lock.ts";
import { Queue } from "../sync/queue.ts";
import { runtime } from "../core/runtime.ts";
import { sleep } from "../core/sleep.ts";
import { allTasks, createTask, type Task } from "../core/task.ts";
import { type Fault, faults, randomOf, SeededSchedule } from "./seeded-schedule.ts";
import { waitAllTasksParked } from "./wait-all-tasks-parked.ts";

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

// One wait that is woken and cancelled in the same turn, and one behind it: what goes wrong with each fault planted.
const symptoms: Record<Fault, () => Promise<unknown>> = {
  "wake-up not handed on": async () => {
    const condition = new Condition();
    const [one, other] = [1, 2].map(() => createTask(() => condition.with(() => condition.wait())));
    await waitAllTasksParked();
    await condition.acquire();
    condition.notify();
    one!.cancel();
    condition.release();
    await waitAllTasksParked();
    return other!.done();
  },
  "item dropped": async () => {
    const queue = new Queue<number>(1);
    const getter = createTask(() => queue.get());
    await waitAllTasksParked();
    queue.putNowait(1);
    getter.cancel();
    await waitAllTasksParked();
    return queue.size === 1;
  },
  "permit kept": async () => {
    const lock = new Lock();
    await lock.acquire();
    const waiter = createTask(() => lock.acquire());
    await waitAllTasksParked();
    lock.release();
    waiter.cancel();
    await waitAllTasksParked();
    return !lock.locked;
  },
  "stale registration": async () => {
    const lock = new Lock();
    await lock.acquire();
    const [one, other] = [1, 2].map(() => createTask(() => lock.acquire()));
    await waitAllTasksParked();
    one!.cancel();
    lock.release();
    await waitAllTasksParked();
    return other!.done();
  },
};

/** How many of twenty seeds show a symptom. */
async function countSymptoms(fault: Fault, planted: boolean): Promise<number> {
  let symptomsSeen = 0;
  for (let seed = 0; seed < 20; seed++) {
    using schedule = new SeededSchedule(seed, { faults: planted ? [fault] : [], yields: 0 });
    assert.equal(schedule.hasFault(fault), planted);
    if (!(await symptoms[fault]())) symptomsSeen++;
    const left = [...allTasks()];
    for (const task of left) task.cancel();
    await Promise.allSettled(left);
  }
  return symptomsSeen;
}

for (const fault of faults) {
  test(`SeededSchedule plants the fault "${fault}", which shows; without it all is well with every seed`, async () => {
    assert.equal(await countSymptoms(fault, false), 0);
    assert.ok((await countSymptoms(fault, true)) > 0);
  });
}
