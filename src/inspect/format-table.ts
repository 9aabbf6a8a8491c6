import type { ScopeView, TaskView, WaitView } from "../asyncio/index.ts";
import { describeFolded, describeReference } from "./describe.ts";
import { formatDuration } from "./format-duration.ts";
import { type FormatOptions, headLines } from "./format-snapshot.ts";
import { colorful, type Paint, plain } from "./paint.ts";
import { printable } from "./printable.ts";
import type { RemoteSnapshot } from "./remote/inspect-process.ts";

type Row = readonly string[];

const header: Row = ["task", "name", "state", "waits for", "since", "held by"];

/**
 * A snapshot as a flat table: a line for each task and thing that it waits for, in the order in which the tasks were
 * made. Tasks that are not shown are counted at the end.
 *
 * @example
 * const task = createTask(() => sleep(5), { name: "sleeper" });
 * await sleep(0);
 * console.log(formatTable(takeSnapshot()));
 * await task;
 */
export function formatTable(snapshot: RemoteSnapshot, options: FormatOptions = {}): string {
  const paint = options.colors === true ? colorful : plain;
  const { tasks, folded } = flatten(snapshot.root);
  const rows = tasks.sort((one, other) => one.id - other.id).flatMap(toRows);
  return [...headLines(snapshot, paint), "", ...align([header, ...rows], paint), ...folded].join("\n");
}

/** Lines of cells as text, each column as wide as its widest cell. */
export function align(rows: readonly Row[], paint: Paint = plain): string[] {
  const widths = rows[0]!.map((_, column) => rows.reduce((widest, row) => Math.max(widest, row[column]!.length), 0));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
  return lines.map((line, i) => (i === 0 ? paint("faint", line) : line));
}

function flatten(root: ScopeView): { tasks: TaskView[]; folded: string[] } {
  const tasks: TaskView[] = [];
  const folded: string[] = [];
  const scopes = [root];
  for (let scope = scopes.pop(); scope !== undefined; scope = scopes.pop()) {
    for (const task of scope.tasks) tasks.push(task);
    for (const some of scope.folded) folded.push(describeFolded(some));
    for (const below of [...scope.scopes, ...scope.tasks]) scopes.push(below);
  }
  return { tasks, folded };
}

function toRows(task: TaskView): Row[] {
  const first = [String(task.id), printable(task.name), task.state];
  const waits = waitsIn(task);
  if (waits.length === 0) return [[...first, "", "", ""]];
  return waits.map(({ resource, ms, heldBy }) => {
    const holder = heldBy === undefined ? "" : describeReference(heldBy);
    return [...first, printable(resource), formatDuration(ms), holder];
  });
}

function waitsIn({ waits, scopes }: ScopeView): WaitView[] {
  return [...waits, ...scopes.flatMap(waitsIn)];
}
