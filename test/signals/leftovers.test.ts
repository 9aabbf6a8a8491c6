// Work in the background that was handed `currentSignal()` hears of a cancellation; that is no sign that the code which
// started it has. That one awaits something else, and is cancelled at its next wait, whatever listens to the signal.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as foreign } from "node:timers/promises";
import { createTask, currentSignal, isCancelled, sleep, timeout, TimeoutError } from "../../src/asyncio/index.ts";
import { type Leftover, leftovers } from "./_leftovers.ts";
import { Scene, Stage } from "./_scene.ts";

const stage = new Stage();
before(() => stage.open());
after(() => stage.close());

const ways = { "": () => currentSignal(), " by AbortSignal.any()": derivedSignal };

function derivedSignal(): AbortSignal {
  return AbortSignal.any([currentSignal(), new AbortController().signal]);
}

interface Run {
  readonly leftover: Leftover;
  readonly makeSignal: () => AbortSignal;
  readonly scene: Scene;
  readonly log: string[];
}

async function body({ leftover, makeSignal, scene, log }: Run, onMade: () => void): Promise<string> {
  const kept = leftover.make(makeSignal(), scene);
  if (leftover.opens === true) await kept;
  log.push("made");
  onMade();
  await foreign(60);
  log.push("awaited");
  await sleep(1_500);
  log.push(`went on with ${typeof kept}`);
  return "went on";
}

async function testLimit(run: Run): Promise<void> {
  const begin = performance.now();
  await assert.rejects(
    timeout(5_000, (limit) => body(run, () => limit.reschedule(30))),
    TimeoutError,
  );
  assert.deepEqual([run.log, performance.now() - begin < 1_000], [["made", "awaited"], true]);
}

async function testTask(run: Run): Promise<void> {
  const made = Promise.withResolvers<void>();
  const task = createTask(() => body(run, made.resolve));
  await made.promise;
  await foreign(30);
  task.cancel("planned");
  await assert.rejects(task, isCancelled);
  assert.deepEqual([task.cancelled(), run.log], [true, ["made", "awaited"]]);
}

async function testPending(run: Run): Promise<void> {
  const started = Promise.withResolvers<void>();
  const task = createTask(async () => {
    started.resolve();
    await foreign(10);
    run.log.push(typeof run.leftover.make(run.makeSignal(), run.scene));
    await foreign(10);
    await sleep(1_500);
    run.log.push("went on");
  });
  await started.promise;
  task.cancel("planned");
  await task.catch(() => undefined);
  assert.deepEqual(run.log.length, 1);
}

describe("a limit is kept beside", { concurrency: 8 }, () => {
  for (const leftover of leftovers) {
    for (const [by, makeSignal] of Object.entries(ways)) {
      test(`${leftover.name}${by}`, { timeout: 20_000 }, async () => {
        const { opens = false, refuses = false } = leftover;
        for (const run of opens || refuses ? [testLimit, testTask] : [testLimit, testTask, testPending]) {
          const scene = new Scene(stage);
          await run({ leftover, makeSignal, scene, log: [] });
          await scene.end();
        }
      });
    }
  }
});
