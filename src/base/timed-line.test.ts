import assert from "node:assert/strict";
import { test } from "node:test";
import { TimedLine } from "./timed-line.ts";

const outside = <T>(fn: () => T): T => fn();

test("TimedLine hands over each item after its delay, in order, and those that are added meanwhile", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let now = 0;
  context.mock.method(performance, "now", () => now);
  const advance = (ms: number): void => {
    now += ms;
    context.mock.timers.tick(ms);
  };
  const due: string[] = [];
  const line = new TimedLine<string>(
    100,
    (item) => {
      due.push(item);
      if (item === "first") line.add("again");
    },
    outside,
  );
  line.add("first");
  advance(40);
  line.add("second");
  advance(59);
  assert.deepEqual(due, []);
  advance(1);
  assert.deepEqual(due, ["first"]);
  advance(40);
  assert.deepEqual(due, ["first", "second"]);
  advance(60);
  assert.deepEqual(due, ["first", "second", "again"]);
});

test("TimedLine.clear() drops all items; without end nothing is due", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const due: string[] = [];
  const line = new TimedLine<string>(1, (item) => due.push(item), outside);
  line.add("dropped");
  line.clear();
  const endless = new TimedLine<string>(Infinity, (item) => due.push(item), outside);
  endless.add("never");
  context.mock.timers.runAll();
  assert.deepEqual(due, []);
});
