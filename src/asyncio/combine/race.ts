import {
  type Awaitable,
  type AwaitableInput,
  type CancelledError,
  currentScope,
  makeCancellation,
  type OutputOf,
  requireInput,
  type Resource,
  throwPending,
  toAwaitable,
  waitAmong,
  within,
} from "../core/index.ts";

const raceResource: Resource = { kind: "race" };
const raceScope = { kind: "race", ownsTasks: true };

/**
 * Runs functions as tasks, all at once; the first that is done, by a result or an error, decides. The losers are
 * cancelled and awaited: a loser takes nothing more from a queue, and keeps no lock. What a loser ends with is dropped.
 *
 * @returns What the first one gives. If that one failed, its error is thrown.
 * @throws {RangeError} If there is nothing to race.
 * @throws {TypeError} If an argument is not a function, task or promise; then nothing was started.
 * @throws {CancelledError} If it is cancelled; so are all that race.
 * @example
 * const winner = await race(() => sleep(10, "hare"), () => sleep(60_000, "tortoise")); // hare
 * @see https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Global_Objects/Promise/race
 */
export async function race<const A extends readonly AwaitableInput<unknown>[]>(
  ...awaitables: A
): Promise<OutputOf<A[number]>> {
  if (awaitables.length === 0) throw new RangeError("Cannot race as there is nothing to race: current value is []");
  return await within(raceScope, async () => {
    const { winner } = await decide(awaitables);
    return winner.result() as OutputOf<A[number]>;
  });
}

// Boxed: a promise resolved with a task would wait for it.
interface Box {
  readonly winner: Awaitable<unknown>;
}

// The losers are told in the same moment in which the first one is done, or the race is cancelled: one that was woken in
// that turn gives back what it was given.
async function decide(inputs: readonly AwaitableInput<unknown>[]): Promise<Box> {
  throwPending(currentScope());
  for (const input of inputs) requireInput(input, "race");
  const awaitables = inputs.map((input) => toAwaitable(input, "race"));
  let winner = awaitables.find((awaitable) => awaitable.done());
  if (winner !== undefined) stop(awaitables);
  const running = awaitables.filter((awaitable) => !awaitable.done());
  let left = running.length;
  let interrupted: CancelledError | undefined;
  if (left > 0) {
    await waitAmong<void>(
      running,
      raceResource,
      Infinity,
      (settled, park) => {
        if (winner === undefined && interrupted === undefined) stop(awaitables, (winner = settled));
        if (--left === 0) park.wake();
      },
      (error) => {
        interrupted ??= error;
        for (const awaitable of running) {
          awaitable.markObserved();
          awaitable.cancelBecause(error);
        }
      },
    );
  }
  if (interrupted !== undefined) throw interrupted;
  return { winner: winner! };
}

function stop(awaitables: readonly Awaitable<unknown>[], winner?: Awaitable<unknown>): void {
  const error = makeCancellation("it lost the race");
  for (const awaitable of awaitables) {
    awaitable.markObserved(); // the error of a loser is dropped
    if (awaitable !== winner) awaitable.cancelBecause(error);
  }
}
