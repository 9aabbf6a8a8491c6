import { inFile, type Mutation } from "./_mutation.ts";

/** Mistakes in what combines tasks, limits them and shelters them. */
export const combinatorMutations: readonly Mutation[] = [
  ...inFile(
    "gather",
    ["shield", "awaitable"],
    [
      [
        "results come in the order of completion",
        "this.#settleAll(batch) : Promise.all(batch.promises));",
        "this.#settleAll(batch) : inOrderOfEnd(batch.promises));\n    async function inOrderOfEnd(promises: Promise<unknown>[]): Promise<unknown[]> {\n      const all: unknown[] = [];\n      await Promise.all(promises.map((promise) => promise.then((result) => all.push(result))));\n      return all;\n    }",
      ],
      [
        "a child that ends by the request to the whole has the others asked again",
        "const request = cancellationOf(error) ?? makeCancellation(error);",
        "const request = makeCancellation(cancellationOf(error)?.reason ?? error);",
      ],
      [
        "it can be cancelled when all children are done",
        "return !this.gathering.isOver && super.cancel(reason);",
        "return super.cancel(reason);",
      ],
      [
        "a request to what awaits it comes when all children are done",
        "return !this.gathering.isOver && super.cancelBecause(cause);",
        "return super.cancelBecause(cause);",
      ],
      ["siblings of a failed child run on", "child.cancelBecause(request);", ""],
      ["siblings of a failed child are not awaited", "if (others.length > 0) await", "if (others.length < 0) await"],
      [
        "later errors of siblings are reported",
        "child.markObserved();\n      child.cancelBecause(request);",
        "child.cancelBecause(request);",
      ],
      [
        "a gather of nothing never ends",
        "if (inputs.length === 0) return [];",
        "if (inputs.length === 0) await new Promise(() => {});",
      ],
      ["returnExceptions is ignored", "options?.returnExceptions === true", "false"],
      [
        "errors that are returned are reported",
        "for (const child of children) child.markObserved();\n    return children.map",
        "return children.map",
      ],
      ["errors are always returned", "options?.returnExceptions === true", "true"],
      ["a cancelled gather with returnExceptions gives results", "this.#throwIfCancelled();", ""],
      [
        "cancelling it cancels no child",
        "for (const child of [...this.#children, ...this.#unstarted]) heard",
        "for (const child of [...this.#unstarted]) heard",
      ],
      [
        "tasks beyond the first batch hear of no cancellation",
        "for (const child of new Set([...this.#children, ...this.#unstarted])) {\n      child.markObserved();",
        "for (const child of new Set([...this.#children])) {\n      child.markObserved();",
      ],
      ["thousands are started in one turn", "await nextTurn();", ""],
      ["it goes on to start when one has failed", "this.#isStopped = true;", ""],
      [
        "the results of the first batch are all",
        "this.#results[start + i] = results[i];",
        "this.#results[i] = results[i];",
      ],
    ],
  ),
  ...inFile(
    "wait",
    [],
    [
      ["it waits for all, whatever it was asked", 'return returnWhen === "firstCompleted";', "return false;"],
      [
        "an error does not end firstException",
        'if (returnWhen === "firstException") return [...all].some((awaitable) => awaitable.failed);',
        'if (returnWhen === "firstException") return false;',
      ],
      [
        "any completion ends firstException",
        'if (returnWhen === "firstException") return [...all].some((awaitable) => awaitable.failed);',
        'if (returnWhen === "firstException") return true;',
      ],
      ["done tasks are called pending", "(awaitable.done() ? done : pending)", "(awaitable.done() ? pending : done)"],
      ["an empty list is taken", "if (all.size === 0) throw", "if (all.size < 0) throw"],
      ["an unknown returnWhen is taken", "if (!conditions.includes(returnWhen)) {", "if (false) {"],
      [
        "a single task is taken for a list",
        "if (all === undefined ||",
        "if (all === undefined) return new Set([awaitables as never]);\n  if (all === undefined ||",
      ],
      [
        "what failed is thrown",
        "const done = new Set<A>();",
        "const done = new Set<A>();\n  for (const awaitable of all) if (awaitable.done()) awaitable.result();",
      ],
    ],
  ),
  ...inFile(
    "as-completed",
    [],
    [
      [
        "the order is that of the arguments",
        "if (awaitable.done()) this.#done.add({ awaitable });",
        "this.#done.add({ awaitable });",
      ],
      [
        "the order is turned round",
        "if (this.#queue.serve(box) === undefined) this.#done.add(box);",
        "if (this.#queue.serve(box) === undefined) this.#done.addFirst(box);",
      ],
      ["duplicates come twice", "return !seen.has(each) && seen.add(each);", "return seen.add(each);"],
      ["a function runs once", 'if (typeof each === "function") return true;', ""],
      ["time does not run out", "timeout: this.#deadline - runtime.timers.now(),", ""],
      [
        "a loop that was left stays at a future that lives on",
        "for (const [awaitable, watch] of watches) awaitable.unwatch(watch);",
        "watches.clear();",
      ],
      [
        "results come instead of tasks",
        "return { done: false, value: awaitable };",
        "return { done: false, value: (await awaitable) as never };",
      ],
      [
        "a single function is taken for a list",
        'if (typeof awaitables !== "object" ||',
        'if (typeof awaitables === "function" || awaitables instanceof Promise) awaitables = [awaitables as never];\n  if (typeof awaitables !== "object" ||',
      ],
      [
        "one who waits gets what another waited for",
        "if (this.#queue.serve(box) === undefined) this.#done.add(box);\n  }",
        "this.#queue.serveAll(box);\n    this.#done.add(box);\n  }",
      ],
    ],
  ),
  ...inFile(
    "wait-among",
    ["wait", "race"],
    [
      ["time does not run out", "if (ms !== Infinity) park.timer", "if (ms < 0) park.timer"],
      [
        "being cancelled cancels what is waited for",
        "function ignoreCancel(): boolean {\n  return false;",
        "function ignoreCancel(error: CancelledError, park: Park): boolean {\n  (park.resource as Awaitable<unknown>).cancel(error.reason);\n  return false;",
      ],
      [
        "what is done is not told",
        "all.map((awaitable) => awaitable.watch(watcher))",
        "all.map((awaitable) => awaitable.watch({ settled: () => undefined }))",
      ],
    ],
  ),
  ...inFile(
    "race",
    [],
    [
      ["losers are not awaited", "if (--left === 0) park.wake();", "park.wake();"],
      [
        "losers are not cancelled",
        "if (winner === undefined && interrupted === undefined) stop(awaitables, (winner = settled));",
        "winner ??= settled;",
      ],
      ["losers of what has won before are not cancelled", "if (winner !== undefined) stop(awaitables);", ""],
      ["the error of a loser is reported", "awaitable.markObserved(); // the error of a loser is dropped", ""],
      [
        "a cancelled race cancels nothing",
        "awaitable.markObserved();\n          awaitable.cancelBecause(error);",
        "awaitable.markObserved();",
      ],
      [
        "a cancelled race gives what its body gave up with",
        "if (interrupted !== undefined) throw interrupted;",
        "if (interrupted !== undefined) return { winner: running[0]! };",
      ],
      ["a race of nothing never ends", "if (awaitables.length === 0) throw", "if (awaitables.length < 0) throw"],
    ],
  ),
  ...inFile(
    "wait-for",
    ["timeout", "shield"],
    [
      ["a function with no time is started", "if (ms <= 0) throw new TimeoutError(ms);", ""],
      [
        "a done task with no time runs out",
        "return target.done() ? target.result() : timeout",
        "if (ms <= 0) throw new TimeoutError(ms);\n  return timeout",
      ],
      ["there is no limit", "return timeout(ms, awaitable)", "return timeout(Infinity, awaitable)"],
      ["a task has no limit", "timeout(ms, () => target)", "timeout(Infinity, () => target)"],
      [
        "a task that ran out is not cancelled",
        "timeout(ms, () => target)",
        "timeout(ms, () => new Promise<never>((resolve, reject) => void target.then(resolve as never).catch(reject)))",
      ],
    ],
  ),
  ...inFile(
    "timeout",
    ["wait-for", "task-group"],
    [
      ["time does not run out", "else if (ms !== Infinity) this.#timer", "else if (ms < 0) this.#timer"],
      [
        "it throws the cancellation, not TimeoutError",
        "throw new TimeoutError(this.ms, { cause: error });",
        "throw error;",
      ],
      ["the cause is lost", "throw new TimeoutError(this.ms, { cause: error });", "throw new TimeoutError(this.ms);"],
      ["expired is not set", "this.expired = true;", ""],
      ["no time left means no limit", "if (ms <= 0) expire(this);", "if (ms <= 0) return;"],
      [
        "Infinity runs out",
        "else if (ms !== Infinity) this.#timer = runtime.timers.add(ms,",
        "else this.#timer = runtime.timers.add(Math.min(ms, 10),",
      ],
      ["reschedule() does nothing", "    this.disarm();\n    this.ms = ms;\n    this.#arm(ms);", ""],
      ["reschedule() keeps the old limit as well", "    this.disarm();\n    this.ms = ms;", "    this.ms = ms;"],
      [
        "an expired limit can be rescheduled",
        "if (this.expired)\n      throw new InvalidStateError",
        "if (false)\n      throw new InvalidStateError",
      ],
      ["the limit of an ended body can be rescheduled", "if (this.#scope.isClosing) throw", "if (false) throw"],
      ["the timer is left behind", "onLeave(): void {\n    this.disarm();", "onLeave(): void {"],
      [
        "moveOnAfter() throws",
        "override onOwnCancel(): undefined {\n    return undefined;",
        "override onOwnCancel(error: CancelledError): undefined {\n    throw error;",
      ],
      ["timeoutAt() takes a moment for a time", "when - runtime.timers.now()", "when"],
    ],
  ),
  ...inFile(
    "shield",
    ["gather", "wait-for"],
    [
      [
        "a cancelled awaiter cancels what is shielded",
        "const park = new Park<void>(scope, inner, (error, wait) => void wait.fail(error));",
        "const park = new Park<void>(scope, inner, (error, wait) => void (inner.cancel(), wait.fail(error)));",
      ],
      ["a cancelled awaiter goes on waiting", "(error, wait) => void wait.fail(error)", "() => undefined"],
      [
        "what is done is shielded all the same",
        "inner instanceof Task && inner.done() ? inner",
        "inner === undefined ? inner",
      ],
      ["its outcome is lost", "return inner.result();", "return undefined as never;"],
    ],
  ),
  ...inFile("uncancellable", ["condition"], [["it can be cancelled", "masked: true", "masked: false"]]),
  ...inFile(
    "task-group",
    ["task-group-*"],
    [
      [
        "two groups are one",
        "const group = new TaskGroup(scope);",
        "const group = ((globalThis as { group?: TaskGroup }).group ??= new TaskGroup(scope));",
      ],
      ["it is finished before it begins", '"stopping" | "finished" = "open";', '"stopping" | "finished" = "finished";'],
      ["it does not wait for its tasks", "await group.join();", ""],
      [
        "siblings of a failed task run on",
        "const error = this.#scope.cancelTasks(reason);",
        "const error = new Scope(undefined).cancelTasks(reason);",
      ],
      ["the body of a failed group runs on", "if (this.#joining === undefined) this.#scope.cancelWith(error);", ""],
      ["a cancelled task stops the group", "if (!task.cancelled()) this.#collect(task);", "this.#collect(task);"],
      [
        "only the first error is thrown",
        "this.#errors.add(error);",
        "if (this.#errors.size === 0) this.#errors.add(error);",
      ],
      ["its errors are lost", "if (this.#errors.size > 0) {", "if (false) {"],
      [
        "a cancellation wins over errors",
        "    if (this.#errors.size > 0) {",
        "    if (this.#outer !== undefined) throw this.#outer;\n    if (this.#errors.size > 0) {",
      ],
      ["a cancellation of the parent is lost", "if (this.#outer !== undefined) throw this.#outer;", ""],
      ["a cancellation of the parent does not reach the tasks", "this.#scope.cancelTasks(error.reason);", ""],
      [
        "the body's error is lost",
        "if (!isCancelled(error)) return this.#fail(error);",
        "if (!isCancelled(error)) return this.#stop(error);",
      ],
      ["a stopping group takes tasks", 'if (this.#state !== "open") {', 'if (this.#state === "finished") {'],
      ["a finished group takes tasks", 'this.#state = "finished";', ""],
      [
        "cancel() fails",
        'if (this.#state === "open") this.#stop(reason);\n  }\n\n  /** Current counts',
        'if (this.#state === "open") this.#fail(new Error(String(reason)));\n  }\n\n  /** Current counts',
      ],
      ["after errors the outer request is forgotten", "if (countRequests(parent!) > 0) rearm(parent!);", ""],
      [
        "a request of the group is counted as the caller's",
        "if (this.#joining === undefined) this.#scope.cancelWith(error);",
        "if (this.#joining === undefined) (this.#scope.parent ?? this.#scope).cancelWith(error);",
      ],
      [
        "nested groups are flattened",
        "    this.#errors.add(error);",
        "    if (error instanceof ExceptionGroup) for (const each of error.errors) this.#errors.add(each);\n    else this.#errors.add(error);",
      ],
      [
        "an error that passed through two tasks counts twice",
        "readonly #errors: Set<unknown> = new Set();",
        "readonly #errors = new (class extends Array<unknown> {\n    add(error: unknown): void {\n      this.push(error);\n    }\n    get size(): number {\n      return this.length;\n    }\n  })();",
      ],
      [
        "a request that is pending where it waits for its tasks does not reach them",
        "const pending = this.#running > 0 ? takePending(scope) : undefined;",
        "const pending = undefined as CancelledError | undefined;",
      ],
    ],
  ),
  ...inFile(
    "exception-group",
    [],
    [
      ["split() gives all", "if (test(error)) matching.push(error);", "if (error !== undefined) matching.push(error);"],
      [
        "split() does not look into groups",
        "else if (error instanceof ExceptionGroup) {",
        "else if (error === undefined) {",
      ],
      ["subgroup() gives the rest", "return this.split(match)[0];", "return this.split(match)[1];"],
      ["a group that matches as a whole is taken apart", "if (test(this)) return [this, undefined];", ""],
      [
        "nothing is an empty group",
        "if (errors.length === 0) return undefined;",
        "if (errors.length === 0) return this;",
      ],
      ["a group kept whole is made anew", "errors.every((error, index) => error === this.errors[index])", "false"],
    ],
  ),
];
