// The process at one moment, as plain data: the tree of ownership with what each task waits for, the deadlocks, and how many
// tasks there are. This is the one snapshot; text and pages are made from it.
//
// It is bounded, unless all is asked for: of a hundred thousand sleeping tasks it shows a few and counts the others. What
// people look for - what is stuck, holds something, or was asked to stop - is shown first. It is built by a loop, from
// outside in: users nest scopes and tasks as deep as they like.

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

/** Which part of the process a snapshot shows. */
export interface ProcessViewOptions {
  /** The number of tasks that are shown; the others are counted. With `Infinity` all is shown. @default 500 */
  readonly limit?: number;
  /**
   * The number of tasks of one owner that are shown and wait for the same; the others are counted.
   * @default 10; `Infinity` if `limit` is
   */
  readonly equals?: number;
  /** Whether each task tells which tasks await it. @default false */
  readonly awaiters?: boolean;
  /** Whether the calls that led to waits, and where tasks were created, are in it: known in debug mode. @default false */
  readonly stacks?: boolean;
  /** Which tasks are left out, with all that belongs to them. @default none */
  readonly hide?: (task: Task<unknown>) => boolean;
}

/** Tasks that are counted instead of shown. */
export interface FoldedTasks {
  readonly count: number;
  /** The number of tasks that belong to them, at any depth. */
  readonly below: number;
  /** The resource that they wait for, if it is one for all. */
  readonly waits: string | undefined;
  /** The time for which the first of them has waited, in milliseconds. */
  readonly ms: number | undefined;
}

/** A scope at one moment. */
export interface ScopeView {
  /** The kind of scope: `process`, `run`, `task`, `gather`, `timeout`, `taskGroup`. */
  readonly kind: string;
  /** The time it has left, in milliseconds, if it has a limit. */
  readonly dueIn: number | undefined;
  /** Whether cancellations from outside wait until it has ended. */
  readonly masked: boolean;
  /** The reason for which it was asked to stop, if it was. */
  readonly stopping: string | undefined;
  /** The waits of the code in it. */
  readonly waits: readonly WaitView[];
  readonly scopes: readonly ScopeView[];
  /** The number of waits and scopes in it that are not shown. */
  readonly more: number;
  /** The tasks that belong to it. */
  readonly tasks: readonly TaskView[];
  /** The tasks that belong to it and are not shown. */
  readonly folded: readonly FoldedTasks[];
}

/** A task at one moment; as a scope, it is the outermost one of its code. */
export interface TaskView extends ScopeView, TaskReference {
  readonly state: TaskState;
  /** The tasks that await it, `gather` and its like looked through: with the option `awaiters`. */
  readonly awaitedBy?: readonly AwaiterView[];
  /** The calls that created it, innermost first: with the option `stacks`, in debug mode. */
  readonly creationStack?: readonly string[];
}

/** One task of a deadlock. */
export interface DeadlockLink {
  readonly task: TaskReference;
  /** Its wait. */
  readonly waits: WaitView;
  /** The task that would have to end the wait. */
  readonly blocker: TaskReference;
}

/** Everything that goes on in the process at one moment: plain data that can be sent as JSON. */
export interface ProcessView {
  /** The version of this format. */
  readonly version: 1;
  readonly pid: number;
  /** The program, as on the command line. */
  readonly program: string;
  /** The moment of the snapshot, in milliseconds since 1970. */
  readonly at: number;
  /** The time since the process began, in milliseconds. */
  readonly uptime: number;
  /** The number of tasks in each state. */
  readonly counts: Readonly<Record<TaskState, number>>;
  /** The scope of the process, and all that it owns. */
  readonly root: ScopeView;
  /** Circles of tasks that wait for each other, or for what others in the circle hold. */
  readonly deadlocks: readonly (readonly DeadlockLink[])[];
}

const deepest = 64;
const deadlocksShown = 20;
const linksShown = 50;
const flowsShown = 50;

/**
 * Everything that goes on in the process at this moment. It is bounded: tasks that are stuck, that hold something or were
 * asked to stop are shown first, the others as far as there is room, down to 64 levels. With `limit: Infinity` it shows
 * all, at any depth.
 *
 * @example
 * const task = createTask(() => sleep(5), { name: "sleeper" });
 * await sleep(0);
 * console.log(viewProcess().counts.waiting); // 1
 * await task;
 */
export function viewProcess(options: ProcessViewOptions = {}): ProcessView {
  // Read once and together: then `at - ms` is the same at each look.
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
  /** Whether nothing is cut. */
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
  /** Tasks that are shown in any case. */
  readonly wanted: ReadonlySet<Task<unknown>>;
  readonly views: WaitViews;
  readonly awaiters: ReadonlyMap<Task<unknown>, readonly AwaiterView[]> | undefined;
}

// A place for tasks in which there are none: what an application keeps for those to come.
function isIdle({ owner, parks, tasks, scopes, parent }: Scope): boolean {
  const isEmpty = parks?.first === undefined && tasks?.first === undefined && scopes?.first === undefined;
  return isEmpty && parent === runtime.root && owner.parent === parent;
}

// A scope whose lists are still to be filled.
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
    // What is added meanwhile comes last: upper levels are shown before lower ones.
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
