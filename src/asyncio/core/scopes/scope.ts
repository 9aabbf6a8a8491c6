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
// This file is where a request begins: it is counted here, and handed to delivery.ts, which brings it to the code.
// closing.ts tells how a scope ends. Tasks are separate trees: a request travels from one to the other along the wait of
// one for the other (awaitable.ts), and along ownership, when an owner closes.

import { inspectCustom } from "../../../base/node.ts";
import { requireTime } from "../../../base/options.ts";
import { LinkedList } from "../../../base/linked-list.ts";
import { callCloseListener, close, type Drains, lookSoon } from "./closing.ts";
import { clearPending, deliver, explain, peekPending, redeliverLater, takePending } from "./delivery.ts";
import { CancelledError, InvalidStateError, isOfRequest, cancellationOf } from "../errors/errors.ts";
import type { Park } from "../waits/park.ts";
import { runtime } from "../state/runtime.ts";
import { abortedSignal, type SignalBox, signalOf } from "./scope-signal.ts";
import type { Task } from "../tasks/task.ts";
import type { Timer } from "../state/timers.ts";

const open = 0;
const closed = 2;

/** @internal How far the life of a scope has come: open, closing, closed. */
export type ScopeState = 0 | 1 | 2;

/** @internal Whether a request waits for the next checkpoint: not, so, or it was taken in this very step. */
export type Pending = 0 | 1 | 2;

/** How a scope differs from a plain one. */
export interface ScopeOptions {
  /** What the scope is, as shown by inspectors: `timeout`, `taskGroup`. @default "scope" */
  readonly kind?: string;
  /** Whether tasks created in it belong to it. @default false */
  readonly ownsTasks?: boolean;
  /** Whether cancellations from outside wait until it has ended. @default false */
  readonly masked?: boolean;
  /** After this many milliseconds a delivered cancellation is delivered again, at every wait. @default Infinity */
  readonly redeliverAfter?: number;
}

/** What is closed with a scope. */
export type Closer = () => unknown;

/** @internal What few scopes need; a field for each would cost every task. */
export interface RareState {
  /** The signal of the next delivery, if it was asked for. */
  signal: SignalBox | undefined;
  /** The last ones that were aborted. */
  abortedSignals: AbortSignal[] | undefined;
  redeliverAfter: number;
  redelivers: boolean;
  redeliverTimer: Timer | undefined;
  evictTimer: Timer | undefined;
  /** On a root scope: the scopes of the task that wait, while they close, until nothing is left in them. */
  drains: Drains | undefined;
  /** Called when nothing is left in it: a scope that closes and waits for its tasks. */
  onIdle: (() => void) | undefined;
  /** What is closed before it has ended, and awaited. */
  closers: Set<Closer> | undefined;
  /** On a root scope: the context that its task shares with others. */
  context: { values: ReadonlyMap<object, unknown> } | undefined;
  /** Called when it has ended. */
  closeListeners: Set<() => void> | undefined;
}

const plain: ScopeOptions = {};

/** @internal Says that nothing has to be thrown: see `Scope.absorb()`. */
export const absorbed: unique symbol = Symbol("absorbed");

