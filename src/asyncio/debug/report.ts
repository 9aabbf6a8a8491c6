import { callExceptionHandler, fullNameOf, type Scope } from "../core/index.ts";

/** @internal Reports a finding about `scope` to the exception handler. */
export function report(scope: Scope, message: string): void {
  const { task } = scope;
  callExceptionHandler(task === undefined ? { message } : { message, task });
}

/** @internal A scope in words, to begin a sentence with. */
export function describeScope(scope: Scope): string {
  const { task } = scope;
  if (task === undefined) return `A ${scope.kind}`;
  return scope === task.scope ? `Task ${fullNameOf(task)}` : `A ${scope.kind} in task ${fullNameOf(task)}`;
}
