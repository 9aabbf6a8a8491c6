import type { ProcessView, TaskView } from "../../asyncio/index.ts";
import { findAwaitCycles } from "./await-cycles.ts";
import { describeTask, describeWait, formatCount } from "./describe.ts";
import { deepestDrawn, type TreeLine } from "./draw-tree.ts";
import type { Paint } from "./paint.ts";
import { printable } from "../printable.ts";
import { scopesIn, tasksIn } from "./tasks-in.ts";

/** The lines of a snapshot as a tree of which task awaits which. */
export function awaiterLines(snapshot: Pick<ProcessView, "root">, paint: Paint): TreeLine[] {
  const lines = new AwaitForest(tasksIn(snapshot.root).filter(isOfInterest), paint).lines();
  for (const cycle of findAwaitCycles(snapshot)) lines.push({ depth: 0, label: `circle: ${cycle.join(" → ")}` });
  return lines;
}

// A combinator is left out if a task awaits it, because its place is taken by that task.
function isOfInterest({ kind, awaitedBy = [] }: TaskView): boolean {
  return kind === "task" || awaitedBy.length === 0;
}

// A call, with the tasks that are awaited in it and the further calls in it.
interface Place {
  readonly under: (TaskView | Call)[];
  readonly calls: Map<string, Call>;
}

interface Call extends Place {
  readonly call: string;
}

interface Entry {
  readonly depth: number;
  readonly item: TaskView | Call;
}

class AwaitForest {
  readonly #tasks: readonly TaskView[];
  readonly #paint: Paint;
  // For each task number, what the task awaits.
  readonly #awaited: Map<number, Place> = new Map();
  readonly #shown: Set<number> = new Set();
  readonly #lines: TreeLine[] = [];

  constructor(tasks: readonly TaskView[], paint: Paint) {
    this.#tasks = tasks;
    this.#paint = paint;
    for (const task of tasks) {
      for (const { id, callStack } of task.awaitedBy ?? []) {
        let place = this.#awaited.get(id);
        if (place === undefined) this.#awaited.set(id, (place = newPlace()));
        descend(place, callStack).under.push(task);
      }
    }
  }

  // First the tasks that no task awaits; then those that are awaited only within a circle or by an unknown task.
  lines(): TreeLine[] {
    const known = new Set(this.#tasks.map(({ id }) => id));
    for (const task of this.#tasks) {
      if (!(task.awaitedBy ?? []).some(({ id }) => known.has(id))) this.#addTree(task);
    }
    for (const task of this.#tasks) if (!this.#shown.has(task.id)) this.#addTree(task);
    return this.#lines;
  }

  #addTree(task: TaskView): void {
    const open: Entry[] = [{ depth: 0, item: task }];
    for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
      const under = this.#addLine(entry);
      if (entry.depth >= deepestDrawn) this.#addCount(under, entry.depth + 1);
      else for (const item of under.toReversed()) open.push({ depth: entry.depth + 1, item });
    }
  }

  // Adds a line, and returns the items to show under it.
  #addLine({ depth, item }: Entry): readonly (TaskView | Call)[] {
    if ("call" in item) {
      this.#lines.push({ depth, label: printable(item.call) });
      return item.under;
    }
    const under = this.#awaited.get(item.id)?.under ?? [];
    const isShown = this.#shown.has(item.id);
    this.#shown.add(item.id);
    const suffix = isShown && under.length > 0 ? ", see above" : "";
    this.#lines.push({ depth, label: describeLine(item, this.#paint) + suffix });
    return isShown ? [] : under;
  }

  // Items that are too deep to be drawn count as shown.
  #addCount(under: readonly (TaskView | Call)[], depth: number): void {
    const before = this.#shown.size;
    const open = [...under];
    for (let item = open.pop(); item !== undefined; item = open.pop()) {
      if (!("call" in item)) {
        if (this.#shown.has(item.id)) continue;
        this.#shown.add(item.id);
      }
      const below = "call" in item ? item.under : (this.#awaited.get(item.id)?.under ?? []);
      for (const next of below) open.push(next);
    }
    const count = this.#shown.size - before;
    if (count > 0) this.#lines.push({ depth, label: `… and ${formatCount(count)} more below` });
  }
}

function newPlace(): Place {
  return { under: [], calls: new Map() };
}

// Returns the place under the calls of a stack, beginning with the outermost call. Calls that already exist there are
// reused.
function descend(start: Place, callStack: readonly string[]): Place {
  let place = start;
  for (const call of callStack.toReversed()) {
    let next = place.calls.get(call);
    if (next === undefined) {
      next = { call, ...newPlace() };
      place.calls.set(call, next);
      place.under.push(next);
    }
    place = next;
  }
  return place;
}

const waitsShown = 5;

function describeLine(task: TaskView, paint: Paint): string {
  const name = paint(task.state, describeTask(task));
  const waits: string[] = [];
  let count = 0;
  for (const scope of scopesIn(task, true)) {
    for (const wait of scope.waits) if (++count <= waitsShown) waits.push(describeWait(wait));
  }
  const more = count > waitsShown ? `; and for ${formatCount(count - waitsShown)} more` : "";
  return waits.length === 0 ? name : `${name}: ${waits.join("; ")}${more}`;
}
