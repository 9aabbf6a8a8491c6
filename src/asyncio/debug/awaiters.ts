// Finds the tasks that await a task. The search goes backwards, from a task to those that wait for it. Combinators such
// as `gather` and `shield` are replaced by the tasks that await them. Combinators may be nested in long chains, so
// results are stored.

import { type Awaitable, ownWaits, type Scope, Task } from "../core/index.ts";

/** @internal Finds the tasks that await others. It stores results, so an instance is valid only for one moment. */
export class Awaiters {
  readonly #direct: Map<Awaitable<unknown>, readonly Task<unknown>[]> = new Map();
  // For each combinator, the tasks that await it.
  readonly #behind: Map<Task<unknown>, readonly Task<unknown>[]> = new Map();
  readonly #kinds: Map<Scope, ReadonlySet<string>> = new Map();

  /** The tasks that await `awaitable`. A combinator that no task awaits is listed itself. */
  of(awaitable: Awaitable<unknown>): Task<unknown>[] {
    const found = new Set<Task<unknown>>();
    for (const task of this.#directly(awaitable)) {
      if (task.combinator !== undefined) this.#lookBehind(task);
      for (const awaiter of this.#behind.get(task) ?? [task]) found.add(awaiter);
    }
    return [...found];
  }

  // Depth first: a task stays on the stack until the results for all combinators that await it are known.
  #lookBehind(start: Task<unknown>): void {
    const stack = [start];
    const begun = new Set<Task<unknown>>();
    for (let task = stack.at(-1); task !== undefined; task = stack.at(-1)) {
      const unknown = begun.has(task) ? [] : this.#directly(task).filter((other) => this.#isUnknown(other, begun));
      begun.add(task);
      for (const other of unknown) stack.push(other);
      if (unknown.length > 0) continue;
      stack.length--;
      if (!this.#behind.has(task)) this.#behind.set(task, this.#collect(task));
    }
  }

  #isUnknown(task: Task<unknown>, begun: ReadonlySet<Task<unknown>>): boolean {
    return task.combinator !== undefined && !this.#behind.has(task) && !begun.has(task);
  }

  #collect(task: Task<unknown>): readonly Task<unknown>[] {
    const found = new Set<Task<unknown>>();
    for (const other of this.#directly(task)) {
      const behind = other.combinator === undefined ? [other] : (this.#behind.get(other) ?? []);
      for (const awaiter of behind) found.add(awaiter);
    }
    return found.size === 0 ? [task] : [...found];
  }

  #directly(awaitable: Awaitable<unknown>): readonly Task<unknown>[] {
    let direct = this.#direct.get(awaitable);
    if (direct !== undefined) return direct;
    const joiner = awaitable instanceof Task ? this.#joinerOf(awaitable) : undefined;
    direct = joiner === undefined ? awaitable.awaitedBy : [...new Set([joiner, ...awaitable.awaitedBy])];
    this.#direct.set(awaitable, direct);
    return direct;
  }

  // The task that waits for `task` through a group or race.
  #joinerOf(task: Task<unknown>): Task<unknown> | undefined {
    if (!task.isWatched) return undefined;
    const owner = task.scope.parent!;
    const waiting = owner.kind === "taskGroup" ? owner.parent! : owner;
    return owner.task !== undefined && this.#kindsIn(waiting).has(owner.kind) ? owner.task : undefined;
  }

  // The kinds of resources that code in a scope waits for.
  #kindsIn(scope: Scope): ReadonlySet<string> {
    let kinds = this.#kinds.get(scope);
    if (kinds !== undefined) return kinds;
    kinds = new Set([...ownWaits(scope)].map(({ resource }) => resource.kind));
    this.#kinds.set(scope, kinds);
    return kinds;
  }
}
