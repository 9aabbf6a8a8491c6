import type { Awaitable } from "./awaitable.ts";
import { Park, type Resource } from "./park.ts";
import { currentScope, passOn, Scope, throwPending } from "./scope.ts";
import { type AwaitableInput, type OutputOf, toAwaitable } from "./to-task.ts";

const raceResource: Resource = { kind: "race" };

/**
 * Runs functions as tasks, all at once; the first that is done, by a result or an error, decides. The losers are
 * cancelled and awaited: a loser takes nothing more from a queue, and keeps no lock.
 *
 * @throws {RangeError} If there is nothing to race.
 * @throws {TypeError} If an argument is not a function, task or promise.
 * @example
 * const winner = await race(() => sleep(10, "hare"), () => sleep(60_000, "tortoise")); // hare
 */
export async function race<const A extends readonly AwaitableInput<unknown>[]>(
  ...awaitables: A
): Promise<OutputOf<A[number]>> {
  if (awaitables.length === 0) throw new RangeError("Cannot race as there is nothing to race: current value is []");
  const scope = new Scope(currentScope(), { kind: "race", ownsTasks: true });
  try {
    const { winner } = await scope.run(findFirst, awaitables);
    return winner.result() as OutputOf<A[number]>;
  } catch (error) {
    throw passOn(scope, error);
  } finally {
    await scope.close(true);
  }
}

// Boxed: a promise resolved with a task would wait for it.
interface Box {
  readonly winner: Awaitable<unknown>;
}

async function findFirst(inputs: readonly AwaitableInput<unknown>[]): Promise<Box> {
  throwPending(currentScope());
  const awaitables = inputs.map((input) => toAwaitable(input, "race"));
  try {
    const winner = awaitables.find((awaitable) => awaitable.done());
    return winner === undefined ? await firstDone(awaitables) : { winner };
  } finally {
    for (const awaitable of awaitables) {
      awaitable.hear(); // a loser that fails has nobody to tell
      awaitable.cancel("it lost the race");
    }
    await Promise.allSettled(awaitables.filter((awaitable) => !awaitable.done()));
  }
}

async function firstDone(awaitables: Awaitable<unknown>[]): Promise<Box> {
  const park = new Park<Box>(currentScope(), raceResource);
  const watcher = { settled: (winner: Awaitable<unknown>): unknown => park.wake({ winner }) };
  for (const awaitable of awaitables) awaitable.watch(watcher);
  try {
    return await park.promise();
  } finally {
    for (const awaitable of awaitables) awaitable.unwatch(watcher);
  }
}
