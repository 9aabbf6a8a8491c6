// Scope: a place that cancellation can be addressed to, and an owner of tasks.
//
//   process root ── owns ──> task ── its root scope ─┬─ timeout scope ── wait (Park)
//                                                    └─ group scope ── owns ──> task ─ …
//
// asyncio addresses a cancellation to a task. A JavaScript task may hold several flows at once
// (`Promise.all([timeout(5, f), timeout(50, g)])`), so we address it to a scope, as Trio does, and keep asyncio's
// meaning within it: requests are counted, and one is delivered once, at the wait that is under way or at the next.
//
// The current scope is the one value of the one AsyncLocalStorage. `storage.run(scope, fn)` is the only way in: setting
// it for the rest of a block leaks into the caller, which goes on with it after the first `await` (tried, and dropped).
//
// Delivery walks down: a request interrupts every wait in the scope and in the scopes within it, or is kept as pending
// if nothing waits there. Checking walks up: a wait that is about to begin throws what is pending in any scope around
// it. Both stop at the task's root scope, and at a masked scope (`uncancellable`). Tasks are separate trees: what reaches
// from one to the other is the wait of one for the other (awaitable.ts), and ownership, when an owner closes.

import { getEventListeners } from "node:events";
import { inspect } from "node:util";
import { callExceptionHandler } from "./exception-handler.ts";
import { CancelledError, hasCause, InvalidStateError, isCancelled, unwrapAbort } from "./errors.ts";
import { guardLeftFlows } from "./left-flows.ts";
import type { Park } from "./park.ts";
import { leftBehind, makeCancellation, peekPending } from "./pending.ts";
import { platformTurn } from "./real-time.ts";
import { requireTime } from "../../base/options.ts";
import { runtime } from "./runtime.ts";
import { collectParks, countAudibleRequests, hasParks, tasksOf } from "./scope-tree.ts";
import type { Task } from "./task.ts";
import type { Timer } from "./timers.ts";
import { reportFailures } from "./unheard.ts";

const open = 0;
const closing = 1;
const closed = 2;

/** How long a closing scope waits for what does not stop, in milliseconds, before it names it and leaves it. */
export const closingGrace = 5_000;

// How long a flow that does not go may wait between being thrown out and being thrown out again, in milliseconds.
const expelInterval = 10;

// What few scopes need; a field for each would cost every task.
interface RareState {
  controller: AbortController | undefined;
  insistAfter: number;
  insisting: boolean;
  insistTimer: Timer | undefined;
  /** Throws out what still waits in it. */
  expelTimer: Timer | undefined;
  /** On a root scope: told whenever a wait or a task of it ends, while one of its scopes closes. */
  watchers: Set<() => void> | undefined;
  /** Told when it has ended. */
  closeListeners: Set<() => void> | undefined;
}

/** How a scope differs from a plain one. */
export interface ScopeOptions {
  /** What the scope is, as shown by inspectors: `timeout`, `taskGroup`. @default "scope" */
  readonly kind?: string;
  /** Whether tasks created in it belong to it. @default false */
  readonly ownsTasks?: boolean;
  /** Whether cancellations from outside wait until it has ended. @default false */
  readonly masked?: boolean;
  /** After this many milliseconds a delivered cancellation is delivered again, at every wait. @default Infinity */
  readonly insistAfter?: number;
}

/**
 * A place that cancellation can be addressed to, and an owner of tasks. Users meet scopes as `timeout`, `taskGroup`
 * and tasks; servers and drivers make their own.
 *
 * @example
 * const scope = new Scope(currentScope(), { kind: "job", ownsTasks: true });
 * const task = scope.run(() => createTask(() => sleep(60_000)));
 * await scope.close();
 * console.log(task.cancelled()); // true
 */
