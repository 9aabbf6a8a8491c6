import { requireFunction } from "../../base/options.ts";
import {
  absorbed,
  type CancelledError,
  cancellationOf,
  countRequests,
  createTask,
  currentScope,
  ExceptionGroup,
  InvalidStateError,
  isCancelled,
  markPending,
  Park,
  type Resource,
  runWithin,
  Scope,
  takePending,
  tasksOf,
  type Task,
  type TaskFunction,
  type TaskOptions,
  type Watcher,
} from "../core/index.ts";

/** Current state of a {@link TaskGroup}, for monitoring. */
export interface TaskGroupStatistics {
  /** How many of the group's tasks are not done. */
  readonly running: number;
  /** How many errors its tasks and its body have thrown. */
  readonly failed: number;
  /** Whether the group accepts tasks, is cancelling them, or has finished. */
  readonly state: "open" | "stopping" | "finished";
}

/**
 * Tasks that succeed or fail together; made by {@link taskGroup}.
 *
 * @example
 * await taskGroup(async (group) => {
 *   const task = group.createTask(() => sleep(10, "found"));
 *   group.createTask(() => sleep(60_000));
 *   console.log(await task, group.statistics().running); // found 1
 *   group.cancel();
 * });
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.TaskGroup
 */
export class TaskGroup implements Watcher, Resource {
  /** The kind of resource. */
  readonly kind = "taskGroup";
  readonly #scope: Scope;
  // A set, because an error that passed from one task to the tasks awaiting it counts only once.
  readonly #errors: Set<unknown> = new Set();
  #running = 0;
  #state: "open" | "stopping" | "finished" = "open";
  #outer: CancelledError | undefined;
  #joining: Park<void> | undefined;

  /** @internal Use {@link taskGroup}. */
  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /**
   * Starts `fn` as a task of the group. The group waits for the task. If the task fails, the other tasks and the body
   * are cancelled. If it is only cancelled, the others continue.
   *
   * @returns The task; you need not await it.
   * @throws {InvalidStateError} If the group is stopping or has finished.
   * @throws {TypeError} If `fn` is not a function.
   */
  createTask<T>(fn: TaskFunction<T>, options: TaskOptions = {}): Task<T> {
    if (this.#state !== "open") {
      const why = this.#state === "stopping" ? "is stopping" : "has finished";
      throw new InvalidStateError(`Cannot create a task in this group as it ${why}`);
    }
    const task = createTask(fn, { ...options, owner: this.#scope });
    this.#running++;
    if (task.done()) this.settled(task);
    else task.watch(this);
    return task;
  }

  /**
   * Cancels the group's tasks and its body; the group then ends without an error. Does nothing if the group is already
   * stopping.
   *
   * @param reason - Any value; each cancellation carries it as `reason`. @default "the group was cancelled"
   */
  cancel(reason: unknown = "the group was cancelled"): void {
    if (this.#state === "open") this.#stop(reason);
  }

  /** Current counts, for monitoring. */
  statistics(): TaskGroupStatistics {
    return { running: this.#running, failed: this.#errors.size, state: this.#state };
  }

  /**
   * @internal The tasks that the group waits for. The group also owns tasks that these create, but does not wait for
   * those.
   */
  awaits(): Task<unknown>[] {
    return tasksOf(this.#scope).filter((task) => task.isWatched);
  }

  /** @internal */
  settled(task: Task<unknown>): void {
    this.#running--;
    if (!task.cancelled()) this.#collect(task);
    if (this.#running === 0) this.#joining?.wake();
  }

  #collect(task: Task<unknown>): void {
    try {
      task.result();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#errors.add(error);
    if (this.#state === "open") this.#stop(error);
  }

  #stop(reason: unknown): void {
    this.#state = "stopping";
    const error = this.#scope.cancelTasks(reason);
    if (this.#joining === undefined) this.#scope.cancelWith(error);
  }

  /** @internal Called when the body threw `error`. */
  bodyFailed(error: unknown): void {
    if (!isCancelled(error)) return this.#fail(error);
    const rest = this.#scope.absorb(error);
    if (rest !== absorbed) this.#interrupted(cancellationOf(rest)!);
  }

  #interrupted(error: CancelledError): void {
    this.#outer ??= error;
    if (this.#state === "open") this.#state = "stopping";
    this.#scope.cancelTasks(error.reason);
  }

  /** @internal Waits for the group's tasks; a cancellation is passed on to them. */
  async join(): Promise<void> {
    const scope = this.#scope.parent!;
    const pending = this.#running > 0 ? takePending(scope) : undefined;
    if (pending !== undefined) this.#interrupted(pending);
    if (this.#running > 0) {
      this.#joining = new Park<void>(scope, this, (error) => this.#interrupted(error));
      await this.#joining.promise();
    }
    this.#state = "finished";
  }

  /** @internal Throws the error that the group ended with, if there is one. */
  conclude(): void {
    const { parent } = this.#scope;
    if (this.#errors.size > 0) {
      // The errors are thrown first; a pending cancellation of an outer scope is delivered at the next wait.
      if (countRequests(parent!) > 0) rearm(parent!);
      throw new ExceptionGroup("Tasks of a group failed", [...this.#errors]);
    }
    if (this.#outer !== undefined) throw this.#outer;
  }
}

const groupScope = { kind: "taskGroup", ownsTasks: true };

function rearm(scope: Scope): void {
  for (let s: Scope = scope; ; s = s.parent!) {
    if (s.requests > 0) markPending(s);
    if (s === s.root) return;
  }
}

/**
 * Runs `body` with a task group, and waits for all tasks of the group. If one fails, the other tasks and the body are
 * cancelled and awaited, and all errors are thrown together. If the caller is cancelled, they are cancelled too.
 *
 * @returns The result of `body`; `undefined` if `group.cancel()` stopped the body.
 * @throws {ExceptionGroup} With all errors of the tasks and the body, if there was any.
 * @throws {CancelledError} If the caller is cancelled and no task failed.
 * @throws {TypeError} If `body` is not a function.
 * @example
 * await taskGroup(async (group) => {
 *   group.createTask(() => sleep(10));
 *   group.createTask(() => sleep(20));
 * }); // both are over here
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.TaskGroup
 */
export async function taskGroup<T>(body: (group: TaskGroup) => T | PromiseLike<T>): Promise<T> {
  requireFunction(body, "run a task group");
  const scope = new Scope(currentScope(), groupScope);
  const group = new TaskGroup(scope);
  return (await runWithin<undefined, T | undefined>(scope, () => runGroup(group, body), undefined, endedByItself)) as T;
}

// If `group.cancel()` ended the group, the result is `undefined`.
const endedByItself = { onOwnCancel: (): undefined => undefined };

async function runGroup<T>(group: TaskGroup, body: (group: TaskGroup) => T | PromiseLike<T>): Promise<T> {
  let value!: T;
  let stopped: { readonly error: unknown } | undefined;
  try {
    value = await body(group);
  } catch (error) {
    stopped = { error };
    group.bodyFailed(error);
  }
  await group.join();
  group.conclude();
  if (stopped !== undefined) throw stopped.error;
  return value;
}
