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
 * Runs functions as concurrent tasks. The first task that is done, with a result or an error, wins. The losers are
 * cancelled and awaited, so that no loser takes another item from a queue or keeps a lock. The results and errors of
 * losers are dropped.
 *
 * @returns The result of the winner. If the winner failed, its error is thrown.
 * @throws {RangeError} If no argument is given.
 * @throws {TypeError} If an argument is not a function, task or promise; nothing is started then.
 * @throws {CancelledError} If this call is cancelled; all competitors are cancelled too.
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

// In a box, because a promise resolved with a task would wait for that task.
interface Box {
  readonly winner: Awaitable<unknown>;
}

// The losers are cancelled in the same turn in which the first task is done or the race is cancelled. So a loser that
// was woken in that turn gives its value back.
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
