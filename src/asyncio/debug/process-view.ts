// A snapshot of the process as plain data: the ownership tree with the waits of each task, the deadlocks, and the
// number of tasks. All texts and pages about the process are made from it.
//
// Its size is bounded, unless everything is requested: of a hundred thousand sleeping tasks it shows a few and counts
// the others. Tasks that people usually look for are shown first: those that are stuck, hold a resource, or were
// cancelled. The snapshot is built by a loop from the outside in, because users may nest scopes and tasks to any depth.

import {
  ownWaits,
  runtime,
  type Scope,
  circlesOf,
  findStuckTasks,
  type StuckLink,
  type Task,
  tasksOf,
} from "../core/index.ts";
import { type AwaiterView, findAwaiters } from "./awaiter-view.ts";
import { creationStack } from "./creation-stacks.ts";
import { describeProgram } from "./describe-program.ts";
import { describeAwaited } from "./describe-wait.ts";
import { countWaits, rankTasks, listTasks, stateOf, type TaskState } from "./rank-tasks.ts";
import { type Group, Groups } from "./scope-shape.ts";
import { type TaskReference, type WaitView, WaitViews } from "./wait-view.ts";

/** Options that select the part of the process to show. */
export interface ProcessViewOptions {
  /** The maximum number of tasks to show; the others are counted. With `Infinity`, all are shown. @default 500 */
  readonly limit?: number;
  /**
   * The maximum number of tasks to show that have the same owner and wait for the same resource; the others are
   * counted.
   * @default 10; `Infinity` if `limit` is `Infinity`
   */
  readonly equals?: number;
  /** Whether to include for each task which tasks await it. @default false */
  readonly awaiters?: boolean;
  /**
   * Whether to include the call stacks of waits and of the creation of tasks, which are known in debug mode. @default
   * false
   */
  readonly stacks?: boolean;
  /** Returns whether to leave out a task and all tasks that it owns. @default none is left out */
  readonly hide?: (task: Task<unknown>) => boolean;
}

/** Tasks that are counted instead of shown. */
export interface FoldedTasks {
  readonly count: number;
  /** The number of tasks that they own, directly or through other tasks. */
  readonly below: number;
  /** The resource that they wait for, if all wait for the same. */
  readonly waits: string | undefined;
  /** How long the first of them has been waiting, in milliseconds. */
  readonly ms: number | undefined;
}

/** A scope at one moment. */
export interface ScopeView {
  /** The kind of scope: `process`, `run`, `task`, `gather`, `timeout`, `taskGroup`. */
  readonly kind: string;
  /** The time until its limit runs out, in milliseconds, if it has one. */
  readonly dueIn: number | undefined;
  /** Whether cancellations from outside are held back until it has ended. */
  readonly masked: boolean;
  /** The reason of its cancellation, if it was cancelled. */
  readonly stopping: string | undefined;
  /** The waits of the code in the scope. */
  readonly waits: readonly WaitView[];
  readonly scopes: readonly ScopeView[];
  /** The number of its waits and inner scopes that are not shown. */
  readonly more: number;
  /** The tasks that the scope owns. */
  readonly tasks: readonly TaskView[];
  /** The owned tasks that are counted instead of shown. */
  readonly folded: readonly FoldedTasks[];
}

/** A task at one moment, together with its outermost scope. */
export interface TaskView extends ScopeView, TaskReference {
  readonly state: TaskState;
  /**
   * The tasks that await it, with the option `awaiters`. Combinators such as `gather` are replaced by the tasks that
   * await them.
   */
  readonly awaitedBy?: readonly AwaiterView[];
  /** The call stack of its creation, the innermost call first; with the option `stacks`, in debug mode. */
  readonly creationStack?: readonly string[];
}

/** One task of a deadlock. */
export interface DeadlockLink {
  readonly task: TaskReference;
  /** The task's wait. */
  readonly waits: WaitView;
  /** The task that would have to end the wait. */
  readonly blocker: TaskReference;
}

