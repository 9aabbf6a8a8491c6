// Unobserved errors: errors of tasks and futures that no code has awaited or read yet. An error is reported when no
// code can observe it any more: when the scope that owns the task ends, when the task is garbage-collected, or when the
// process exits, whichever comes first. It is never reported while the task can still be awaited.

import { ambient } from "../state/ambient.ts";
import type { Awaitable } from "./awaitable.ts";
import { callExceptionHandler } from "../errors/exception-handler.ts";
import { runtime } from "../state/runtime.ts";
import type { Scope } from "../scopes/scope.ts";

/** @internal An unobserved error. */
export interface FailureRecord {
  readonly error: unknown;
  readonly message: string;
  readonly scope: Scope;
  readonly awaitable: WeakRef<Awaitable<unknown>>;
}

interface Unobserved {
  readonly records: Map<Scope, Set<FailureRecord>>;
  readonly collected: FinalizationRegistry<FailureRecord>;
  reportsAtExit: boolean;
}

const unobserved = ambient<Unobserved>("unobserved", () => ({
  records: new Map(),
  collected: new FinalizationRegistry(reportCollected),
  reportsAtExit: false,
}));
const { records, collected } = unobserved;

function reportCollected(record: FailureRecord): void {
  if (!take(record)) return;
  if (record.scope === runtime.root) process.exitCode ??= 1;
  report(record);
}

function take(record: FailureRecord): boolean {
  const all = records.get(record.scope);
  if (all === undefined || !all.delete(record)) return false;
  if (all.size === 0) records.delete(record.scope);
  return true;
}

// Code outside any run belongs to the scope of the process, which never ends. Its unobserved errors are reported at
// exit, and give the process the exit code 1.
function reportAtExit(): void {
  if (unobserved.reportsAtExit) return;
  unobserved.reportsAtExit = true;
  process.on("exit", () => {
    if (records.size > 0) process.exitCode ??= 1;
    for (const scope of records.keys()) reportFailures(scope);
  });
}

/** @internal */
export function recordFailure(awaitable: Awaitable<unknown>, error: unknown): FailureRecord {
  const scope = awaitable.reportedBy;
  const message = `${awaitable.kind === "task" ? "Task" : "Future"} ${awaitable.name} failed and nobody awaited it`;
  const record = { error, message, scope, awaitable: new WeakRef(awaitable) };
  let all = records.get(scope);
  if (all === undefined) records.set(scope, (all = new Set()));
  all.add(record);
  collected.register(awaitable, record, record);
  reportAtExit();
  return record;
}

/** @internal */
export function forgetFailure(record: FailureRecord): void {
  take(record);
  collected.unregister(record);
}

/** @internal Reports the errors of a scope that has ended. */
export function reportFailures(scope: Scope): void {
  const all = records.get(scope);
  if (all === undefined) return;
  records.delete(scope);
  for (const record of all) {
    collected.unregister(record);
    report(record);
  }
}

function report({ message, error, awaitable }: FailureRecord): void {
  const subject = awaitable.deref();
  if (subject === undefined) callExceptionHandler({ message, error });
  else if (subject.kind === "task") callExceptionHandler({ message, error, task: subject as never });
  else callExceptionHandler({ message, error, future: subject });
}
