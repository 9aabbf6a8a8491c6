import type { TaskSnapshot } from "./task-snapshot.ts";

/** One row of the table of tasks: a task, and one that awaits it. */
export interface TaskRow {
  readonly id: number;
  readonly name: string;
  readonly waits: string;
  /** The calls in the awaiting task, innermost first. */
  readonly callStack: string;
  /** The name of the awaiting task; `Unknown` if it is not among the tasks, empty if nobody awaits. */
  readonly awaitedBy: string;
  readonly awaiterId: number | undefined;
}

/** The tasks as rows, one for each task and task that awaits it. */
export function taskTable(tasks: readonly TaskSnapshot[]): TaskRow[] {
  const names = new Map(tasks.map((task) => [task.id, nameOf(task)]));
  return tasks.flatMap((task): TaskRow[] => {
    const row = { id: task.id, name: nameOf(task), waits: task.waits.join(", ") };
    if (task.awaitedBy.length === 0) return [{ ...row, callStack: "", awaitedBy: "", awaiterId: undefined }];
    return task.awaitedBy.map(({ id, callStack }) => ({
      ...row,
      callStack: callStack.join(" < "),
      awaitedBy: names.get(id) ?? "Unknown",
      awaiterId: id,
    }));
  });
}

function nameOf({ name }: TaskSnapshot): string {
  return name === undefined || name === "" ? "(no name)" : name;
}

const header = ["task", "name", "waits for", "awaited by", "its task", "at"];

/**
 * The table of tasks as text.
 *
 * @example
 * const task = createTask(() => sleep(5), { name: "sleeper" });
 * await sleep(0);
 * console.log(formatTaskTable(taskTable(snapshotTasks())));
 * await task;
 */
export function formatTaskTable(rows: readonly TaskRow[]): string {
  const cells = [
    header,
    ...rows.map(({ id, name, waits, awaitedBy, awaiterId, callStack }) => [
      String(id),
      name,
      waits,
      awaitedBy,
      String(awaiterId ?? ""),
      callStack,
    ]),
  ];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
