import { type CancelledError, isOfRequest } from "../errors/errors.ts";
import { runtime } from "../state/runtime.ts";
import { markHeard, markUnheard, takePending } from "../scopes/delivery.ts";
import { currentScope, type Scope } from "../scopes/scope.ts";
import type { Linked } from "../../../base/linked-list.ts";
import type { Task } from "../tasks/task.ts";
import type { Timer } from "../state/timers.ts";
import type { WaitQueue } from "./wait-queue.ts";

// Where the executor leaves the resolving functions: an executor of its own would cost each wait a closure.
let capturedResolve: (value: never) => void;
let capturedReject: (error: unknown) => void;
function capture(resolve: (value: never) => void, reject: (error: unknown) => void): void {
  capturedResolve = resolve;
  capturedReject = reject;
}

/** What a task can wait for: a lock, a queue, a query. */
export interface Resource {
  /** The kind of thing, as shown by inspectors: `Lock`, `sleep`, `postgres query`. */
  readonly kind: string;
  /** Which one it is. */
  readonly name?: string | undefined;
  /** The task that holds it, where one does. */
  holder?(): Task<unknown> | undefined;
  /**
   * Of a resource with capacity: the tasks that hold a part of it, each of which can end a wait for it. None if a part is
   * held by anything else than a task.
   */
  holders?(): Iterable<Task<unknown>>;
  /** How much of it is in use, in words: `2 of 2 taken`. */
  usage?(): string;
  /** @internal Of what stands for tasks, such as a group: the tasks that have to be done. */
  awaits?(): readonly Task<unknown>[];
  /**
   * Of a resource with capacity: whether only the holder of a part can give it back. Where another task may, to which it
   * was handed, a deadlock is reported later: when no task goes on that may have it. @default false
   */
  readonly isBoundToHolder?: boolean;
}

/**
 * Decides how a wait ends when it is cancelled. Called once for each cancellation, so perhaps several times, outside the
 * waiting task; it ends the wait by `park.fail(error)`, with the error that it was given, now or when the work is really
 * over. Returning `false` says that it was not heard. A wait that is served all the same, or fails by another error, has
 * not heard either: the cancellation is delivered at the next wait.
 */
export type OnCancel = (error: CancelledError, park: Park<never>) => boolean | void;

/** How a wait made by {@link park} ends. */
export interface ParkOptions<T> {
  /** Decides how the wait ends when it is cancelled. @default it ends at once, with the cancellation */
  readonly onCancel?: OnCancel;
  /**
   * Takes back what the wait was woken with, if it was cancelled in the same turn, or before and woken all the same: the
   * cancellation is then thrown. A wait that is over takes nothing: `wake` returns `false`, and the value stays yours.
   * @default the value is returned, and the cancellation is delivered at the next wait
   */
  readonly giveBack?: (value: T) => void;
}

/**
 * "This task waits for that resource since then": the only thing that a cancellation can interrupt.
 *
 * A park ends once: woken, failed or interrupted. A wait that is woken and cancelled in the same turn looks again when it
 * resumes, and gives back what it was given: see `giveBack` of {@link park}.
 */
export class Park<T = unknown> implements Linked<Park> {
  /** The scope of the code that waits. */
  readonly scope: Scope;
  /** The resource that is waited for. */
  readonly resource: Resource;
  /** When the wait began, in milliseconds of the runtime's clock. */
  readonly since: number;
  /** @internal */ previous: Park | undefined;
  /** @internal */ next: Park | undefined;
  /** @internal The queue that it stands in. */ queue: WaitQueue<never> | undefined;
  /** @internal When it is woken at the latest. */ timer: Timer | undefined;
  /** @internal What it brings along: the item of a put, the value of a sleep. */ payload: unknown;
  #isWaiting = true;
  #resolve: ((value: T) => void) | undefined;
  #reject: ((error: unknown) => unknown) | undefined;
  readonly #onCancel: OnCancel | undefined;

  constructor(scope: Scope, resource: Resource, onCancel?: OnCancel) {
    this.scope = scope;
    this.resource = resource;
    this.since = runtime.timers.now();
    this.#onCancel = onCancel;
    scope.addPark(this as Park);
    runtime.instrument?.wait?.(this as Park);
  }

  /** Whether it still waits. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** @internal Whether a cancellation ends it at once, and does nothing else. */
  get isSimple(): boolean {
    return this.#onCancel === undefined;
  }

  /** @internal The promise of the wait; to be asked for once, at once. */
  promise(): Promise<T> {
    const promise = new Promise<T>(capture as never);
    this.#resolve = capturedResolve as (value: T) => void;
    this.#reject = capturedReject;
    return promise;
  }

  /** @internal Has the wait's errors go to `reject`, where its promise is not ours. */
  rejectBy(reject: (error: unknown) => unknown): void {
    this.#reject = reject;
  }

