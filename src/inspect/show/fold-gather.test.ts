import assert from "node:assert/strict";
import { test } from "node:test";
import { allTasks, createTask, gather, sleep, type TaskView } from "../../asyncio/index.ts";
import { endAfter, settle } from "../text/_tasks.fixture.ts";
import { takeSnapshot } from "../record/snapshot.ts";
import { isCalm, joinGathers, titleOf } from "./fold-gather.ts";
import { Whereabouts } from "./whereabouts.ts";

async function weather(): Promise<void> {
  await sleep(60_000);
}

async function news(): Promise<void> {
  try {
    await sleep(60_000);
  } finally {
    await sleep(60_000);
  }
}

/** The tasks of a new snapshot, with each `gather` joined to the task that waits for it. */
function look(): [string, string | undefined][] {
  const where = new Whereabouts();
  const joined = joinGathers(takeSnapshot().root.tasks, (id) => where.awaiterOf(id));
  return joined.map(({ task, gather: found }) => [task.name, found && titleOf(found, task.waits[0])]);
}

for (const ownsTasks of [true, false]) {
  const where = ownsTasks ? "that belongs to it" : "beside it";
  test(`joinGathers() joins a task to the gather ${where}`, async (context) => {
    endAfter(context);
    createTask(() => gather(weather, news), { name: "page", ownsTasks });
    await settle();
    assert.deepEqual(look(), [["page", "gather of 2: weather, news"]]);
  });
}

test("joinGathers() joins nothing to a task that waits for more than a gather", async (context) => {
  endAfter(context);
  createTask(() => Promise.all([gather(weather, news), sleep(60_000)]), { name: "page" });
  await settle();
  assert.deepEqual(look()[0], ["page", undefined]);
  assert.equal(look().length, 2);
});

test("joinGathers() joins no gather beside which the task has more", async (context) => {
  endAfter(context);
  const page = async (): Promise<void> => {
    const both = gather(news);
    createTask(weather, { name: "aside" });
    await both;
  };
  createTask(page, { name: "page", ownsTasks: true });
  await settle();
  assert.deepEqual(look(), [["page", undefined]]);
});

test("titleOf() names the tasks that a gather was given", async (context) => {
  endAfter(context);
  const given = createTask(weather, { name: "given" });
  createTask(() => gather(given), { name: "page" });
  await settle();
  assert.deepEqual(look()[1], ["page", "gather of given"]);
});

test("isCalm() is false as soon as a task of the gather does more than wait", async (context) => {
  endAfter(context);
  createTask(() => gather([weather, news], { returnExceptions: true }), { name: "page" });
  await settle();
  const found = (): TaskView => takeSnapshot().root.tasks.find(({ kind }) => kind === "gather")!;
  assert.equal(isCalm(found()), true);
  const stopped = found().tasks.find(({ name }) => name === "news")!;
  [...allTasks()].find(({ id }) => id === stopped.id)!.cancel();
  await settle();
  assert.equal(isCalm(found()), false);
});
