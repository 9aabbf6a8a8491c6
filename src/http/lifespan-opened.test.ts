import assert from "node:assert/strict";
import { test } from "node:test";
import { closeWithScope, createTask, run } from "../asyncio/index.ts";
import { Lifespan } from "./lifespan.ts";

test("Lifespan keeps what its start functions open until it has stopped, whatever task started it", async () => {
  const log: string[] = [];
  const lifespan = new Lifespan();
  lifespan.onStart(() => void closeWithScope((keeper) => log.push(`closed with ${keeper}`)));
  lifespan.onStart(async () => {
    await createTask(() => closeWithScope(() => log.push("closed what a task opened")));
  });
  lifespan.onStop(() => void log.push("stop function"));
  await run(() => lifespan.start());
  assert.deepEqual(log, []);
  await lifespan.stop();
  assert.deepEqual(log, ["stop function", "closed what a task opened", "closed with application"]);
});

test("Lifespan closes what was opened when a start function fails, and keeps anew when it is started again", async () => {
  const log: string[] = [];
  const lifespan = new Lifespan();
  let starts = 0;
  lifespan.onStart(() => {
    const n = ++starts;
    closeWithScope(() => log.push(`closed ${n}`));
    if (n === 1) throw new Error("not this time");
  });
  await assert.rejects(lifespan.start(), /not this time/);
  assert.deepEqual(log, ["closed 1"]);
  await lifespan.start();
  await lifespan.stop();
  assert.deepEqual(log, ["closed 1", "closed 2"]);
});
