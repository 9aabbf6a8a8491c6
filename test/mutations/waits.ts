import { inFile, type Mutation } from "./_mutation.ts";
import { cancelling } from "./scopes.ts";

const waiting = ["queue", "lock", "semaphore", "event", "condition", "barrier", "capacity-limiter"];

/** Mistakes in waits, in the line that they stand in, and in what they wait for by themselves. */
export const waitMutations: readonly Mutation[] = [
  ...inFile(
    "park",
    [...cancelling, ...waiting, "wait-queue", "as-completed"],
    [
      ["a cancelled wait goes on", "this.end(error);\n    this.#reject?.(error);\n    return true;", "return true;"],
      ["a wait that is over stays in its scope", "this.scope.removePark(this as Park);", ""],
      ["a wait that is over stays in line", "this.queue?.left();", ""],
      [
        "a wait that is over leaves its timer behind",
        "if (this.timer !== undefined) runtime.timers.remove(this.timer);",
        "",
      ],
      ["a wait ends twice", "if (!this.#isWaiting) return;\n    this.#isWaiting = false;", "this.#isWaiting = false;"],
      ["park() does not look for what is pending", "if (pending !== undefined) return Promise.reject(pending);", ""],
      ["what `start` throws is lost", "    wait.fail(error);\n", ""],
      [
        "a wait that was told and is served all the same has heard",
        "for (const each of told) markUnheard(this.scope, each);",
        "",
      ],
      [
        "a wait that was told and fails by something else has heard",
        "for (const each of told) if (!isOfRequest(error, each)) markUnheard(this.scope, each);",
        "",
      ],
      ["onCancel is not asked", "if (this.#onCancel !== undefined) return this.#tell(this.#onCancel, error);", ""],
      ["a wait that says that it did not hear has heard", "return wasHeard;", "return true;"],
      ["a woken and cancelled wait keeps what it was given", "giveBack?.(value);", ""],
      ["a woken and cancelled wait is not cancelled", "if (pending === undefined) return value;", "return value;"],
      [
        "a task that was asked to stop with the code that awaits it is asked again",
        "else if (!this.scope.isClosed && this.#hasPassedOn()) return;",
        "",
      ],
      [
        "a wait whose scope ends cancels the task that it waits for",
        'if (this.resource.kind === "task" && !failed)',
        "if (false)",
      ],
      [
        "a wait of a scope that failed leaves the task that it waits for",
        'if (this.resource.kind === "task" && !failed)',
        'if (this.resource.kind === "task")',
      ],
      [
        "a wait that does not hear goes on in a scope that has ended",
        "else if (!this.interrupt(error) || this.scope.isClosed) this.end(error);",
        "else this.interrupt(error);",
      ],
    ],
  ),
  ...inFile("wait-queue", waiting, [
    [
      "the last in line is served first",
      "const { first } = this;\n    first?.wake(value);",
      "const first = [...this].at(-1);\n    first?.wake(value);",
    ],
    ["one that has left is served", "if (first.isWaiting) return first;", "return first;"],
    ["only the first in line is woken", "for (const park of this) park.wake(value);", "this.first?.wake(value);"],
    ["those who wait are not told of an error", "for (const park of this) park.fail(makeError());", ""],
    ["fail() fails nothing", "first?.fail(error);", ""],
    ["wait() does not look for what is pending", "if (pending !== undefined) return Promise.reject(pending);", ""],
    [
      "a woken and cancelled wait does not give back",
      "return keepOrGiveBack(scope, promise, options.giveBack);",
      "return promise;",
    ],
    ["one that waits brings nothing along", "park.payload = payload;", ""],
    ["one that leaves does not tell the line", "park.queue = this as unknown as WaitQueue<never>;", ""],
    [
      "a line that grows loses its order",
      "const waits = [...this];",
      "const waits = this.#ring.filter((park) => park?.isWaiting === true) as Park<T>[];",
    ],
    [
      "a line that grows does not begin at its beginning",
      "this.#start = 0;\n    this.#length = waits.length;",
      "this.#length = waits.length;",
    ],
    [
      "a line that is made anew loses those who wait",
      "if (this.#length > 4 * this.#size + 64) this.#resize();",
      "if (this.#length > 4 * this.#size + 64) this.#ring = [];",
    ],
    ["a line of one stays when it is over", "this.#length = 0;\n    } else {", "} else {"],

    [
      "time does not run out",
      "if (options.timeout !== undefined && options.timeout !== Infinity) setTimer(park, options);",
      "",
    ],
    ["a time of Infinity runs out", "&& options.timeout !== Infinity) setTimer", ") setTimer"],
    [
      "a wait whose time is over ends without the error",
      "else park.fail(timeoutError());",
      "else park.wake(undefined as T);",
    ],
  ]),
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
        "  throwPending(currentScope());\n  const pause = maybeYield();\n  if (pause",
        "  const pause = maybeYield();\n  if (pause",
      ],
    ],
  ),
];
