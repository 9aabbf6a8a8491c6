import { fullNameOf } from "../tasks/full-name.ts";
import type { Park } from "./park.ts";
import type { StuckLink } from "./stuck-tasks.ts";
import { describeResource, type Task } from "../tasks/task.ts";

type Stuck = ReadonlyMap<Task<unknown>, StuckLink>;

const holdersShown = 5;

/**
 * @internal Describes a circle of stuck tasks in words. `lineOf` returns the source line at which a task waits, if it
 * is known.
 *
 *   Deadlock: task A waits for Lock db held by task B, which waits for task A
 *   Deadlock: task A waits for Semaphore db (2 of 2 taken), held by task A and task B; task B waits for task A
 */
export function describeDeadlock(
  circle: readonly StuckLink[],
  stuck: Stuck,
  lineOf: (park: Park) => string | undefined,
): string {
  const links = namedLinks(circle);
  const hasCapacity = links.some(({ park }) => holdersOf(park).length > 1);
  const text = hasCapacity ? describeEach(links, stuck) : describeChain(links);
  return `Deadlock: ${text}${links.map((link) => describeLine(link, lineOf)).join("")}`;
}

// The links without the tasks of combinators, which only stand for other tasks; all links if there are no others.
function namedLinks(circle: readonly StuckLink[]): readonly StuckLink[] {
  const links = circle.filter(({ task }) => task.combinator === undefined);
  return links.length === 0 ? circle : links;
}

function describeChain(links: readonly StuckLink[]): string {
  const clauses = links.map(
    (link, i) => `${i === 0 ? "" : ", which "}waits for ${describeTarget(link, links[(i + 1) % links.length]!.task)}`,
  );
  return `task ${fullNameOf(links[0]!.task)} ${clauses.join("")}`;
}

function describeTarget({ task, park }: StuckLink, blocker: Task<unknown>): string {
  const { resource } = park;
  const whom = blocker === task ? "itself" : `task ${fullNameOf(blocker)}`;
  if (resource.holder === undefined && resource.holders === undefined) return whom;
  return `${describeCapacity(park)} held by ${whom}`;
}

// One clause for each task of the circle, and for each further holder of a resource that one of them waits for.
function describeEach(links: readonly StuckLink[], stuck: Stuck): string {
  const tasks = new Set(links.map(({ task }) => task));
  for (const { park } of links) for (const holder of holdersOf(park).slice(0, holdersShown)) tasks.add(holder);
  const clauses = [...tasks].map((task) => describeWaitOf(stuck.get(task)!, stuck));
  return clauses.join("; ");
}

function describeWaitOf(link: StuckLink, stuck: Stuck): string {
  const { task, park } = link;
  const name = `task ${fullNameOf(task)}`;
  const holders = holdersOf(park);
  if (holders.length < 2) return `${name} waits for ${describeTarget(link, namedBlocker(link, stuck))}`;
  return `${name} waits for ${describeCapacity(park)}, held by ${listTasks(holders)}`;
}

// The task that would have to end the wait. Tasks of combinators, which only stand for other tasks, are skipped.
function namedBlocker({ blocker }: StuckLink, stuck: Stuck): Task<unknown> {
  const seen = new Set<Task<unknown>>();
  let found = blocker;
  while (found.combinator !== undefined && stuck.has(found) && !seen.has(found)) {
    seen.add(found);
    found = stuck.get(found)!.blocker;
  }
  return found;
}

function holdersOf({ resource }: Park): Task<unknown>[] {
  return [...(resource.holders?.() ?? [])];
}

function describeCapacity({ resource }: Park): string {
  const usage = resource.usage?.();
  return usage === undefined ? describeResource(resource) : `${describeResource(resource)} (${usage})`;
}

function listTasks(tasks: readonly Task<unknown>[]): string {
  const names = tasks.slice(0, holdersShown).map((task) => `task ${fullNameOf(task)}`);
  const rest = tasks.length - names.length;
  if (rest > 0) names.push(`${rest} more`);
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function describeLine({ task, park }: StuckLink, lineOf: (park: Park) => string | undefined): string {
  const line = lineOf(park);
  return line === undefined ? "" : `\n  task ${fullNameOf(task)} waits at ${line}`;
}
