import assert from "node:assert/strict";
import { test } from "node:test";
import { type Figures, findGrowth, formatFifths } from "./_figures.ts";
import { soak } from "./soak.ts";

test(
  "serve() holds no more after 20,000 requests of ten kinds than after 2,000",
  { timeout: 120_000 },
  async (context) => {
    const lines: string[] = [];
    const options = { requests: 20_000, clients: 32, seed: 1, print: (line: string) => void lines.push(line) };
    const { points, kinds, left, growth } = await soak(options);
    assert.equal(points.length, 10);
    assert.equal(Object.keys(kinds).length, 10);
    assert.ok(left > 1_500 && left < 2_500, `${left} clients left early`);
    assert.deepEqual(growth, [], lines.join("\n"));
    context.diagnostic(`${lines[0]}\n${lines.at(-1)}`);
  },
);

const still: Figures = {
  heapUsed: 20e6,
  rss: 100e6,
  handles: { TCPServerWrap: 1, Timeout: 1 },
  descriptors: 25,
  cpu: 0,
  connections: 0,
  requests: 0,
};

const growing: [what: string, at: (point: number) => Partial<Figures>, found: readonly string[]][] = [
  ["nothing", () => ({}), []],
  ["the heap within its tolerance", (point) => ({ heapUsed: 20e6 + point * 200_000 }), []],
  ["the heap", (point) => ({ heapUsed: 20e6 + point * 500_000 }), ["heapUsed grew by 4000000: more than 3000000"]],
  [
    "a kind of handles",
    (point) => ({ handles: { TCPServerWrap: 1, TCPWrap: point } }),
    ["handles grew by 8: more than 2"],
  ],
  ["descriptors", (point) => ({ descriptors: 25 + point }), ["descriptors grew by 8: more than 2"]],
  ["the heap in its middle only", (point) => ({ heapUsed: point === 5 ? 90e6 : 20e6 }), []],
];

for (const [what, at, found] of growing) {
  test(`findGrowth() compares the first fifth with the last if what grows is ${what}`, () => {
    const points = Array.from({ length: 10 }, (_, point) => ({ ...still, ...at(point) }));
    assert.deepEqual(findGrowth(points), found);
  });
}

test("formatFifths() shows what was held at the first fifth of the points, and at the last", () => {
  const points = Array.from({ length: 10 }, (_, point) => ({ ...still, heapUsed: 20e6 + point * 100_000 }));
  assert.equal(
    formatFifths(points),
    "First fifth: heap 20.050 MB, 2 handles, 25 descriptors\nLast fifth:  heap 20.850 MB, 2 handles, 25 descriptors",
  );
});
