// The call graph of one task: the task, the tasks that await it, the tasks that await those, and so on.
//
// The call stack of a suspended `async` function cannot be read from outside. So the graph contains only the calls of
// the calling code and, in debug mode, those that were recorded when a wait began.

import { type Awaitable, currentTask, fullNameOf, runtime, Task, waitsOf } from "../core/index.ts";
import { Awaiters } from "./awaiters.ts";
import { describeAwaited } from "./describe-wait.ts";
import { captureStack, framesOf } from "./stacks.ts";
import { waitStack } from "./wait-stacks.ts";

/** Options that select the calls to show. */
export interface CallGraphOptions {
  /** The number of innermost calls of the calling code to leave out, such as your own helper functions. @default 0 */
  readonly depth?: number;
  /**
   * The maximum number of calls to show for each task: the innermost ones, or with a negative number the outermost
   * ones.
   * @default Infinity
   */
  readonly limit?: number;
}

/** One wait of a task. */
export interface CallGraphWait {
  /** The resource, in words: `sleep`, `task child`, `gather of a, b`, `Lock db`. */
  readonly resource: string;
  /** The time since the wait began, in milliseconds. */
  readonly ms: number;
  /** The task that holds the resource. */
  readonly heldBy: Task<unknown> | undefined;
  /** The call stack of the wait, the innermost call first; only in debug mode. */
  readonly callStack: readonly string[] | undefined;
}

/** A task or future, its waits, and the tasks that await it. */
export interface CallGraph {
  readonly subject: Awaitable<unknown>;
  /** The call stack of the calling code, the innermost call first, if that code belongs to the subject. */
  readonly callStack: readonly string[] | undefined;
  /** The subject's waits; several if the task has several concurrent flows. */
  readonly waits: readonly CallGraphWait[];
  /**
   * The tasks that await the subject. `gather`, `shield` and groups are replaced by the tasks that await them. If a
   * task occurs more than once, it is the same object each time. So if tasks await each other in a circle, the graph
   * has a circle too.
   */
  readonly awaitedBy: readonly CallGraph[];
}

/**
 * Captures the current waits of a task or future, and the tasks that await it.
 *
 * @param subject - The task or future; the default is the current task.
 * @returns `undefined` without `subject` and outside any task.
 * @throws {TypeError} If `depth` or `limit` is not a number.
 * @throws {RangeError} If `depth` is below 0, or either is not a whole number.
 * @example
 * const child = createTask(async () => {
 *   await sleep(5);
 *   return captureCallGraph()?.awaitedBy.map(({ subject }) => subject.name);
 * });
 * console.log(await createTask(() => child, { name: "parent" })); // [ 'parent' ]
 * @see https://docs.python.org/3/library/asyncio-graph.html#asyncio.capture_call_graph
 */
export function captureCallGraph(
  subject: Awaitable<unknown> | undefined = currentTask(),
  options: CallGraphOptions = {},
): CallGraph | undefined {
  const { depth = 0, limit = Infinity } = options;
  requireCalls(depth, "depth");
  requireCalls(limit, "limit");
  if (depth < 0) throw new RangeError(`Cannot capture a call graph as depth must be >= 0: current value is ${depth}`);
  if (subject === undefined) return undefined;
  const here = subject === currentTask() ? framesOf(captureStack(captureCallGraph)).slice(depth) : undefined;
  return new Capture(limit).graph(subject, here);
}

function requireCalls(count: unknown, name: string): void {
  if (typeof count !== "number") {
    throw new TypeError(`Cannot capture a call graph as ${name} must be a number: current value is ${String(count)}`);
  }
  if (Number.isInteger(count) || Math.abs(count) === Infinity) return;
  throw new RangeError(`Cannot capture a call graph as ${name} must be a whole number: current value is ${count}`);
}

class Capture {
  readonly #limit: number;
  readonly #nodes: Map<Awaitable<unknown>, CallGraph> = new Map();
  readonly #open: { readonly subject: Awaitable<unknown>; readonly awaitedBy: CallGraph[] }[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  // A loop instead of recursion, because users may chain tasks to any depth.
  graph(subject: Awaitable<unknown>, here?: readonly string[]): CallGraph {
    const graph = this.#node(subject, here);
    const awaiters = new Awaiters();
    for (const { subject: awaited, awaitedBy } of this.#open) {
      for (const task of awaiters.of(awaited)) awaitedBy.push(this.#node(task));
    }
    return graph;
  }

  #node(subject: Awaitable<unknown>, here?: readonly string[]): CallGraph {
    const known = this.#nodes.get(subject);
    if (known !== undefined) return known;
    const awaitedBy: CallGraph[] = [];
    const waits = subject instanceof Task ? this.#waits(subject as Task<unknown>) : [];
    const node: CallGraph = { subject, callStack: this.#cut(here), waits, awaitedBy };
    this.#nodes.set(subject, node);
    this.#open.push({ subject, awaitedBy });
    return node;
  }

  #waits(task: Task<unknown>): CallGraphWait[] {
    const now = runtime.timers.now();
    return waitsOf(task).map((park) => ({
      resource: describeAwaited(park),
      ms: now - park.since,
      heldBy: park.resource.holder?.(),
      callStack: this.#cut(waitStack(park)),
    }));
  }

