// The wait of a line for a value that it awaits. If the value is one of Pottle's tasks or futures, cancelling the wait
// cancels it. Any other promise is one of two kinds, which cannot be told apart from outside:
//
//   - the promise of the user's `async` function, which waits by means of Pottle: its wait is interrupted, it cleans up, and
//     the line must wait for that;
//   - a promise that is independent of Pottle: it can only be abandoned.
//
// So when the line is cancelled, the cancellation is first delivered to all code in it. If code waits by means of Pottle
// after that, it is cleaning up; otherwise the line ends. If the clean-up hangs too, the next Ctrl+C abandons it.

import { isThenable } from "../../base/is-thenable.ts";
import {
  Awaitable,
  callExceptionHandler,
  currentTask,
  isCancelled,
  park,
  type Park,
  type Resource,
} from "../../asyncio/index.ts";
import { wrongType } from "../../base/refusal.ts";

const lineWait: Resource = { kind: "line" };

/** Returns a value to await in place of `value`. The line can be cancelled during that wait. */
export function waitInLine<T>(value: T): T | Promise<Awaited<T>> {
  if (!isThenable(value) || value instanceof Awaitable) return value;
  const task = currentTask();
  return park<Awaited<T>>(
    lineWait,
    (wait) =>
      void value.then(
        (result) => wait.wake(result as Awaited<T>),
        (error: unknown) => fail(wait, error),
      ),
    {
      onCancel: (error, wait) => {
        setImmediate(() => {
          const cleansUp = task?.waits.some(({ resource }) => resource !== lineWait) ?? false;
          if (!cleansUp) wait.fail(error);
        });
      },
    },
  );
}

/** Returns an iterable in place of `source`. The line can be cancelled in each of its steps. */
export async function* iterateInLine<T>(
  source: AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<Awaited<T>, void, undefined> {
  const iterator = iteratorOf(source);
  for (;;) {
    const step = await waitInLine(iterator.next());
    if (step.done === true) return;
    let goesOn = false;
    try {
      yield await waitInLine(step.value);
      goesOn = true;
    } finally {
      if (!goesOn) await waitInLine(iterator.return?.());
    }
  }
}

// The promise of a cancelled line does not have a waiter any more, and its cancellation is not reported.
function fail<T>(wait: Park<T>, error: unknown): void {
  if (wait.fail(error) || isCancelled(error)) return;
  callExceptionHandler({ message: "A promise that a cancelled line had awaited failed", error });
}

function iteratorOf<T>(source: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> | Iterator<T> {
  const any = source as Partial<AsyncIterable<T> & Iterable<T>>;
  const iterator = any[Symbol.asyncIterator]?.() ?? any[Symbol.iterator]?.();
  if (iterator === undefined) throw wrongType("iterate", "an async iterable is needed", source);
  return iterator;
}
