import { Awaitable, type Resource, waitAmong } from "../core/index.ts";
import { requireTime, show } from "../../base/options.ts";

/** The condition on which {@link wait} returns. */
export type ReturnWhen = "firstCompleted" | "firstException" | "allCompleted";

/** Options of {@link wait}. */
export interface WaitOptions {
  /** The maximum time to wait, in milliseconds. @default Infinity */
  readonly timeout?: number;
  /** What to wait for. @default "allCompleted" */
  readonly returnWhen?: ReturnWhen;
}

const conditions: readonly ReturnWhen[] = ["firstCompleted", "firstException", "allCompleted"];

/**
 * Waits for tasks and futures, and returns the set of those that are done and the set of those that are not. It does
 * not throw their errors. It never cancels them, neither when time runs out nor when this call is cancelled.
 *
 * @throws {TypeError} If `awaitables` is not a list of tasks and futures.
 * @throws {RangeError} If `awaitables` is empty, `timeout` is NaN, or `returnWhen` is unknown.
 * @throws {CancelledError} If this call is cancelled.
 * @example
 * const tasks = [createTask(() => sleep(5)), createTask(() => sleep(50))];
 * const [done, pending] = await wait(tasks, { returnWhen: "firstCompleted" });
 * console.log(done.size, pending.size); // 1 1
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.wait
 */
export async function wait<A extends Awaitable<unknown>>(
  awaitables: Iterable<A>,
  options: WaitOptions = {},
): Promise<[done: Set<A>, pending: Set<A>]> {
  const all = requireAwaitables(awaitables, "wait");
  const { timeout = Infinity, returnWhen = "allCompleted" } = options;
  requireTime(timeout, "wait");
  if (!conditions.includes(returnWhen)) {
    throw new RangeError(
      `Cannot wait as returnWhen must be one of ${conditions.join(", ")}: current value is ${show(returnWhen)}`,
    );
  }
  const undone = [...all].filter((awaitable) => !awaitable.done());
  if (undone.length > 0 && !(undone.length < all.size && isEnough(all, returnWhen))) {
    await waitUntilEnough(undone, returnWhen, timeout);
  }
  const done = new Set<A>();
  const pending = new Set<A>();
  for (const awaitable of all) (awaitable.done() ? done : pending).add(awaitable);
  return [done, pending];
}

/** @internal The set of the given tasks and futures. */
export function requireAwaitables<A extends Awaitable<unknown>>(awaitables: Iterable<A>, action: string): Set<A> {
  const isList = typeof awaitables === "object" && awaitables !== null && Symbol.iterator in awaitables;
  const all = isList ? new Set(awaitables) : undefined;
  if (all === undefined || [...all].some((awaitable) => !(awaitable instanceof Awaitable))) {
    throw new TypeError(
      `Cannot ${action} as a list of tasks and futures is needed: current value is ${describe(awaitables)}`,
    );
  }
  if (all.size === 0) throw new RangeError(`Cannot ${action} as there is nothing to wait for: current value is []`);
  return all;
}

function describe(value: unknown): string {
  if (Array.isArray(value))
    return `[${value.map((item) => (typeof item === "function" ? "a function" : String(item))).join(", ")}]`;
  return String(value);
}

// Whether one of those that are done is enough to return.
function isEnough(all: Iterable<Awaitable<unknown>>, returnWhen: ReturnWhen): boolean {
  if (returnWhen === "firstException") return [...all].some((awaitable) => awaitable.failed);
  return returnWhen === "firstCompleted";
}

const waitResource: Resource = { kind: "wait" };

async function waitUntilEnough(
  undone: readonly Awaitable<unknown>[],
  returnWhen: ReturnWhen,
  ms: number,
): Promise<void> {
  let left = undone.length;
  await waitAmong<void>(undone, waitResource, ms, (settled, park) => {
    if (--left === 0 || isEnough([settled], returnWhen)) park.wake();
  });
}
