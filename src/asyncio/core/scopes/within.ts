import { requireFunction } from "../../../base/options.ts";
import { markHeard } from "./delivery.ts";
import { type CancelledError, unwrapAbort } from "../errors/errors.ts";
import { runtime } from "../state/runtime.ts";
import { absorbed, currentScope, Scope, type ScopeOptions } from "./scope.ts";

/** What becomes of the end of a scope opened by {@link within}. */
export interface WithinHooks<T> {
  /**
   * Called if the scope ended by a cancellation that was asked of it, and of no scope around it: returns what `within`
   * gives instead, or throws. @default the cancellation is thrown
   */
  readonly onOwnCancel?: (error: CancelledError) => T;
  /** Called when the body is over, before the scope closes. */
  readonly onLeave?: () => void;
}

const noHooks = {};

/**
 * Runs `body` in a scope of its own and closes it: the one bracket by which drivers and servers open a scope. Tasks and
 * waits that `body` left in it have ended before the returned promise settles.
 *
 * @param options - The kind of scope, whether it owns tasks, whether it is masked.
 * @param body - Is given the scope, to cancel it by.
 * @returns What `body` returns, or what `onOwnCancel` does.
 * @throws {TypeError} If `body` is not a function.
 * @throws {CancelledError} If it was cancelled from outside, or by its own scope without `onOwnCancel`.
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

/** @internal As `within`, in a scope that was just made, with the argument that `body` is given. */
export function runWithin<A, T>(
  scope: Scope,
  body: (argument: A) => T | PromiseLike<T>,
  argument: A,
  hooks: WithinHooks<T>,
): Promise<T> {
  return runtime.storage.run(scope, runAndClose<A, T>, scope, body, argument, hooks);
}

// All of it runs in the scope: one `async` function, of which V8 follows the `await` to the caller.
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
