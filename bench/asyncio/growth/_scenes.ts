// What several cases begin with.

import { createTask, isCancelled, sleep, type Task } from "pottle/asyncio";

/** Milliseconds that no case lasts. */
export const HOUR = 3_600_000;

/** A promise of the platform that is fulfilled. */
export const passed: Promise<void> = Promise.resolve();

/** The numbers from 0 to `count` − 1, each mapped. */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Sleeps until it is cancelled. */
export function nap(): Promise<void> {
  return sleep(HOUR);
}

/** Tasks side by side, all of which run `fn` and have begun to wait. */
export async function startFan(count: number, fn: () => Promise<unknown> = nap): Promise<Task<unknown>[]> {
  const tasks = times(count, () => createTask(fn));
  await settle();
  return tasks;
}

/** Tasks of which each awaits the one before; the first runs `fn`. All of them have begun to wait. */
export async function startChain(count: number, fn: () => Promise<unknown> = nap): Promise<Task<unknown>[]> {
  const tasks: Task<unknown>[] = [createTask(fn)];
  while (tasks.length < count) {
    const before = tasks.at(-1)!;
    tasks.push(createTask(async () => before));
  }
  await settle();
  return tasks;
}

/** Waits until tasks that were just created have begun to wait. */
export async function settle(): Promise<void> {
  for (let turns = 0; turns < 3; turns++) await sleep(0);
}

/** Waits for all of them, however each ends. The promises are the platform's, so that our own combinators add nothing. */
export async function endAll(tasks: Iterable<PromiseLike<unknown>>): Promise<void> {
  for (const task of tasks) await Promise.resolve(task).catch(ignoreCancellation);
}

/** Cancels all of them and waits for their ends. */
export async function cancelAll(tasks: readonly Task<unknown>[]): Promise<void> {
  for (const task of tasks) task.cancel();
  await endAll(tasks);
}

/** Takes a cancellation; passes everything else on. */
export function ignoreCancellation(error: unknown): void {
  if (!isCancelled(error)) throw error;
}

/**
 * Calls `wrap` within itself, `depth` deep; the innermost runs `body`. A promise of the platform lies between two of
 * them, so that the stack of JavaScript itself does not grow.
 */
export async function nest(
  depth: number,
  wrap: (inner: () => Promise<void>) => PromiseLike<unknown>,
  body: () => Promise<unknown>,
): Promise<void> {
  await passed;
  if (depth === 0) return void (await body());
  await wrap(() => nest(depth - 1, wrap, body));
}

/** A task that is `depth` deep in `wrap`, and runs `fn` there; in a list, as a promise of a task is one of its result. */
export async function startNest(
  depth: number,
  wrap: (inner: () => Promise<void>) => PromiseLike<unknown>,
  fn: () => Promise<unknown> = nap,
): Promise<[Task<void>]> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const task = createTask(() =>
    nest(depth, wrap, () => {
      resolve();
      return fn();
    }),
  );
  await promise;
  await settle();
  return [task];
}

/** A source of `count` items that never waits. */
export async function* source(count: number): AsyncGenerator<number, void, void> {
  for (let item = 0; item < count; item++) yield item;
}

/** Reads all items. */
export async function drain(items: AsyncIterable<unknown>): Promise<void> {
  let seen = 0;
  for await (const item of items) if (item !== undefined) seen++;
  if (seen === 0) throw new Error("Nothing came");
}
