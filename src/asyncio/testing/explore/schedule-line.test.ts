import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatSchedule, parseSchedule } from "./schedule-line.ts";

test("parseSchedule() reads what formatSchedule() writes", () => {
  const key = fc
    .tuple(fc.constantFrom("s", "w", "y", "t", "r", "c", "b", "x"), fc.nat(), fc.nat())
    .map(([kind, task, count]) => `${kind}${task}.${count}`);
  const deviations = fc.array(fc.record({ key, value: fc.integer({ min: 1, max: 1_000 }) }, { noNullPrototype: true }));
  fc.assert(fc.property(deviations, (all) => assert.deepEqual(parseSchedule(formatSchedule(all)), all)));
});

test("formatSchedule() writes a short line, and says so where nothing deviates", () => {
  const deviations = [
    { key: "w2.1", value: 1 },
    { key: "x0.3", value: 2 },
  ];
  assert.equal(formatSchedule(deviations), "explore:v1:w2.1,x0.3=2");
  assert.equal(formatSchedule([]), "explore:v1:usual");
});

for (const line of [
  "",
  "w2.1",
  "explore:v2:w2.1",
  "explore:v1:",
  "explore:v1:w2.1,",
  "explore:v1:w2.1=0",
  "explore:v1:q1.1",
]) {
  test(`parseSchedule() refuses ${JSON.stringify(line)}`, () => {
    assert.throws(() => parseSchedule(line), {
      name: "RangeError",
      message: `Cannot replay a schedule as the line must be one that an ExploreFailure gave, beginning with "explore:v1:": current value is ${JSON.stringify(line)}`,
    });
  });
}

test("parseSchedule() refuses what is not text", () => {
  assert.throws(() => parseSchedule(7), { name: "TypeError", message: /current value is 7$/ });
});
