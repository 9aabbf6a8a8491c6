import { type AnyIterable, readAhead, requireIterable } from "./_prefetch.ts";

/** What an iterable gives. */
export type ItemOf<I> = I extends AsyncIterable<infer T> ? T : I extends Iterable<infer T> ? Awaited<T> : never;

/**
 * Gives what several iterables give, in the order in which it comes. Each is read by a task; at most one item is read
 * ahead, and one more is waiting for each.
 *
 * If one fails, the others are closed, and its error is thrown after what had come. Leaving the loop closes them all.
 *
 * @throws {TypeError} If one is no iterable.
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
