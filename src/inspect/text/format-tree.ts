// Formats a snapshot as a tree. There are two kinds of trees of the same tasks:
//
//   by owner: which scope ends which task                        by awaiter: which task waits for which
//
//   process                                                      GET /report (17): task query (18), 3.2 s
//   ├─ nightly-import (9): sleep, 41.2 s, 18.8 s left            └─ query (18): Lock db, 3.2 s, held by nightly-import (9)
//   ├─ GET /report (17): task query (18), 3.2 s                  nightly-import (9): sleep, 41.2 s, 18.8 s left
//   │  └─ query (18): Lock db, 3.2 s, held by nightly-import (9)
//   └─ … and 99,990 more that wait for sleep, the first for 3.2 s

import type { ProcessView, ScopeView, TaskView } from "../../asyncio/index.ts";
import { awaiterLines } from "./awaiter-lines.ts";
import { describeFolded, describeMarks, describeTask, describeWait, formatCount } from "./describe.ts";
import { deepestDrawn, drawTree, type TreeLine } from "./draw-tree.ts";
import { colorful, type Paint, plain } from "./paint.ts";
import { printable } from "../printable.ts";
import { scopesIn } from "./tasks-in.ts";

/** Options for formatting a snapshot. */
export interface FormatOptions {
  /** Whether to show the state of a task by terminal colours. @default false */
  readonly colors?: boolean;
  /**
   * Whether a task is shown under its owner, or under the tasks that await it. The latter needs a snapshot that was
   * taken with the option `awaiters`. @default "owner"
   */
  readonly by?: "owner" | "awaiter";
}

/**
 * Formats the tasks of a snapshot, with their waits, as a tree by owner or by awaiter. Levels below the hundredth are
 * only counted. The text contains no terminal control characters other than its own colours.
 *
 * In a tree by awaiter, a task is shown under each task that awaits it. The calls between them are shown if debug mode
 * recorded them. The task's own waits are shown only once. Circles are listed at the end.
 *
 * @example
 * const child = createTask(() => sleep(5), { name: "child" });
 * const parent = createTask(() => child, { name: "parent" });
 * await sleep(0);
 * console.log(formatTree(takeSnapshot({ awaiters: true }), { by: "awaiter" }));
 * await parent;
 * @see https://docs.python.org/3/library/asyncio-graph.html
 */
export function formatTree(snapshot: Pick<ProcessView, "root">, options: FormatOptions = {}): string {
  const paint = options.colors === true ? colorful : plain;
  const lines = options.by === "awaiter" ? awaiterLines(snapshot, paint) : ownerLines(snapshot.root, paint);
  return drawTree(lines, paint).join("\n");
}

// A line, and the scope with the contents to show under it.
interface Entry extends TreeLine {
  readonly scope?: ScopeView;
  /** Whether the waits of the scope get lines of their own. */
  readonly hasWaits?: boolean;
}

function ownerLines(root: ScopeView, paint: Paint): TreeLine[] {
  const lines: TreeLine[] = [];
  const open: Entry[] = [{ depth: 0, label: printable(root.kind), scope: root, hasWaits: true }];
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    lines.push(entry);
    const { scope, depth } = entry;
    if (scope === undefined) continue;
    const under = depth < deepestDrawn ? entriesUnder(scope, entry, paint) : countUnder(scope, depth);
    for (const below of under.toReversed()) open.push(below);
  }
  return lines;
}

function entriesUnder(scope: ScopeView, entry: Entry, paint: Paint): Entry[] {
  const depth = entry.depth + 1;
  const entries: Entry[] = [];
  if (entry.hasWaits === true) {
    for (const wait of scope.waits) {
      entries.push({ depth, label: `waits for ${describeWait(wait)}` });
      for (const call of wait.callStack?.slice(1) ?? []) entries.push({ depth: depth + 1, label: printable(call) });
    }
  }
  for (const child of scope.scopes) entries.push(entryOf(child, depth, printable(child.kind)));
  for (const task of scope.tasks) entries.push(taskEntry(task, depth, paint));
  for (const folded of scope.folded) entries.push({ depth, label: describeFolded(folded) });
  if (scope.more > 0) entries.push({ depth, label: `… and ${formatCount(scope.more)} more waits and scopes` });
  return entries;
}

function taskEntry(task: TaskView, depth: number, paint: Paint): Entry {
  return entryOf(task, depth, paint(task.state, describeTask(task)), task.state === "running");
}

function entryOf(scope: ScopeView, depth: number, name: string, runs: boolean = false): Entry {
  const inLine = runs ? ": runs, or awaits a promise that is not Pottle's" : describeOnlyWait(scope);
  return { depth, label: name + describeMarks(scope) + inLine, scope, hasWaits: inLine === "" };
}

function countUnder(scope: ScopeView, depth: number): Entry[] {
  let count = -1;
  for (const { waits } of scopesIn(scope)) count += 1 + waits.length;
  return count <= 0 ? [] : [{ depth: depth + 1, label: `… and ${formatCount(count)} more below` }];
}

// If a scope contains only one wait, the wait is shown in the line of the scope.
function describeOnlyWait({ waits, scopes, more }: ScopeView): string {
  const [wait] = waits;
  const isOnly = waits.length === 1 && scopes.length === 0 && more === 0;
  return wait !== undefined && isOnly ? `: ${describeWait(wait)}` : "";
}
