// Finds, among many tasks, those that can never continue.
//
// The search begins at some tasks, and follows what they wait for. At first, every task that waits only for other tasks
// counts as stuck. If one of its waits turns out to be free, the task is free too, and the tasks that depend on it are
// checked again. The rest is stuck, in a circle or behind one. Each task, wait and edge is visited once, so a chain of
// n tasks takes n steps.
//
// Capacity (permits, connections) is a node of its own, between the tasks that wait for it and the tasks that hold it:
// with a hundred thousand waiters and a thousand holders, that makes only a hundred and one thousand edges. Capacity is
// free as soon as one holder is free. One task may acquire a part and hand it over to another task, which releases it.
// So, unless a resource says that its parts are bound to their holders, capacity is also free if any task is free that
// a holder may have started meanwhile.

import type { Park, Resource } from "./park.ts";
import type { Scope } from "../scopes/scope.ts";
import { tasksIn } from "../scopes/scope-tree.ts";
import { Task } from "../tasks/task.ts";
import { blockersOf, hasBlockers, waitsIn } from "./wait-graph.ts";

/**
 * @internal A task that cannot continue, the wait that blocks it, and the stuck task that would have to end this wait.
 */
export interface StuckLink {
  readonly task: Task<unknown>;
  readonly park: Park;
  readonly blocker: Task<unknown>;
}

type Subject = Task<unknown> | Resource;

// A task or a capacity that others wait for and that waits itself.
interface Node {
  readonly subject: Subject;
  readonly waits: Wait[];
  /** How many of its waits must still turn out to be free before the node is free. */
  needs: number;
}

interface Wait {
  readonly node: Node;
  /** `undefined` for the wait of a capacity for its holders. */
  readonly park: Park | undefined;
  readonly blockers: Subject[];
  /** How many of its blockers must still turn out to be free before the wait is free. */
  needs: number;
}

/** @internal Finds the tasks that can never continue, among `tasks` and the tasks that they wait for. */
export function findStuckTasks(tasks: Iterable<Task<unknown>>): Map<Task<unknown>, StuckLink> {
  const search = new Search();
  for (const task of tasks) search.add(task);
  return search.run();
}

class Search {
  // The nodes that may be stuck; `undefined` for a subject that is free.
  readonly #nodes: Map<Subject, Node | undefined> = new Map();
  readonly #dependents: Map<Subject, Wait[]> = new Map();
  readonly #free: Subject[] = [];
  // Capacities for which handovers have not been checked yet.
  #capacities: Node[] = [];

  add(start: Subject): void {
    const subjects = [start];
    for (let subject = subjects.pop(); subject !== undefined; subject = subjects.pop()) {
      if (this.#nodes.has(subject)) continue;
      const node = subject instanceof Task ? nodeOfTask(subject) : this.#capacity(subject);
      this.#nodes.set(subject, node);
      if (node === undefined) this.#free.push(subject);
      else for (const wait of node.waits) for (const blocker of this.#depend(wait)) subjects.push(blocker);
    }
  }

  #depend(wait: Wait): readonly Subject[] {
    for (const blocker of wait.blockers) this.#dependOn(blocker, wait);
    return wait.blockers;
  }

  #dependOn(blocker: Subject, wait: Wait): void {
    const dependents = this.#dependents.get(blocker);
    if (dependents === undefined) this.#dependents.set(blocker, [wait]);
    else dependents.push(wait);
  }

