import { type AnyIterable, requireIterable } from "./_prefetch.ts";
import { requireCount } from "../../base/options.ts";

/**
 * Yields the first `count` items of an iterable, then closes it. It never requests a further item.
 *
 * @throws {RangeError} If `count` is neither a whole number ≥ 0 nor `Infinity`.
 * @throws {TypeError} If `iterable` is not an iterable.
 * @example
 * async function* count() {
 *   for (let i = 1; ; i++) yield i;
 * }
 * for await (const n of take(count(), 3)) console.log(n); // 1, 2, 3
 */
export function take<T>(iterable: AnyIterable<T>, count: number): AsyncGenerator<T, void, void> {
  requireIterable(iterable, "take");
  requireCount(count, 0, "take that many items", true);
  return takeFirst(iterable, count);
}

async function* takeFirst<T>(iterable: AnyIterable<T>, count: number): AsyncGenerator<T, void, void> {
  let left = count;
  for await (const item of left === 0 ? [] : iterable) {
    yield item;
    if (--left === 0) return;
  }
}
