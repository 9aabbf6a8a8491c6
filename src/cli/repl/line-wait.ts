// How a line waits for what it awaits itself. A task or a future of ours is cancelled by being awaited. Any other promise
// may be one of two things, and from outside one cannot tell which:
//
//   - one made by the user's `async` function, which waits by our means: its wait is interrupted, it cleans up, and the
//     line has to wait until it has;
//   - one that knows nothing of us: it can only be left.
//
// So when the line is cancelled, everything in it gets a turn to hear of it. If after that something waits by our means,
// it is cleaning up; if nothing does, the line leaves. Should cleaning up hang as well, the next Ctrl+C leaves it.

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

/** Gives something to await in the place of `value`, by which the line can be cancelled. */
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

/** Gives something to iterate over in the place of `source`, in each step of which the line can be cancelled. */
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

// The promise of a cancelled line has no waiter any more, and its cancellation needs no report.
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

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
}
