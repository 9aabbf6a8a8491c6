import { callExceptionHandler, fullNameOf, type Instrument, type Scope } from "../core/index.ts";

/** @internal A detector for one kind of mistake. */
export interface Detector {
  /** The events that the detector listens to. */
  readonly instrument: Instrument;
  /** Stops the detector; when the returned promise is fulfilled, all its timers and threads are gone. */
  stop?(): void | Promise<void>;
}

/** @internal Reports a finding about `scope` to the exception handler. */
export function report(scope: Scope, message: string): void {
  const { task } = scope;
  callExceptionHandler(task === undefined ? { message } : { message, task });
}

/** @internal The description of a scope, for the beginning of a sentence. */
export function describeScope(scope: Scope): string {
  const { task } = scope;
  if (task === undefined) return `A ${scope.kind}`;
  return scope === task.scope ? `Task ${fullNameOf(task)}` : `A ${scope.kind} in task ${fullNameOf(task)}`;
}
