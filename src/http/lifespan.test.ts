import assert from "node:assert/strict";
import { test } from "node:test";
import { ExceptionGroup, sleep } from "../asyncio/index.ts";
import { Lifespan } from "./lifespan.ts";

/** A lifespan that logs; those named in `failing` throw. */
function makeLifespan(...failing: string[]): { lifespan: Lifespan; log: string[] } {
  const log: string[] = [];
  const lifespan = new Lifespan();
  const step = (name: string) => async (): Promise<void> => {
    await sleep(0);
    log.push(name);
    if (failing.includes(name)) throw new Error(name);
  };
  for (const number of [1, 2]) {
    lifespan.onStart(step(`start ${number}`));
    lifespan.onStop(step(`stop ${number}`));
  }
  return { lifespan, log };
}

test("Lifespan starts in order and stops in reverse, once each", async () => {
  const { lifespan, log } = makeLifespan();
  await lifespan.stop();
  await lifespan.start();
  await lifespan.start();
  assert.equal(lifespan.started, true);
  await lifespan.stop();
  await lifespan.stop();
  assert.equal(lifespan.started, false);
  assert.deepEqual(log, ["start 1", "start 2", "stop 2", "stop 1"]);
  await lifespan.start();
  assert.equal(log.length, 6);
});

test("Lifespan.start() that fails stops what was started, and throws the error", async () => {
  const { lifespan, log } = makeLifespan("start 1");
  await assert.rejects(lifespan.start(), { message: "start 1" });
  assert.deepEqual(log, ["start 1", "stop 2", "stop 1"]);
  assert.equal(lifespan.started, false);
});

test("Lifespan.stop() runs every function even if some fail", async () => {
  const one = makeLifespan("stop 2");
  await one.lifespan.start();
  await assert.rejects(one.lifespan.stop(), { message: "stop 2" });
  assert.deepEqual(one.log.slice(2), ["stop 2", "stop 1"]);
  const both = makeLifespan("stop 1", "stop 2");
  await both.lifespan.start();
  await assert.rejects(both.lifespan.stop(), (error: unknown) => {
    assert(error instanceof ExceptionGroup);
    assert.deepEqual(error.errors.map(String), ["Error: stop 2", "Error: stop 1"]);
    return true;
  });
});

test("Lifespan.start() gives every error if stopping fails after it", async () => {
  const { lifespan } = makeLifespan("start 2", "stop 1");
  await assert.rejects(lifespan.start(), (error: unknown) => {
    assert(error instanceof ExceptionGroup);
    assert.deepEqual(error.errors.map(String), ["Error: start 2", "Error: stop 1"]);
    return true;
  });
});

test("Lifespan refuses what is no function", () => {
  const lifespan = new Lifespan();
  const message = /^Cannot register with on(Start|Stop)\(\) as 'fn' must be a function: current value is 7$/;
  assert.throws(() => lifespan.onStart(7 as never), { name: "TypeError", message });
  assert.throws(() => lifespan.onStop(7 as never), { name: "TypeError", message });
});
