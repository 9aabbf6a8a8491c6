// A scope is what a cancellation can be addressed to, and the owner of tasks.
//
//   process root ── owns ──> task ── its root scope ─┬─ timeout scope ── wait (Park)
//                                                    └─ group scope ── owns ──> task ─ …
//
// asyncio addresses a cancellation to a task. A JavaScript task may have several concurrent flows
// (`Promise.all([timeout(5, f), timeout(50, g)])`). So a cancellation is addressed to a scope here, as in Trio. Within
// the scope, asyncio's rules apply: requests are counted, and each is delivered once, at the current wait or at the
// next one.
//
// The current scope is the value of the only AsyncLocalStorage. `storage.run(scope, fn)` is the only way to enter a
// scope. Setting the scope for the rest of a block was tried and dropped: it leaks into the caller, which continues in
// that scope after the first `await`.
//
// A request begins in this file: it is counted here and passed to delivery.ts, which delivers it to the code.
// closing.ts contains how a scope ends. The scopes of each task are a tree of their own. A request passes from one task
// to another in two ways: if the first awaits the second (awaitable.ts), and if the first owns the second and closes.

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

/** @internal The state of a scope: open, closing, closed. */
export type ScopeState = 0 | 1 | 2;

/**
 * @internal Whether a request is pending: no; yes, for the next checkpoint; or it was thrown by a checkpoint in this
 * step.
 */
export type Pending = 0 | 1 | 2;

/** Options of a scope. */
export interface ScopeOptions {
  /** The kind of scope, as shown by inspectors: `timeout`, `taskGroup`. @default "scope" */
  readonly kind?: string;
  /** Whether the scope owns the tasks that are created in it. @default false */
  readonly ownsTasks?: boolean;
  /** Whether cancellations from outside are held back until the scope has ended. @default false */
  readonly masked?: boolean;
  /** How many milliseconds after its delivery a cancellation is delivered again, at every wait. @default Infinity */
  readonly redeliverAfter?: number;
}

/** A function that closes a resource when its scope ends. */
export type Closer = () => unknown;

/** @internal The state that only few scopes need; fields for it on every scope would cost memory for every task. */
export interface RareState {
  /** The signal for the next delivery, if code has requested it. */
  signal: SignalBox | undefined;
  /** The last signals that were aborted. */
  abortedSignals: AbortSignal[] | undefined;
  redeliverAfter: number;
  redelivers: boolean;
  redeliverTimer: Timer | undefined;
  evictTimer: Timer | undefined;
  /** On a root scope: the closing scopes of the task that still wait until nothing is left in them. */
  drains: Drains | undefined;
  /** Called when the last task of a closing scope has ended. */
  onIdle: (() => void) | undefined;
  /** The functions that close the resources of the scope. They are called and awaited before the scope ends. */
  closers: Set<Closer> | undefined;
  /** On a root scope: the context that its task shares with other tasks. */
  context: { values: ReadonlyMap<object, unknown> } | undefined;
  /** Called when the scope has ended. */
  closeListeners: Set<() => void> | undefined;
}

const plain: ScopeOptions = {};

/** @internal Means that nothing must be thrown: see `Scope.absorb()`. */
export const absorbed: unique symbol = Symbol("absorbed");

/**
 * The target of a cancellation, and the owner of tasks. Users use scopes indirectly, through `timeout`, `taskGroup` and
 * tasks; servers and drivers open their own scopes with `within`.
 *
 * @example
 * const scope = new Scope(currentScope(), { kind: "job", ownsTasks: true });
 * const task = scope.run(() => createTask(() => sleep(60_000)));
 * await scope.close();
 * console.log(task.cancelled()); // true
 */
