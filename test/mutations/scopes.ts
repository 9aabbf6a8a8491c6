import { inFile, type Mutation } from "./_mutation.ts";

/** The tests of what cancels, and of what is cancelled. */
export const cancelling: readonly string[] = [
  "scope",
  "within",
  "park",
  "task",
  "task-cancel",
  "task-group",
  "awaitable",
  "uncancellable",
  "timeout",
  "wait-for",
  "shield",
  "wait-promise",
  "context-var",
  "merge",
];

/** Mistakes in scopes: how one counts requests, what it absorbs, and how it ends. */
export const scopeMutations: readonly Mutation[] = [
  ...inFile("scope", cancelling, [
    [
      "requests are not counted",
      "if (this.requests++ === 0) this.root.asked++;",
      "if (this.requests === 0) this.root.asked++;\n    this.requests = 1;",
    ],
    [
      "a request that comes by two ways counts twice",
      "if (this.requests > 0 && this.error!.origin === error.origin) return true;",
      "",
    ],
    ["uncancel() takes nothing back", "if (--this.requests > 0) return this.requests;", "return this.requests;"],
    ["uncancel() keeps what was not delivered", "this.root.asked--;\n    clearPending(this);", "this.root.asked--;"],
    [
      "scopes that were asked to stop are not counted",
      "if (this.requests++ === 0) this.root.asked++;",
      "this.requests++;",
    ],
    [
      "a scope absorbs cancellations that are not its own",
      "const cancellation = this.requests === 0 ? undefined : cancellationOf(error);",
      "const cancellation = cancellationOf(error);",
    ],
    [
      "a scope absorbs its own although an outer one was asked to stop",
      "if (this.#someOuter((outer) => outer.requestedAt > this.bornAt)) {",
      "if (false) {",
    ],
    [
      "what is pending in a scope on the way replaces the cancellation of one further out",
      "else if (isOfRequest(passing, error!)) found = undefined;",
      "",
    ],
    [
      "a scope absorbs the request of an outer one that it began with",
      "return this.#someOuter((outer) => isOfRequest(cancellation, outer.error!)) ? error : absorbed;",
      "return absorbed;",
    ],
    ["a scope counts requests from before it began", "outer.requestedAt > this.bornAt", "outer.requestedAt > 0"],
    [
      "a scope that has ended overlooks what an outer one was asked",
      "this.root.asked > (this.state === closed ? 0 : 1)",
      "this.root.asked > 1",
    ],
    [
      "a scope within shelter does not absorb its own after a request outside",
      "if (s === s.root || s.masked) return false;",
      "if (s === s.root) return false;",
    ],
    [
      "the error does not tell the reason",
      "return this.cancelWith(makeCancellation(reason, cause));",
      "return this.cancelWith(makeCancellation(undefined, cause));",
    ],
    ["the reason is lost", "this.error = error;", "this.error = makeCancellation(undefined);"],
    ["requests are never delivered again", "    redeliverLater(this);\n", ""],
    [
      "a closing scope does not look when a wait has ended",
      "this.root.receivers--;\n    const drains = this.root.rare?.drains;\n    if (drains !== undefined) lookSoon(drains);",
      "this.root.receivers--;",
    ],
    ["a scope whose last task ends is not told", "this.rare?.onIdle?.();", ""],
    [
      "a closing scope does not look when a task of a scope within has ended",
      "this.rare?.onIdle?.();\n    const drains = this.root.rare?.drains;\n    if (drains !== undefined) lookSoon(drains);",
      "this.rare?.onIdle?.();",
    ],
    [
      "a scope that has ended takes tasks",
      "if (this.state === closed)\n      throw new InvalidStateError(`Cannot create a task",
      "if (this.isDelivering && this.state === closed)\n      throw new InvalidStateError(`Cannot create a task",
    ],
    ["a scope in one that has ended is open", "if (parent.state === closed) this.state = closed;", ""],
    ["a closer that was taken back is called", "return () => void closers.delete(entry);", "return nothing;"],
    ["a closer that is given twice is called once", "const entry: Closer = () => closer();", "const entry = closer;"],
    [
      "a scope that has ended takes closers",
      "throw new InvalidStateError(`Cannot close a resource",
      "return nothing;\n      throw new InvalidStateError(`Cannot close a resource",
    ],
    ["a listener that was taken back is called", "return () => void listeners.delete(listener);", "return nothing;"],
    ["a listener to a scope that has ended is not called", "      callCloseListener(listener);\n", ""],
    [
      "the signal of what is pending is not aborted",
      "return pending === undefined ? signalOf(this)",
      "return pending !== null ? signalOf(this)",
    ],
  ]),
  ...inFile(
    "closing",
    [...cancelling, "race", "gather", "awaitable", "unobserved-errors"],
    [
      ["a scope that closes leaves its waits alone", "for (const park of parks) park.leave(error, failed);", ""],
      [
        "a scope that closes leaves its tasks alone",
        "cancelTasksWithin(scope, scope.cancelTasks(error.reason), requestsBefore)",
        "cancelTasksWithin(scope, error, requestsBefore)",
      ],
      [
        "a scope that closes leaves the tasks of scopes within alone",
        "task.scope.requestedAt <= requestsBefore) task.scope.cancelWith(error);",
        "false) void error;",
      ],
      [
        "a scope that closes cancels the tasks of scopes within twice",
        "if (each.state === open && task.scope.requestedAt <= requestsBefore)",
        "if (each.state === open)",
      ],
      [
        "a scope that closes cancels the tasks of scopes that close within once more",
        "if (each.state === open && task",
        "if (task",
      ],
      [
        "the tasks of scopes within are left without a word",
        "const all = [...scopesIn(scope)];\n  for (const each of all) {\n    for (const task",
        "for (const each of [scope]) {\n    for (const task",
      ],
      ["a scope that closes does not wait for its tasks", "else if (isBusy(scope)) await quiet(scope, end);", ""],
      [
        "a scope that closes does not wait for stray code",
        "if (hasStrays) await letStraysGo(scope, end);\n  else if",
        "if",
      ],
      [
        "stray code that waits once more is not waited for",
        "while (isBusy(scope) && runtime.timers.now() < end) {",
        "while (false) {",
      ],
      ["stray code ends the process", "  guardStrays();\n  await", "  await"],
      [
        "waits for ever for what does not stop",
        "runtime.timers.add(end - runtime.timers.now(), resolve, undefined)",
        "runtime.timers.add(2 ** 30, resolve, undefined)",
      ],
      ["what does not stop is not named", "callExceptionHandler({ message, task });", ""],
      [
        "the timer of a wait for tasks is left behind",
        "if (timer !== undefined) runtime.timers.remove(timer);\n    rarely.onIdle = undefined;",
        "rarely.onIdle = undefined;",
      ],
      ["a scope does not hear that its last task has ended", "rarely.onIdle = look;", ""],
      ["a scope does not hear that its last wait has ended", "looks.add(look);", ""],
      ["a scope looks once only whether it is empty", "drains.isScheduled = false;", ""],
      [
        "a scope that holds what has to be closed is over at once",
        "return rare?.closers === undefined || rare.closers.size === 0;",
        "return true;",
      ],
      ["closers are not called", "await runClosers(scope, end);", ""],
      [
        "closers are not awaited",
        "for (const closer of batch) await runCloser(scope, closer, end);",
        "for (const closer of batch) void runCloser(scope, closer, end);",
      ],
      [
        "closers are called before the tasks have ended",
        "if (hasStrays) await letStraysGo(scope, end);",
        "await runClosers(scope, end);\n  if (hasStrays) await letStraysGo(scope, end);",
      ],
      ["the first closer is called first", "return closers.toReversed();", "return closers;"],
      [
        "what is opened while a scope closes stays open",
        "for (let batch = takeClosers(scope); batch.length > 0; batch = takeClosers(scope)) {",
        "for (const batch of [takeClosers(scope)]) {",
      ],
      [
        "what a closer throws is not reported",
        "callExceptionHandler({ message: `Closing what was opened",
        "void ({ message: `Closing what was opened",
      ],
      [
        "closers have no limit",
        'const timer = end === Infinity ? undefined : runtime.timers.add(ms, resolve, "late" as const);',
        "const timer = undefined;",
      ],
      [
        "a closer that hangs is not named",
        "callExceptionHandler({ message: `What was opened",
        "void ({ message: `What was opened",
      ],
      ["the timer of a closer is left behind", "if (timer !== undefined) runtime.timers.remove(timer);\n}", "}"],
      [
        "a closer is cancelled with what closes the scope",
        "const closingIt = outside(call, scope, closer);",
        "const closingIt = call(scope, closer);",
      ],
      ["the scopes within one that ends stay open", "for (const each of all) each.state = closed;", ""],
      [
        "the outermost scope ends first",
        ".filter((each) => each.state !== closed).toReversed();",
        ".filter((each) => each.state !== closed);",
      ],
      ["a scope that has ended keeps its timers", "    stopTimers(rare);\n", ""],
      ["what waits in a scope that has ended goes on waiting", "park.leave(strayCancellation(), true);", "break;"],
      ["errors that nobody awaited are not reported when the owner ends", "reportFailures(scope);", ""],
      [
        "listeners to the end of a scope are not called",
        "for (const listener of rare?.closeListeners ?? []) callCloseListener(listener);",
        "",
      ],
      [
        "what a listener throws is not reported",
        'callExceptionHandler({ message: "A listener to',
        'void ({ message: "A listener to',
      ],
    ],
  ),
  ...inFile(
    "within",
    [...cancelling, "race"],
    [
      ["its own cancellation is thrown", "if (rest !== absorbed) throw rest;", "throw error;"],
      ["an error is taken for its own cancellation", "if (rest !== absorbed) throw rest;", ""],
      [
        "a cancellation from outside is taken for its own",
        "if (rest !== absorbed) throw rest;",
        'if (rest !== absorbed && (rest as Error | undefined)?.name !== "CancelledError") throw rest;',
      ],
      [
        "its own is thrown where an outer one was asked to stop",
        "if (rest !== absorbed) throw rest;",
        "if (rest !== absorbed) throw error;",
      ],
      ["no scope is closed", "const closing = scope.close(failed);", "const closing = undefined;"],
      ["the end of the scope is not awaited", "if (closing !== undefined) await closing;", ""],
      ["onLeave is not called", "  hooks.onLeave?.();\n", ""],
      [
        "onOwnCancel is called in the scope that has ended",
        "return scope.parent!.run(() => hooks.onOwnCancel!(error as CancelledError));",
        "return hooks.onOwnCancel(error as CancelledError);",
      ],
      ["a request that the body ended by is delivered once more", "    markHeard(scope, error);\n", ""],
      ["an AbortError is not taken for our cancellation", "error = unwrapAbort(caught);", "error = caught;"],
    ],
  ),
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
    [
      "a request does not reach the scopes within",
      "for (const each of scopesIn(scope, false)) {\n    for (let park",
      "for (const each of [scope]) {\n    for (let park",
    ],
    [
      "a request reaches masked scopes",
      "for (const each of scopesIn(scope, false)) {\n    for (let park",
      "for (const each of scopesIn(scope)) {\n    for (let park",
    ],
    [
      "a request reaches the second of two masked scopes",
      "while (scope?.masked === true) scope = scope.next;",
      "if (scope?.masked === true) scope = scope.next;",
    ],
    [
      "a walk ends with the first branch",
      "for (let s = scope; s !== top; s = s.parent!) {",
      "for (let s = scope; s !== top; s = top) {",
    ],
    [
      "a scope that closes does not wait for masked ones within",
      "for (const { parks, tasks } of scopesIn(scope)) {",
      "for (const { parks, tasks } of scopesIn(scope, false)) {",
    ],
    ["the tasks of tasks are not found", "tops.push(task.scope);", ""],
  ]),
  ...inFile("scope-signal", cancelling, [
    ["signals are not aborted", "box.controller.abort(error);", ""],
    ["after a delivery the old signal is given", "dropSignal(scope);\n  if (asked", "if (asked"],
    ["a signal does not count as a way to reach the code", "scope.root.receivers++;", ""],
    ["the signal of what is pending is not aborted", "box.controller.abort(pending);", ""],
  ]),
];
