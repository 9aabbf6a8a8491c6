import { type AnyIterable, readAhead, requireIterable } from "./_prefetch.ts";
import { requireCount } from "../../base/options.ts";

/**
 * Yields the items of an iterable. A separate task reads up to `size` items ahead, so that the consumer seldom waits.
 *
 * An error of the iterable is thrown after the items that came before it. Leaving the loop closes the iterable. An
 * iterable that does not close within five seconds is reported and left running.
 *
 * @throws {RangeError} If `size` is neither a whole number ≥ 1 nor `Infinity`.
 * @throws {TypeError} If `iterable` is not an iterable.
 * @throws {InvalidStateError} From the loop, if the scope in which reading began has ended.
 * @throws {unknown} From the loop, the error of the iterable.
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
