import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RingBuffer } from "./ring-buffer.ts";

test("RingBuffer behaves as an array does", () => {
  const anyStep = fc.constantFrom(
    "add" as const,
    "add" as const,
    "addFirst" as const,
    "take" as const,
    "clear" as const,
  );
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 200 }), (steps) => {
      const ring = new RingBuffer<number>();
      let model: number[] = [];
      for (const [index, step] of steps.entries()) {
        if (step === "take") assert.equal(ring.take(), model.shift());
        else ring[step](index);
        if (step === "add") model.push(index);
        else if (step === "addFirst") model.unshift(index);
        else if (step === "clear") model = [];
        assert.equal(ring.size, model.length);
      }
      while (model.length > 0) assert.equal(ring.take(), model.shift());
      assert.equal(ring.take(), undefined);
    }),
  );
});

test("RingBuffer takes a hundred thousand items out in the time that it takes to add them", () => {
  const ring = new RingBuffer<number>();
  const time = (fn: () => void): number => {
    const begin = performance.now();
    for (let i = 0; i < 100_000; i++) fn();
    return performance.now() - begin;
  };
  const [adding, taking] = [time(() => ring.add(1)), time(() => void ring.take())];
  assert.ok(taking < 20 * adding + 100, `${taking} ms to take, ${adding} ms to add`);
});