/**
 * A place that cancellation can be addressed to, and an owner of tasks. Users meet scopes as `timeout`, `taskGroup`
 * and tasks; servers and drivers open their own by `within`.
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
  /** The kind of scope, as inspectors show it. */
  readonly kind: string;
  /** The task whose code runs in it; `undefined` outside any task. */
  readonly task: Task<unknown> | undefined;
  /** @internal The outermost scope of the same task. */
  readonly root: Scope;
  /** The nearest scope, or itself, to which tasks created in it belong. */
  readonly owner: Scope;
  /** @internal */
  readonly masked: boolean;
  /** @internal How many requests to stop are outstanding. */
  requests = 0;
  /** @internal The number of the last request; requests of the process are counted. */
  requestedAt = 0;
  /** @internal How many requests the process had seen when it began: older ones of the scopes above are not news to it. */
  readonly bornAt: number;
  /** @internal The last request. */
  error: CancelledError | undefined;
  /** @internal */
  pending: Pending = 0;
  /** @internal On a root scope: how many scopes of the task have something pending. */
  pendings = 0;
  /** @internal On a root scope: how many scopes of the task are asked to stop. */
  asked = 0;
  /** @internal On a root scope: how many waits and signals the task has, in whichever scopes. */
  receivers = 0;
  /** @internal Whether a request is being delivered to it at this moment. */
  isDelivering = false;
  /** @internal */
  state: ScopeState = open;
  /** @internal The values of context variables; on a root scope. */
  values: ReadonlyMap<object, unknown> | undefined;
  /** @internal When time runs out in it, by the runtime's clock. */
  deadline: number | undefined;
  /** @internal The waits of the code in it. */
  parks: LinkedList<Park> | undefined;
  /** @internal The tasks that belong to it. */
  tasks: LinkedList<Task<unknown>> | undefined;
  /** @internal The scopes within it that belong to the same task. */
  scopes: LinkedList<Scope> | undefined;
  /** @internal */ previous: Scope | undefined;
  /** @internal */ next: Scope | undefined;
  /** @internal */ rare: RareState | undefined;

  constructor(parent: Scope | undefined, options: ScopeOptions = plain, task?: Task<unknown>) {
    this.parent = parent;
    this.kind = options.kind ?? "scope";
    this.masked = options.masked ?? false;
    this.bornAt = runtime.requests;
    this.owner = options.ownsTasks === true || parent === undefined ? this : parent.owner;
    if (options.redeliverAfter !== undefined) {
      this.rarely.redeliverAfter = requireTime(options.redeliverAfter, "set when a scope delivers again");
    }
    if (task === undefined && parent !== undefined) {
      this.task = parent.task;
      this.root = parent.root;
      // In a scope that is over, everything is over.
      if (parent.state === closed) this.state = closed;
      (parent.scopes ??= new LinkedList()).append(this);
    } else {
      this.task = task;
      this.root = this;
      this.values = parent?.root.inheritedValues;
    }
  }

  /** @internal */
  get rarely(): RareState {
    return (this.rare ??= {
      signal: undefined,
      abortedSignals: undefined,
      redeliverAfter: Infinity,
      redelivers: false,
      redeliverTimer: undefined,
      evictTimer: undefined,
      drains: undefined,
      onIdle: undefined,
      closers: undefined,
      context: undefined,
      closeListeners: undefined,
    });
  }

  /** @internal Of a root scope: the values of context variables that a task created in it begins with. */
  get inheritedValues(): ReadonlyMap<object, unknown> | undefined {
    return this.rare?.context?.values ?? this.values;
  }

  /** Whether it has ended: whatever still waits in it is cancelled. */
  get isClosed(): boolean {
    return this.state === closed;
  }

  /** @internal Whether it has begun to end. */
  get isClosing(): boolean {
    return this.state !== open;
  }

  /** @internal Whether a checkpoint in it may throw, and has to look closer. */
  get mayThrow(): boolean {
    return this.root.pendings !== 0 || this.state === closed;
  }

  /** Runs `fn` in it: what `fn` awaits can be cancelled through this scope. */
  run<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R {
    return runtime.storage.run(this, fn, ...args);
  }

  /** Runs `fn` in it, and awaits in it what `fn` returns: a task awaited outside would be out of its reach. */
  runAsync<A, T>(fn: (argument: A) => T | PromiseLike<T>, argument: A): Promise<T> {
    return runtime.storage.run(this, callAndAwait<A, T>, fn, argument);
  }

  /**
   * Asks everything in it to stop: each wait in it, or the next, throws a {@link CancelledError} with `reason`.
   *
   * @returns Whether the request was taken; `false` if the scope has ended.
   */
  cancel(reason?: unknown, cause?: CancelledError): boolean {
    if (this.state === closed) return false;
    return this.cancelWith(makeCancellation(reason, cause));
  }

  /** @internal As `cancel`, with an error that several scopes may share. One request counts once, by whatever ways it comes. */
  cancelWith(error: CancelledError): boolean {
    if (this.state === closed) return false;
    if (this.requests > 0 && this.error!.origin === error.origin) return true;
    this.error = error;
    if (this.requests++ === 0) this.root.asked++;
    this.requestedAt = ++runtime.requests;
    runtime.instrument?.cancel?.(this, error);
    deliver(this, error);
    redeliverLater(this);
    return true;
  }

  /** @internal Takes the last request back; with the only one goes what is pending. */
  uncancel(): number {
    if (this.requests === 0) return 0;
    this.requestedAt = 0;
    if (--this.requests > 0) return this.requests;
    this.root.asked--;
    clearPending(this);
    return 0;
  }

  /**
   * The signal of the next cancellation that is delivered here, for any API that takes one. After a delivery there is a
   * new one, so that a `fetch` in a `finally` works.
   */
  get signal(): AbortSignal {
    const pending = peekPending(this);
    return pending === undefined ? signalOf(this) : abortedSignal(this, pending);
  }

  /**
   * Ends the scope: what still waits in it is cancelled, the tasks that belong to it are cancelled and awaited, and what
   * was given to {@link Scope.defer} is closed. What does not stop is named and left after {@link closingGrace}.
   *
   * @param failed - Whether the code in it ended by an error: then tasks that lost code awaited are cancelled too.
   * @returns A promise only if there was something to wait for.
   */
  close(failed = false, grace?: number): Promise<void> | undefined {
    return close(this, failed, grace);
  }

  /**
   * Has `closer` called when the scope ends, after its tasks have: for what was opened in it, such as a pool or a client.
   * The last one is called first, and each is awaited, up to the time that the scope has for closing. What it throws is
   * reported. The scope of the process never ends.
   *
   * @returns A function that takes the closer back.
   * @throws {InvalidStateError} If the scope has ended.
   * @example
   * await taskGroup(async () => {
   *   const connection = { close: async () => console.log("closed") };
   *   currentScope().owner.defer(() => connection.close());
   * }); // closed
   */
  defer(closer: Closer): () => void {
    if (this.state === closed) {
      throw new InvalidStateError(`Cannot have something closed with the ${this.kind} as it has ended`);
    }
    if (this.parent === undefined) return nothing;
    const closers = (this.rarely.closers ??= new Set());
    const entry: Closer = () => closer();
    closers.add(entry);
    return () => void closers.delete(entry);
  }

  /**
   * Has `listener` called once the scope has ended, to let go of what was opened for it: a response that was not read. In
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
    if (this.state === closed) {
      callCloseListener(listener);
      return nothing;
    }
    const listeners = (this.rarely.closeListeners ??= new Set());
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /**
   * @internal What has to be thrown where `error` leaves this scope: {@link absorbed} if it is the cancellation that this
   * scope asked for itself, which ends here; the cancellation of an outer scope that was asked meanwhile; else `error`.
   */
  absorb(error: unknown): unknown {
    const cancellation = this.requests === 0 ? undefined : cancellationOf(error);
    if (cancellation === undefined) return error;
    if (!this.#hasOtherRequests()) return absorbed;
    // What is pending further out is thrown instead, so that it is not delivered a second time.
    if (this.#someOuter((outer) => outer.requestedAt > this.bornAt)) {
      return this.#outerOf(takePending(this.parent!), cancellation) ?? error;
    }
    return this.#someOuter((outer) => isOfRequest(cancellation, outer.error!)) ? error : absorbed;
  }

  // The one of two cancellations that was asked of the scope further out: it passes the scope of the other one.
  #outerOf(pending: CancelledError | undefined, passing: CancelledError): CancelledError | undefined {
    if (pending === undefined) return undefined;
    let found: CancelledError | undefined;
    this.#someOuter(({ error }) => {
      if (isOfRequest(pending, error!)) found = pending;
      else if (isOfRequest(passing, error!)) found = undefined;
      return false;
    });
    return found;
  }

  // Most scopes that are asked to stop are the only one of their task that is: that is known without a walk.
  #hasOtherRequests(): boolean {
    return this.root !== this && this.root.asked > (this.state === closed ? 0 : 1);
  }

  // Whether one of the scopes around it that are asked to stop, the nearest first, is such.
  #someOuter(test: (outer: Scope) => boolean): boolean {
    for (let s = this.parent; s !== undefined; s = s.parent) {
      if (s.requests > 0 && test(s)) return true;
      if (s === s.root || s.masked) return false;
    }
    return false;
  }

  /** @internal Cancels every task that belongs to it, by one request. Returns its error. */
  cancelTasks(reason: unknown): CancelledError {
    const error = makeCancellation(reason);
    for (const task of this.tasks?.toArray() ?? []) if (!task.done()) task.scope.cancelWith(error);
    return error;
  }

  /** @internal */
  addPark(park: Park): void {
    (this.parks ??= new LinkedList()).append(park);
    this.root.receivers++;
  }

  /** @internal */
  removePark(park: Park): void {
    this.parks!.remove(park);
    this.root.receivers--;
    const drains = this.root.rare?.drains;
    if (drains !== undefined) lookSoon(drains);
  }

  /** @internal @throws {InvalidStateError} If the scope has ended. */
  addTask(task: Task<unknown>): void {
    if (this.state === closed)
      throw new InvalidStateError(`Cannot create a task: the ${this.kind} that would own it has ended`);
    (this.tasks ??= new LinkedList()).append(task);
  }

  /** @internal */
  removeTask(task: Task<unknown>): void {
    if (this.tasks?.remove(task) !== true || this.tasks.first !== undefined) return;
    this.rare?.onIdle?.();
    const drains = this.root.rare?.drains;
    if (drains !== undefined) lookSoon(drains);
  }

  /** @internal The first of the waits in it. */
  get firstPark(): Park | undefined {
    return this.parks?.first;
  }

  /** @internal The first of the tasks that belong to it. */
  get firstTask(): Task<unknown> | undefined {
    return this.tasks?.first;
  }

  /** @internal The scopes within it that belong to the same task. */
  get children(): Scope[] {
    return this.scopes?.toArray() ?? [];
  }
}

// As `console.log` shows it: without everything that it is connected to.
Reflect.defineProperty(Scope.prototype, inspectCustom, {
  value(this: Scope): string {
    return `Scope { ${this.kind}${this.task === undefined ? "" : ` in ${this.task.name}`} }`;
  },
});

async function callAndAwait<A, T>(fn: (argument: A) => T | PromiseLike<T>, argument: A): Promise<T> {
  try {
    return await fn(argument);
  } catch (error) {
    throw explain(runtime.storage.getStore()!, error);
  }
}

runtime.root ??= new Scope(undefined, { kind: "process", ownsTasks: true });

/** @internal A cancellation asked for by the code that calls this. */
export function makeCancellation(reason: unknown, cause?: CancelledError): CancelledError {
  return new CancelledError(reason, { cause, requestedBy: runtime.storage.getStore()?.task?.name });
}

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

function nothing(): void {}
