import { type CancelledError, isOfRequest } from "../errors/errors.ts";
import { runtime } from "../state/runtime.ts";
import { markHeard, markUnheard, takePending } from "../scopes/delivery.ts";
import { currentScope, type Scope } from "../scopes/scope.ts";
import type { Linked } from "../../../base/linked-list.ts";
import type { Task } from "../tasks/task.ts";
import type { Timer } from "../state/timers.ts";
import type { WaitQueue } from "./wait-queue.ts";

// The executor leaves the resolving functions here. A separate executor for each wait would cost a closure.
let capturedResolve: (value: never) => void;
let capturedReject: (error: unknown) => void;
function capture(resolve: (value: never) => void, reject: (error: unknown) => void): void {
  capturedResolve = resolve;
  capturedReject = reject;
}

/** A resource that a task can wait for: a lock, a queue, a query. */
export interface Resource {
  /** The kind of resource, as shown by inspectors: `Lock`, `sleep`, `postgres query`. */
  readonly kind: string;
  /** The name of this particular resource. */
  readonly name?: string | undefined;
  /** The task that holds the resource, if one does. */
  holder?(): Task<unknown> | undefined;
  /**
   * For a resource with capacity: the tasks that hold a part of it. Each of them can end a wait for the resource. Empty
   * if a part is held by anything other than a task.
   */
  holders?(): Iterable<Task<unknown>>;
  /** How much of the resource is in use, in words: `2 of 2 taken`. */
  usage?(): string;
  /**
   * @internal For a resource that stands for tasks, such as a group: the tasks that must be done before a wait for it
   * ends.
   */
  awaits?(): readonly Task<unknown>[];
  /**
   * For a resource with capacity: whether only the holder of a part can release it. Otherwise the part may have been
   * handed over to another task, so a deadlock is reported later: only when no task that may have the part can
   * continue. @default false
   */
  readonly isBoundToHolder?: boolean;
}

/**
 * Decides how a wait ends when it is cancelled. It is called outside the waiting task, once for each cancellation. It
 * must end the wait with `park.fail(error)` and the given error, either at once or when the work has really ended. If
 * it returns `false`, or if the wait ends with a value or with another error, the cancellation counts as not received,
 * and is delivered again at the next wait.
 */
export type OnCancel = (error: CancelledError, park: Park<never>) => boolean | void;

/** Options of {@link park}. */
export interface ParkOptions<T> {
  /** Decides how the wait ends when it is cancelled. @default the wait ends at once and throws the cancellation */
  readonly onCancel?: OnCancel;
  /**
   * Takes back the value that the wait was woken with, if the wait was cancelled in the same turn or before it was
   * woken; after that the cancellation is thrown. A wait that has already ended takes no value: `wake` returns `false`,
   * and the caller still has the value.
   * @default the value is returned, and the cancellation is delivered at the next wait
   */
  readonly giveBack?: (value: T) => void;
}

/**
 * One wait: which code waits, for which resource, and since when. A cancellation can interrupt code only in a wait.
 *
 * A wait ends once: it is woken, it fails, or it is interrupted. If a wait is woken and then cancelled in the same
 * turn, it notices the cancellation when it resumes, and gives its value back: see `giveBack` of {@link park}.
 */
export class Park<T = unknown> implements Linked<Park> {
  /** The scope of the code that waits. */
  readonly scope: Scope;
  /** The resource that the code waits for. */
  readonly resource: Resource;
  /** The time when the wait began, in milliseconds of the runtime's clock. */
  readonly since: number;
  /** @internal */ previous: Park | undefined;
  /** @internal */ next: Park | undefined;
  /** @internal The queue that the wait is in. */ queue: WaitQueue<never> | undefined;
  /** @internal The timer that ends the wait when its time limit is over. */ timer: Timer | undefined;
  /** @internal A value for the code that ends the wait: the item of a put, the value of a sleep. */ payload: unknown;
  #isWaiting = true;
  #resolve: ((value: T) => void) | undefined;
  #reject: ((error: unknown) => unknown) | undefined;
  readonly #onCancel: OnCancel | undefined;
  readonly #redelivers: boolean;
  /** The cancellations that `onCancel` was told of, if it was. */
  #told: CancelledError[] | undefined;

