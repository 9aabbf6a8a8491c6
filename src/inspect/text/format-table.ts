import type { ScopeView, TaskView, WaitView } from "../../asyncio/index.ts";
import { align, type Row } from "./align.ts";
import { describeFolded, describeHolders, describeReference } from "./describe.ts";
import { formatDuration } from "./format-duration.ts";
import { headLines } from "./format-snapshot.ts";
import type { FormatOptions } from "./format-tree.ts";
import { colorful, plain } from "./paint.ts";
import { printable } from "../printable.ts";
import type { RemoteSnapshot } from "../remote/inspect-process.ts";
import { scopesIn, tasksIn } from "./tasks-in.ts";

const header: Row = ["task", "name", "state", "waits for", "since", "held by"];

/**
 * Formats a snapshot as a table: one line for each task and each of its waits, in the order in which the tasks were
 * created. For a snapshot with the option `awaiters`, there is also a line for each task that awaits the task. Tasks
 * that are not shown are counted at the end.
 *
 * @example
 * const task = createTask(() => sleep(5), { name: "sleeper" });
 * await sleep(0);
 * console.log(formatTable(takeSnapshot()));
 * await task;
 */
export function formatTable(snapshot: RemoteSnapshot, options: FormatOptions = {}): string {
  const paint = options.colors === true ? colorful : plain;
  const rows = rowsOf(tasksIn(snapshot.root));
  return [...headLines(snapshot, paint), "", ...align(rows, paint), ...foldedIn(snapshot.root)].join("\n");
}

function rowsOf(tasks: readonly TaskView[]): Row[] {
  if (!tasks.some(({ awaitedBy }) => awaitedBy !== undefined)) return [header, ...tasks.flatMap(rowsOfWaits)];
  const names = new Map(tasks.map((task) => [task.id, describeReference(task)]));
  return [[...header, "awaited by"], ...tasks.flatMap((task) => rowsWithAwaiters(task, names))];
}

function rowsOfWaits(task: TaskView): Row[] {
  const first = [String(task.id), nameOf(task), task.state];
  const waits = waitsIn(task);
  if (waits.length === 0) return [[...first, "", "", ""]];
  return waits.map((wait) => [...first, printable(wait.resource), formatDuration(wait.ms), holdersOf(wait)]);
}

function nameOf({ name, fullName = name }: TaskView): string {
  return fullName === undefined || fullName === "" ? "(no name)" : printable(fullName);
}

// The rows of a task: as many as it has waits or awaiters, whichever are more.
function rowsWithAwaiters(task: TaskView, names: ReadonlyMap<number, string>): Row[] {
  const rows = rowsOfWaits(task);
  const awaiters = (task.awaitedBy ?? []).map(({ id, callStack }) => {
    const calls = callStack.length === 0 ? "" : ` at ${printable(callStack.join(" < "))}`;
    return (names.get(id) ?? `Unknown (${id})`) + calls;
  });
  const length = Math.max(rows.length, awaiters.length);
  return Array.from({ length }, (_, i) => [...(rows[i] ?? rows[0]!), awaiters[i] ?? ""]);
}

function holdersOf({ heldBy, capacity }: WaitView): string {
  if (heldBy !== undefined) return describeReference(heldBy);
  return capacity === undefined ? "" : describeHolders(capacity);
}

function waitsIn(task: TaskView): WaitView[] {
  const waits: WaitView[] = [];
  for (const scope of scopesIn(task, true)) for (const wait of scope.waits) waits.push(wait);
  return waits;
}

function foldedIn(root: ScopeView): string[] {
  const lines: string[] = [];
  for (const { folded } of scopesIn(root)) for (const some of folded) lines.push(describeFolded(some));
  return lines;
}
