// The common base of Task and Future: a promise that can be cancelled and that gives its outcome without an `await`. A
// cancellation of code that awaits it reaches it.
//
// For `await awaitable`, JavaScript calls `then` with two functions, in the awaiter's own context. That call registers
// the awaiter's wait. The registered wait tells inspectors who waits for what, and it is the way by which a
// cancellation of the awaiter also cancels what it awaits, as in asyncio. `then` with one handler, `catch` and
// `finally` register nothing.
//
// The handlers are passed to the native `then` unchanged. V8 can follow an error to the code that awaits it only
// through promises with one reaction, and only through resolving functions that it made itself.

import { AsyncLocalStorage } from "node:async_hooks";
import { type CancelledError, InvalidStateError, isCancelled } from "../errors/errors.ts";
import { callExceptionHandler } from "../errors/exception-handler.ts";
import { DoneCallbacks } from "./done-callbacks.ts";
import { Park, type Resource } from "../waits/park.ts";
import { type Linked, LinkedList } from "../../../base/linked-list.ts";
import { requireFunction } from "../../../base/options.ts";
import { runtime } from "../state/runtime.ts";
import { takePending } from "../scopes/delivery.ts";
import type { Scope } from "../scopes/scope.ts";
import { shareClass } from "../state/share-class.ts";
import type { Task } from "./task.ts";
import { type FailureRecord, forgetFailure, recordFailure } from "./unobserved-errors.ts";
import { WaitQueue } from "../waits/wait-queue.ts";

const running = 0;
const succeeded = 1;
const failed = 2;
const cancelled = 3;

type Executor = (resolve: (value: never) => void, reject: (error: unknown) => void) => void;

// The executor leaves the resolving functions here, because `this` does not exist before `super()` has returned.
let capturedResolve: ((value: never) => void) | undefined;
let capturedReject: ((error: unknown) => void) | undefined;
const capture: Executor = (resolve, reject) => {
  capturedResolve = resolve;
  capturedReject = reject;
};

// Whether `then` is being called by `finally`, which passes two functions just as `await` does.
let inFinally = false;

/** Called when a task or future is done. */
export type DoneCallback<A> = (awaitable: A) => void;

/** @internal An object that is told at once, in the same turn, when a task or future is done. */
export interface Watcher {
  settled(awaitable: Awaitable<unknown>): void;
}

/** @internal A watcher's registration. */
export interface Watch extends Linked<Watch> {
  readonly watcher: Watcher;
}

/** A promise whose outcome can be read and which can be cancelled: a {@link Task} or a {@link Future}. */
export abstract class Awaitable<T> extends Promise<T> implements Resource {
  /** The kind of resource: "task" or "future". */
  abstract get kind(): string;
  /** The name, as shown by inspectors. */
  abstract readonly name: string;
  #state: 0 | 1 | 2 | 3 = running;
  // The value or the error.
  #outcome: unknown;
  #isObserved = false;
  #isHandled = false;
  #failure: FailureRecord | undefined;
  #callbacks: DoneCallbacks | undefined;
  // The first wait for this, and all others. They are apart because most tasks are awaited only once.
  #awaiter: Park | undefined;
  #awaiters: WaitQueue<never> | undefined;
  #watches: LinkedList<Watch> | undefined;
  #followed: Promise<T> | undefined;
  /**
   * @internal Fulfils the promise. It is the native function, because V8 keeps async stack traces only through that.
   */
  protected readonly resolve: (value: never) => void;
  /** @internal */
  protected readonly reject: (error: unknown) => void;

