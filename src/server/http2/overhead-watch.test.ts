import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { OverheadWatch } from "./overhead-watch.ts";

const limits = { overheadBurst: 1_000, overheadRate: 100 };

/** A watch whose clock is moved by hand. */
function watchAt(context: TestContext, bytesRead = 0): { watch: OverheadWatch; pass: (ms: number) => void } {
  let now = 5_000;
  context.mock.method(performance, "now", () => now);
  const pass = (ms: number): void => {
    now += ms;
  };
  return { watch: new OverheadWatch(limits, bytesRead), pass };
}

test("OverheadWatch allows a burst, and no more", (context) => {
  const { watch } = watchAt(context, 24);
  assert.equal(watch.look(1_024, 0), false);
  assert.equal(watch.look(1_025, 0), true);
});

test("OverheadWatch allows so many bytes a second beyond the burst", (context) => {
  const { watch, pass } = watchAt(context);
  assert.equal(watch.look(1_000, 0), false);
  pass(2_000);
  assert.equal(watch.look(1_200, 0), false);
  pass(1_000);
  assert.equal(watch.look(1_301, 0), true);
});

test("OverheadWatch saves up no more than a burst", (context) => {
  const { watch, pass } = watchAt(context);
  pass(3_600_000);
  assert.equal(watch.look(0, 0), false);
  assert.equal(watch.look(1_001, 0), true);
});

test("OverheadWatch does not count what was of use", (context) => {
  const { watch } = watchAt(context);
  watch.use(50_000);
  watch.usePiece(16_384);
  assert.equal(watch.look(50_000 + 16_384 + 9 + 1_000, 0), false);
  assert.equal(watch.look(50_000 + 16_384 + 9 + 1_001, 0), true);
});

test("OverheadWatch counts the heads of short frames", (context) => {
  const { watch } = watchAt(context);
  for (let i = 0; i < 112; i++) watch.usePiece(1);
  assert.equal(watch.look(112 * 10, 0), true);
});

test("OverheadWatch waits for what is held back, and takes it as of use when it comes", (context) => {
  const { watch } = watchAt(context);
  assert.equal(watch.look(60_000, 59_000), false);
  watch.usePiece(60_000);
  assert.equal(watch.look(60_009, 0), false);
  assert.equal(watch.look(61_009, 0), false);
  assert.equal(watch.look(61_010, 0), true);
});

test("OverheadWatch.ignore() leaves out what came since the last look", (context) => {
  const { watch } = watchAt(context);
  watch.ignore(1_000_000);
  assert.equal(watch.look(1_000_000, 0), false);
  assert.equal(watch.look(1_001_000, 0), false);
  assert.equal(watch.look(1_001_001, 0), true);
});
