import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExceptionContext } from "../core/errors/exception-handler.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask } from "../core/tasks/task.ts";
import { collectReports, type Reports } from "./collect-reports.fixture.ts";

function compute(ms: number): number {
  const end = performance.now() + ms;
  let rounds = 0;
  while (performance.now() < end) rounds++;
  return rounds;
}

// Blocks again and again until that is reported, because the watching thread needs some time to start.
async function blockUntil(pattern: RegExp, reports: Reports, block: () => Promise<unknown>): Promise<ExceptionContext> {
  const isReported = (): boolean => reports.messages.some((message) => pattern.test(message));
  for (let i = 0; i < 50 && !isReported(); i++) await block();
  assert.ok(isReported(), `not reported: ${reports.messages.join("\n")}`);
  return reports.next(pattern);
}

async function blockInTask(name: string): Promise<void> {
  await createTask(
    async function work() {
      await sleep(0);
      compute(200);
    },
    { name },
  );
  await sleep(10);
}

test("enableDebug() names a step of a task that blocks, and the line where it does (test_log_slow_callbacks)", () =>
  collectReports({ slowStepDuration: 40 }, async (reports) => {
    const { message, task } = await blockUntil(/^A step of task blocker .* it was at compute/, reports, () =>
      blockInTask("blocker"),
    );
    const place =
      /it was at compute \(.*slow-steps\.test\.ts:1[0-2]:\d+\)\n {4}called by work \(.*slow-steps\.test\.ts:\d+/;
    assert.match(message, place);
    const [, ms] = /took (\d+) ms and blocked every other task/.exec(message) ?? [];
    assert.ok(Number(ms) >= 190, message);
    assert.equal(task?.name, "blocker");
  }));

test("enableDebug() names a callback that blocks outside any task (test_log_slow_callbacks)", () =>
  collectReports({ slowStepDuration: 40 }, async (reports) => {
    const { message, task } = await blockUntil(/^A step took .* it was at compute/, reports, async () => {
      setImmediate(function callback() {
        compute(200);
      });
      await sleep(10);
    });
    assert.match(message, /it was at compute \(.*\n {4}called by callback \(/);
    assert.equal(task, undefined);
  }));

test("enableDebug() goes on watching after a slow step", () =>
  collectReports({ slowStepDuration: 40 }, async (reports) => {
    await blockUntil(/^A step of task first took/, reports, () => blockInTask("first"));
    await blockUntil(/^A step of task second took/, reports, () => blockInTask("second"));
  }));

test("enableDebug() takes a loop that idles, and many short steps in one turn, for no slow step", () =>
  collectReports({ slowStepDuration: 150 }, async (reports) => {
    await blockUntil(/^A step of task awake took/, reports, () => blockInTask("awake"));
    const before = reports.messages.length;
    await sleep(500);
    await Promise.all(
      Array.from({ length: 40 }, () => createTask(async () => (await sleep(0), compute(10), sleep(0)))),
    );
    await sleep(50);
    assert.deepEqual(reports.messages.slice(before), []);
  }));
