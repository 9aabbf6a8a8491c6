import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { runInThisContext } from "node:vm";
import { ambient, ambientExpression, layout, openRecord } from "./ambient.ts";
import { runtime } from "./runtime.ts";

test("ambient() makes a slot once, and gives the same to all that ask", () => {
  const made: number[] = [];
  const create = (): { n: number } => ({ n: made.push(1) });
  const slot = ambient("test.once", create);
  assert.equal(ambient("test.once", create), slot);
  assert.deepEqual(made, [1]);
});

test("ambient() keeps everything in one record under one registered symbol", () => {
  const slot = ambient("test.record", () => ({}));
  const record = (globalThis as unknown as Record<symbol, Record<string, unknown>>)[Symbol.for("pottle")]!;
  assert.equal(record["layout"], layout);
  assert.equal(record["test.record"], slot);
  assert.equal(record["runtime"], runtime);
});

test("ambientExpression() gives the slot where it is evaluated, and undefined where there is none", () => {
  const slot = ambient('test.expression\'s "quotes"', () => ({}));
  assert.equal(runInThisContext(ambientExpression('test.expression\'s "quotes"')), slot);
  assert.equal(runInThisContext(ambientExpression("test.missing")), undefined);
});

test("openRecord() gives copies of one layout the same record, and says nothing", () => {
  const home = {};
  assert.equal(openRecord(1, home).record, openRecord(1, home).record);
  assert.deepEqual(Object.getOwnPropertySymbols(home), [Symbol.for("pottle")]);
});

test("openRecord() keeps copies of other layouts apart, and warns once for each layout", async () => {
  const home = {};
  const first = openRecord(1, home);
  const warned = once(process, "warning");
  const second = openRecord(2, home);
  const [warning] = (await warned) as [Error & { code: string }];
  assert.equal(warning.code, "POTTLE_TWO_VERSIONS");
  assert.match(warning.message, /cannot share one runtime .* from file:.*ambient\.ts and file:.*ambient\.ts/);
  assert.notEqual(second.record, first.record);
  assert.equal(second.record.layout, 2);

  const again: Error[] = [];
  const listen = (error: Error): void => void again.push(error);
  process.on("warning", listen);
  assert.equal(openRecord(2, home).record, second.record);
  assert.equal(openRecord(1, home).record, first.record);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", listen);
  assert.deepEqual(again, []);
});
