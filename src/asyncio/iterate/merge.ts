import { type AnyIterable, readAhead, requireIterable } from "./_prefetch.ts";

/** The type of the items of an iterable. */
export type ItemOf<I> = I extends AsyncIterable<infer T> ? T : I extends Iterable<infer T> ? Awaited<T> : never;

/**
 * Yields the items of several iterables in the order in which they arrive. Each iterable is read by a task of its own.
 * At most one item is read ahead, besides the one that each task may hold.
 *
 * If an iterable fails, the others are closed, and its error is thrown after the items that came before it. Leaving the
 * loop closes them all. An iterable that does not close within five seconds is reported and left running.
 *
 * @throws {TypeError} If an argument is not an iterable.
 * @throws {InvalidStateError} From the loop, if the scope in which reading began has ended.
 * @throws {unknown} From the loop, the error of an iterable.
 * @example
 * async function* ticks(name: string, ms: number) {
 *   for (let i = 0; i < 2; i++) yield sleep(ms, name);
 * }
 * for await (const name of merge(ticks("a", 10), ticks("b", 15))) console.log(name); // a, b, a, b
 */
export function merge<I extends readonly AnyIterable<unknown>[]>(
  ...iterables: I
): AsyncGenerator<ItemOf<I[number]>, void, void> {
  for (const iterable of iterables) requireIterable(iterable, "merge");
  return readAhead("merge", iterables as unknown as AnyIterable<ItemOf<I[number]>>[], 1);
}
