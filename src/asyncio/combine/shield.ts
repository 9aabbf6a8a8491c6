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
 * Protects `awaitable` from a cancellation of the code that awaits it. A cancelled awaiter stops at once, while
 * `awaitable` continues, owned by the nearest group, request or run. Cancelling `awaitable` itself still works.
 *
 * @returns A task with the outcome of `awaitable`; if `awaitable` is a task that is done, that task itself.
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

// A function that waits without passing cancellations on, or a task that is already done.
function uncancelled<T>(awaitable: AwaitableInput<unknown>): Task<T> | (() => Promise<T>) {
  requireInput(awaitable, "shield");
  if (typeof awaitable !== "function" && !(awaitable instanceof Awaitable)) {
    // A promise cannot be cancelled, so it needs no task. A task for it would live as long as the promise is pending.
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
