import assert from "node:assert/strict";
import { test } from "node:test";
import { BodyPace } from "./body-pace.ts";

test("BodyPace finds a body slow after five seconds, and not before", () => {
  const pace = new BodyPace();
  assert.equal(pace.look(0, true, 100), false);
  assert.equal(pace.look(5_000, true, 100), false);
  assert.equal(pace.look(5_001, true, 100), true);
});

test("BodyPace looks at the average", () => {
  const pace = new BodyPace();
  pace.look(0, true, 100);
  pace.add(1_000);
  assert.equal(pace.look(10_000, true, 100), false);
  assert.equal(pace.look(10_010, true, 100), true);
  pace.add(1);
  assert.equal(pace.look(10_010, true, 100), false);
});

test("BodyPace does not count the time in which the body was not wanted", () => {
  const pace = new BodyPace();
  pace.look(0, true, 100);
  assert.equal(pace.look(60_000, false, 100), false);
  assert.equal(pace.look(65_000, true, 100), false);
  assert.equal(pace.look(65_001, true, 100), true);
});

test("BodyPace has no limit if the rate is 0", () => {
  const pace = new BodyPace();
  pace.look(0, true, 0);
  assert.equal(pace.look(1_000_000, true, 0), false);
});