/** A snapshot of the process: plain data that can be sent as JSON. */
export interface ProcessView {
  /** The version of this format. */
  readonly version: 1;
  readonly pid: number;
  /** The program and its arguments, as on the command line. */
  readonly program: string;
  /** The time of the snapshot, in milliseconds since 1970. */
  readonly at: number;
  /** How long the process has been running, in milliseconds. */
  readonly uptime: number;
  /** The number of tasks in each state. */
  readonly counts: Readonly<Record<TaskState, number>>;
  /** The scope of the process, and everything that it owns. */
  readonly root: ScopeView;
  /** Circles of tasks that wait for each other, or for resources that others in the circle hold. */
  readonly deadlocks: readonly (readonly DeadlockLink[])[];
}

const deepest = 64;
const deadlocksShown = 20;
const linksShown = 50;
const flowsShown = 50;

/**
 * Takes a snapshot of the process. Its size is bounded: tasks that are stuck, hold a resource, or were cancelled are
 * shown first, then others up to the limit, down to 64 levels. With `limit: Infinity`, it shows everything, at any
 * depth.
 *
 * @example
 * const task = createTask(() => sleep(5), { name: "sleeper" });
 * await sleep(0);
 * console.log(viewProcess().counts.waiting); // 1
 * await task;
 */
export function viewProcess(options: ProcessViewOptions = {}): ProcessView {
  // Both clocks are read once and together, so that `at - ms` is the same in each snapshot.
  const [now, at] = [runtime.timers.now(), performance.timeOrigin + performance.now()];
  const settings = complete(options);
  const tasks = listTasks(runtime.root, settings.hide);
  const stuck = findStuckTasks(tasks);
  const waits = countWaits(tasks);
  const counts = { running: 0, waiting: 0, stopping: 0, stuck: 0 };
  for (const task of tasks) counts[stateOf(task, stuck)]++;
  const views = new WaitViews({ now, counts: waits, stacks: settings.stacks });
  const wanted = rankTasks(tasks, { stuck, resources: waits.keys(), limit: settings.limit });
  const awaiters = settings.awaiters ? findAwaiters(tasks) : undefined;
  const build = new Build({ ...settings, now, stuck, wanted, views, awaiters });
  return {
    version: 1,
    pid: process.pid,
    program: describeProgram(),
    at,
    uptime: process.uptime() * 1_000,
    counts,
    root: build.tree(runtime.root),
    deadlocks: circlesOf(stuck)
      .slice(0, settings.isWhole ? Infinity : deadlocksShown)
      .map((circle) => viewCircle(circle.slice(0, settings.isWhole ? Infinity : linksShown), views)),
  };
}

interface Settings extends Required<ProcessViewOptions> {
  /** Whether everything is shown. */
  readonly isWhole: boolean;
}

function complete({
  limit = 500,
  equals,
  hide = hideNone,
  awaiters = false,
  stacks = false,
}: ProcessViewOptions): Settings {
  const isWhole = limit === Infinity;
  return { limit, equals: equals ?? (isWhole ? Infinity : 10), hide, awaiters, stacks, isWhole };
}

function hideNone(): boolean {
  return false;
}

function viewCircle(circle: readonly StuckLink[], views: WaitViews): DeadlockLink[] {
  return circle.map(({ task, park, blocker }) => ({
    task: views.reference(task),
    waits: views.wait(park),
    blocker: views.reference(blocker),
  }));
}

interface BuildSettings extends Omit<Settings, "awaiters"> {
  readonly now: number;
  readonly stuck: ReadonlyMap<Task<unknown>, StuckLink>;
  /** Tasks that must be shown. */
  readonly wanted: ReadonlySet<Task<unknown>>;
  readonly views: WaitViews;
  readonly awaiters: ReadonlyMap<Task<unknown>, readonly AwaiterView[]> | undefined;
}

// Whether a scope is empty and owned by the process: an application keeps such scopes for later tasks.
function isIdle({ owner, parks, tasks, scopes, parent }: Scope): boolean {
  const isEmpty = parks?.first === undefined && tasks?.first === undefined && scopes?.first === undefined;
  return isEmpty && parent === runtime.root && owner.parent === parent;
}