  // `then`, `catch` and `finally` return plain promises.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  constructor() {
    super(capture as never);
    this.resolve = capturedResolve!;
    this.reject = capturedReject!;
    capturedResolve = capturedReject = undefined; // or they would keep the newest task alive
  }

  /** @internal The scope whose end reports an error that no code awaited. */
  abstract get reportedBy(): Scope;

  /** Asks the task or future to stop. Returns `false` if it is already done. */
  abstract cancel(reason?: unknown): boolean;

  /** @internal Whether the calling code runs inside this object's own `cancel()`. */
  get isBeingCancelled(): boolean {
    return false;
  }

  /** @internal Asks this to stop because `cause` stopped code that awaits it. */
  abstract cancelBecause(cause: CancelledError): boolean;

  /** Whether it has ended: with a value, with an error, or by being cancelled. */
  done(): boolean {
    return this.#state !== running;
  }

  /** Whether it ended by being cancelled. */
  cancelled(): boolean {
    return this.#state === cancelled;
  }

  /** @internal The value or the error that it ended with. */
  get outcome(): unknown {
    return this.#outcome;
  }

  /** @internal Whether it ended with an error. Reading this does not mark the error as observed. */
  get failed(): boolean {
    return this.#state === failed;
  }

  /**
   * The value that it ended with.
   *
   * @throws {InvalidStateError} If it is not done.
   * @throws {CancelledError} If it was cancelled.
   * @throws {unknown} The error that it ended with, if it failed.
   */
  result(): T {
    this.#requireDone("result");
    this.markObserved();
    if (this.#state !== succeeded) throw this.#outcome;
    return this.#outcome as T;
  }

  /**
   * The error that it ended with, or `undefined` if it did not fail.
   *
   * @throws {InvalidStateError} If it is not done.
   * @throws {CancelledError} If it was cancelled.
   */
  exception(): unknown {
    this.#requireDone("exception");
    this.markObserved();
    if (this.#state === cancelled) throw this.#outcome;
    return this.#state === failed ? this.#outcome : undefined;
  }

  #requireDone(what: string): void {
    if (this.#state !== running) return;
    throw new InvalidStateError(`Cannot read the ${what} of ${this.kind} ${this.name} as it is not done`);
  }

  /**
   * Calls `fn` with the task or future soon after it is done, or soon after this call if it is already done. Callbacks
   * run in the order in which they were added, each in the context in which it was added.
   */
  addDoneCallback(fn: DoneCallback<this>): void {
    requireFunction(fn, "add a done callback");
    const run = AsyncLocalStorage.bind(() => this.#callBack(fn));
    if (this.done()) queueMicrotask(run);
    else (this.#callbacks ??= new DoneCallbacks()).add(fn, run);
  }

  /** Removes every registration of `fn`. Returns how many there were. */
  removeDoneCallback(fn: DoneCallback<this>): number {
    const removed = this.#callbacks?.remove(fn) ?? 0;
    if (this.#callbacks?.isEmpty === true) this.#callbacks = undefined;
    return removed;
  }

  #callBack(fn: DoneCallback<this>): void {
    try {
      fn(this);
    } catch (error) {
      callExceptionHandler({ message: `A done callback of ${this.kind} ${this.name} failed`, error });
    }
  }

  /** Registers handlers. If `await` calls this, the awaiter's wait is registered as well. */
  // oxlint-disable-next-line unicorn/no-thenable -- a subclass of Promise has a `then` by nature
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (typeof onRejected === "function") {
      if (this.#state === running && typeof onFulfilled === "function" && !inFinally) {
        const refusal = this.#park(onRejected);
        // A refused `await` waits for nothing. So it must not mark a later error of this task or future as observed.
        if (refusal !== undefined) return Promise.reject(refusal).then(onFulfilled, onRejected);
      }
      this.#isHandled = true;
      this.markObserved();
    }
    return this.#register(onFulfilled, onRejected);
  }

  #register<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (this.#followed !== undefined) return this.#followed.then(onFulfilled, onRejected);
    return super.then(onFulfilled, onRejected);
  }

  /** Registers a clean-up function. This is not a wait. */
  override finally(onFinally?: (() => void) | null): Promise<T> {
    inFinally = true;
    try {
      return super.finally(onFinally);
    } finally {
      inFinally = false;
    }
  }

  // Registers the wait of the code that awaits this. Returns an error if the wait is refused.
  #park(onRejected: (error: unknown) => unknown): Error | undefined {
    const scope = runtime.storage.getStore();
    if (scope === undefined) return undefined; // outside any task, no code can be cancelled
    if ((scope.task as unknown) === this) return new InvalidStateError(`Task cannot await on itself: ${this.name}`);
    const pending = takePending(scope);
    if (pending !== undefined && (scope.isClosed || !this.cancelBecause(pending))) return pending;
    const park = new Park(scope, this, cancelAwaited);
    park.rejectBy(onRejected);
    this.addAwaiter(park);
    return undefined;
  }

  /** @internal Makes code that awaits this await `promise` instead. */
  protected follow(promise: Promise<T>): void {
    this.#followed = promise;
  }

  /** @internal Adds a wait that ends when this is done. */
  addAwaiter(park: Park): void {
    if (this.#awaiter?.isWaiting !== true) this.#awaiter = park;
    else (this.#awaiters ??= new WaitQueue()).add(park as unknown as Park<never>);
  }

  /** @internal Tells `watcher` when this is done. */
  watch(watcher: Watcher): Watch {
    const watch: Watch = { watcher, previous: undefined, next: undefined };
    (this.#watches ??= new LinkedList()).append(watch);
    return watch;
  }

  /** @internal Removes one registration in constant time. */
  unwatch(watch: Watch): void {
    this.#watches?.remove(watch);
  }

  /** @internal Whether a group, a race or a `wait` watches this. */
  get isWatched(): boolean {
    return this.#watches?.first !== undefined;
  }

  /** The tasks that await this, in the order in which they began to. */
  get awaitedBy(): Task<unknown>[] {
    const parks = [this.#awaiter, ...(this.#awaiters ?? [])].filter((park) => park?.isWaiting === true);
    const tasks = parks.map((park) => park!.scope.task);
    return [...new Set(tasks.filter((task) => task !== undefined))];
  }

  /** @internal Marks the outcome as observed, so that an error is not reported. */
  markObserved(): void {
    this.#isObserved = true;
    if (this.#failure === undefined) return;
    forgetFailure(this.#failure);
    this.#failure = undefined;
  }

  /** @internal */
  protected succeed(value: T): void {
    this.#outcome = value;
    this.#settle(succeeded);
  }

  /** @internal */
  protected failWith(error: unknown, wasCancelled: boolean = isCancelled(error)): void {
    this.#outcome = error;
    // The handler prevents Node's `unhandledRejection`: this package reports the error itself, when no code can await
    // it any more.
    if (!this.#isHandled) void this.#register(undefined, ignore);
    if (!this.#isObserved && !wasCancelled) this.#failure = recordFailure(this, error);
    this.#settle(wasCancelled ? cancelled : failed);
  }

  #settle(state: 1 | 2 | 3): void {
    this.#state = state;
    this.#awaiter?.wake(undefined);
    this.#awaiters?.serveAll(undefined as never);
    this.#awaiter = this.#awaiters = undefined;
    if (this.#watches !== undefined) {
      for (const { watcher } of this.#watches.toArray()) watcher.settled(this);
      this.#watches = undefined;
    }
    if (this.#callbacks !== undefined) {
      this.#callbacks.callSoon();
      this.#callbacks = undefined;
    }
  }
}
shareClass(Awaitable, "Awaitable");

// Nothing is lost here: the failure is recorded separately.
function ignore(): void {}

function cancelAwaited(error: CancelledError, park: Park<never>): boolean {
  const awaitable = park.resource as Awaitable<unknown>;
  // If tasks await each other in a circle, one of the waits must fail, so that the others can end.
  return awaitable.isBeingCancelled ? park.fail(error) : awaitable.cancelBecause(error);
}