export class Scope {
  /** The enclosing scope; for a task's root scope, the scope that owns the task. */
  readonly parent: Scope | undefined;
  /** The kind of scope, as shown by inspectors. */
  readonly kind: string;
  /** The task that the scope belongs to; `undefined` outside any task. */
  readonly task: Task<unknown> | undefined;
  /** @internal The outermost scope of the same task. */
  readonly root: Scope;
  /** The scope that owns the tasks created in this scope: the nearest one that owns tasks, or this scope itself. */
  readonly owner: Scope;
  /** @internal */
  readonly masked: boolean;
  /** @internal How many cancellation requests are outstanding. */
  requests = 0;
  /** @internal The number of the last request; the requests of the whole process are numbered. */
  requestedAt = 0;
  /**
   * @internal The number of the process's last request when this scope began. Older requests to outer scopes do not
   * concern this scope.
   */
  readonly bornAt: number;
  /** @internal The last request. */
  error: CancelledError | undefined;
  /** @internal */
  pending: Pending = 0;
  /** @internal On a root scope: how many scopes of the task have a pending request. */
  pendings = 0;
  /** @internal On a root scope: how many scopes of the task have outstanding requests. */
  asked = 0;
  /** @internal On a root scope: how many waits and signals the task has in all its scopes. */
  receivers = 0;
  /** @internal Whether a request is being delivered to the scope at this moment. */
  isDelivering = false;
  /** @internal */
  state: ScopeState = open;
  /** @internal On a root scope: the values of context variables. */
  values: ReadonlyMap<object, unknown> | undefined;
  /** @internal The time when the scope's time limit ends, by the runtime's clock. */
  deadline: number | undefined;
  /** @internal The waits of the code in the scope. */
  parks: LinkedList<Park> | undefined;
  /** @internal The tasks that the scope owns. */
  tasks: LinkedList<Task<unknown>> | undefined;
  /** @internal The inner scopes of the same task. */
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
      // A scope that is opened in a closed scope is closed from the start.
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

  /** @internal On a root scope: the values of context variables that a task created in it starts with. */
  get inheritedValues(): ReadonlyMap<object, unknown> | undefined {
    return this.rare?.context?.values ?? this.values;
  }

  /** Whether the scope has ended: any further wait in it is cancelled. */
  get isClosed(): boolean {
    return this.state === closed;
  }

  /** @internal Whether the scope is closing or has ended. */
  get isClosing(): boolean {
    return this.state !== open;
  }

  /** @internal Whether a checkpoint in the scope may have to throw: a quick test before the exact one. */
  get mayThrow(): boolean {
    return this.root.pendings !== 0 || this.state === closed;
  }

  /** Runs `fn` in the scope: the waits of `fn` can be cancelled through the scope. */
  run<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R {
    return runtime.storage.run(this, fn, ...args);
  }

  /**
   * Runs `fn` in the scope, and awaits its result in the scope too. If `fn` returns a task, a cancellation of the scope
   * therefore reaches that task.
   */
  runAsync<A, T>(fn: (argument: A) => T | PromiseLike<T>, argument: A): Promise<T> {
    return runtime.storage.run(this, callAndAwait<A, T>, fn, argument);
  }

  /**
   * Asks all code in the scope to stop: its current waits, or else its next ones, throw a {@link CancelledError} with
   * `reason`.
   *
   * @returns Whether the request was accepted; `false` if the scope has ended.
   */
  cancel(reason?: unknown, cause?: CancelledError): boolean {
    if (this.state === closed) return false;
    return this.cancelWith(makeCancellation(reason, cause));
  }

  /**
   * @internal Like `cancel`, with an error that several scopes may share. The same request counts once, even if it
   * arrives in several ways.
   */
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

  /** @internal Takes the last request back. If no other request is left, a pending cancellation is dropped. */
  uncancel(): number {
    if (this.requests === 0) return 0;
    this.requestedAt = 0;
    if (--this.requests > 0) return this.requests;
    this.root.asked--;
    clearPending(this);
    return 0;
  }

  /**
   * The signal that aborts with the next cancellation delivered to this scope, for any API that takes an `AbortSignal`.
   * After a delivery there is a new signal, so that a `fetch` in a `finally` works.
   */
  get signal(): AbortSignal {
    const pending = peekPending(this);
    return pending === undefined ? signalOf(this) : abortedSignal(this, pending);
  }

  /**
   * Ends the scope. Remaining waits in it are cancelled, its tasks are cancelled and awaited, and the functions given
   * to {@link Scope.defer} are called. Tasks that have not stopped after {@link closingGrace} are reported and left
   * running.
   *
   * @param failed - Whether the code in the scope ended with an error. Then tasks that stray code of the scope awaits
   * are cancelled too.
   * @returns A promise, or `undefined` if there was nothing to wait for.
   */
  close(failed = false, grace?: number): Promise<void> | undefined {
    return close(this, failed, grace);
  }

