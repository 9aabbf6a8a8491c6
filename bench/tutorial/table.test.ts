import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "./cases.ts";
import type { Result } from "./results.ts";
import { formatResults, formatVerdicts, isReached } from "./table.ts";

const plaintext = cases.find(({ id }) => id === "plaintext")!;
const spread = (median: number) => ({ min: median * 0.9, median, max: median * 1.1 });

function resultWith(ratio: number): Result {
  const [ours, theirs] = plaintext.peers;
  return {
    case: plaintext,
    missing: [],
    figures: [
      { peer: ours!, cpu: spread(20), rate: spread(40_000), ratio: spread(1) },
      { peer: theirs!, cpu: spread(20 * ratio), rate: spread(4_000), ratio: spread(ratio) },
    ],
  };
}

test("formatResults() has a row for each peer, and says what was missing", () => {
  const table = formatResults([resultWith(15), { case: cases[0]!, figures: [], missing: ["wrk", "nginx"] }]);
  assert.match(
    table,
    /\| hello: GET \/plaintext \(µs a request\) \| Pottle +\| 18\.0 – 20\.0 – 22\.0 +\| +\| 40000\/s/,
  );
  assert.match(table, /\| +\| Quart on Hypercorn \| 270 – 300 – 330 +\| 13\.5 – 15\.0 – 16\.5 \| 4000\/s/);
  assert.match(table, /^Not measured: titles of the 20 pages .*, as this is missing: wrk; nginx\.$/m);
});

test("formatVerdicts() judges the median of the first who is not Pottle", () => {
  assert.match(formatVerdicts([resultWith(15)]), /≥ 12 × less CPU time \| 15\.0 × \(13\.5–16\.5\) \| reached/);
  assert.match(formatVerdicts([resultWith(11.9)]), /11\.9 × .* missed/);
  assert.equal(formatVerdicts([{ case: cases[0]!, figures: [], missing: ["wrk"] }]), "");
  assert.deepEqual([isReached(resultWith(12)), isReached(resultWith(11))], [true, false]);
});
