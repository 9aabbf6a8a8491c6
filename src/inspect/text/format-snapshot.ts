import {
  describeCancellation,
  describeCounts,
  describeDeadlock,
  describeReference,
  describeTarget,
} from "./describe.ts";
import { formatDuration } from "./format-duration.ts";
import { type FormatOptions, formatTree } from "./format-tree.ts";
import { colorful, type Paint, plain } from "./paint.ts";
import { printable } from "../printable.ts";
import type { Block } from "../remote/read-block.ts";
import type { RemoteSnapshot } from "../remote/inspect-process.ts";
import type { Snapshot } from "../record/snapshot.ts";

const cancellationsShown = 10;

/**
 * Formats a snapshot as text: the number of tasks, the deadlocks, the tree of tasks with their waits, and the last
 * cancellations. The text contains no terminal control characters other than its own colours.
 *
 * @example
 * const task = createTask(() => sleep(5), { name: "sleeper" });
 * await sleep(0);
 * console.log(formatSnapshot(takeSnapshot()));
 * await task;
 */
export function formatSnapshot(snapshot: RemoteSnapshot, options: FormatOptions = {}): string {
  const paint = options.colors === true ? colorful : plain;
  const tree = formatTree(snapshot, options);
  return [...headLines(snapshot, paint), "", tree, ...cancellationLines(snapshot)].join("\n");
}

/** The lines above the tree or the table. */
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