  /**
   * Calls `closer` when the scope ends, after its tasks have ended. Use it to close what was opened in the scope, such
   * as a pool or a client. The closer that was added last is called first. Each is awaited until the time limit for
   * closing the scope is over. An error that it throws is reported. The scope of the process never ends.
   *
   * @returns A function that removes the closer.
   * @throws {InvalidStateError} If the scope has ended.
   * @example
   * await taskGroup(async () => {
   *   const connection = { close: async () => console.log("closed") };
   *   currentScope().owner.defer(() => connection.close());
   * }); // closed
   */
  defer(closer: Closer): () => void {
    if (this.state === closed) {
      throw new InvalidStateError(`Cannot close a resource with the ${this.kind} as it has ended`);
    }
    if (this.parent === undefined) return nothing;
    const closers = (this.rarely.closers ??= new Set());
    const entry: Closer = () => closer();
    closers.add(entry);
    return () => void closers.delete(entry);
  }

  /**
   * Calls `listener` once the scope has ended, to release resources without waiting, such as a response that was not
   * read. If the scope has already ended, `listener` is called at once. An error that it throws is reported.
   *
   * @returns A function that removes the listener.
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
   * @internal The error to throw when `error` leaves this scope. It is {@link absorbed}, so nothing is thrown, if
   * `error` is a cancellation of this scope alone. It is an outer scope's cancellation if that scope was cancelled
   * meanwhile. Otherwise it is `error`.
   */
  absorb(error: unknown): unknown {
    const cancellation = this.requests === 0 ? undefined : cancellationOf(error);
    if (cancellation === undefined) return error;
    if (!this.#hasOtherRequests()) return absorbed;
    // The pending cancellation of an outer scope is thrown instead, so that it is not delivered a second time later.
    if (this.#someOuter((outer) => outer.requestedAt > this.bornAt)) {
      return this.#outerOf(takePending(this.parent!), cancellation) ?? error;
    }
    return this.#someOuter((outer) => isOfRequest(cancellation, outer.error!)) ? error : absorbed;
  }

  // Returns `pending` if it was addressed to a scope further out than the one of `passing`, because it ends that scope
  // too.
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

  // Usually the task has no other scope with a request, and the count shows that without a walk through the scopes.
  #hasOtherRequests(): boolean {
    return this.root !== this && this.root.asked > (this.state === closed ? 0 : 1);
  }

  // Whether `test` accepts one of the enclosing scopes with outstanding requests; the nearest is tested first.
  #someOuter(test: (outer: Scope) => boolean): boolean {
    for (let s = this.parent; s !== undefined; s = s.parent) {
      if (s.requests > 0 && test(s)) return true;
      if (s === s.root || s.masked) return false;
    }
    return false;
  }

  /** @internal Cancels all tasks that the scope owns with a single request. Returns the request's error. */
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

  /** @internal The first wait in the scope. */
  get firstPark(): Park | undefined {
    return this.parks?.first;
  }

  /** @internal The first task that the scope owns. */
  get firstTask(): Task<unknown> | undefined {
    return this.tasks?.first;
  }

  /** @internal The inner scopes of the same task. */
  get children(): Scope[] {
    return this.scopes?.toArray() ?? [];
  }
}

// The text that `console.log` shows. Without it, everything that is reachable from the scope would be printed.
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

/** @internal A cancellation that the calling code requests. */
export function makeCancellation(reason: unknown, cause?: CancelledError): CancelledError {
  return new CancelledError(reason, { cause, requestedBy: runtime.storage.getStore()?.task?.name });
}

/**
 * The scope that the calling code runs in; outside any task, the root scope of the process.
 *
 * @example
 * const scope = currentScope();
 * setTimeout(() => scope.cancel("five milliseconds are over"), 5);
 */
export function currentScope(): Scope {
  return runtime.storage.getStore() ?? runtime.root;
}

/**
 * The signal that aborts with the next cancellation of the calling code, for any API that takes an `AbortSignal`. Its
 * reason is the {@link CancelledError}.
 *
 * Call this each time you need a signal instead of storing the signal: after each delivered cancellation there is a new
 * one, so that `fetch` works in a `finally`.
 *
 * @example
 * import { setTimeout } from "node:timers/promises";
 * await setTimeout(10, undefined, { signal: currentSignal() });
 */
export function currentSignal(): AbortSignal {
  return currentScope().signal;
}

function nothing(): void {}
