// The tree of ownership: the process or run, the tasks that belong to it, their scopes, and what these wait for. It answers
// "what is going on, and who will end it", where the tree of awaits answers "who waits for whom".

import { allTasks, currentScope, type Park, runtime, type Scope, type Task, tasksOf } from "../core/index.ts";
import { ownWaits } from "./await-graph.ts";
import { creationStack } from "./creation-stacks.ts";
import { describeAwaited } from "./describe-wait.ts";
import { formatTree, type TreeNode } from "./text-tree.ts";
import { waitStack } from "./wait-stacks.ts";

/** What code waits for at one moment. */
export interface WaitNode {
  /** In words: `Lock db`, `sleep`. */
  readonly resource: string;
  /** For how long already, in milliseconds. */
  readonly ms: number;
  /** In how many milliseconds it ends by itself, if it does. */
  readonly dueIn: number | undefined;
  /** The name of the task that holds what it waits for. */
  readonly heldBy: string | undefined;
  /** The calls that led to it, innermost first; only in debug mode. */
  readonly callStack: readonly string[] | undefined;
}

/** A scope at one moment. */
export interface ScopeNode {
  /** What it is: `process`, `run`, `task`, `timeout`, `taskGroup`. */
  readonly kind: string;
  /** In how many milliseconds its time runs out, if it has a limit. */
  readonly dueIn: number | undefined;
  /** Whether cancellations wait until it is over. */
  readonly masked: boolean;
  /** Why it was asked to stop, if it was. */
  readonly cancelled: string | undefined;
  readonly waits: readonly WaitNode[];
  readonly scopes: readonly ScopeNode[];
  /** The tasks that belong to it. */
  readonly tasks: readonly TaskNode[];
}

/** A task at one moment. */
export interface TaskNode {
  readonly id: number;
  readonly name: string;
  /** Where it was created; only in debug mode. */
  readonly creationStack: readonly string[] | undefined;
  /** Its outermost scope. */
  readonly scope: ScopeNode;
}

/**
 * Everything that goes on in the process, as trees of who owns what: plain data. One tree for the process, one for each
 * run.
 *
 * @example
 * const task = createTask(() => timeout(50, () => sleep(5)), { name: "sleeper" });
 * await sleep(0);
 * console.log(formatTaskTree(taskTree()));
 * await task;
 */
export function taskTree(): ScopeNode[] {
  const now = runtime.timers.now();
  const tops = [...allTasks()].map((task) => topOf(task.scope));
  return [...new Set([runtime.root, topOf(currentScope()), ...tops])].map((scope) => scopeNode(scope, now));
}

function topOf(scope: Scope): Scope {
  return scope.parent === undefined ? scope : topOf(scope.parent);
}

function scopeNode(scope: Scope, now: number): ScopeNode {
  const { deadline = Infinity } = scope;
  return {
    kind: scope.kind,
    dueIn: deadline === Infinity ? undefined : deadline - now,
    masked: scope.masked,
    cancelled: scope.requests === 0 ? undefined : scope.error?.message,
    waits: ownWaits(scope).map((park) => waitNode(park, now)),
    scopes: scope.children.map((child) => scopeNode(child, now)),
    tasks: tasksOf(scope).map((task) => taskNode(task, now)),
  };
}

function taskNode(task: Task<unknown>, now: number): TaskNode {
  return { id: task.id, name: task.name, creationStack: creationStack(task), scope: scopeNode(task.scope, now) };
}

function waitNode(park: Park, now: number): WaitNode {
  return {
    resource: describeAwaited(park),
    ms: now - park.since,
    dueIn: park.timer === undefined ? undefined : park.timer.when - now,
    heldBy: park.resource.holder?.()?.name,
    callStack: waitStack(park),
  };
}

/**
 * The trees of {@link taskTree} as text.
 *
 * @example
 * console.log(formatTaskTree(taskTree()));
 */
export function formatTaskTree(trees: readonly ScopeNode[]): string {
  return trees.map((scope) => formatTree(scopeLines(scope, scope.kind))).join("\n");
}

function scopeLines(scope: ScopeNode, name: string): TreeNode {
  const marks = [
    scope.masked ? "cancellations wait" : "",
    scope.dueIn === undefined ? "" : `${Math.round(scope.dueIn)} ms left`,
    scope.cancelled === undefined ? "" : `asked to stop: ${scope.cancelled}`,
  ].filter((mark) => mark !== "");
  const children = [
    ...scope.waits.map(waitLines),
    ...scope.scopes.map((child) => scopeLines(child, child.kind)),
    ...scope.tasks.map((task) => scopeLines(task.scope, `task ${task.name} (${task.id})`)),
  ];
  return { label: marks.length === 0 ? name : `${name} [${marks.join(", ")}]`, children };
}

function waitLines({ resource, ms, dueIn, heldBy, callStack = [] }: WaitNode): TreeNode {
  const holder = heldBy === undefined ? "" : `, held by task ${heldBy}`;
  const end = dueIn === undefined ? "" : `, ${Math.round(dueIn)} ms left`;
  const label = `waits for ${resource}, for ${Math.round(ms)} ms${end}${holder}`;
  return { label, children: callStack.map((frame) => ({ label: frame, children: [] })) };
}
