import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import type { Worker } from "node:worker_threads";
import { runtime } from "../core/state/runtime.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask } from "../core/tasks/task.ts";
import { collectReports } from "./collect-reports.fixture.ts";
import { enableDebug } from "./enable-debug.ts";

test("enableDebug() leaves nothing behind when it is taken back", async () => {
  const before = process.getActiveResourcesInfo().toSorted();
  const workers: Worker[] = [];
  const keep = (worker: Worker): void => void workers.push(worker);
  process.on("worker", keep);
  const stop = enableDebug({ slowStepDuration: 50 });
  assert.equal(runtime.debug, true);
  const task = createTask(() => sleep(60_000));
  await sleep(0);
  process.off("worker", keep);
  task.cancel();
  await assert.rejects(task);
  await stop();
  await stop();
  assert.equal(runtime.debug, false);
  assert.equal(runtime.instrument, undefined);
  assert.deepEqual(
    workers.map(({ threadId }) => threadId),
    [-1],
  );
  const after = process.getActiveResourcesInfo().toSorted();
  assert.deepEqual(
    after.filter((name) => name !== "Timeout"),
    before.filter((name) => name !== "Timeout"),
  );
});

test("enableDebug() lets the newest options hold, and the ones before when these are taken back", () =>
  collectReports({ stopGrace: Infinity }, async ({ messages, next }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = enableDebug({ slowStepDuration: Infinity, stopGrace: 1 });
    const first = createTask(() => promise, { name: "first" });
    await sleep(0);
    first.cancel();
    await next(/^Task first was asked to stop/);
    await stop();
    await stop();
    assert.equal(runtime.debug, true);
    const second = createTask(() => promise, { name: "second" });
    await sleep(0);
    second.cancel();
    await sleep(20);
    resolve();
    await Promise.allSettled([first, second]);
    assert.equal(messages.length, 1);
  }));

test("enableDebug() refuses times that are none", () => {
  assert.throws(() => enableDebug({ slowStepDuration: 0 }), /slowStepDuration must be >= 1: current value is 0/);
  assert.throws(() => enableDebug({ slowStepDuration: Number.NaN }), RangeError);
  assert.throws(() => enableDebug({ stopGrace: Number.NaN }), RangeError);
  assert.throws(() => enableDebug({ stopGrace: "1" as never }), TypeError);
  assert.equal(runtime.debug, false);
});

// Whether debug mode is on within `run`, in a process of its own.
async function isOnWith(environment: string | undefined): Promise<string> {
  const program = `
    import { run } from ${JSON.stringify(new URL("../run/runner.ts", import.meta.url).href)};
    import { runtime } from ${JSON.stringify(new URL("../core/state/runtime.ts", import.meta.url).href)};
    console.log(await run(async () => runtime.debug), runtime.debug);`;
  const env = { ...process.env, POTTLE_DEBUG: environment };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module-typescript", "--eval", program],
    { env },
  );
  return stdout.trim();
}

test("run() switches debug mode on for POTTLE_DEBUG, and not for an empty one (test_env_var_debug)", async () => {
  assert.equal(await isOnWith("1"), "true false");
  assert.equal(await isOnWith(""), "false false");
  assert.equal(await isOnWith(undefined), "false false");
});
