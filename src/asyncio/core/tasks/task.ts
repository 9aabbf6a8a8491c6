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

/** How a task is made. */
export interface TaskOptions {
  /** Its name, as shown by inspectors. @default that of its function; of one without a name, "Task-1", "Task-2", … */
  readonly name?: string;
  /** What it is for, by which inspectors group: "request", "server". @default none */
  readonly role?: string;
  /** Whether the first step runs at once, before `createTask` returns. @default false */
  readonly eagerStart?: boolean;
  /** Context variables to share, instead of a copy of the caller's. */
  readonly context?: Context;
  /** The scope that it belongs to. @default the nearest one that owns tasks: a group, a request, else the run */
  readonly owner?: Scope;
  /** Whether tasks created in it belong to it, and end before it does: true for requests and jobs. @default false */
  readonly ownsTasks?: boolean;
  /**
   * After this many milliseconds a delivered cancellation is delivered again, at every wait, so that one `catch {}` does
   * not keep the task alive. @default Infinity
   */
  readonly redeliverAfter?: number;
}

/** What a task runs. */
export type TaskFunction<T> = () => T | PromiseLike<T>;

/**
 * A running `async` function: the promise of its result, a name, and a scope by which it can be cancelled.
 *
 * Made by {@link createTask}. Awaiting it from a task makes that task's cancellation reach it; use `shield` where it
 * should not.
 *
 * @example
 * const task = createTask(() => sleep(10, "slept"));
 * console.log(task.done(), await task, task.done()); // false slept true
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.Task
 */
export class Task<T> extends Awaitable<T> {
  /** The outermost scope of its code. */
  readonly scope: Scope;
  /** @internal */ previous: Task<unknown> | undefined;
  /** @internal */ next: Task<unknown> | undefined;
  /** @internal What it only stands for: a `gather` or `shield`, which the call graph looks through. */
  readonly combinator: string | undefined;
  /** What it is for, by which inspectors group: "request" for a request, "server" for what serves them. */
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

  /** What it is. */
  get kind(): string {
    return "task";
  }

  /** The name it was given, else that of its function, else "gather[0]" by its place, or "Task-1" by its number. */
  get name(): string {
    const name = this.#name ?? `Task-${this.#number}`;
    return typeof name === "string" ? name : `gather[${name}]`;
  }

  set name(name: string) {
    this.#name = name;
  }

  /** Its number: tasks are counted from 1 in the order in which they were made. */
  get id(): number {
    return this.#number;
  }

  /** @internal */
  get reportedBy(): Scope {
    return this.scope.parent!;
  }

  /**
   * Asks the task to stop: its current wait, or its next, throws a {@link CancelledError}. A task that was not started yet
   * never starts.
   *
   * @param reason - Anything; found in the error's `reason`.
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
    // One request, by however many ways it comes.
    if (scope.requests > 0 && scope.error!.origin === cause.origin) return true;
    return scope.cancel(cause.reason, cause);
  }

  /** How many cancellations are outstanding: asked for and not taken back. Asked by the task itself, with those of the scopes it is in. */
  cancelling(): number {
    const scope = runtime.storage.getStore();
    return scope !== undefined && scope.root === this.scope ? countRequests(scope) : this.scope.requests;
  }

  /** Takes one cancellation back; with the last one, also what was not delivered yet. Returns how many are left. */
  uncancel(): number {
    return this.done() ? this.scope.requests : this.scope.uncancel();
  }

  /** @throws {InvalidStateError} Always: what its function returns is the result of a task. */
  setResult(_value: never): never {
    throw new InvalidStateError(`Cannot set the result of task ${this.name} as its function gives it`);
  }

  /** @throws {InvalidStateError} Always: what its function throws is the error of a task. */
  setException(_error: never): never {
    throw new InvalidStateError(`Cannot set the exception of task ${this.name} as its function gives it`);
  }

  /** What it waits for at this moment; empty while it runs, or waits for a promise that is not ours. */
  get waits(): Park[] {
    return collectParks(this.scope);
  }

  /** What it waits for, in words. */
  get waitsFor(): string {
    const waits = this.waits.map((park) => describeResource(park.resource));
    return waits.length === 0 ? "it awaits nothing that can be cancelled" : `it waits for ${waits.join(", ")}`;
  }

  override get [Symbol.toStringTag](): string {
    return "Task";
  }

  /** @internal Settled by its body. */
  finish(value: T): T {
    this.succeed(value);
    this.#leave();
    return value;
  }

  /** @internal Settled by its body. */
  finishWith(error: unknown): void {
    // That a child of a `gather` was cancelled does not mean that the `gather` was.
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
   * @internal Runs `body` as the task and gives the body's own promise, for somebody who awaits that instead of the task,
   * as `gather` does: V8 follows promises with one reaction only. Whoever awaits the task awaits that promise as well, and
   * its own is never settled, which spares what would settle it: with a hundred thousand at once, that is time.
   */
  startLinked(body: TaskFunction<T>, place: number): Promise<T> {
    this.#name = body.name === "" ? place : body.name;
    const promise = runtime.storage.run(this.scope, drive<T>, this, body, false);
    this.#isLinked = true;
    this.follow(promise);
    return promise;
  }

  /** @internal Whether the `gather` that owns it awaits its body. */
  get isLinked(): boolean {
    return this.#isLinked;
  }

  /** The tasks that await it, in the order in which they began. */
  override get awaitedBy(): Task<unknown>[] {
    const direct = super.awaitedBy;
    return this.isLinked && !this.done() ? [this.scope.parent!.task!, ...direct] : direct;
  }
}
shareClass(Task, "Task");

// As `console.log` shows it: not with everything that it is connected to.
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

// Within the task's context: a reaction added outside would keep one more context alive for as long as the task runs.
function launch<T>(
  task: Task<T>,
  body: TaskFunction<T>,
  eager: boolean,
  resolve: (value: never) => void,
  reject: (error: unknown) => void,
): void {
  drive(task, body, eager, reject).then(resolve as (value: T) => void, reject);
}

// The first `await` carries the caller's whole context to the first step, other libraries' AsyncLocalStorages included.
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
    // A request that was not delivered by now is delivered by the task's ending: the result is lost.
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
  // To throw it once more would cost as much as all the rest. What drives the task gives nothing then.
  reject(error);
  return undefined as T;
}

/**
 * Starts `fn` as a task: it runs beside its caller from the caller's next `await` on, and belongs to the nearest group,
 * request or run, which cancels and awaits it when it ends.
 *
 * @throws {TypeError} If `fn` is not a function: a promise is already running and cannot become a task.
 * @throws {InvalidStateError} If the scope that would own it has ended.
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
 * The task whose code calls this, or `undefined` outside any task.
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
