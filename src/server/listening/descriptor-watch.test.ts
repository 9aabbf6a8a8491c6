import assert from "node:assert/strict";
import { test } from "node:test";
import { setExceptionHandler } from "../../asyncio/index.ts";
import { DescriptorWatch } from "./descriptor-watch.ts";

test("DescriptorWatch.look() reports each shortage once, and at most one a minute", (context) => {
  const messages: string[] = [];
  const before = setExceptionHandler(({ message }) => void messages.push(message));
  context.after(() => setExceptionHandler(before));
  let isFree = true;
  const watch = new DescriptorWatch(() => isFree);
  const lookFor = (from: number, to: number): number => {
    for (let now = from; now < to; now += 100) watch.look(now);
    return messages.length;
  };
  assert.equal(lookFor(0, 5_000), 0);
  isFree = false;
  assert.equal(lookFor(5_000, 600_000), 1);
  assert.match(messages[0]!, /no file descriptor is free/);
  isFree = true;
  lookFor(600_000, 610_000);
  isFree = false;
  assert.equal(lookFor(610_000, 620_000), 2);
  isFree = true;
  lookFor(620_000, 630_000);
  isFree = false;
  assert.equal(lookFor(630_000, 640_000), 2);
});

test("DescriptorWatch.look() finds a descriptor where there are some, and asks once a second", () => {
  let asked = 0;
  const watch = new DescriptorWatch(() => ++asked > 0);
  for (let now = 0; now < 10_000; now += 10) watch.look(now);
  assert.equal(asked, 10);
  assert.doesNotThrow(() => new DescriptorWatch().look(0));
});
