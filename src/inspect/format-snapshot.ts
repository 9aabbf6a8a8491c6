// The tree of tasks as text, for a terminal:
//
//   process
//   ├─ nightly-import (9): sleep, 41.2 s, 18.8 s left
//   ├─ GET /report (17): Lock db, 3.2 s, held by nightly-import (9)
//   └─ … and 99,990 more that wait for sleep, the first for 3.2 s

import type { ScopeView, TaskView } from "../asyncio/index.ts";
import {
  describeCancellation,
  describeCounts,
  describeDeadlock,
  describeFolded,
  describeMarks,
  describeReference,
  describeTarget,
  describeTask,
  describeWait,
} from "./describe.ts";
import { formatDuration } from "./format-duration.ts";
import { colorful, type Paint, plain } from "./paint.ts";
import { printable } from "./printable.ts";
import type { Block } from "./remote/read-block.ts";
import type { RemoteSnapshot } from "./remote/inspect-process.ts";
import type { Snapshot } from "./snapshot.ts";

/** How a snapshot is put into text. */
export interface FormatOptions {
  /** Whether colours, as terminals know them, show the state of a task. @default false */
  readonly colors?: boolean;
}

const cancellationsShown = 10;

/**
 * A snapshot as text: how many tasks there are, the deadlocks, the tree of tasks with what each waits for, and the last
 * cancellations. Nothing in it can speak to a terminal but its own colours.
 *
 * @example
 * const task = createTask(() => sleep(5), { name: "sleeper" });
 * await sleep(0);
 * console.log(formatSnapshot(takeSnapshot()));
 * await task;
 */
export function formatSnapshot(snapshot: RemoteSnapshot, options: FormatOptions = {}): string {
  const paint = options.colors === true ? colorful : plain;
  const { root } = snapshot;
  const tree = [printable(root.kind), ...new Branches(paint).under(root)];
  return [...headLines(snapshot, paint), "", ...tree, ...cancellationLines(snapshot)].join("\n");
}

/** What stands above the tree, and above the table. */
export function headLines({ program, pid, uptime, counts, deadlocks, block }: RemoteSnapshot, paint: Paint): string[] {
  return [
    paint("title", `${printable(program)}, process ${pid}, up ${formatDuration(uptime)}`),
    describeCounts(counts),
    ...(block === undefined ? [] : blockLines(block).map((line) => paint("stuck", line))),
    ...deadlocks.map((circle) => paint("stuck", describeDeadlock(circle))),
  ];
}

function blockLines({ task, calls }: Block): string[] {
  const who = task === undefined ? "code outside any task" : `task ${describeReference(task)}`;
  const where =
    calls.length === 0 ? ["  at a place that cannot be seen"] : calls.map((call) => `  at ${printable(call)}`);
  return [`The event loop is busy: ${who} keeps everything else from going on`, ...where];
}

function cancellationLines({ cancellations = [] }: Snapshot): string[] {
  const lines = cancellations.slice(0, cancellationsShown).map((record) => {
    const time = new Date(record.at).toTimeString().slice(0, 8);
    return `  ${time}  ${describeTarget(record)}: ${describeCancellation(record)}`;
  });
  return lines.length === 0 ? [] : ["", "Last cancellations", ...lines];
}

interface Branch {
  readonly label: string;
  readonly below: readonly string[];
}

class Branches {
  readonly #paint: Paint;

  constructor(paint: Paint) {
    this.#paint = paint;
  }

  /** The lines under a scope, drawn as branches. */
  under(scope: ScopeView, withWaits = true): string[] {
    const branches: Branch[] = [
      ...(withWaits ? scope.waits : []).map((wait) => ({ label: `waits for ${describeWait(wait)}`, below: [] })),
      ...scope.scopes.map((child) => this.#scope(child)),
      ...scope.tasks.map((task) => this.#task(task)),
      ...scope.folded.map((folded) => ({ label: describeFolded(folded), below: [] })),
      ...(scope.more === 0 ? [] : [{ label: `… and ${scope.more} more waits and scopes`, below: [] }]),
    ];
    return branches.flatMap((branch, i) => this.#draw(branch, i === branches.length - 1));
  }

  #scope(scope: ScopeView): Branch {
    const inLine = inLineOf(scope);
    return { label: printable(scope.kind) + marksOf(scope) + inLine, below: this.under(scope, inLine === "") };
  }

  #task(task: TaskView): Branch {
    const inLine = task.state === "running" ? ": runs, or awaits a promise that is not Pottle's" : inLineOf(task);
    const label = this.#paint(task.state, describeTask(task)) + marksOf(task) + inLine;
    return { label, below: this.under(task, inLine === "") };
  }

  #draw({ label, below }: Branch, isLast: boolean): string[] {
    const [mark, margin] = isLast ? ["└─ ", "   "] : ["├─ ", "│  "];
    return [this.#paint("line", mark) + label, ...below.map((line) => this.#paint("line", margin) + line)];
  }
}

function marksOf(scope: ScopeView): string {
  const marks = describeMarks(scope);
  return marks.length === 0 ? "" : ` [${marks.join(", ")}]`;
}

// What is all there is to say of a scope stands in its own line.
function inLineOf({ waits, scopes, more }: ScopeView): string {
  const [wait] = waits;
  return wait !== undefined && waits.length === 1 && scopes.length === 0 && more === 0 ? `: ${describeWait(wait)}` : "";
}
