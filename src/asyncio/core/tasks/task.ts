import { inspectCustom } from "../../../base/node.ts";
import { Awaitable } from "./awaitable.ts";
import type { Context } from "../state/context-var.ts";
import { type CancelledError, InvalidStateError } from "../errors/errors.ts";
import type { Park, Resource } from "../waits/park.ts";
import { requireFunction, show } from "../../../base/options.ts";
import { runtime } from "../state/runtime.ts";
import { explain, markHeard, takeAtEnd, takePending } from "../scopes/delivery.ts";
import { currentScope, Scope } from "../scopes/scope.ts";
import { collectParks, countRequests, tasksIn } from "../scopes/scope-tree.ts";
import { shareClass } from "../state/share-class.ts";

/** Options for creating a task. */
export interface TaskOptions {
  /** The task's name, as shown by inspectors. @default the function's name; without one, "Task-1", "Task-2", … */
  readonly name?: string;
  /** The purpose of the task, by which inspectors group: "request", "server". @default none */
  readonly role?: string;
  /** Whether the first step runs at once, before `createTask` returns. @default false */
  readonly eagerStart?: boolean;
  /** Context variables to share, instead of a copy of the caller's. */
  readonly context?: Context;
  /** The scope that owns the task. @default the nearest scope that owns tasks: a group, a request, else the run */
  readonly owner?: Scope;
  /**
   * Whether the task owns the tasks that are created in it, and waits for them before it ends: true for requests and
   * jobs. @default false
   */
  readonly ownsTasks?: boolean;
  /**
   * How many milliseconds after its delivery a cancellation is delivered again, at every wait, so that one `catch {}`
   * does not keep the task alive. @default Infinity
   */
  readonly redeliverAfter?: number;
}

/** The function that a task runs. */
export type TaskFunction<T> = () => T | PromiseLike<T>;

/**
 * A running `async` function: the promise of its result, a name, and a scope by which it can be cancelled.
 *
 * Made by {@link createTask}. When a task awaits another task, a cancellation of the first also cancels the second; use
 * `shield` to prevent that.
 *
 * @example
 * const task = createTask(() => sleep(10, "slept"));
 * console.log(task.done(), await task, task.done()); // false slept true
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.Task
 */
export class Task<T> extends Awaitable<T> {
  /** The outermost scope of the task's code. */
  readonly scope: Scope;
  /** @internal */ previous: Task<unknown> | undefined;
  /** @internal */ next: Task<unknown> | undefined;
  /**
   * @internal The combinator that this task stands for, such as `gather` or `shield`. The call graph leaves such a task
   * out.
   */
  readonly combinator: string | undefined;
  /** The purpose of the task, by which inspectors group: "request" for a request, "server" for a server. */
  role: string | undefined;
  readonly #number: number;
  #isLinked = false;
  #name: string | number | undefined;

  /** @internal Use {@link createTask}. */
  constructor(options: TaskOptions, combinator?: string) {
    if (typeof options !== "object") throw new TypeError("Cannot make a Task by its constructor: use createTask()");
    const creator = currentScope();
    super();
    const owner = options.owner ?? creator.owner;
    this.#number = ++runtime.tasks;
    this.#name = options.name;
    this.combinator = combinator;
    this.role = options.role;
    this.scope = new Scope(owner, scopeOptions(options), this);
    if (options.context === undefined) this.scope.values = creator.root.inheritedValues;
    else requireContext(options.context).enter(this.scope);
    owner.addTask(this);
    runtime.instrument?.spawn?.(this);
  }

  /** Always "task". */
  get kind(): string {
    return "task";
  }

  /** The name from the options, else the function's name, else "gather[0]" by its index, or "Task-1" by its number. */
  get name(): string {
    const name = this.#name ?? `Task-${this.#number}`;
    return typeof name === "string" ? name : `gather[${name}]`;
  }

  set name(name: string) {
    this.#name = name;
  }

  /** The task's number: tasks are numbered from 1 in the order of their creation. */
  get id(): number {
    return this.#number;
  }

  /** @internal */
  get reportedBy(): Scope {
    return this.scope.parent!;
  }

