import { findAwaitCycles } from "./await-cycles.ts";
import { describeSnapshot, type TaskSnapshot } from "./task-snapshot.ts";
import { formatTree, type TreeNode } from "./text-tree.ts";

/**
 * The tasks as trees of who awaits whom: under each task the calls in it that wait, as far as debug mode knows them, and
 * under these the tasks that they wait for. A task that several await stands under each of them, but what it waits for
 * itself is shown once. Circles are listed at the end.
 *
 * @example
 * const child = createTask(() => sleep(5), { name: "child" });
 * const parent = createTask(() => child, { name: "parent" });
 * await sleep(0);
 * console.log(formatAwaitTree(snapshotTasks()));
 * await parent;
 * @see https://docs.python.org/3/library/asyncio-graph.html
 */
export function formatAwaitTree(tasks: readonly TaskSnapshot[]): string {
  const forest = new AwaitForest(tasks);
  const cycles = findAwaitCycles(tasks).map((cycle) => `circle: ${cycle.join(" → ")}`);
  return [...forest.trees().map(formatTree), ...cycles].join("\n");
}

interface Awaited {
  readonly task: TaskSnapshot;
  readonly callStack: readonly string[];
}

class AwaitForest {
  readonly #tasks: readonly TaskSnapshot[];
  readonly #awaited: Map<number, Awaited[]> = new Map();
  readonly #shown: Set<number> = new Set();

  constructor(tasks: readonly TaskSnapshot[]) {
    this.#tasks = tasks;
    for (const task of tasks) {
      for (const { id, callStack } of task.awaitedBy) {
        this.#awaited.set(id, [...(this.#awaited.get(id) ?? []), { task, callStack }]);
      }
    }
  }

  // First those whom nobody awaits; then those whom only a circle, or somebody unknown, awaits.
  trees(): TreeNode[] {
    const known = new Set(this.#tasks.map(({ id }) => id));
    const roots = this.#tasks.filter(({ awaitedBy }) => !awaitedBy.some(({ id }) => known.has(id)));
    const trees = roots.map((task) => this.#node(task));
    for (const task of this.#tasks) if (!this.#shown.has(task.id)) trees.push(this.#node(task));
    return trees;
  }

  #node(task: TaskSnapshot): TreeNode {
    const awaited = this.#awaited.get(task.id) ?? [];
    const label = describeSnapshot(task);
    if (this.#shown.has(task.id)) return { label: awaited.length === 0 ? label : `${label}, see above`, children: [] };
    this.#shown.add(task.id);
    const node: TreeNode = { label, children: [] };
    for (const { task: child, callStack } of awaited) descend(node, callStack).children.push(this.#node(child));
    return node;
  }
}

// The place under the calls of a stack, the outermost first; calls that stand there already are shared.
function descend(node: TreeNode, callStack: readonly string[]): TreeNode {
  let place = node;
  for (const label of callStack.toReversed()) {
    let next = place.children.find((child) => child.label === label);
    if (next === undefined) place.children.push((next = { label, children: [] }));
    place = next;
  }
  return place;
}
