import { inFile, type Mutation } from "./_mutation.ts";

const cancelling = [
  "task",
  "task-*",
  "scope",
  "uncancellable",
  "timeout",
  "wait-for",
  "shield",
  "wait-promise",
  "task-group",
  "context-var",
  "merge",
];

/** Mistakes in tasks, scopes and waits. */
export const taskMutations: readonly Mutation[] = [
  ...inFile("scope", cancelling, [
    ["a scope absorbs what was pending further out", "|| this.#isFromOutside(error)", ""],
    ["a request that nobody hears is forgotten", "if (!heard) this.rearm();", ""],
    ["a request that was heard is delivered once more", "if (!heard) this.rearm();", "this.rearm();"],
    ["requests are not counted", "this.requests++;", "this.requests = 1;"],
    ["uncancel() keeps what was not delivered", "if (this.requests === 0) this.clearPending();", ""],
    ["uncancel() takes nothing back", "if (this.requests > 0) this.requests--;", ""],
    [
      "a scope absorbs cancellations that are not its own",
      "if (this.requests === 0 || !isCancelled(error) ||",
      "if (!isCancelled(error) ||",
    ],
    ["a scope absorbs its own although an outer one was asked to stop", "<= this.requestsBefore", "<= Infinity"],
    [
      "an inner scope counts requests from before it began",
      "this.requestsBefore = countAudibleRequests(parent);",
      "this.requestsBefore = 0;",
    ],
    ["a scope that closes leaves its waits alone", "for (const park of parks) park.leave(error, failed);", ""],
    ["a scope that closes leaves its tasks alone", "this.cancelTasks(error.reason);\n", ""],
    ["a scope that closes does not wait for its tasks", "if (!this.#isQuiet()) await this.#quiet(grace);", ""],
    ["what does not stop is not named", "callExceptionHandler({ message, task });", ""],
    [
      "who is cancelled is not told why",
      "return this.cancelWith(makeCancellation(reason, cause));",
      "return this.cancelWith(makeCancellation(undefined, cause));",
    ],
    ["the reason is lost", "this.error = error;", "this.error = makeCancellation(undefined);"],
    ["after a delivery the old signal is given", "this.#rare!.controller = undefined;\n    const heard", "const heard"],
    ["signals are not aborted", "controller.abort(error);", ""],
    ["it never insists", "rare.insistTimer = runtime.timers.add(rare.redeliverAfter, insist, this);", ""],
    ["errors that nobody awaited are not reported when the owner ends", "reportFailures(this);", ""],
  ]),
  ...inFile(
    "scope-timer",
    [],
    [
      ["a scope's time is not taken back", "runtime.timers.remove(this.#timer);", ""],
      ["a scope's earliest time is forgotten", "Math.min(this.when, scope.deadline ?? Infinity)", "this.when"],
      ["a scope keeps the time of what has stopped", "this.#scope.deadline = this.#deadlineBefore;", ""],
      ["what a scope's time does is done within a task", "outside(this.#onOver);", "this.#onOver();"],
    ],
  ),
  ...inFile("scope-tree", cancelling, [
    ["a request does not reach the scopes within", "if (!child.masked) collectParks(child, parks);", "{}"],
    [
      "a request reaches masked scopes",
      "if (!child.masked) collectParks(child, parks);",
      "collectParks(child, parks);",
    ],
  ]),
  ...inFile("pending", cancelling, [
    [
      "what is pending outside a masked scope is thrown within",
      "if (s === s.root || s.masked) return found;\n  }\n}\n\n/** @internal What `takePending`",
      "if (s === s.root) return found;\n  }\n}\n\n/** @internal What `takePending`",
    ],
  ]),
  ...inFile(
    "park",
    [...cancelling, "as-completed", "queue", "merge"],
    [
      [
        "a cancelled wait goes on",
        "this.end(interrupted, error);\n    this.#reject?.(error);\n    return true;",
        "return true;",
      ],
      ["a wait that is over stays in its scope", "this.scope.removePark(this as Park);", ""],
      ["a wait that is over stays in line", "this.waiters.remove(this as Park)", "void this.waiters"],
      [
        "a wait that is over leaves its timer behind",
        "if (this.timer !== undefined) runtime.timers.remove(this.timer);",
        "",
      ],
      ["park() does not look for what is pending", "if (pending !== undefined) return Promise.reject(pending);", ""],
    ],
  ),
  ...inFile(
    "waiters",
    ["queue", "lock", "semaphore", "event", "condition", "barrier", "capacity-limiter"],
    [
      ["a woken and cancelled wait keeps what it was given", "giveBack(value);", ""],
      ["a woken and cancelled wait is not cancelled", "if (pending === undefined) return value;", "return value;"],
      [
        "the last in line is served first",
        "const first = this.#first;\n    if (first",
        "const first = this.#last;\n    if (first",
      ],
      ["only the first in line is woken", "for (const park of this) park.wake(value);", "this.#first?.wake(value);"],
      ["those who wait are not told of an error", "for (const park of this) park.fail(makeError());", ""],
    ],
  ),
  ...inFile(
    "task",
    ["task-*", "context-var", "wait", "gather", "future", "event-loop"],
    [
      ["createTask() takes what is no function", 'requireFunction(fn, "create a task");', ""],
      [
        "a task that was cancelled before its first step runs",
        "if (pending !== undefined) throw pending;\n    }\n    value",
        "}\n    value",
      ],
      [
        "a request that was not delivered is lost when the task ends",
        "    // A request that was not delivered",
        "    if (Math.random() >= 0) return task.finish(value);\n    // A request that was not delivered",
      ],
      ["an eager task waits for its turn", "if (!eager) {", "{"],
      ["no task is eager", "options.eagerStart === true", "false"],
      ["every task is eager", "options.eagerStart === true", "true"],
      [
        "a done task takes cancellations",
        "if (this.done()) return false;\n    return this.scope.cancel(reason);",
        "void this.scope.cancel(reason); return true;",
      ],
      [
        "cancel() of a cancelled task is refused",
        "return this.scope.cancel(reason);",
        "return this.scope.requests === 0 && this.scope.cancel(reason);",
      ],
      [
        "uncancel() of a done task changes its count",
        "return this.done() ? this.scope.requests : this.scope.uncancel();",
        "return this.scope.uncancel();",
      ],
      ["names are not given", "this.#name = options.name;", ""],
      ["tasks are not numbered", "this.#number = ++runtime.tasks;", "this.#number = 1;"],
      [
        "a new task does not inherit context variables",
        "if (options.context === undefined) this.scope.values = creator.root.values;",
        "if (options.context === undefined) this.scope.values = undefined;",
      ],
      [
        "a shared context is copied",
        "else requireContext(options.context).enter(this.scope);",
        "else this.scope.values = options.context.values;",
      ],
      [
        "setResult() of a task does nothing",
        "throw new InvalidStateError(`Cannot set the result of task",
        "return undefined as never;\n    throw new InvalidStateError(`Cannot set the result of task",
      ],
      [
        "setException() of a task does nothing",
        "throw new InvalidStateError(`Cannot set the exception of task",
        "return undefined as never;\n    throw new InvalidStateError(`Cannot set the exception of task",
      ],
      ["a task does not leave its owner", "this.scope.parent!.removeTask(this);", ""],
      ["the current task is nobody", "return currentScope().task;", "return undefined;"],
      ["all tasks are none", "addTasks(runtime.root, found);", ""],
      [
        "a gather of cancelled children counts as cancelled",
        'this.combinator === "gather" && this.scope.requests === 0',
        "false",
      ],
    ],
  ),
  ...inFile(
    "awaitable",
    ["task", "task-*", "future", "gather", "unheard", "shield", "wait-for"],
    [
      [
        "awaiting oneself is allowed",
        "if ((scope.task as unknown) === this) return",
        "if ((scope.task as unknown) === undefined) return",
      ],
      [
        "a cancelled awaiter does not cancel what it awaits",
        "return awaitable.isBeingCancelled ? park.fail(error) : awaitable.cancelBecause(error);",
        "return park.fail(error);",
      ],
      [
        "what is pending is not thrown where a task is awaited",
        "const pending = takePending(scope);",
        "const pending = undefined as never;",
      ],
      ["an outcome that was asked for is reported all the same", "this.#heard = true;", ""],
      ["an outcome that was asked for late is reported all the same", "forgetFailure(this.#failure);", ""],
      [
        "a result is reported as an error",
        "this.#outcome = value;\n    this.#settle(succeeded);",
        "this.#outcome = value;\n    recordFailure(this, value);\n    this.#settle(succeeded);",
      ],
      ["nothing is reported", "this.#failure = recordFailure(this, error);", ""],
      ["a cancellation is reported as an error", "if (!this.#heard && !wasCancelled)", "if (!this.#heard)"],
      ["result() of what is not done gives undefined", 'this.#requireDone("result");', ""],
      ["exception() of what is not done gives undefined", 'this.#requireDone("exception");', ""],
      ["result() of what failed gives the error", "if (this.#state !== succeeded) throw this.#outcome;", ""],
      ["exception() of what was cancelled gives undefined", "if (this.#state === cancelled) throw this.#outcome;", ""],
      [
        "done callbacks run at once",
        "for (const callback of this.#callbacks) queueMicrotask(callback.run);",
        "for (const callback of this.#callbacks) callback.run();",
      ],
      [
        "done callbacks run in the wrong order",
        "for (const callback of this.#callbacks) queueMicrotask",
        "for (const callback of this.#callbacks.reverse()) queueMicrotask",
      ],
      ["removeDoneCallback() removes nothing", "callback.fn !== fn", "true"],
      [
        "a done callback that fails is not reported",
        "callExceptionHandler({ message: `A done callback",
        "void ({ message: `A done callback",
      ],
      ["nobody can tell that it was cancelled", "return this.#state === cancelled;", "return this.#state < running;"],
      ["those who watch are not told", "watcher.settled(this);", "void watcher;"],
    ],
  ),
  ...inFile(
    "future",
    ["task", "task-*"],
    [
      [
        "a future can be settled twice",
        "if (this.done()) throw new InvalidStateError",
        "if (false) throw new InvalidStateError",
      ],
      ["cancel() of a done future returns true", "if (this.done()) return false;", "if (this.done()) return true;"],
      ["the reason of a cancelled future is lost", "new CancelledError(reason, {", "new CancelledError(undefined, {"],
      [
        "an exception is set as a result",
        "this.failWith(error, false);\n    this.#deliver(() => this.#reject(error));",
        "this.succeed(error as never);\n    this.#deliver(() => this.#resolve(error as never));",
      ],
    ],
  ),
  ...inFile(
    "unheard",
    ["awaitable", "future", "exception-handler", "merge"],
    [
      [
        "what the end of a scope brings to light is not reported",
        "    collected.unregister(record);\n    report(record);",
        "    collected.unregister(record);",
      ],
      [
        "a collected failure is not reported",
        "if (!take(record)) return;",
        "if (take(record) || record !== undefined) return;",
      ],
      ["a failure that was asked for is kept", "  take(record);\n  collected.unregister(record);", ""],
    ],
  ),
  ...inFile(
    "options",
    ["task", "task-*", "timeout"],
    [["what is no function is taken", 'if (typeof fn === "function") return;', "return;"]],
  ),
  ...inFile(
    "sleep",
    ["turn"],
    [
      ["sleep() ends at once", "if (ms <= 0) return nextTurn(value);", "if (ms <= Infinity) return nextTurn(value);"],
      ["sleep() loses its value", "park.payload = value;", ""],
      ["sleep(NaN) is taken", 'if (typeof ms !== "number" || Number.isNaN(ms)) return refuse(ms);', ""],
      ["sleep(0) does not wait", "if (ms <= 0) return nextTurn(value);", "if (ms <= 0) return Promise.resolve(value);"],
      [
        "checkpoint() looks for nothing",
        "  throwPending(currentScope());\n  const pause = breather();\n  if (pause",
        "  const pause = breather();\n  if (pause",
      ],
    ],
  ),
  ...inFile(
    "context-var",
    ["task", "task-*", "to-thread"],
    [
      [
        "setting a variable sets it for the creator too",
        "new Map(values).set(this, value)",
        "(values as Map<object, unknown>).set(this, value)",
      ],
      ["reset() keeps the value", "if (token.hadValue) values.set(this, token.before);", "if (token.hadValue) return;"],
      ["reset() takes another variable's token", "if (token.variable !== this)", "if (token.variable === undefined)"],
      ["bind() binds nothing", "return AsyncLocalStorage.bind(fn);", "return fn;"],
      [
        "values are shared by all tasks",
        "  const { root } = scope;\n  const context = shared.get(root);",
        "  const { parent: root = scope.root } = scope.root;\n  const context = shared.get(root);",
      ],
    ],
  ),
];
