import assert from "node:assert/strict";
import { test } from "node:test";
import { gather } from "../combine/gather.ts";
import { race } from "../combine/race.ts";
import { sleep } from "../core/waits/sleep.ts";
import { taskGroup } from "../combine/task-group.ts";
import { createTask } from "../core/tasks/task.ts";
import { collectReports } from "./collect-reports.fixture.ts";

async function fail(): Promise<never> {
  await sleep(0);
  throw new Error("failed");
}

test("enableDebug() names the flows that a failed Promise.all leaves behind", () =>
  collectReports({}, async ({ messages }) => {
    async function slow(): Promise<void> {
      await sleep(60_000);
    }
    await assert.rejects(
      createTask(() => Promise.all([fail(), slow()]), { name: "worker" }),
      /failed/,
    );
    assert.equal(messages.length, 1);
    assert.match(
      messages[0]!,
      /^Task worker ended while a flow in it still waited for sleep at slow \(.*left-behind\.test\.ts:\d+:\d+\); that wait was cancelled\./,
    );
  }));

test("enableDebug() names a flow that waits for a task, and is left behind by a scope that ended well", () =>
  collectReports({}, async ({ messages }) => {
    const other = createTask(() => sleep(60_000), { name: "other" });
    await createTask(() => Promise.race([other, sleep(1)]), { name: "racer" });
    other.cancel();
    assert.match(
      messages.join("\n"),
      /^Task racer ended while a flow in it still waited for task other; that wait was cancelled/,
    );
  }));

test("enableDebug() names the tasks that their owner outlived and cancelled", () =>
  collectReports({}, async ({ messages }) => {
    await createTask(
      async () => {
        for (const name of ["one", "two"]) createTask(() => sleep(60_000), { name });
        await sleep(0);
      },
      { name: "request", ownsTasks: true },
    );
    assert.match(
      messages.join("\n"),
      /^Task request ended while tasks one, two that it owns still ran, and cancelled them\./,
    );
  }));

test("enableDebug() does not name the tasks of an owner that failed or was cancelled", () =>
  collectReports({}, async ({ messages }) => {
    const failing = createTask(async () => (createTask(() => sleep(60_000)), await fail()), { ownsTasks: true });
    const cancelled = createTask(async () => (createTask(() => sleep(60_000)), await sleep(60_000)), {
      ownsTasks: true,
    });
    await sleep(0);
    cancelled.cancel();
    await Promise.allSettled([failing, cancelled]);
    assert.deepEqual(messages, []);
  }));

test("enableDebug() does not name what gather(), race() and groups end", () =>
  collectReports({}, async ({ messages }) => {
    await assert.rejects(
      gather(fail, () => sleep(60_000)),
      /failed/,
    );
    await race(
      () => sleep(1),
      () => sleep(60_000),
    );
    await assert.rejects(taskGroup((group) => void [group.createTask(fail), group.createTask(() => sleep(60_000))]));
    assert.deepEqual(messages, []);
  }));
