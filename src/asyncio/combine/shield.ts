import {
  Awaitable,
  type AwaitableInput,
  currentScope,
  type OutputOf,
  Park,
  requireInput,
  Task,
  throwPending,
  toAwaitable,
  waitPromise,
} from "../core/index.ts";

/**
 * Lets a cancellation of whoever awaits it pass `awaitable` by: the awaiter is thrown out at once, and `awaitable` runs
 * on, owned by the nearest group, request or run. Cancelling `awaitable` itself cancels it.
 *
 * @returns A task of its outcome; a task that is done is returned itself.
 * @throws {TypeError} If `awaitable` is not a function, task or promise.
 * @example
 * const save = createTask(() => sleep(20, "saved"));
 * const answer = await moveOnAfter(5, () => shield(save));
 * console.log(answer, await save); // undefined saved
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.shield
 */
export function shield<A extends AwaitableInput<unknown>>(awaitable: A): Task<OutputOf<A>> {
  const wait = uncancelled<OutputOf<A>>(awaitable);
  if (wait instanceof Task) return wait;
  const outer = new Task<OutputOf<A>>({}, "shield");
  outer.start(wait, true);
  return outer;
}

// Code that waits without cancelling, or a task that is done.
function uncancelled<T>(awaitable: AwaitableInput<unknown>): Task<T> | (() => Promise<T>) {
  requireInput(awaitable, "shield");
  if (typeof awaitable !== "function" && !(awaitable instanceof Awaitable)) {
    // It cannot be cancelled, only left; a task for it would live as long as it.
    const promise = Promise.resolve(awaitable) as Promise<T>;
    return () => waitPromise(promise);
  }
  const inner = toAwaitable(awaitable, "shield") as Awaitable<T>;
  return inner instanceof Task && inner.done() ? inner : () => waitDone(inner);
}

async function waitDone<T>(inner: Awaitable<T>): Promise<T> {
  const scope = currentScope();
  throwPending(scope);
  if (!inner.done()) {
    const park = new Park<void>(scope, inner, (error, wait) => void wait.fail(error));
    inner.addAwaiter(park as Park);
    await park.promise();
  }
  return inner.result();
}
