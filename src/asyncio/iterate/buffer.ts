import { type AnyIterable, readAhead, requireIterable } from "./_prefetch.ts";
import { requireCount } from "../../base/options.ts";

/**
 * Gives what an iterable gives, and reads up to `size` items ahead in a task of its own, so that its consumer seldom waits.
 *
 * Its error is thrown after what had come before. Leaving the loop closes it.
 *
 * @throws {RangeError} If `size` is neither a whole number ≥ 1 nor `Infinity`.
 * @throws {TypeError} If `iterable` is no iterable.
 * @example
 * async function* pages() {
 *   for (let i = 1; i <= 3; i++) yield sleep(5, i);
 * }
 * for await (const page of buffer(pages(), 2)) await sleep(5, page); // the next one is fetched meanwhile
 */
export function buffer<T>(iterable: AnyIterable<T>, size: number): AsyncGenerator<T, void, void> {
  requireIterable(iterable, "buffer");
  requireCount(size, 1, "buffer that many items", true);
  return readAhead("buffer", [iterable], size);
}
