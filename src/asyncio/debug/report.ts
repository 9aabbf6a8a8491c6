import { callExceptionHandler, fullNameOf, type Instrument, type Scope } from "../core/index.ts";

/** @internal One thing that debug mode looks for. */
export interface Detector {
  /** The events that it listens to. */
  readonly instrument: Instrument;
  /** Ends it; nothing of it is left when the returned promise is fulfilled. */
  stop?(): void | Promise<void>;
}

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
