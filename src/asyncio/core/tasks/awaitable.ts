// What a Task and a Future have in common: a promise whose outcome can be read, awaited in a way that a cancellation of
// the awaiter reaches, and cancelled.
//
// `await awaitable` makes the platform call `then` with two functions, in the awaiter's own context. That call is the
// whole cooperation we need: it registers the awaiter's wait, which gives the "who waits on what" edge, and by which a
// cancellation of the awaiter cancels what it awaits, as in asyncio. `then` with one handler, `catch` and `finally` never
// register anything.
//
// The handlers go to the platform's `then` as they are: V8 finds the way from an error to the code that awaits it only
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

// Where the executor leaves the resolving functions, since there is no `this` before `super()` has returned.
let capturedResolve: ((value: never) => void) | undefined;
let capturedReject: ((error: unknown) => void) | undefined;
const capture: Executor = (resolve, reject) => {
  capturedResolve = resolve;
  capturedReject = reject;
};

// Whether the `then` that is being called belongs to a `finally`, which passes two functions as `await` does.
let inFinally = false;

/** Called when a task or future is done. */
export type DoneCallback<A> = (awaitable: A) => void;

/** @internal Told at once, in the same turn, that something is done. */
export interface Watcher {
  settled(awaitable: Awaitable<unknown>): void;
}

/** @internal A watcher's registration. */
export interface Watch extends Linked<Watch> {
  readonly watcher: Watcher;
}

/** A promise whose outcome can be read and which can be cancelled: a {@link Task} or a {@link Future}. */
export abstract class Awaitable<T> extends Promise<T> implements Resource {
  /** What it is. */
  abstract get kind(): string;
  /** Its name. */
  abstract readonly name: string;
  #state: 0 | 1 | 2 | 3 = running;
  // Its value or its error.
  #outcome: unknown;
  #isObserved = false;
  #isHandled = false;
  #failure: FailureRecord | undefined;
  #callbacks: DoneCallbacks | undefined;
  // The first of the waits that await it, and the others: most tasks are awaited once.
  #awaiter: Park | undefined;
  #awaiters: WaitQueue<never> | undefined;
  #watches: LinkedList<Watch> | undefined;
  #followed: Promise<T> | undefined;
  /** @internal Settles the promise. The platform's own function: V8 keeps async stack traces only through that. */
  protected readonly resolve: (value: never) => void;
  /** @internal */
  protected readonly reject: (error: unknown) => void;

