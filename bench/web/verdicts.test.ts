import assert from "node:assert/strict";
import { test } from "node:test";
import { type Row, rows } from "./rows.ts";
import { judge } from "./verdicts.ts";

function row(id: string): Row {
  return rows.find((each) => each.id === id)!;
}

/** Three rounds with the same CPU times. */
function samples(
  cpu: Readonly<Record<string, number>>,
): ReadonlyMap<string, readonly { readonly cpu: number; readonly rate: number }[]> {
  return new Map(Object.entries(cpu).map(([id, each]) => [id, [1, 2, 3].map(() => ({ cpu: each, rate: 1 }))]));
}

function outcomes(id: string, cpu: Readonly<Record<string, number>>): readonly [string, string, boolean][] {
  return judge(row(id), samples(cpu), (peer) => peer).map(({ wanted, measured, isReached }) => [
    wanted.slice(row(id).title.length + 2),
    measured,
    isReached,
  ]);
}

test("judge() demands of a row that renders less CPU time than each rival takes", () => {
  assert.deepEqual(outcomes("template", { pottle: 20, fastify: 30, hono: 10, express: 1 }), [
    ["ahead of fastify", "0.67 (0.67–0.67)", true],
    ["ahead of hono", "2.00 (2.00–2.00)", false],
  ]);
});

test("judge() demands of other rows a tenth more than the best rival takes, at most", () => {
  const [reached] = outcomes("json", { pottle: 11, fastify: 12, hono: 10 });
  assert.deepEqual(reached, ["≤ 1.1 × hono", "1.10 (1.10–1.10)", true]);
  assert.deepEqual(outcomes("json", { pottle: 11, fastify: 8, hono: 10 }), [
    ["≤ 1.1 × fastify", "1.38 (1.38–1.38)", false],
  ]);
});

test("judge() demands of plain text a tenth more than the bare server takes, at most", () => {
  assert.deepEqual(outcomes("text", { bare: 10, pottle: 11 }), [["≤ 1.1 × bare", "1.10 (1.10–1.10)", true]]);
});

test("judge() compares the same rounds, and judges by the median", () => {
  const cpu = (each: readonly number[]) => each.map((one) => ({ cpu: one, rate: 1 }));
  const uneven = new Map([
    ["pottle", cpu([10, 20, 90])],
    ["fastify", cpu([20, 40, 30])],
  ]);
  const [verdict] = judge(row("session"), uneven, (peer) => peer);
  assert.deepEqual([verdict?.measured, verdict?.isReached], ["0.50 (0.50–3.00)", true]);
});

test("judge() judges nothing without Pottle, nor beside a rival that was not measured", () => {
  assert.deepEqual(outcomes("json", { fastify: 1, hono: 1 }), []);
  assert.deepEqual(outcomes("json", { pottle: 1, express: 1 }), []);
});