// A scope with lists that must still be filled.
interface Draft {
  readonly scope: Scope;
  readonly view: ScopeView & { readonly waits: WaitView[]; readonly scopes: ScopeView[]; more: number } & Tasks;
  readonly depth: number;
}

interface Tasks {
  readonly tasks: TaskView[];
  readonly folded: FoldedTasks[];
}

class Build {
  readonly #settings: BuildSettings;
  readonly #drafts: Draft[] = [];
  #room: number;

  constructor(settings: BuildSettings) {
    this.#settings = settings;
    this.#room = settings.limit - settings.wanted.size;
  }

  tree(root: Scope): ScopeView {
    const view = this.#begin(root, 0);
    // The loop also visits drafts that are added meanwhile. They come last, so upper levels are filled before lower
    // ones.
    for (const draft of this.#drafts) {
      this.#fill(draft);
      this.#fillTasks(draft);
    }
    return view;
  }

  #begin<Extra extends object>(scope: Scope, depth: number, extra?: Extra): ScopeView & Extra {
    const { kind, masked, deadline = Infinity } = scope;
    const view = {
      kind,
      dueIn: deadline === Infinity ? undefined : deadline - this.#settings.now,
      masked,
      stopping: scope.requests === 0 ? undefined : (scope.error?.message ?? "cancelled"),
      waits: [],
      scopes: [],
      more: 0,
      tasks: [],
      folded: [],
      ...(extra as Extra),
    };
    this.#drafts.push({ scope, view, depth });
    return view;
  }

  #fill({ scope, view, depth }: Draft): void {
    const { views, isWhole } = this.#settings;
    const most = isWhole ? Infinity : flowsShown;
    for (const park of ownWaits(scope)) {
      if (view.waits.length < most) view.waits.push(views.wait(park));
      else view.more++;
    }
    for (const child of scope.children) {
      if (isIdle(child)) continue;
      if (isWhole || (depth < deepest && view.scopes.length < most)) view.scopes.push(this.#begin(child, depth + 1));
      else view.more++;
    }
  }

  #fillTasks({ scope, view, depth }: Draft): void {
    const groups = new Groups();
    for (const task of tasksOf(scope)) {
      if (this.#settings.hide(task)) continue;
      const group = this.#settings.isWhole ? groups.others : groups.of(task);
      if (this.#shows(task, group, depth)) view.tasks.push(this.#task(task, depth));
      else group.folded.push(task);
    }
    for (const { folded } of groups.all()) if (folded.length > 0) view.folded.push(this.#fold(folded));
  }

  #shows(task: Task<unknown>, group: Group, depth: number): boolean {
    if (this.#settings.isWhole) return true;
    if (depth >= deepest) return false;
    if (this.#settings.wanted.has(task)) return true;
    if (group.shown >= this.#settings.equals || this.#room <= 0) return false;
    group.shown++;
    this.#room--;
    return true;
  }

  #task(task: Task<unknown>, depth: number): TaskView {
    const { stuck, views, awaiters, stacks } = this.#settings;
    const created = stacks ? creationStack(task) : undefined;
    return this.#begin(task.scope, depth + 1, {
      ...views.reference(task),
      state: stateOf(task, stuck),
      ...(task.combinator === undefined ? {} : { kind: task.combinator }),
      ...(awaiters === undefined ? {} : { awaitedBy: awaiters.get(task) ?? [] }),
      ...(created === undefined ? {} : { creationStack: created }),
    });
  }

  #fold(tasks: readonly Task<unknown>[]): FoldedTasks {
    const [park] = tasks[0]!.waits;
    const below = tasks.reduce((sum, task) => sum + listTasks(task.scope, this.#settings.hide).length, 0);
    if (park === undefined) return { count: tasks.length, below, waits: undefined, ms: undefined };
    return { count: tasks.length, below, waits: describeAwaited(park), ms: this.#settings.now - park.since };
  }
}
