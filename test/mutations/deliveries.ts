import { inFile, type Mutation } from "./_mutation.ts";
import { cancelling } from "./scopes.ts";

/** Mistakes in how a request reaches the code, and in how we know that it has. */
export const deliveryMutations: readonly Mutation[] = [
  ...inFile("errors/errors", cancelling, [
    ["each error of a chain is a request of its own", "return this.#origin ?? this;", "return this;"],
  ]),
  ...inFile(
    "delivery",
    ["deep"],
    [["a request is delivered within the delivery of another", "if (work.isAtWork) return;", ""]],
  ),
  ...inFile(
    "delivery",
    [...cancelling, "gather"],
    [
      [
        "a request that comes within the delivery of another is dropped",
        "if (work.isAtWork) return;",
        "if (work.isAtWork) return void deliveries.pop();",
      ],
      [
        "what one wait passes on comes in the wrong order",
        "[deliveries[i], deliveries[j]] = [deliveries[j]!, deliveries[i]!];",
        "",
      ],
      [
        "a request that no wait hears is forgotten",
        "if (!heard || keepsPending) markPending(scope);",
        "if (keepsPending) markPending(scope);",
      ],
      [
        "a request to a task that waits for nothing is forgotten",
        "if (scope.root.receivers === 0) markPending(scope);",
        "if (scope.root.receivers === 0) return true;",
      ],
      [
        "a request that was heard is delivered once more",
        "if (!heard || keepsPending) markPending(scope);",
        "markPending(scope);",
      ],
      [
        "only the first of several waits is told",
        "else if (park.next !== undefined || !park.isSimple) return false;",
        "else if (!park.isSimple) return false;",
      ],
      [
        "the signal is forgotten where something waits",
        "|| scope.rare?.signal !== undefined || keepsPending) return false;",
        "|| keepsPending) return false;",
      ],
      ["the scopes within are forgotten", "else if (scope.scopes?.first !== undefined ||", "else if ("],
      ["a scope does not know that it is being cancelled", "scope.isDelivering = true;", ""],
      ["a scope is being cancelled for ever", "scope.isDelivering = false;", ""],
      [
        "what a wait throws when it is told is not reported",
        "callExceptionHandler({\n      message: `Cancelling a wait",
        "void ({\n      message: `Cancelling a wait",
      ],
      ["a wait that throws when it is told goes on", "return park.fail(error);", "return false;"],
      [
        "a pending request is given to the first wait of a step only",
        "scope.pending = taken;\n  if (takenNow.push(scope) === 1) queueMicrotask(endStep);",
        "clearPending(scope);",
      ],
      [
        "a pending request is given to the waits after the step too",
        "for (const scope of scopes) if (scope.pending === taken) clearPending(scope);",
        "void scopes;",
      ],
      [
        "a request that comes in the step in which the last was taken is lost",
        "if (scope.pending === taken) clearPending(scope);",
        "clearPending(scope);",
      ],
      [
        "what is pending outside a masked scope is thrown within",
        "found = takeFrom(s) ?? found;\n    if (s === s.root || s.masked) return found;",
        "found = takeFrom(s) ?? found;\n    if (s === s.root) return found;",
      ],
      ["of what is pending the innermost is thrown", "found = takeFrom(s) ?? found;", "found ??= takeFrom(s);"],
      [
        "a signal within shelter is that of what is pending outside",
        "found = s.error;\n    if (s === s.root || s.masked) return found;",
        "found = s.error;\n    if (s === s.root) return found;",
      ],
      [
        "code in a scope that has ended may wait",
        "if (scope.state === closed) return evict(scope, strayCancellation());",
        "",
      ],
      [
        "a request is delivered once more to code that ends by it",
        "if (s.pending !== none && isOfRequest(error, s.error!)) clearPending(s);",
        "",
      ],
      [
        "code that ends by an error of its own has heard",
        "if (s.pending !== none && isOfRequest(error, s.error!)) clearPending(s);",
        "if (s.pending !== none) clearPending(s);",
      ],
      [
        "nothing is delivered again",
        "rare.redeliverTimer = runtime.timers.add(rare.redeliverAfter, redeliver, scope);",
        "",
      ],
      [
        "what is delivered again is forgotten where it meets a wait",
        "deliver(scope, scope.error, true);",
        "deliver(scope, scope.error);",
      ],
      ["what is delivered again is delivered again once", "scope.rarely.redelivers = true;", ""],
      [
        "what is delivered again stops where it came before",
        "scope.error = new CancelledError(reason, { requestedBy });",
        "",
      ],
      ["code that goes on is thrown out without a pause", "if (rarely.evictTimer !== undefined) return undefined;", ""],
      ["code that goes on is thrown out once", "scope.rarely.evictTimer = undefined;", ""],
      [
        "a wait in a scope that has ended is left when the pause is over",
        "else for (const park of collectParks(scope)) park.leave(strayCancellation(), true);",
        "",
      ],
      [
        "a wait in a scope that delivers again is left when the pause is over",
        "if (scope.state !== closed) redeliver(scope);",
        "if (scope.state !== closed) return;",
      ],
      ["code that its scope left over ends the process", "  guardStrays();\n  return error;", "  return error;"],
      [
        "evidence that code has heard is ignored",
        "if (s.pending !== none && hearing.hasHeard(s)) clearPending(s);",
        "",
      ],
    ],
  ),
  ...inFile(
    "hearing",
    ["rejection", ...cancelling],
    [
      [
        "code has always heard",
        "if (turn === undefined) return false;\n    this.#examine(turn);",
        "if (turn === undefined || this.#step >= 0) return true;\n    this.#examine(turn);",
      ],
      [
        "code that looked at the signal has not heard",
        "[turn.looks.get(scope), turn.losers.get(scope), turn.origins",
        "[turn.losers.get(scope), turn.origins",
      ],
      ["code has heard in the very step in which it looks", "step < this.#step", "step <= this.#step"],
      ["promises are watched for ever", "    this.#stopHooks?.();\n", ""],
      ["promises are not watched", "if (this.#stopHooks === undefined) this.#startHooks();", ""],
      [
        "evidence of one turn counts in the next",
        "if (--this.#turn!.hops === 0) this.#turn = undefined;\n      else",
        "",
      ],
    ],
  ).map((mutation) => ({ ...mutation, tests: [...mutation.tests, "test/signals/*.test.ts"] })),
];
