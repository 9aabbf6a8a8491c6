import type { TestContext } from "node:test";
import { allTasks, createTask, Lock, sleep, type Task } from "../../asyncio/index.ts";

/** Waits until all started code has reached its first wait. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 6; i++) await sleep(0);
}

/** Cancels all tasks at the end of the test. */
export function endAfter(context: TestContext): void {
  context.after(async () => {
    const tasks = [...allTasks()];
    for (const task of tasks) task.cancel();
    await Promise.allSettled(tasks);
  });
}

/** A lock with an unguessable name, its holder, and a task that waits for it. */
export interface Planted {
  readonly name: string;
  readonly keeper: Task<unknown>;
  readonly seeker: Task<unknown>;
}

/** Makes a lock that one task holds and another waits for. */
export async function plantLock(context: TestContext): Promise<Planted> {
  const mark = Math.floor(Math.random() * 1e9);
  const lock = new Lock({ name: `ledger-${mark}` });
  const keeper = createTask(() => lock.with(() => sleep(60_000)), { name: `keeper-${mark}` });
  const seeker = createTask(() => lock.with(() => sleep(60_000)), { name: `seeker-${mark}` });
  endAfter(context);
  await settle();
  return { name: `Lock ledger-${mark}`, keeper, seeker };
}

/** Makes two tasks, each of which holds the lock that the other waits for. */
export async function plantDeadlock(context: TestContext): Promise<void> {
  const [one, two] = [new Lock({ name: "one" }), new Lock({ name: "two" })];
  const cross = (first: Lock, second: Lock) => () =>
    first.with(async () => {
      await sleep(0);
      await second.acquire();
    });
  endAfter(context);
  createTask(cross(one, two), { name: "left" });
  createTask(cross(two, one), { name: "right" });
  await settle();
}
