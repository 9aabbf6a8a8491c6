import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import {
  compareNaturally,
  FirstInFirstOut,
  hasNaturalOrder,
  type ItemStore,
  LastInFirstOut,
  SmallestFirst,
} from "./item-store.ts";

/** The model: the simplest implementation, with an array and the index of the next item. */
interface Model {
  readonly make: () => ItemStore<Item>;
  /** The index in `items`, which are in the order in which they were put. */
  readonly next: (items: readonly Item[]) => number;
}

interface Item {
  readonly key: number;
  readonly id: number;
}

const models: Record<string, Model> = {
  FirstInFirstOut: { make: () => new FirstInFirstOut(), next: () => 0 },
  LastInFirstOut: { make: () => new LastInFirstOut(), next: (items) => items.length - 1 },
  SmallestFirst: {
    make: () => new SmallestFirst<Item>((one, other) => one.key - other.key),
    next: (items) => items.findIndex((item) => item.key === Math.min(...items.map(({ key }) => key))),
  },
};

type Step = { readonly put: number } | "take" | "clear";
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ put: fc.integer({ min: 0, max: 9 }) }) },
  { weight: 4, arbitrary: fc.constant("take" as const) },
  { weight: 1, arbitrary: fc.constant("clear" as const) },
);

function follow({ make, next }: Model, steps: readonly Step[]): void {
  const store = make();
  const items: Item[] = [];
  let id = 0;
  for (const one of steps) {
    if (one === "clear") {
      store.clear();
      items.length = 0;
    } else if (one !== "take") {
      const item = { key: one.put, id: id++ };
      store.add(item);
      items.push(item);
    } else if (items.length > 0) assert.deepEqual(store.take(), items.splice(next(items), 1)[0]);
    assert.equal(store.size, items.length);
  }
  while (items.length > 0) assert.deepEqual(store.take(), items.splice(next(items), 1)[0]);
  assert.equal(store.size, 0);
}

for (const [name, model] of Object.entries(models)) {
  test(`${name} gives what an array would give, whatever is put, taken and cleared`, () => {
    const steps = fc.array(step, { maxLength: 200, size: "max" });
    fc.assert(
      fc.property(steps, (all) => follow(model, all)),
      { numRuns: 300 },
    );
  });
}

for (const [name, { make }] of Object.entries(models)) {
  test(`${name} keeps no item that was taken or cleared`, async () => {
    const store = make();
    const refs = [3, 1, 2].map((key) => addTracked(store, key));
    store.take();
    store.clear();
    store.add({ key: 0, id: 0 });
    await setImmediate(); // a WeakRef holds its target until the turn in which it was made is over
    collectGarbage();
    assert.deepEqual(
      refs.map((ref) => ref.deref()),
      [undefined, undefined, undefined],
    );
  });
}

function addTracked(store: ItemStore<Item>, key: number): WeakRef<Item> {
  const item = { key, id: key };
  store.add(item);
  return new WeakRef(item);
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

test("SmallestFirst stays as it was when a comparison throws", () => {
  let broken = false;
  const store = new SmallestFirst<number>((one, other) => {
    if (broken) throw new Error("compare");
    return one - other;
  });
  for (const n of [5, 3, 4, 1, 2]) store.add(n);
  broken = true;
  assert.throws(() => store.add(0), /compare/);
  assert.throws(() => store.take(), /compare/);
  broken = false;
  assert.equal(store.size, 5);
  assert.deepEqual(
    Array.from({ length: 5 }, () => store.take()),
    [1, 2, 3, 4, 5],
  );
});

describe("compareNaturally()", () => {
  const cases: [unknown, unknown, number][] = [
    [1, 2, -1],
    [2, 1, 1],
    [1, 1, 0],
    [1, 2n, -1],
    ["a", "b", -1],
    [new Date(1), new Date(2), -1],
    [[1, "b"], [1, "a"], 1],
    [[1, { any: 1 }], [1, { other: 2 }], 0],
    [[1], [1, 2], -1],
    [[[2], 0], [[1], 9], 1],
  ];
  for (const [one, other, expected] of cases) {
    test(`compareNaturally(${JSON.stringify(one, plain)}, ${JSON.stringify(other, plain)}) is ${expected}, and the reverse the other way round`, () => {
      assert.equal(Math.sign(compareNaturally(one, other)), expected);
      assert.equal(Math.sign(compareNaturally(other, one)), expected === 0 ? 0 : -expected);
    });
  }

  test("compareNaturally() sorts arrays as their elements say", () => {
    const pair = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.string({ maxLength: 2 }));
    const byHand = ([n, s]: [number, string], [m, t]: [number, string]): number =>
      n - m || (s < t ? -1 : Number(s > t));
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        assert.deepEqual(pairs.toSorted(compareNaturally), pairs.toSorted(byHand));
      }),
    );
  });
});

function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

test("hasNaturalOrder() tells what compareNaturally can put in order from what it cannot", () => {
  const ordered = [0, -Infinity, 5n, "", true, new Date(0), [], [1, {}], ["a"], { valueOf: () => 3 }];
  const others = [
    NaN,
    undefined,
    null,
    {},
    Object.create(null),
    Symbol("s"),
    () => 1,
    new Date(NaN),
    [{}],
    [undefined],
  ];
  for (const item of ordered) assert.equal(hasNaturalOrder(item), true);
  for (const item of others) assert.equal(hasNaturalOrder(item), false);
});
