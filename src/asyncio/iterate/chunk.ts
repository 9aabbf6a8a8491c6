import { type AnyIterable, Prefetch, requireIterable } from "./_prefetch.ts";
import { isCancelled, runtime } from "../core/index.ts";
import { requireCount, requireTime } from "../../base/options.ts";

/** Options of {@link chunk}. */
export interface ChunkOptions {
  /** The number of items in a full chunk. */
  readonly size: number;
  /**
   * The maximum time to wait until a chunk is full, in milliseconds from its first item.
   *
   * @default Infinity
   */
  readonly ms?: number;
}

/**
 * Yields the items of an iterable in arrays of `size` items; the last array may have fewer. With `ms`, an array that is
 * not full is yielded `ms` milliseconds after its first item arrived.
 *
 * Leaving the loop closes the iterable. An error of the iterable is thrown after the items that came before it.
 *
 * @throws {RangeError} If `size` is not a whole number ≥ 1, or `ms` is NaN.
 * @throws {TypeError} If `iterable` is not an iterable.
 * @throws {InvalidStateError} From the loop, with `ms`, if the scope in which reading began has ended.
 * @throws {unknown} From the loop, the error of the iterable.
 * @example
 * for await (const rows of chunk([1, 2, 3, 4, 5], 2)) console.log(rows); // [ 1, 2 ], [ 3, 4 ], [ 5 ]
 */
export function chunk<T>(iterable: AnyIterable<T>, options: number | ChunkOptions): AsyncGenerator<T[], void, void> {
  requireIterable(iterable, "chunk");
  const { size, ms = Infinity } = typeof options === "object" ? options : { size: options };
  requireCount(size, 1, "chunk by that many items");
  requireTime(ms, "chunk by time");
  return ms === Infinity ? bySize(iterable, size) : byTime(iterable, size, ms);
}

async function* bySize<T>(iterable: AnyIterable<T>, size: number): AsyncGenerator<T[], void, void> {
  const items: T[] = [];
  const takeAll = (): T[] => items.splice(0);
  try {
    for await (const item of iterable) if (items.push(item) === size) yield takeAll();
  } catch (error) {
    if (items.length > 0 && !isCancelled(error)) yield takeAll();
    throw error;
  }
  if (items.length > 0) yield takeAll();
}

async function* byTime<T>(iterable: AnyIterable<T>, size: number, ms: number): AsyncGenerator<T[], void, void> {
  const prefetch = new Prefetch("chunk", [iterable], size);
  try {
    for (;;) {
      await prefetch.ready();
      if (prefetch.size === 0) return;
      await prefetch.ready(size, runtime.timers.now() + ms);
      yield Array.from({ length: Math.min(prefetch.size, size) }, () => prefetch.take());
    }
  } finally {
    await prefetch.close();
  }
}
