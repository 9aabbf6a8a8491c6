import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { EventEmitter, on } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { setTimeout as foreign } from "node:timers/promises";
import { findUncollected } from "../../../base/garbage.fixture.ts";
import { timeout } from "../../combine/timeout.ts";
import { TimeoutError } from "../errors/errors.ts";
import { Hearing, hearing } from "./hearing.ts";
import { currentScope, currentSignal, Scope } from "./scope.ts";
import { sleep } from "../waits/sleep.ts";
import { createTask, type Task } from "../tasks/task.ts";

function deafTask(signals: AbortSignal[] = []): Task<void> {
  return createTask(async () => {
    signals.push(currentSignal());
    await foreign(30);
    await sleep(1);
  });
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test("a leftover listener on currentSignal() does not eat the cancellation", async () => {
  const begin = performance.now();
  const outcome = timeout(30, async () => {
    spawn("sleep", ["2"], { signal: currentSignal() }).on("error", () => {});
    await foreign(60);
    await sleep(1_500);
    return "went on";
  });
  await assert.rejects(outcome, TimeoutError);
  assert.ok(performance.now() - begin < 1_000);
});

test("AbortSignal.any() of currentSignal() does not deliver the cancellation twice", async () => {
  const server = createServer(() => undefined).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  let isClean = false;
  const outcome = timeout(50, async () => {
    try {
      await fetch(url, { signal: AbortSignal.any([currentSignal(), AbortSignal.timeout(5_000)]) });
    } finally {
      await sleep(5);
      isClean = true;
    }
  });
  await assert.rejects(outcome, TimeoutError);
  assert.equal(isClean, true);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test("a cancellation that is heard in its own turn leaves no hook and no timer", async () => {
  const before = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const task = createTask(() => foreign(60_000, undefined, { signal: currentSignal() }));
  await turn();
  task.cancel();
  assert.equal(hearing.isOn, true);
  await task.catch(() => undefined);
  assert.equal(hearing.isOn, false);
  assert.deepEqual([...hearing.unheard], []);
  assert.equal(process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length, before);
});

test("a cancellation that is thrown by a wait, taken back, or outlived by its scope leaves no hook", async () => {
  const thrown = deafTask();
  const takenBack = deafTask();
  const over = createTask(async () => {
    currentSignal();
    await foreign(30);
  });
  await turn();
  for (const task of [thrown, takenBack, over]) task.cancel();
  assert.equal(hearing.isOn, true);
  takenBack.uncancel();
  await Promise.allSettled([thrown, takenBack, over]);
  assert.deepEqual([thrown.cancelled(), takenBack.cancelled(), over.cancelled()], [true, false, true]);
  assert.equal(hearing.isOn, false);
});

test("a cancellation that waits interrupts turns no hooks on for longer than it takes", async () => {
  const task = createTask(async () => {
    on(new EventEmitter(), "item", { signal: currentSignal() });
    await sleep(60_000);
  });
  await turn();
  task.cancel();
  assert.equal(hearing.isOn, false);
  await task.catch(() => undefined);
});

test("a hundred times as many unheard cancellations cost no more than that many times as much", async () => {
  const cost = async (count: number): Promise<number> => {
    const tasks = Array.from({ length: count }, () => deafTask());
    await turn();
    const begin = performance.now();
    for (const task of tasks) task.cancel();
    await Promise.allSettled(tasks);
    return performance.now() - begin;
  };
  await cost(100);
  await cost(10_000); // warm
  const [few, many] = [await cost(1_000), await cost(10_000)];
  assert.ok(many < Math.max(few, 35) * 40, `${few} ms, then ${many} ms`);
  assert.equal(hearing.isOn, false);
});

test("a signal that is kept does not keep the scope that it came from", async () => {
  const signals: AbortSignal[] = [];
  const scopes: WeakRef<Scope>[] = [];
  const work = async (): Promise<void> => {
    const task = createTask(async () => {
      scopes.push(new WeakRef(currentScope()));
      signals.push(currentSignal());
      await foreign(5);
      await sleep(1);
    });
    await turn();
    task.cancel();
    await task.catch(() => undefined);
  };
  for (let i = 0; i < 20; i++) await work();
  const kept = await findUncollected(scopes);
  assert.equal(
    signals.every(({ aborted }) => aborted),
    true,
  );
  assert.deepEqual(kept, []);
});

test("Hearing takes the turn of the abort for a look where rejections cannot be seen", async () => {
  const blind = new Hearing(false);
  const scope = new Scope(currentScope());
  blind.listen(scope);
  assert.deepEqual([blind.isOn, blind.hasHeard(scope)], [false, false]);
  await Promise.resolve();
  assert.equal(blind.hasHeard(scope), true);
  await turn();
  assert.equal(blind.hasHeard(scope), false);
  await scope.close();
});

test("a second copy of the package hears by the first", async () => {
  const copy = (await import(new URL("./hearing.ts?copy", import.meta.url).href)) as { hearing: Hearing };
  assert.equal(copy.hearing, hearing);
});