export class Scope {
  /** The scope around it; of a task's root scope, the scope that owns the task. */
  readonly parent: Scope | undefined;
  /** What the scope is. */
  readonly kind: string;
  /** The task whose code runs in it; `undefined` outside any task. */
  readonly task: Task<unknown> | undefined;
  /** @internal The outermost scope of the same task. */
  readonly root: Scope;
  /** The nearest scope, or itself, to which tasks created in it belong. */
  readonly owner: Scope;
  /** @internal */
  readonly masked: boolean;
  /** @internal How many times it was asked to stop. */
  requests = 0;
  /** @internal Of the scopes above, those requested before this one began are no news to it. */
  readonly requestsBefore: number;
  /** @internal The last request. */
  error: CancelledError | undefined;
  /** @internal Whether a request waits for the next checkpoint. */
  pending = false;
  /** @internal On a root scope: how many scopes of the task have something pending. */
  pendings = 0;
  /** @internal The values of context variables; on a root scope. */
  values: ReadonlyMap<object, unknown> | undefined;

  /** @internal When time runs out in it, by the runtime's clock. */
  deadline: number | undefined;
  /** @internal */ firstPark: Park | undefined;
  /** @internal */ lastPark: Park | undefined;
  /** @internal */ firstChild: Scope | undefined;
  /** @internal */ lastChild: Scope | undefined;
  /** @internal */ firstTask: Task<unknown> | undefined;
  /** @internal */ lastTask: Task<unknown> | undefined;
  #previous: Scope | undefined;
  #next: Scope | undefined;
  #state: 0 | 1 | 2;
  #delivering = false;
  #rare: RareState | undefined;

