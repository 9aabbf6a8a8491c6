import { type CancelledError, currentTask, type Scope, type Task, type TaskReference } from "../../asyncio/index.ts";
import { describeReason } from "./describe-error.ts";
import { requestOf } from "./lineage.ts";

/** A cancellation request and its outcome. */
export interface CancellationRecord {
  /** The time of the request, in milliseconds since 1970. */
  readonly at: number;
  /** The task that was cancelled; `undefined` for code outside any task. */
  readonly task: TaskReference | undefined;
  /** The HTTP request that the task belongs to, unless the task is that request itself. */
  readonly request: TaskReference | undefined;
  /** The part of the task that was cancelled: `task` for the whole task, else the kind of scope, such as `timeout`. */
  readonly scope: string;
  /** The reason, in words. */
  readonly reason: string;
  /** The name of the task that requested the cancellation, if a task did. */
  readonly requestedBy: string | undefined;
  /** How many other tasks were cancelled as a consequence: those that the task awaited or owned. */
  readonly others: number;
  /** How long the task took to end, in milliseconds; `undefined` if it has not ended. */
  readonly endedAfter: number | undefined;
}

type Entry = { -readonly [Key in keyof CancellationRecord]: CancellationRecord[Key] };

/** A log of the last cancellation requests, the newest first. A request and those that follow from it are one entry. */
export class CancellationLog {
  readonly #capacity: number;
  readonly #entries: Entry[] = [];
  /** The entry that was opened in the current synchronous run of code. */
  #current: Entry | undefined;
  readonly #byError = new WeakMap<Error, Entry>();
  readonly #byTask = new WeakMap<Task<unknown>, Entry>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Records that a scope was cancelled. */
  add(scope: Scope, error: CancelledError): void {
    const entry = this.#causeOf(scope, error) ?? this.#sameAs(scope, error) ?? this.#open(scope, error);
    this.#byError.set(error, entry);
    if (scope.task === undefined || scope !== scope.task.scope) return;
    if (entry.task?.id !== scope.task.id) entry.others++;
    // If a task is cancelled several times, the last request counts as the one that ends it.
    this.#byTask.set(scope.task, entry);
  }

  /** Records that a task has ended. */
  ended(task: Task<unknown>): void {
    const entry = this.#byTask.get(task);
    if (entry?.task?.id === task.id) entry.endedAfter ??= Date.now() - entry.at;
  }

  /** The entries, the newest first. */
  list(): CancellationRecord[] {
    return this.#entries.map((entry) => ({ ...entry })).toReversed();
  }

  // The entry of the cancellation that caused this one: that of an awaiter, or that of an owner.
  #causeOf(scope: Scope, error: CancelledError): Entry | undefined {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      const entry = this.#byError.get(cause);
      if (entry !== undefined) return entry;
    }
    const owner = scope.task?.scope === scope ? scope.parent?.task : undefined;
    return owner === undefined || owner.cancelling() === 0 ? undefined : this.#byTask.get(owner);
  }

  // The current entry, if this cancellation has the same reason: for example, all siblings of a failed task are
  // cancelled together.
  #sameAs({ kind }: Scope, error: CancelledError): Entry | undefined {
    const last = this.#current;
    if (last === undefined || kind !== "task" || last.scope !== "task") return undefined;
    return last.requestedBy === askerOf(error) && last.reason === describeReason(error) ? last : undefined;
  }

  #open(scope: Scope, error: CancelledError): Entry {
    const { task, kind } = scope;
    const request = task === undefined ? undefined : requestOf(task);
    const entry: Entry = {
      at: Date.now(),
      task: task === undefined ? undefined : referTo(task),
      request: request === undefined || request === task ? undefined : referTo(request),
      scope: kind,
      reason: describeReason(error),
      requestedBy: askerOf(error),
      others: 0,
      endedAfter: undefined,
    };
    this.#entries.push(entry);
    this.#current = entry;
    queueMicrotask(() => {
      if (this.#current === entry) this.#current = undefined;
    });
    if (this.#entries.length > this.#capacity) this.#entries.shift();
    return entry;
  }
}

// A `gather` that cancels its other tasks has only a number as its name. It is the task that runs now.
function askerOf({ requestedBy }: CancelledError): string | undefined {
  const asker = currentTask();
  return asker?.combinator !== undefined && asker.name === requestedBy ? asker.combinator : requestedBy;
}

function referTo({ id, name }: Task<unknown>): TaskReference {
  return { id, name };
}