  /**
   * Asks the task to stop: its current or next wait throws a {@link CancelledError}. A task that has not started yet
   * never starts.
   *
   * @param reason - Any value; the error carries it as `reason`.
   * @returns `false` if the task is done.
   */
  cancel(reason?: unknown): boolean {
    if (this.done()) return false;
    return this.scope.cancel(reason);
  }

  /** @internal */
  override get isBeingCancelled(): boolean {
    return this.scope.isDelivering;
  }

  /** @internal */
  cancelBecause(cause: CancelledError): boolean {
    if (this.done()) return false;
    const { scope } = this;
    // The same request counts once, even if it arrives in several ways.
    if (scope.requests > 0 && scope.error!.origin === cause.origin) return true;
    return scope.cancel(cause.reason, cause);
  }

  /**
   * How many cancellations were requested and not taken back. When the task itself calls this, requests to the scopes
   * that it is in are counted as well.
   */
  cancelling(): number {
    const scope = runtime.storage.getStore();
    return scope !== undefined && scope.root === this.scope ? countRequests(scope) : this.scope.requests;
  }

  /**
   * Takes one cancellation request back. With the last one, a cancellation that was not delivered yet is dropped.
   * Returns how many requests are left.
   */
  uncancel(): number {
    return this.done() ? this.scope.requests : this.scope.uncancel();
  }

  /** @throws {InvalidStateError} Always: the result of a task is what its function returns. */
  setResult(_value: never): never {
    throw new InvalidStateError(`Cannot set the result of task ${this.name} as its function gives it`);
  }

  /** @throws {InvalidStateError} Always: the error of a task is what its function throws. */
  setException(_error: never): never {
    throw new InvalidStateError(`Cannot set the exception of task ${this.name} as its function gives it`);
  }

  /** The task's current waits; empty while its code runs, or awaits a promise that is not from this package. */
  get waits(): Park[] {
    return collectParks(this.scope);
  }

  /** The task's current waits, in words. */
  get waitsFor(): string {
    const waits = this.waits.map((park) => describeResource(park.resource));
    return waits.length === 0 ? "it awaits nothing that can be cancelled" : `it waits for ${waits.join(", ")}`;
  }

  override get [Symbol.toStringTag](): string {
    return "Task";
  }

  /** @internal Called when the task's function has ended. */
  finish(value: T): T {
    this.succeed(value);
    this.#leave();
    return value;
  }

  /** @internal Called when the task's function has ended. */
  finishWith(error: unknown): void {
    // If a child of a `gather` was cancelled, the `gather` itself counts as failed, not as cancelled.
    if (this.combinator === "gather" && this.scope.requests === 0) this.failWith(error, false);
    else this.failWith(error);
    this.#leave();
  }

  #leave(): void {
    this.scope.parent!.removeTask(this);
    runtime.instrument?.exit?.(this);
  }

  /** @internal Runs `body` as the task. */
  start(body: TaskFunction<T>, eager: boolean): void {
    if (this.#name === undefined && body.name !== "") this.#name = body.name;
    runtime.storage.run(this.scope, launch<T>, this, body, eager, this.resolve, this.reject);
  }

  /**
   * @internal Runs `body` as the task and returns the body's own promise. `gather` awaits that promise instead of the
   * task, because V8 follows async stack traces only through promises with one reaction. Code that awaits the task is
   * made to await the same promise. The task's own promise is never settled, which saves time when there are a hundred
   * thousand tasks.
   */
  startLinked(body: TaskFunction<T>, place: number): Promise<T> {
    this.#name = body.name === "" ? place : body.name;
    const promise = runtime.storage.run(this.scope, drive<T>, this, body, false);
    this.#isLinked = true;
    this.follow(promise);
    return promise;
  }

  /** @internal Whether the `gather` that owns the task awaits the body's promise. */
  get isLinked(): boolean {
    return this.#isLinked;
  }

  /** The tasks that await this one, in the order in which they began to. */
  override get awaitedBy(): Task<unknown>[] {
    const direct = super.awaitedBy;
    return this.isLinked && !this.done() ? [this.scope.parent!.task!, ...direct] : direct;
  }
}
shareClass(Task, "Task");

