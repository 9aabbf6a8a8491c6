import { requireFunction } from "../../../base/options.ts";
import { markHeard } from "./delivery.ts";
import { type CancelledError, unwrapAbort } from "../errors/errors.ts";
import { runtime } from "../state/runtime.ts";
import { absorbed, currentScope, Scope, type ScopeOptions } from "./scope.ts";

/** Functions that {@link within} calls at the end of its scope. */
export interface WithinHooks<T> {
  /**
   * Called if the scope ended because it was cancelled, and no outer scope was. `within` returns the result of this
   * function, or throws its error. @default the cancellation is thrown
   */
  readonly onOwnCancel?: (error: CancelledError) => T;
  /** Called when the body has ended, before the scope closes. */
  readonly onLeave?: () => void;
}

const noHooks = {};

/**
 * Runs `body` in a new scope, and closes the scope when `body` has ended. Drivers and servers open their scopes with
 * this function. Tasks and waits that `body` left behind have ended before the returned promise settles.
 *
 * @param options - The kind of scope, whether it owns tasks, whether it is masked.
 * @param body - The function to run; it receives the scope, which it can cancel.
 * @returns The result of `body` or of `onOwnCancel`.
 * @throws {TypeError} If `body` is not a function.
 * @throws {CancelledError} If an outer scope was cancelled, or if the new scope was cancelled and there is no
 * `onOwnCancel`.
 * @throws {unknown} What `body` throws.
 * @example
 * const answer = await within(
 *   { kind: "search", ownsTasks: true },
 *   async (scope) => {
 *     createTask(() => sleep(5)).addDoneCallback(() => scope.cancel("another one was faster"));
 *     return sleep(60_000, "found");
 *   },
 *   { onOwnCancel: ({ reason }) => `stopped: ${reason}` },
 * );
 * console.log(answer); // stopped: another one was faster
 */
export async function within<T>(
  options: ScopeOptions,
  body: (scope: Scope) => T | PromiseLike<T>,
  hooks: WithinHooks<T> = noHooks,
): Promise<T> {
  requireFunction(body, "run in a scope");
  const scope = new Scope(currentScope(), options);
  return await runWithin(scope, body, scope, hooks);
}

/** @internal Like `within`, but takes a newly made scope and the argument for `body`. */
export function runWithin<A, T>(
  scope: Scope,
  body: (argument: A) => T | PromiseLike<T>,
  argument: A,
  hooks: WithinHooks<T>,
): Promise<T> {
  return runtime.storage.run(scope, runAndClose<A, T>, scope, body, argument, hooks);
}

// Runs entirely in the scope. It is a single `async` function, so that async stack traces lead to the caller.
async function runAndClose<A, T>(
  scope: Scope,
  body: (argument: A) => T | PromiseLike<T>,
  argument: A,
  hooks: WithinHooks<T>,
): Promise<T> {
  let value!: T;
  let error: unknown;
  let failed = false;
  try {
    value = await body(argument);
  } catch (caught) {
    failed = true;
    error = unwrapAbort(caught);
    markHeard(scope, error);
  }
  hooks.onLeave?.();
  const closing = scope.close(failed);
  if (closing !== undefined) await closing;
  if (!failed) return value;
  const rest = scope.absorb(error);
  if (rest !== absorbed) throw rest;
  if (hooks.onOwnCancel === undefined) throw error;
  return scope.parent!.run(() => hooks.onOwnCancel!(error as CancelledError));
}
