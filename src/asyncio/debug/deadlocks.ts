// Deadlocks: tasks that wait for each other in a circle, or for locks that others in the circle hold.
//
// A task may have several flows, and one that sleeps may end the wait of another. So a task counts as stuck only if each
// of its waits is for a stuck task; a `gather` also if one of its children is. And the look is taken when the turn is over,
// when every flow of the task has come to its wait.

import { describeResource, outside, type Park, type Task } from "../core/index.ts";
import { blockersOf, waitsOf } from "./await-graph.ts";
import type { Detector } from "./detector.ts";
import { report } from "./report.ts";
import { waitStack } from "./wait-stacks.ts";

/** One task of the circle: what it waits for, and who would have to end that. */
interface Link {
  readonly task: Task<unknown>;
  readonly park: Park;
  readonly blocker: Task<unknown>;
}

/** @internal Reports each circle of tasks once, at the end of the turn in which it closes. */
export function detectDeadlocks(): Detector {
  const suspects = new Suspects();
  const suspect = ({ scope }: Park): void => suspects.add(scope.task);
  return { instrument: { wait: suspect, wake: suspect }, stop: () => suspects.stop() };
}

// The tasks whose waits have changed in this turn.
class Suspects {
  #tasks: Set<Task<unknown>> = new Set();
  #immediate: NodeJS.Immediate | undefined;
  readonly #reported: WeakSet<Park> = new WeakSet();

  add(task: Task<unknown> | undefined): void {
    if (task === undefined) return;
    this.#tasks.add(task);
    this.#immediate ??= outside(setImmediate, () => this.#look());
  }

  #look(): void {
    const tasks = this.#tasks;
    this.#tasks = new Set();
    this.#immediate = undefined;
    for (const task of tasks) {
      const circle = findCircle(task);
      if (circle !== undefined) this.#reportOnce(circle);
    }
  }

  #reportOnce(circle: readonly Link[]): void {
    if (circle.every(({ park }) => this.#reported.has(park))) return;
    for (const { park } of circle) this.#reported.add(park);
    report(circle[0]!.task.scope, describeCircle(circle));
  }

  stop(): void {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    this.#tasks.clear();
  }
}

/** @internal The circle that `task` is stuck in, or behind. */
export function findCircle(task: Task<unknown>): readonly Link[] | undefined {
  return findStuck(task, [], new Set());
}

function findStuck(task: Task<unknown>, path: readonly Link[], free: Set<Task<unknown>>): readonly Link[] | undefined {
  if (task.done() || free.has(task)) return undefined;
  const start = path.findIndex((link) => link.task === task);
  if (start !== -1) return path.slice(start);
  const circles = waitsOf(task).map((park) => followPark(task, park, path, free));
  const first = circles.find((circle) => circle !== undefined);
  if (first !== undefined && (task.combinator === "gather" || circles.every((circle) => circle !== undefined)))
    return first;
  free.add(task);
  return undefined;
}

function followPark(
  task: Task<unknown>,
  park: Park,
  path: readonly Link[],
  free: Set<Task<unknown>>,
): readonly Link[] | undefined {
  const circles = blockersOf(park).map((blocker) => findStuck(blocker, [...path, { task, park, blocker }], free));
  const isStuck = park.resource.kind === "race" ? circles.every((circle) => circle !== undefined) : true;
  return isStuck ? circles.find((circle) => circle !== undefined) : undefined;
}

/** @internal A circle in words, with the line at which each task waits. */
export function describeCircle(circle: readonly Link[]): string {
  const links = namedLinks(circle);
  const [first] = links;
  const clauses = links.map(
    (link, i) => `${i === 0 ? "" : ", which "}waits for ${describeTarget(link, links[(i + 1) % links.length]!)}`,
  );
  return `Deadlock: task ${first!.task.name} ${clauses.join("")}${links.map(describeLine).join("")}`;
}

// Without the tasks that only stand for others, unless there are no others.
function namedLinks(circle: readonly Link[]): readonly Link[] {
  const links = circle.filter(({ task }) => task.combinator === undefined);
  return links.length === 0 ? circle : links;
}

function describeTarget({ task, park }: Link, { task: next }: Link): string {
  const whom = next === task ? "itself" : `task ${next.name}`;
  return park.resource.holder === undefined ? whom : `${describeResource(park.resource)} held by ${whom}`;
}

function describeLine({ task, park }: Link): string {
  const line = waitStack(park)?.[0];
  return line === undefined ? "" : `\n  task ${task.name} waits at ${line}`;
}