// The text that `console.log` shows. Without it, everything that is reachable from the task would be printed.
Reflect.defineProperty(Task.prototype, inspectCustom, {
  value(this: Task<unknown>): string {
    return `Task { ${this.name}: ${describeState(this)} }`;
  },
});

function describeState(task: Task<unknown>): string {
  if (!task.done()) return task.waitsFor;
  if (task.cancelled()) return "cancelled";
  return task.failed ? "failed" : "done";
}

const noOptions: TaskOptions = {};
const plainScope = { kind: "task" };

function scopeOptions(options: TaskOptions): object {
  if (options.ownsTasks === undefined && options.redeliverAfter === undefined) return plainScope;
  return { kind: "task", ownsTasks: options.ownsTasks ?? false, redeliverAfter: options.redeliverAfter ?? Infinity };
}

function requireContext(context: Context): Context {
  if (typeof context?.enter === "function") return context;
  throw new TypeError(
    `Cannot create a task as its context must come from copyContext(): current value is ${show(context)}`,
  );
}

// Called in the task's context: a reaction added outside would keep another context alive as long as the task runs.
function launch<T>(
  task: Task<T>,
  body: TaskFunction<T>,
  eager: boolean,
  resolve: (value: never) => void,
  reject: (error: unknown) => void,
): void {
  drive(task, body, eager, reject).then(resolve as (value: T) => void, reject);
}

// The first `await` carries the caller's whole context to the first step, including the stores of other libraries'
// AsyncLocalStorages.
async function drive<T>(
  task: Task<T>,
  body: TaskFunction<T>,
  eager: boolean,
  reject?: (error: unknown) => void,
): Promise<T> {
  const { scope } = task;
  let value!: T;
  let error: unknown;
  let failed = false;
  try {
    if (!eager) {
      await runtime.schedule?.start();
      const pending = takePending(scope);
      if (pending !== undefined) throw pending;
    }
    value = await body();
    // A request that was not delivered until now makes the task end as cancelled: the result is lost.
    const pending = takeAtEnd(scope);
    if (pending !== undefined) throw pending;
  } catch (caught) {
    failed = true;
    error = explain(scope, caught);
    markHeard(scope, error);
  }
  const closing = scope.close(failed);
  if (closing !== undefined) await closing;
  if (!failed) return task.finish(value);
  task.finishWith(error);
  if (reject === undefined) throw error;
  // Throwing the error again would cost as much as the rest of this function. So the task's promise is rejected here,
  // and the promise of this function is fulfilled with `undefined`.
  reject(error);
  return undefined as T;
}

/**
 * Starts `fn` as a task, which runs concurrently with its caller from the caller's next `await` on. The task belongs to
 * the nearest group, request or run, which cancels the task and waits for it when it ends.
 *
 * @throws {TypeError} If `fn` is not a function: a promise is already running and cannot become a task.
 * @throws {InvalidStateError} If the scope that would own the task has ended.
 * @example
 * const tea = createTask(() => sleep(20, "tea"), { name: "kettle" });
 * const toast = createTask(() => sleep(10, "toast"));
 * console.log(await tea, await toast); // tea toast
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task
 */
export function createTask<T>(fn: TaskFunction<T>, options: TaskOptions = noOptions): Task<T> {
  requireFunction(fn, "create a task");
  const task = new Task<T>(options);
  task.start(fn, options.eagerStart === true);
  return task;
}

/**
 * The task that the calling code runs in, or `undefined` outside any task.
 *
 * @example
 * await createTask(async () => console.log(currentTask()?.name), { name: "me" }); // me
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.current_task
 */
export function currentTask(): Task<unknown> | undefined {
  return currentScope().task;
}

/**
 * All tasks of the process that are not done.
 *
 * @example
 * const task = createTask(() => sleep(5));
 * console.log(allTasks().has(task)); // true
 * await task;
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.all_tasks
 */
export function allTasks(): Set<Task<unknown>> {
  return new Set(tasksIn(runtime.root));
}

/** @internal */
export function describeResource(resource: Resource): string {
  return resource.name === undefined || resource.name === "" ? resource.kind : `${resource.kind} ${resource.name}`;
}
