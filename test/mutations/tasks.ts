import { inFile, type Mutation } from "./_mutation.ts";

/** Mistakes in tasks, in futures, and in what they have in common. */
export const taskMutations: readonly Mutation[] = [
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
        "if (options.context === undefined) this.scope.values = creator.root.inheritedValues;",
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
      ["all tasks are none", "return new Set(tasksIn(runtime.root));", "return new Set();"],
      [
        "a task that ends in the turn of its cancellation has heard",
        "const pending = takeAtEnd(scope);",
        "const pending = takePending(scope);",
      ],
      ["a task ends before what belongs to it", "if (closing !== undefined) await closing;", ""],
      ["an AbortError is not taken for our cancellation", "error = explain(scope, caught);", "error = caught;"],
      [
        "a gather of cancelled children counts as cancelled",
        'this.combinator === "gather" && this.scope.requests === 0',
        "false",
      ],
    ],
  ),
  ...inFile(
    "awaitable",
    ["task", "task-*", "future", "gather", "unobserved-errors", "shield", "wait-for"],
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
      ["an outcome that was asked for is reported all the same", "this.#isObserved = true;", ""],
      ["an outcome that was asked for late is reported all the same", "forgetFailure(this.#failure);", ""],
      [
        "a result is reported as an error",
        "this.#outcome = value;\n    this.#settle(succeeded);",
        "this.#outcome = value;\n    recordFailure(this, value);\n    this.#settle(succeeded);",
      ],
      ["nothing is reported", "this.#failure = recordFailure(this, error);", ""],
      ["a cancellation is reported as an error", "if (!this.#isObserved && !wasCancelled)", "if (!this.#isObserved)"],
      ["result() of what is not done gives undefined", 'this.#requireDone("result");', ""],
      ["exception() of what is not done gives undefined", 'this.#requireDone("exception");', ""],
      ["result() of what failed gives the error", "if (this.#state !== succeeded) throw this.#outcome;", ""],
      ["exception() of what was cancelled gives undefined", "if (this.#state === cancelled) throw this.#outcome;", ""],
      [
        "done callbacks run at once",
        "      this.#callbacks.callSoon();\n      this.#callbacks = undefined;",
        "      this.#callbacks.callSoon();",
      ],
      ["done callbacks are not called", "      this.#callbacks.callSoon();\n", ""],
      ["removeDoneCallback() removes nothing", "this.#callbacks?.remove(fn) ?? 0", "0"],
      [
        "a done callback that fails is not reported",
        "callExceptionHandler({ message: `A done callback",
        "void ({ message: `A done callback",
      ],
      ["nobody can tell that it was cancelled", "return this.#state === cancelled;", "return this.#state < running;"],
      [
        "an await that is refused counts as asked for",
        "if (refusal !== undefined) return Promise.reject(refusal)",
        "if (refusal !== undefined) this.markObserved();\n        if (refusal !== undefined) return Promise.reject(refusal)",
      ],
      [
        "an await that is refused counts as handled",
        "if (refusal !== undefined) return Promise.reject(refusal)",
        "if (refusal !== undefined) this.#isHandled = true;\n        if (refusal !== undefined) return Promise.reject(refusal)",
      ],
      [
        "an await in a scope that has ended cancels what it awaits",
        "(scope.isClosed || !this.cancelBecause(pending))",
        "(!this.cancelBecause(pending))",
      ],
      ["finally() awaits", 'typeof onFulfilled === "function" && !inFinally', 'typeof onFulfilled === "function"'],
      [
        "only the first who awaits is known",
        "else (this.#awaiters ??= new WaitQueue()).add(park as unknown as Park<never>);",
        "",
      ],
      [
        "tasks that wait for each other in a circle are not cancelled",
        "return awaitable.isBeingCancelled ? park.fail(error) : awaitable.cancelBecause(error);",
        "return awaitable.cancelBecause(error);",
      ],
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
        "this.failWith(error, false);\n    this.#deliver(() => this.reject(error));",
        "this.succeed(error as never);\n    this.#deliver(() => this.resolve(error as never));",
      ],
    ],
  ),
  ...inFile(
    "unobserved-errors",
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
      [
        "what failed outside any run is not reported when the process exits",
        "  reportAtExit();\n  return record;",
        "  return record;",
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
        "const { root } = scope;\n  const context = root.rare?.context;",
        "const { parent: root = scope.root } = scope.root;\n  const context = root.rare?.context;",
      ],
    ],
  ),
];
