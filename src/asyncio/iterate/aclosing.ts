import { show } from "../../base/options.ts";

/** An iterable that stays open when a loop over it is left, and that `await using` closes. */
export interface Aclosing<T> extends AsyncIterable<T>, AsyncDisposable {}

/**
 * Closes an async iterator at the end of the block, even if the block throws, and not earlier: after a `break`, another
 * loop can continue with the iterator.
 *
 * @throws {TypeError} If `iterable` is not an async iterable.
 * @example
 * async function* count() {
 *   try {
 *     for (let i = 1; ; i++) yield i;
 *   } finally {
 *     console.log("closed");
 *   }
 * }
 * {
 *   await using numbers = aclosing(count());
 *   for await (const n of numbers) if (n === 2) break;
 *   for await (const n of numbers) if (n === 4) break; // 3, 4
 * } // closed
 * @see https://docs.python.org/3/library/contextlib.html#contextlib.aclosing
 */
export function aclosing<T>(iterable: AsyncIterable<T>): Aclosing<T> {
  if (typeof iterable?.[Symbol.asyncIterator] !== "function") {
    throw new TypeError(`Cannot close as an async iterable is needed: current value is ${show(iterable)}`);
  }
  const iterator = iterable[Symbol.asyncIterator]();
  return {
    [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }),
    async [Symbol.asyncDispose]() {
      await iterator.return?.();
    },
  };
}
