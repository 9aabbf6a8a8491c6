import assert from "node:assert/strict";
import { test } from "node:test";
import type { Deviation, MadeChoice } from "./choices.ts";
import { SystematicSearch } from "./systematic.ts";

const options = [2, 3, 2, 2];

// A program in which the decisions do not affect the later choices.
function run(deviations: readonly Deviation[]): MadeChoice[] {
  return options.map((count, index) => {
    const key = `w${index}.1`;
    return { key, options: count, value: deviations.find((each) => each.key === key)?.value ?? 0 };
  });
}

test("SystematicSearch lists every schedule once, those with fewer deviations first", () => {
  const search = new SystematicSearch();
  search.add([], run([]), 0);
  const taken: (readonly Deviation[])[] = [[]];
  for (let next = search.take(); next !== undefined; next = search.take()) {
    taken.push(next);
    search.add(next, run(next), taken.length);
  }
  assert.equal(taken.length, 2 * 3 * 2 * 2);
  assert.equal(new Set(taken.map((each) => JSON.stringify(each))).size, taken.length);
  const counts = taken.map(({ length }) => length);
  assert.deepEqual(
    counts,
    counts.toSorted((one, other) => one - other),
  );
  assert.equal(search.isExhausted, true);
});

test("SystematicSearch does not go on from a run in which the same happened as in one before", () => {
  const search = new SystematicSearch();
  search.add([], run([]), 0);
  let count = 1;
  for (let next = search.take(); next !== undefined; next = search.take()) {
    count++;
    search.add(next, run(next), 0);
  }
  assert.equal(count, 1 + 1 + 2 + 1 + 1);
});

test("SystematicSearch gives every run of one deviation its turn before any has its second", () => {
  const search = new SystematicSearch();
  search.add([], run([]), 0);
  for (let singles = 0; singles < 5; singles++) {
    const deviations = search.take()!;
    search.add(deviations, run(deviations), 1 + singles);
  }
  // The last choice has no choice after it.
  const firsts = [1, 2, 3, 4].map(() => JSON.stringify(search.take()![0]));
  assert.equal(new Set(firsts).size, 4);
});
