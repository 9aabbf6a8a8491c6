import { inFile, type Mutation } from "./_mutation.ts";

const running = ["run", "run-*", "runner-*", "signals", "event-loop", "new-event-loop", "debug/enable-debug"];

/** Mistakes in what runs programs, reports errors, and talks to the world outside. */
export const programMutations: readonly Mutation[] = [
  ...inFile("runner", running, [
    [
      "what main returned is lost",
      'if (outcome !== "gave up") return outcome.value;',
      'if (outcome !== "gave up") return undefined as never;',
    ],
    ["what main threw is lost", "throw interruption(main, error, signals.received);", "return undefined as never;"],
    ["a run within a run is allowed", "if (runtime.running !== undefined)\n      throw", "if (false)\n      throw"],
    ["what is no function is run", 'requireFunction(main, "run a program");\n    return this', "return this"],
    [
      "leftover tasks are neither cancelled nor awaited",
      "await this.#scope.close(this.#hasFailed, this.#options.shutdownTimeout);",
      "",
    ],
    ["each run has a context of its own", "context: this.#context, name", "name"],
    ["a closed runner runs", 'if (this.#state === "closed") throw', "if (this.#state === undefined) throw"],
    [
      "it cannot be closed twice",
      "await (this.#closing ??= this.#close());",
      'if (this.#closing !== undefined) throw new InvalidStateError("Cannot close a runner as it is closed");\n    await (this.#closing ??= this.#close());',
    ],
    ["a signal does not cancel main", "main.cancel(new KeyboardInterrupt(signal));", ""],
    [
      "an interrupted program ends by the cancellation",
      "throw interruption(main, error, signals.received);",
      "throw error;",
    ],
    [
      "a program that others cancelled ends by the signal",
      "|| main.scope.requests > 1) return error;",
      ") return error;",
    ],
    [
      "the process is not held open",
      "const hold = setInterval(doNothing, 2 ** 30);\n    try {\n      await this.#enableDebug();",
      "const hold = undefined;\n    try {\n      await this.#enableDebug();",
    ],
    [
      "a promise that was left is not named",
      "callExceptionHandler({\n          message: `A promise that was left",
      "void ({\n          message: `A promise that was left",
    ],
    ["the environment does not switch debug mode on", '(process.env["POTTLE_DEBUG"] ?? "") !== ""', "false"],
    [
      "an empty variable switches debug mode on",
      '(process.env["POTTLE_DEBUG"] ?? "") !== ""',
      'process.env["POTTLE_DEBUG"] !== undefined',
    ],
    ["what does not stop is not named", "this.#nameStubborn(main);", ""],
  ]),
  ...inFile(
    "signals",
    ["runner", ...running],
    [
      ["no signal is heard", 'process.on("SIGINT", this.#listen);', ""],
      ["listeners are left behind", 'process.off("SIGINT", this.#listen);', ""],
      ["the second signal is as the first", "if (this.#received !== undefined) process.exit(exitCodes[signal]);", ""],
      ["one key press counts twice", "if (isSamePress(signal)) return;", ""],
      ["an interrupt shows a stack trace", "    exitQuietly();\n", ""],
      [
        "a handled signal cancels all the same",
        'if (this.#onSignal?.(signal) === "handled") return;',
        "this.#onSignal?.(signal);",
      ],
    ],
  ),
  ...inFile(
    "process-watch",
    [],
    [
      ["what was there before is blamed", "- (before.get(kind) ?? 0)", ""],
      ["what was closed in time is blamed", "Math.min(count, now.get(kind) ?? 0)", "count"],
      ["it is named again and again", "state.hasNamed = true;", ""],
    ],
  ),
  ...inFile(
    "ownership",
    [],
    [
      ["a gather keeps what its children open", 'scope.task?.combinator === "gather"', "false"],
      ["a race keeps what its children open", 'if (scope.kind === "race") return true;', ""],
      ["all that is opened later is redirected", "redirection?.from === nearest &&", "redirection !== undefined &&"],
    ],
  ),
  ...inFile("run-program", [], [["an interrupt is thrown on", "return exitCodes[signal];", "throw error;"]]),
  ...inFile(
    "event-loop",
    ["new-event-loop", "runner", "run"],
    [
      ["its tasks are not cold", "if (this.isRunning()) return createTask", "if (!this.isClosed()) return createTask"],
      ["cold tasks never start", "for (const start of cold) start();", ""],
      ["a closed loop takes tasks", "if (this.isClosed()) throw", "if (false) throw"],
      ["it always runs", "return runtime.running === this;", "return true;"],
    ],
  ),
  ...inFile(
    "exception-handler",
    ["awaitable", "future", "unobserved-errors", "runner"],
    [
      [
        "a handler that was set is not asked",
        "(runtime.exceptionHandler as ExceptionHandler | undefined) ?? printException;",
        "printException as ExceptionHandler;",
      ],
      [
        "the handler is not called in the task's context",
        "scope === undefined ? handler(context) : runtime.storage.run(scope, handler, context)",
        "handler(context)",
      ],
      [
        "a handler that fails takes the caller down",
        "    handlerFailed(context, error);\n  }\n}",
        "    throw error;\n  }\n}",
      ],
      [
        "a handler that fails is not reported",
        '  printException({ message: "The exception handler failed", error });',
        "",
      ],
      [
        "the default cannot be restored",
        "runtime.exceptionHandler = handler;",
        "runtime.exceptionHandler = handler ?? before;",
      ],
      ["what failed with a handler that fails is lost", "  printException(context);\n", ""],
    ],
  ),
  ...inFile(
    "waits/orphans",
    ["wait-promise"],
    [
      ["what is left is not known", "left.add(orphan);", ""],
      ["each wait that leaves is an entry", "(entryOf(promise) ?? adopt(promise))", "adopt(promise)"],
      ["a promise that was collected is not forgotten", "collected.register(promise, entry.orphans, entry);", ""],
    ],
  ),
  ...inFile("wait-promise", [], [["a promise keeps the wait that left it", "current.wait = undefined;", ""]]),
  ...inFile(
    "call-graph",
    [],
    [
      ["nobody is shown to await", "for (const task of awaiters.of(awaited)) awaitedBy.push(this.#node(task));", ""],
      [
        "a task is shown as often as it is awaited",
        "const isShown = shown.has(graph);",
        "const isShown = shown.size > 1000;",
      ],
      ["its own calls are not shown", "subject === currentTask() ? framesOf", "subject === undefined ? framesOf"],
    ],
  ),
];