  // Derived promises are plain ones.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  constructor() {
    super(capture as never);
    this.resolve = capturedResolve!;
    this.reject = capturedReject!;
    capturedResolve = capturedReject = undefined; // they would keep the task that was made last
  }

  /** @internal The scope whose end reports an error that nobody awaited. */
  abstract get reportedBy(): Scope;

  /** Asks it to stop. Returns `false` if it is done. */
  abstract cancel(reason?: unknown): boolean;

  /** @internal Whether the code that calls this was called by its own `cancel()`. */
  get isBeingCancelled(): boolean {
    return false;
  }

  /** @internal Asks it to stop because `cause` stopped somebody who awaits it. */
  abstract cancelBecause(cause: CancelledError): boolean;

  /** Whether it has ended, in whatever way. */
  done(): boolean {
    return this.#state !== running;
  }

  /** Whether it ended by being cancelled. */
  cancelled(): boolean {
    return this.#state === cancelled;
  }

  /** @internal What it ended with: its value or its error. */
  get outcome(): unknown {
    return this.#outcome;
  }

  /** @internal Whether it ended by an error; it does not count as asked for. */
  get failed(): boolean {
    return this.#state === failed;
  }

  /**
   * What it ended with.
   *
   * @throws {InvalidStateError} If it is not done.
   * @throws {CancelledError} If it was cancelled.
   * @throws {unknown} The error it failed with, if it failed.
   */
  result(): T {
    this.#requireDone("result");
    this.markObserved();
    if (this.#state !== succeeded) throw this.#outcome;
    return this.#outcome as T;
  }

  /**
   * The error it failed with, or `undefined`.
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
   * Has `fn` called, soon after it is done, with the task or future; at once soon if it is done. Callbacks run in the
   * order and in the context in which they were added.
   */
  addDoneCallback(fn: DoneCallback<this>): void {
    requireFunction(fn, "add a done callback");
    const run = AsyncLocalStorage.bind(() => this.#callBack(fn));
    if (this.done()) queueMicrotask(run);
    else (this.#callbacks ??= new DoneCallbacks()).add(fn, run);
  }

  /** Takes back every addition of `fn`. Returns how many there were. */
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

  /** Registers handlers; by `await`, the awaiter's wait as well. */
  // oxlint-disable-next-line unicorn/no-thenable -- a subclass of Promise has a `then` by nature
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (typeof onRejected === "function") {
      if (this.#state === running && typeof onFulfilled === "function" && !inFinally) {
        const refusal = this.#park(onRejected);
        // A refused await waits for nothing: this may fail later, and that is not handled here.
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

  /** Registers a clean-up; it awaits nothing. */
  override finally(onFinally?: (() => void) | null): Promise<T> {
    inFinally = true;
    try {
      return super.finally(onFinally);
    } finally {
      inFinally = false;
    }
  }

  // Registers the wait of the code that awaits this. Returns the error by which that is refused.
  #park(onRejected: (error: unknown) => unknown): Error | undefined {
    const scope = runtime.storage.getStore();
    if (scope === undefined) return undefined; // outside any task there is nobody to cancel
    if ((scope.task as unknown) === this) return new InvalidStateError(`Task cannot await on itself: ${this.name}`);
    const pending = takePending(scope);
    if (pending !== undefined && (scope.isClosed || !this.cancelBecause(pending))) return pending;
    const park = new Park(scope, this, cancelAwaited);
    park.rejectBy(onRejected);
    this.addAwaiter(park);
    return undefined;
  }

  /** @internal Has whoever awaits it await `promise` instead. */
  protected follow(promise: Promise<T>): void {
    this.#followed = promise;
  }

  /** @internal Adds a wait that is over when this is done. */
  addAwaiter(park: Park): void {
    if (this.#awaiter?.isWaiting !== true) this.#awaiter = park;
    else (this.#awaiters ??= new WaitQueue()).add(park as unknown as Park<never>);
  }

  /** @internal Has `watcher` told when this is done. */
  watch(watcher: Watcher): Watch {
    const watch: Watch = { watcher, previous: undefined, next: undefined };
    (this.#watches ??= new LinkedList()).append(watch);
    return watch;
  }

  /** @internal Takes one registration back, however many there are. */
  unwatch(watch: Watch): void {
    this.#watches?.remove(watch);
  }

  /** @internal Whether a group, race or `wait` is told when it is done. */
  get isWatched(): boolean {
    return this.#watches?.first !== undefined;
  }

  /** The tasks that await it, in the order in which they began. */
  get awaitedBy(): Task<unknown>[] {
    const parks = [this.#awaiter, ...(this.#awaiters ?? [])].filter((park) => park?.isWaiting === true);
    const tasks = parks.map((park) => park!.scope.task);
    return [...new Set(tasks.filter((task) => task !== undefined))];
  }

  /** @internal Its outcome was asked for: an error need not be reported. */
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
    // Handled as far as the platform is concerned: it is ours to report, when nobody can await it any more.
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

// A handler that ignores: the failure was recorded before it was added.
function ignore(): void {}

function cancelAwaited(error: CancelledError, park: Park<never>): boolean {
  const awaitable = park.resource as Awaitable<unknown>;
  // Tasks that wait for each other in a circle: one wait has to end, for the others to end.
  return awaitable.isBeingCancelled ? park.fail(error) : awaitable.cancelBecause(error);
}