  constructor(parent: Scope | undefined, options: ScopeOptions = plain, task?: Task<unknown>) {
    this.parent = parent;
    this.kind = options.kind ?? "scope";
    this.masked = options.masked ?? false;
    if (options.insistAfter !== undefined) {
      this.#rarely.insistAfter = requireTime(options.insistAfter, "set when a scope insists");
    }
    this.owner = options.ownsTasks === true || parent === undefined ? this : parent.owner;
    this.#state = open;
    if (task === undefined && parent !== undefined) {
      this.task = parent.task;
      this.root = parent.root;
      this.requestsBefore = countAudibleRequests(parent);
      // In a scope that is over, everything is over.
      if (parent.#state === closed) this.#state = closed;
      parent.#addChild(this);
    } else {
      this.task = task;
      this.root = this;
      this.requestsBefore = 0;
      this.values = parent?.root.values;
    }
  }

  get #rarely(): RareState {
    return (this.#rare ??= {
      controller: undefined,
      insistAfter: Infinity,
      insisting: false,
      insistTimer: undefined,
      expelTimer: undefined,
      watchers: undefined,
      closeListeners: undefined,
    });
  }

  /** @internal Whether a delivered request is delivered again, at every checkpoint. */
  get isInsisting(): boolean {
    return this.#rare?.insisting ?? false;
  }

  /** @internal Whether a request is being delivered at this moment. */
  get isDelivering(): boolean {
    return this.#delivering;
  }

  /** Whether it has ended: whatever still waits in it is thrown out. */
  get isClosed(): boolean {
    return this.#state === closed;
  }

  /** @internal Whether it has begun to end, and takes no new tasks. */
  get isClosing(): boolean {
    return this.#state !== open;
  }

  /** @internal Whether a checkpoint in it has to look closer. */
  get isTroubled(): boolean {
    return this.root.pendings !== 0 || this.#state === closed;
  }

  /** Runs `fn` in it: what `fn` awaits can be cancelled through this scope. */
  run<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R {
    return runtime.storage.run(this, fn, ...args);
  }

  /** Runs `fn` in it, and awaits in it what `fn` returns: a task that were awaited outside would be out of its reach. */
  runAsync<A, T>(fn: (argument: A) => T | PromiseLike<T>, argument: A): Promise<T> {
    return runtime.storage.run(this, callAndAwait<A, T>, fn, argument);
  }

  /**
   * Asks everything in it to stop: each wait in it, or the next, throws a {@link CancelledError} with `reason`.
   *
   * @returns Whether the request was taken; `false` if the scope has ended.
   */
  cancel(reason?: unknown, cause?: CancelledError): boolean {
    if (this.#state === closed) return false;
    return this.cancelWith(makeCancellation(reason, cause));
  }

  /** @internal As `cancel`, with an error that several scopes may share. */
  cancelWith(error: CancelledError): boolean {
    if (this.#state === closed) return false;
    if (this.#delivering) return true; // asked by what it is just cancelling
    this.error = error;
    this.requests++;
    runtime.instrument?.cancel?.(this, error);
    this.#deliver(error);
    this.#insistLater();
    return true;
  }

  /** @internal Takes one request back; with the last one goes what is pending. */
  uncancel(): number {
    if (this.requests > 0) this.requests--;
    if (this.requests === 0) this.clearPending();
    return this.requests;
  }

  /** @internal Has the last request delivered again, at the next checkpoint. */
  rearm(): void {
    if (this.pending || this.#state === closed) return;
    this.pending = true;
    this.root.pendings++;
  }

  /** @internal */
  clearPending(): void {
    if (!this.pending) return;
    this.pending = false;
    this.root.pendings--;
  }

  /**
   * The signal of the next cancellation that is delivered here, for any API that takes one. After a delivery there is a
   * new one, so that a `fetch` in a `finally` works.
   */
  get signal(): AbortSignal {
    const pending = peekPending(this);
    if (pending !== undefined) return AbortSignal.abort(pending);
    return (this.#rarely.controller ??= new AbortController()).signal;
  }

  /**
   * Ends the scope: what still waits in it is cancelled, the tasks that belong to it are cancelled and awaited. What
   * does not stop is named and left after {@link closingGrace}.
   *
   * @param failed - Whether the code in it ended by an error: then tasks that a lost flow awaited are cancelled too.
   * @returns A promise only if there was something to wait for.
   */
  close(failed = false, grace: number = closingGrace): Promise<void> | undefined {
    if (this.#state !== open) return undefined;
    if (this.isEmpty) {
      this.#shut(failed);
      return undefined;
    }
    return this.#drain(failed, grace);
  }

  /**
   * Has `listener` called once the scope has ended, to let go of what was opened for it: a response that nobody read. In
   * a scope that has ended it is called at once. What it throws is reported.
   *
   * @returns A function that takes the listener back.
   * @example
   * const socket = { destroy: () => console.log("closed") };
   * await taskGroup(async () => {
   *   currentScope().owner.onClose(() => socket.destroy());
   * }); // closed
   */
  onClose(listener: () => void): () => void {
    if (this.#state === closed) {
      callListener(listener);
      return nothing;
    }
    const listeners = (this.#rarely.closeListeners ??= new Set());
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** @internal Whether nothing waits in it, and no task belongs to it. */
  get isEmpty(): boolean {
    return this.firstPark === undefined && this.firstChild === undefined && this.firstTask === undefined;
  }

  /**
   * @internal Whether `error`, thrown out of this scope, is the cancellation that this scope asked for itself, so that
   * it ends here; if an outer scope was asked to stop as well, that must be heard further out.
   */
  absorbs(error: unknown): boolean {
    if (this.requests === 0 || !isCancelled(error) || this.#isFromOutside(error)) return false;
    return this.parent === undefined || countAudibleRequests(this.parent) <= this.requestsBefore;
  }

  // A flow that was left runs between two waits as well: it is over when a whole turn passed without one.
  async #letFlowsGo(grace: number): Promise<void> {
    guardLeftFlows();
    const end = runtime.timers.now() + grace;
    await platformTurn();
    while (!this.#isQuiet() && runtime.timers.now() < end) {
      await this.#quiet(end - runtime.timers.now());
      await platformTurn();
    }
  }

  // Whether an outer scope's request is where `error` began: one that was pending already when this scope began.
  #isFromOutside(error: Error): boolean {
    for (let s = this.parent; s !== undefined && this.root !== this; s = s.parent) {
      if (s.error !== undefined && hasCause(error, s.error)) return true;
      if (s === s.root || s.masked) return false;
    }
    return false;
  }

  async #drain(failed: boolean, grace: number): Promise<void> {
    this.#state = closing;
    this.clearPending();
    const error = new CancelledError(`the ${this.kind} it belonged to has ended`);
    error.leftBehind = true;
    const parks = collectParks(this, []);
    for (const park of parks) park.leave(error, failed);
    this.cancelTasks(error.reason);
    if (parks.length > 0) await this.#letFlowsGo(grace);
    else if (!this.#isQuiet()) await this.#quiet(grace);
    this.#reportStubborn(grace);
    this.#shut(failed);
  }

  /** @internal Cancels every task that belongs to it. */
  cancelTasks(reason: unknown): void {
    if (this.firstTask === undefined) return;
    const error = makeCancellation(reason);
    for (const task of tasksOf(this)) if (!task.done()) task.scope.cancelWith(error);
  }

  #isQuiet(): boolean {
    return this.firstTask === undefined && !hasParks(this);
  }

  #quiet(grace: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { root } = this;
    const timer = grace === Infinity ? undefined : runtime.timers.add(grace, resolve, undefined);
    const look = (): void => {
      if (this.#isQuiet()) resolve();
    };
    const watchers = (root.#rarely.watchers ??= new Set());
    watchers.add(look);
    return promise.then(() => {
      if (timer !== undefined) runtime.timers.remove(timer);
      watchers.delete(look);
    });
  }

  #reportStubborn(grace: number): void {
    for (const task of tasksOf(this)) {
      const message = `Task ${task.name} did not stop within ${grace} ms after it was cancelled, and was left running: ${task.waitsFor}`;
      callExceptionHandler({ message, task });
      this.removeTask(task);
    }
  }

  #shut(failed: boolean): void {
    this.#state = closed;
    this.clearPending();
    for (const timer of [this.#rare?.insistTimer, this.#rare?.expelTimer])
      if (timer !== undefined) runtime.timers.remove(timer);
    if (this.#rare !== undefined) this.#rare.expelTimer = undefined;
    if (this.#rare !== undefined) this.#rare.controller = undefined;
    for (const child of this.children) child.#shut(failed);
    for (let park = this.firstPark; park !== undefined; park = this.firstPark) park.leave(leftBehind(), true);
    if (this.root !== this) this.parent!.#removeChild(this);
    reportFailures(this);
    runtime.instrument?.close?.(this, failed);
    for (const listener of this.#rare?.closeListeners ?? []) callListener(listener);
  }

  #deliver(error: CancelledError): void {
    this.#delivering = true;
    const heard = this.#interrupt(error);
    this.#delivering = false;
    if (!heard) this.rearm();
  }

  #interrupt(error: CancelledError): boolean {
    let heard = this.#abort(error);
    if (this.firstChild === undefined && this.firstPark === this.lastPark) {
      return (this.firstPark?.interrupt(error) ?? false) || heard;
    }
    for (const park of collectParks(this, [])) heard = park.interrupt(error) || heard;
    for (let child = this.firstChild; child !== undefined; child = child.#next)
      heard = child.#abortTree(error) || heard;
    return heard;
  }

  #abortTree(error: CancelledError): boolean {
    if (this.masked) return false;
    let heard = this.#abort(error);
    for (let child = this.firstChild; child !== undefined; child = child.#next)
      heard = child.#abortTree(error) || heard;
    return heard;
  }

  // A signal counts as heard only while somebody listens: a `fetch` that is under way, not one that is over.
  #abort(error: CancelledError): boolean {
    const controller = this.#rare?.controller;
    if (controller === undefined) return false;
    this.#rare!.controller = undefined;
    const heard = getEventListeners(controller.signal, "abort").length > 0;
    controller.abort(error);
    return heard;
  }

  #insistLater(): void {
    const rare = this.#rare;
    if (rare === undefined || rare.insistAfter === Infinity || rare.insistTimer !== undefined) return;
    rare.insistTimer = runtime.timers.add(rare.insistAfter, insist, this);
  }

  /** @internal Has the last request delivered again: to what waits now, and at the next checkpoint. */
  insist(): void {
    this.#rarely.insisting = true;
    this.rearm();
    if (this.error === undefined) return;
    // A new one: what it reaches may have had the last.
    const { reason, requestedBy, cause } = this.error;
    this.error = new CancelledError(reason, { requestedBy, cause });
    this.#interrupt(this.error);
  }

  /**
   * @internal Throws a flow out that does not go: at once, or, if that happened just now, a little later. A flow that
   * catches everything and tries again would otherwise never let I/O have its turn.
   */
  expel(error: CancelledError): CancelledError | undefined {
    const rare = this.#rarely;
    if (rare.expelTimer !== undefined) return undefined;
    rare.expelTimer = runtime.timers.add(expelInterval, expelAgain, this);
    return error;
  }

  /** @internal */
  expelAgain(): void {
    this.#rarely.expelTimer = undefined;
    if (this.#state !== closed) this.insist();
    else for (const park of collectParks(this, [])) park.leave(leftBehind(), true);
  }

  /** @internal */
  addPark(park: Park): void {
    const last = this.lastPark;
    park.previous = last;
    if (last === undefined) this.firstPark = park;
    else last.next = park;
    this.lastPark = park;
  }

  /** @internal */
  removePark(park: Park): void {
    const { previous, next } = park;
    if (previous === undefined) this.firstPark = next;
    else previous.next = next;
    if (next === undefined) this.lastPark = previous;
    else next.previous = previous;
    park.previous = park.next = undefined;
    this.root.#tellWatchers();
  }

  /** @internal @throws {InvalidStateError} If the scope has ended. */
  addTask(task: Task<unknown>): void {
    if (this.#state === closed)
      throw new InvalidStateError(`Cannot create a task: the ${this.kind} that would own it has ended`);
    const last = this.lastTask;
    task.previous = last;
    if (last === undefined) this.firstTask = task;
    else last.next = task;
    this.lastTask = task;
  }

  /** @internal */
  removeTask(task: Task<unknown>): void {
    const { previous, next } = task;
    if (previous === undefined && next === undefined && this.firstTask !== task) return;
    if (previous === undefined) this.firstTask = next;
    else previous.next = next;
    if (next === undefined) this.lastTask = previous;
    else next.previous = previous;
    task.previous = task.next = undefined;
    this.root.#tellWatchers();
  }

  // Whoever waits until nothing is left looks again.
  #tellWatchers(): void {
    const watchers = this.#rare?.watchers;
    if (watchers !== undefined) for (const watcher of watchers) watcher();
  }

  /** @internal The scopes within it that belong to the same task. */
  get children(): Scope[] {
    const children: Scope[] = [];
    for (let child = this.firstChild; child !== undefined; child = child.#next) children.push(child);
    return children;
  }

  #addChild(child: Scope): void {
    const last = this.lastChild;
    child.#previous = last;
    if (last === undefined) this.firstChild = child;
    else last.#next = child;
    this.lastChild = child;
  }

  #removeChild(child: Scope): void {
    const previous = child.#previous;
    const next = child.#next;
    if (previous === undefined && next === undefined && this.firstChild !== child) return;
    if (previous === undefined) this.firstChild = next;
    else previous.#next = next;
    if (next === undefined) this.lastChild = previous;
    else next.#previous = previous;
    child.#previous = child.#next = undefined;
    this.root.#tellWatchers();
  }
}

// As `console.log` shows it: not with everything that it is connected to.
Reflect.defineProperty(Scope.prototype, inspect.custom, {
  value(this: Scope): string {
    return `Scope { ${this.kind}${this.task === undefined ? "" : ` in ${this.task.name}`} }`;
  },
});

const plain: ScopeOptions = {};

async function callAndAwait<A, T>(fn: (argument: A) => T | PromiseLike<T>, argument: A): Promise<T> {
  try {
    return await fn(argument);
  } catch (error) {
    throw unwrapAbort(error);
  }
}

runtime.root ??= new Scope(undefined, { kind: "process", ownsTasks: true });

/**
 * The scope that the code which calls this runs in; outside any task, the root scope of the process.
 *
 * @example
 * const scope = currentScope();
 * setTimeout(() => scope.cancel("five milliseconds are over"), 5);
 */
export function currentScope(): Scope {
  return runtime.storage.getStore() ?? runtime.root;
}

/**
 * The signal of the next cancellation of the code that calls this, for any API that takes an `AbortSignal`. Its reason
 * is the {@link CancelledError}.
 *
 * Ask for it where you use it: after a delivered cancellation there is a new one, so that `fetch` works in a `finally`.
 *
 * @example
 * import { setTimeout } from "node:timers/promises";
 * await setTimeout(10, undefined, { signal: currentSignal() });
 */
export function currentSignal(): AbortSignal {
  return currentScope().signal;
}

function callListener(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    callExceptionHandler({ message: "A listener to the end of a scope failed", error });
  }
}

function nothing(): void {}

function insist(scope: Scope): void {
  scope.insist();
}

function expelAgain(scope: Scope): void {
  scope.expelAgain();
}