  /** Ends the wait with `value`. Returns whether it still waited. */
  wake(value: T): boolean {
    if (!this.#isWaiting) return false;
    this.end();
    if (runtime.schedule === undefined) this.#resolve?.(value);
    else runtime.schedule.wake(this as Park, () => this.#resolve?.(value));
    return true;
  }

  /** Ends the wait with an error. Returns whether it still waited. */
  fail(error: unknown): boolean {
    if (!this.#isWaiting) return false;
    this.end(error);
    markHeard(this.scope, error);
    this.#reject?.(error);
    return true;
  }

  /** @internal Tells it of a cancellation. Returns whether it was heard. */
  interrupt(error: CancelledError): boolean {
    if (!this.#isWaiting) return false;
    if (this.#onCancel !== undefined) return this.#onCancel(error, this as unknown as Park<never>) !== false;
    this.end(error);
    this.#reject?.(error);
    return true;
  }

  /**
   * @internal Its scope ends without it. Code that waited for a task only stops waiting, unless the scope failed: then
   * the task is cancelled as if the code had been. One that was asked already, by the request that ended the code, is only
   * waited for: asked again, it would be cut in its clean-up.
   */
  leave(error: CancelledError, failed: boolean): void {
    if (this.resource.kind === "task" && !failed) this.end(error);
    else if (!this.scope.isClosed && this.#hasPassedOn()) return;
    else if (!this.interrupt(error) || this.scope.isClosed) this.end(error);
  }

  // Whether the task that is waited for was asked to stop by a request to the code that waits.
  #hasPassedOn(): boolean {
    if (this.resource.kind !== "task") return false;
    const { requests, error } = (this.resource as unknown as Task<unknown>).scope;
    if (requests === 0) return false;
    for (let s: Scope = this.scope; ; s = s.parent!) {
      if (s.requests > 0 && isOfRequest(error, s.error!)) return true;
      if (s === s.root || s.masked) return false;
    }
  }

  /** @internal */
  end(error?: unknown): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.scope.removePark(this as Park);
    this.queue?.left();
    if (this.timer !== undefined) runtime.timers.remove(this.timer);
    runtime.instrument?.wake?.(this as Park, error);
  }
}

/**
 * Waits for something outside: the one door by which drivers and servers make a wait that can be seen and cancelled.
 *
 * `start` is called at once and arranges that `park.wake(value)` or `park.fail(error)` is called later; both may be
 * called at any time, the first one counts. A cancellation ends the wait with a {@link CancelledError}, or, with
 * `onCancel`, calls that function, which ends the wait when the work is really over. If one is pending, `start` is not
 * called. With `giveBack`, a wait that was woken and cancelled in the same turn gives back its value before it throws.
 *
 * @throws {CancelledError} If the wait is cancelled.
 * @throws {unknown} What `start` throws, or the error that ended the wait.
 * @example
 * const line = await park<string>({ kind: "terminal" }, (wait) => setTimeout(() => wait.wake("typed"), 5));
 */
export function park<T>(resource: Resource, start: (park: Park<T>) => void, options: ParkOptions<T> = {}): Promise<T> {
  const scope = currentScope();
  const pending = takePending(scope);
  if (pending !== undefined) return Promise.reject(pending);
  const { onCancel, giveBack } = options;
  if (onCancel !== undefined) return parkUntilOver(scope, resource, start, onCancel, giveBack);
  const promise = begin(new Park<T>(scope, resource), start);
  return giveBack === undefined ? promise : keepOrGiveBack(scope, promise, giveBack);
}

function begin<T>(wait: Park<T>, start: (park: Park<T>) => void): Promise<T> {
  const promise = wait.promise();
  try {
    start(wait);
  } catch (error) {
    wait.fail(error);
  }
  return promise;
}

// A wait that was told of cancellations may be served all the same, or fail by something else. Then these cancellations
// have not arrived, and are pending again.
async function parkUntilOver<T>(
  scope: Scope,
  resource: Resource,
  start: (park: Park<T>) => void,
  onCancel: OnCancel,
  giveBack: ((value: T) => void) | undefined,
): Promise<T> {
  const told: CancelledError[] = [];
  const tell: OnCancel = (error, wait) => {
    const wasHeard = onCancel(error, wait);
    if (wasHeard !== false) told.push(error);
    return wasHeard;
  };
  let value: T;
  try {
    value = await begin(new Park<T>(scope, resource, tell), start);
  } catch (error) {
    for (const each of told) if (!isOfRequest(error, each)) markUnheard(scope, each);
    throw error;
  }
  for (const each of told) markUnheard(scope, each);
  return giveBack === undefined ? value : returnOrGiveBack(scope, value, giveBack);
}

/** @internal The value of a wait; if its scope was cancelled before it resumed, it is given back. */
export async function keepOrGiveBack<T>(
  scope: Scope,
  promise: Promise<T>,
  giveBack: ((value: T) => void) | undefined,
): Promise<T> {
  return returnOrGiveBack(scope, await promise, giveBack);
}

function returnOrGiveBack<T>(scope: Scope, value: T, giveBack: ((value: T) => void) | undefined): T {
  const pending = takePending(scope);
  if (pending === undefined) return value;
  giveBack?.(value);
  throw pending;
}