  /** @param redelivers - Whether the cancellations that the code has not received become pending when the wait ends. */
  constructor(scope: Scope, resource: Resource, onCancel?: OnCancel, redelivers: boolean = false) {
    this.scope = scope;
    this.resource = resource;
    this.since = runtime.timers.now();
    this.#onCancel = onCancel;
    this.#redelivers = redelivers;
    scope.addPark(this as Park);
    runtime.instrument?.wait?.(this as Park);
  }

  /** Whether the wait has not ended yet. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** @internal Whether a cancellation simply ends the wait at once. */
  get isSimple(): boolean {
    return this.#onCancel === undefined;
  }

  /** @internal The promise of the wait. Call this once, directly after the wait is made. */
  promise(): Promise<T> {
    const promise = new Promise<T>(capture as never);
    this.#resolve = capturedResolve as (value: T) => void;
    this.#reject = capturedReject;
    return promise;
  }

  /** @internal Sends the wait's errors to `reject`, for a wait that has no promise of its own. */
  rejectBy(reject: (error: unknown) => unknown): void {
    this.#reject = reject;
  }

  /** Ends the wait with `value`. Returns `false` if the wait had already ended. */
  wake(value: T): boolean {
    if (!this.#isWaiting) return false;
    this.end();
    if (runtime.schedule === undefined) this.#resolve?.(value);
    else runtime.schedule.wake(this as Park, () => this.#resolve?.(value));
    return true;
  }

  /** Ends the wait with an error. Returns `false` if the wait had already ended. */
  fail(error: unknown): boolean {
    if (!this.#isWaiting) return false;
    this.end(error);
    markHeard(this.scope, error);
    this.#reject?.(error);
    return true;
  }

  /** @internal Delivers a cancellation to the wait. Returns whether the wait received it. */
  interrupt(error: CancelledError): boolean {
    if (!this.#isWaiting) return false;
    if (this.#onCancel !== undefined) return this.#tell(this.#onCancel, error);
    this.end(error);
    this.#reject?.(error);
    return true;
  }

  #tell(onCancel: OnCancel, error: CancelledError): boolean {
    if (this.#redelivers) this.#told ??= this.#redeliverAtEnd();
    const wasHeard = onCancel(error, this as unknown as Park<never>) !== false;
    if (wasHeard) this.#told?.push(error);
    return wasHeard;
  }

  // Only a wait that is told of a cancellation has this step between its end and its promise.
  #redeliverAtEnd(): CancelledError[] {
    const told: CancelledError[] = [];
    const [resolve, reject] = [this.#resolve!, this.#reject!];
    const settled = (value: T): void => {
      for (const each of told) markUnheard(this.scope, each);
      resolve(value);
    };
    const failed = (error: unknown): void => {
      for (const each of told) if (!isOfRequest(error, each)) markUnheard(this.scope, each);
      reject(error);
    };
    this.promise().then(settled, failed);
    return told;
  }

  /**
   * @internal Ends the wait because its scope closes. If the wait is for a task, and the scope did not fail, the task
   * is not cancelled. If the scope failed, the task is cancelled as if the waiting code had been. If the same request
   * already cancelled the task, the wait goes on: a second cancellation would interrupt the task's clean-up.
   */
  leave(error: CancelledError, failed: boolean): void {
    if (this.resource.kind === "task" && !failed) this.end(error);
    else if (!this.scope.isClosed && this.#hasPassedOn()) return;
    else if (!this.interrupt(error) || this.scope.isClosed) this.end(error);
  }

  // Whether the awaited task was cancelled by a request to the waiting code.
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
 * Waits for an event outside this package, such as the answer of a database. Drivers and servers use it for every wait
 * that inspectors should show and that can be cancelled.
 *
 * `start` is called at once. It must arrange that `park.wake(value)` or `park.fail(error)` is called later; the first
 * of these calls ends the wait. A cancellation ends the wait with a {@link CancelledError}. With `onCancel`, it calls
 * that function instead, which ends the wait when the work has really ended. If a cancellation is already pending,
 * `start` is not called. With `giveBack`, a wait that was woken and cancelled in the same turn gives its value back
 * before it throws.
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
  // A wait may end with a value or with another error although `onCancel` was called. Then the code has not received the
  // cancellations, and they become pending again.
  const promise = begin(new Park<T>(scope, resource, onCancel, true), start);
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

/** @internal The value of a wait. If the scope is cancelled before the wait resumes, the value is given back. */
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