  #cut(calls: readonly string[] | undefined): readonly string[] | undefined {
    return this.#limit < 0 ? calls?.slice(this.#limit) : calls?.slice(0, this.#limit);
  }
}

const deepest = 100;

/**
 * The call graph of a task or future as text. Each task is shown once, even if several tasks await it; further
 * occurrences are only mentioned. In a chain of tasks that await each other, at most 100 are shown and the others
 * counted.
 *
 * @param subject - The task or future; the default is the current task.
 * @returns The empty string without `subject` and outside any task.
 * @throws {TypeError} If `depth` or `limit` is not a number.
 * @throws {RangeError} If `depth` is below 0, or either is not a whole number.
 * @example
 * const task = createTask(() => sleep(5), { name: "sleeper" });
 * await sleep(0);
 * console.log(formatCallGraph(task));
 * await task;
 * @see https://docs.python.org/3/library/asyncio-graph.html#asyncio.format_call_graph
 */
export function formatCallGraph(
  subject: Awaitable<unknown> | undefined = currentTask(),
  options: CallGraphOptions = {},
): string {
  const graph = captureCallGraph(subject, options);
  return graph === undefined ? "" : formatGraph(graph).join("\n");
}

function formatGraph(start: CallGraph): string[] {
  const lines: string[] = [];
  const shown = new Set<CallGraph>();
  const open = [{ graph: start, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { graph, depth } = next;
    const margin = "    ".repeat(depth);
    const isShown = shown.has(graph);
    for (const line of linesOf(graph, isShown)) lines.push(margin + line);
    if (isShown) continue;
    shown.add(graph);
    if (depth < deepest) {
      for (const awaiter of graph.awaitedBy.toReversed()) open.push({ graph: awaiter, depth: depth + 1 });
    } else if (graph.awaitedBy.length > 0)
      lines.push(`${margin}    … and ${countAbove(graph, shown).toLocaleString("en-US")} more`);
  }
  return lines;
}

function linesOf({ subject, callStack, waits, awaitedBy }: CallGraph, isShown: boolean): string[] {
  const title = `* ${describeSubject(subject)}`;
  if (isShown) return [`${title}, see above`];
  const lines = [title];
  if (callStack !== undefined) lines.push("  + call stack:", ...formatCalls(callStack));
  for (const wait of waits) lines.push(`  + ${describeWait(wait)}`, ...formatCalls(wait.callStack ?? []));
  if (awaitedBy.length > 0) lines.push("  + awaited by:");
  return lines;
}

// Counts the tasks that await `start`, directly or indirectly, and are not shown yet. From now on they count as shown.
function countAbove(start: CallGraph, shown: Set<CallGraph>): number {
  const before = shown.size;
  const open = [...start.awaitedBy];
  for (let graph = open.pop(); graph !== undefined; graph = open.pop()) {
    if (shown.has(graph)) continue;
    shown.add(graph);
    for (const awaiter of graph.awaitedBy) open.push(awaiter);
  }
  return shown.size - before;
}

function describeSubject(subject: Awaitable<unknown>): string {
  const number = subject instanceof Task ? ` (${subject.id})` : "";
  const name = subject instanceof Task ? fullNameOf(subject as Task<unknown>) : subject.name;
  return `${subject.kind} ${name}${number}${subject.done() ? ", done" : ""}`;
}

function describeWait({ resource, ms, heldBy }: CallGraphWait): string {
  return `waits for ${resource}, for ${Math.round(ms)} ms${heldBy === undefined ? "" : `, held by task ${heldBy.name}`}`;
}

function formatCalls(calls: readonly string[]): string[] {
  return calls.map((call) => `  |   ${call}`);
}

/**
 * Prints the result of {@link formatCallGraph} for a task or future on standard error.
 *
 * @param subject - The task or future; the default is the current task.
 * @throws {TypeError} If `depth` or `limit` is not a number.
 * @throws {RangeError} If `depth` is below 0, or either is not a whole number.
 * @example
 * await createTask(async () => printCallGraph(), { name: "me" });
 * @see https://docs.python.org/3/library/asyncio-graph.html#asyncio.print_call_graph
 */
export function printCallGraph(
  subject: Awaitable<unknown> | undefined = currentTask(),
  options: CallGraphOptions = {},
): void {
  const text = formatCallGraph(subject, options);
  console.error(text === "" ? "(outside any task)" : text);
}
