// The texts that terminal output and pages share.

import type {
  CapacityView,
  DeadlockLink,
  FoldedTasks,
  ScopeView,
  TaskReference,
  TaskState,
  TaskView,
  WaitView,
} from "../../asyncio/index.ts";
import type { CancellationRecord } from "../record/cancellation-log.ts";
import { formatDuration } from "./format-duration.ts";
import { printable } from "../printable.ts";

/** Formats a number with commas between thousands. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** `14 tasks: 2 running, 11 waiting, 1 stuck`. */
export function describeCounts(counts: Readonly<Record<TaskState, number>>): string {
  const entries = Object.entries(counts).filter(([, count]) => count > 0);
  const total = entries.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return "no tasks";
  const states = entries.map(([state, count]) => `${formatCount(count)} ${state}`).join(", ");
  return `${formatCount(total)} ${total === 1 ? "task" : "tasks"}: ${states}`;
}

/** `nightly-import (9)`; for a task that is part of a request or job, `GET /report › query (18)`. */
export function describeReference({ id, name, fullName = name }: TaskReference): string {
  return describeName(fullName, id);
}

function describeName(name: string | undefined, id: number): string {
  return `${name === undefined || name === "" ? "(no name)" : printable(name)} (${id})`;
}

/** `nightly-import (9)`; `gather (12)` for a combinator without a name of its own. */
export function describeTask(task: TaskView): string {
  if (task.kind === "task") return describeName(task.name, task.id);
  const kind = printable(task.kind);
  return /^Task-\d+$/.test(task.name) ? `${kind} (${task.id})` : `${kind} ${describeName(task.name, task.id)}`;
}

/** `Lock db, 3.2 s, 500 ms left, held by nightly-import (9)`. */
export function describeWait({ resource, ms, dueIn, heldBy, line, capacity }: WaitView): string {
  const parts = [printable(resource) + describeCapacity(capacity), formatDuration(ms)];
  if (dueIn !== undefined) parts.push(`${formatDuration(dueIn)} left`);
  if (heldBy !== undefined) parts.push(`held by ${describeReference(heldBy)}`);
  if (line !== undefined) parts.push(`at ${printable(line)}`);
  return parts.join(", ");
}

// ` (2 of 2 taken, held by a (1), b (2) and 3 more; 7 wait)`.
function describeCapacity(capacity: CapacityView | undefined): string {
  if (capacity === undefined) return "";
  const { usage, waiting } = capacity;
  const parts = usage === undefined ? [] : [printable(usage)];
  const holders = describeHolders(capacity);
  if (holders !== "") parts.push(`held by ${holders}`);
  const waits = waiting === 0 ? "" : `; ${formatCount(waiting)} ${waiting === 1 ? "waits" : "wait"}`;
  return parts.length === 0 ? "" : ` (${parts.join(", ")}${waits})`;
}

/** The tasks that hold parts of a capacity: `a (1), b (2) and 3 more`. */
export function describeHolders({ holders, held }: CapacityView): string {
  const names = holders.map(describeReference).join(", ");
  return held > holders.length ? `${names} and ${formatCount(held - holders.length)} more` : names;
}

/** The state of a scope, as text that follows its name: ` [asked to stop: the client left, 1.9 s left]`. */
export function describeMarks({ masked, dueIn, stopping }: ScopeView): string {
  const marks: string[] = [];
  if (stopping !== undefined) marks.push(`asked to stop: ${printable(stopping)}`);
  if (dueIn !== undefined) marks.push(`${formatDuration(dueIn)} left`);
  if (masked) marks.push("cancellations wait");
  return marks.length === 0 ? "" : ` [${marks.join(", ")}]`;
}

/** `… and 99,990 more that wait for sleep, the first for 3.2 s`. */
export function describeFolded({ count, below, waits, ms }: FoldedTasks): string {
  const what =
    waits === undefined ? "" : ` that wait for ${printable(waits)}, the first for ${formatDuration(ms ?? 0)}`;
  return `… and ${formatCount(count)} more${below === 0 ? "" : ` with ${formatCount(below)} below`}${what}`;
}

/** `Deadlock: a (1) waits for Lock right, 3.2 s, held by b (2), which waits for …`. */
export function describeDeadlock(circle: readonly DeadlockLink[]): string {
  const clauses = circle.map(({ task, waits, blocker }) => {
    const isHeld = waits.heldBy !== undefined || waits.capacity !== undefined;
    const holder = isHeld ? "" : `, which ${describeReference(blocker)} would end`;
    return `${describeReference(task)} waits for ${describeWait(waits)}${holder}`;
  });
  return `Deadlock: ${clauses.join("; ")}`;
}

/** `ClientDisconnected: Client 127.0.0.1:54476 disconnected after 492 ms; 3 more with it; ended after 2 ms`. */
export function describeCancellation(record: CancellationRecord): string {
  const { reason, requestedBy, others, endedAfter } = record;
  const parts = [printable(reason)];
  if (requestedBy !== undefined) parts.push(`asked by ${printable(requestedBy)}`);
  if (others > 0) parts.push(`${formatCount(others)} more with it`);
  if (endedAfter !== undefined) parts.push(`ended after ${formatDuration(endedAfter)}`);
  return parts.join("; ");
}

/** The target of a cancellation: `GET /slow (12)`, or for a part of a task, `timeout in GET /slow (12)`. */
export function describeTarget({ task, scope }: CancellationRecord): string {
  if (task === undefined) return printable(scope);
  return scope === "task" ? describeReference(task) : `${printable(scope)} in ${describeReference(task)}`;
}