  #capacity(resource: Resource): Node | undefined {
    const holders = [...resource.holders!()];
    if (holders.length === 0) return undefined;
    const node: Node = { subject: resource, waits: [], needs: 1 };
    node.waits.push({ node, park: undefined, blockers: holders, needs: 1 });
    if (resource.isBoundToHolder !== true) this.#capacities.push(node);
    return node;
  }

  run(): Map<Task<unknown>, StuckLink> {
    this.#release();
    while (this.#capacities.length > 0) {
      const capacities = this.#capacities.filter(({ subject }) => this.#isStuck(subject));
      this.#capacities = [];
      for (const node of capacities) this.#followHandovers(node.waits[0]!);
      this.#release();
    }
    const stuck = new Map<Task<unknown>, StuckLink>();
    for (const [subject, node] of this.#nodes) {
      if (node !== undefined && subject instanceof Task) stuck.set(subject, this.#link(subject, node));
    }
    return stuck;
  }

  #isStuck(subject: Subject): boolean {
    return this.#nodes.get(subject) !== undefined;
  }

  // A free subject frees the waits that depend on it.
  #release(): void {
    for (let subject = this.#free.pop(); subject !== undefined; subject = this.#free.pop()) {
      for (const wait of this.#dependents.get(subject) ?? []) this.#releaseWait(wait);
      this.#dependents.delete(subject);
    }
  }

  #releaseWait(wait: Wait): void {
    const { node } = wait;
    if (--wait.needs !== 0 || !this.#isStuck(node.subject) || --node.needs > 0) return;
    this.#nodes.set(node.subject, undefined);
    this.#free.push(node.subject);
  }

  // A holder may have handed its part over to a task that was started later.
  #followHandovers(wait: Wait): void {
    for (const [owner, first] of firstHolders(wait.blockers as Task<unknown>[])) {
      for (const task of tasksIn(owner)) {
        if (task.id <= first) continue;
        this.add(task);
        if (!this.#isStuck(task)) return this.#releaseWait(wait);
        this.#dependOn(task, wait);
      }
    }
  }

  #link(task: Task<unknown>, node: Node): StuckLink {
    const { park, blockers } = node.waits.find(({ needs }) => needs > 0)!;
    let blocker = blockers.find((candidate) => this.#isStuck(candidate))!;
    if (!(blocker instanceof Task)) blocker = this.#nodes.get(blocker)!.waits[0]!.blockers[0]!;
    return { task, park: park!, blocker: blocker as Task<unknown> };
  }
}

// The scopes that own the holders, each with the number of the first holder that it owns.
function firstHolders(holders: readonly Task<unknown>[]): Map<Scope, number> {
  const firsts = new Map<Scope, number>();
  for (const { id, scope } of holders) firsts.set(scope.owner, Math.min(id, firsts.get(scope.owner) ?? id));
  return firsts;
}

// A task with several flows continues when one of them does; a `gather` continues only when all of its children have.
function nodeOfTask(task: Task<unknown>): Node | undefined {
  const isGather = task.combinator === "gather";
  if (task.done() || (!isGather && !hasOnlyBlockers(task))) return undefined;
  const node: Node = { subject: task, waits: [], needs: 1 };
  for (const park of waitsIn(task.scope)) {
    const wait = hasBlockers(park) ? toWait(node, park) : undefined;
    if (wait !== undefined) node.waits.push(wait);
    else if (!isGather) return undefined;
  }
  if (isGather) node.needs = node.waits.length;
  return node.waits.length === 0 ? undefined : node;
}

function hasOnlyBlockers(task: Task<unknown>): boolean {
  for (const park of waitsIn(task.scope)) if (!hasBlockers(park)) return false;
  return true;
}

// The dependencies of a wait; `undefined` if it depends on nothing that could be stuck.
function toWait(node: Node, park: Park): Wait | undefined {
  const { resource } = park;
  if (resource.holders !== undefined) return { node, park, blockers: [resource], needs: 1 };
  const blockers = blockersOf(park);
  if (blockers.length === 0) return undefined;
  return { node, park, blockers, needs: resource.kind === "race" ? 1 : blockers.length };
}

/** @internal Finds the circles among stuck tasks; each circle is listed once. */
export function circlesOf(stuck: ReadonlyMap<Task<unknown>, StuckLink>): StuckLink[][] {
  const seen = new Set<Task<unknown>>();
  const circles: StuckLink[][] = [];
  for (const start of stuck.values()) {
    const path = new Map<Task<unknown>, number>();
    const links: StuckLink[] = [];
    let link: StuckLink | undefined = start;
    while (link !== undefined && !seen.has(link.task)) {
      seen.add(link.task);
      path.set(link.task, links.length);
      links.push(link);
      link = stuck.get(link.blocker);
    }
    const first = link === undefined ? undefined : path.get(link.task);
    if (first !== undefined) circles.push(links.slice(first));
  }
  return circles;
}
