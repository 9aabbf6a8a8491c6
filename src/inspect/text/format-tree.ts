// A snapshot as a tree. There are two ways to see the same tasks:
//
//   by owner: who ends what                                      by awaiter: who waits for whom
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

/** How a snapshot is put into text. */
export interface FormatOptions {
  /** Whether colours, as terminals know them, show the state of a task. @default false */
  readonly colors?: boolean;
  /**
   * What a tree is ordered by: the owner of each task, or the tasks that await it. The latter is for a snapshot that was
   * taken with the option `awaiters`. @default "owner"
   */
  readonly by?: "owner" | "awaiter";
}

/**
 * The tasks of a snapshot as a tree, with what each waits for: by owner, or by awaiter. Of a tree with more than 100 levels
 * those below are counted. Nothing in it can speak to a terminal but its own colours.
 *
 * By awaiter, a task stands under each task that awaits it, with the calls between them, as far as debug mode knows them;
 * what it waits for itself is shown once. Circles are listed at the end.
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

// A line, and the scope whose contents stand under it.
interface Entry extends TreeLine {
  readonly scope?: ScopeView;
  /** Whether its waits have lines of their own. */
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

// The only thing to say of a scope stands in its own line.
function describeOnlyWait({ waits, scopes, more }: ScopeView): string {
  const [wait] = waits;
  const isOnly = waits.length === 1 && scopes.length === 0 && more === 0;
  return wait !== undefined && isOnly ? `: ${describeWait(wait)}` : "";
}
