import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { publishFigures, readFigures } from "./figures.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

test("readFigures() reads what is published at this moment, in the order of publication", () => {
  const pool = { inUse: 1, statistics: () => ({ inUse: pool.inUse, max: 4 }) };
  const cache = { statistics: () => ({ pending: 0 }) };
  const withdraw = [publishFigures("pool", pool), publishFigures("cache", cache)];
  pool.inUse = 3;
  assert.deepEqual(readFigures(), [
    { name: "pool", counts: { inUse: 3, max: 4 } },
    { name: "cache", counts: { pending: 0 } },
  ]);
  withdraw[0]!();
  withdraw[0]!();
  assert.deepEqual(
    readFigures().map(({ name }) => name),
    ["cache"],
  );
  withdraw[1]!();
  assert.deepEqual(readFigures(), []);
});

test("readFigures() gives numbers only, and skips what cannot be read", () => {
  const mixed = { statistics: () => ({ total: Infinity, borrowed: 2, borrowers: [{}], locked: true, name: "x" }) };
  const closed = {
    statistics: (): never => {
      throw new Error("not open");
    },
  };
  const withdraw = [publishFigures("mixed", mixed), publishFigures("closed", closed)];
  assert.deepEqual(readFigures(), [{ name: "mixed", counts: { borrowed: 2 } }]);
  for (const each of withdraw) each();
});

test("publishFigures() keeps nothing alive", async () => {
  publishForgotten();
  await setImmediate(); // a WeakRef holds its target until the turn in which it was made is over
  collectGarbage();
  assert.deepEqual(readFigures(), []);
});

// A separate function, because the frame of the test itself could hold the published object.
function publishForgotten(): void {
  publishFigures("forgotten", { statistics: () => ({ open: 1 }) });
  assert.equal(readFigures().length, 1);
}

test("publishFigures() refuses what has no statistics() and a name that is not text", () => {
  assert.throws(() => publishFigures("pool", {} as never), /^TypeError: Cannot publish figures as 'source' must have/);
  assert.throws(() => publishFigures(7 as never, { statistics: () => ({}) }), /'name' must be a string/);
});

test("publishFigures() shows a source that nothing else keeps as long as the returned function is kept", async () => {
  const withdraw = publishFigures("kept", { statistics: () => ({ open: 1 }) });
  await setImmediate();
  collectGarbage();
  assert.equal(readFigures().length, 1);
  withdraw();
  assert.deepEqual(readFigures(), []);
});
