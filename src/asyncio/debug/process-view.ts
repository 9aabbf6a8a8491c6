// What goes on in the process, for people to look at: the tree of ownership with what each task waits for, the deadlocks,
// and how many tasks there are. Unlike `taskTree()` it is bounded: of a hundred thousand sleeping tasks it shows a few and
// counts the others. What somebody would look for - what is stuck, what holds a lock, what was asked to stop - is shown
// before anything else is.

import { basename, relative } from "node:path";
import { runtime, type Scope, type Task, tasksOf } from "../core/index.ts";
import { ownWaits } from "./await-graph.ts";
import { describeAwaited } from "./describe-wait.ts";
import { findRemarkable, listTasks, stateOf, type TaskState } from "./remarkable-tasks.ts";
import { shapeOf } from "./scope-shape.ts";
import { circlesOf, findStuckTasks, type StuckLink } from "./stuck-tasks.ts";
import { viewWait, type TaskReference, type WaitView } from "./wait-view.ts";

/** How much of the process is shown. */
export interface ProcessViewOptions {
  /** How many tasks are shown; the others are counted. @default 500 */
  readonly limit?: number;
  /** How many tasks of one owner are shown that wait for the same; the others are counted. @default 10 */
  readonly equals?: number;
  /** Which tasks are left out, with all that belongs to them. @default none */
  readonly hide?: (task: Task<unknown>) => boolean;
}

/** Tasks that are counted instead of shown. */
export interface FoldedTasks {
  readonly count: number;
  /** How many tasks belong to them, at any depth. */
  readonly below: number;
  /** What they wait for, if all wait for the same. */
  readonly waits: string | undefined;
  /** For how long the first of them has waited, in milliseconds. */
  readonly ms: number | undefined;
}

/** A scope at one moment. */
export interface ScopeView {
  /** What it is: `process`, `run`, `task`, `gather`, `timeout`, `taskGroup`. */
  readonly kind: string;
  /** In how many milliseconds its time runs out, if it has a limit. */
  readonly dueIn: number | undefined;
  /** Whether cancellations wait until it is over. */
  readonly masked: boolean;
  /** Why it was asked to stop, if it was. */
  readonly stopping: string | undefined;
  /** What code waits for in it. */
  readonly waits: readonly WaitView[];
  readonly scopes: readonly ScopeView[];
  /** How many waits and scopes in it are not shown. */
  readonly more: number;
  /** The tasks that belong to it. */
  readonly tasks: readonly TaskView[];
  /** The tasks that belong to it and are not shown. */
  readonly folded: readonly FoldedTasks[];
}

/** A task at one moment; as a scope, it is the outermost one of its code. */
export interface TaskView extends ScopeView {
  readonly id: number;
  readonly name: string;
  readonly state: TaskState;
}

/** One task of a deadlock. */
export interface DeadlockLink {
  readonly task: TaskReference;
  /** What it waits for. */
  readonly waits: WaitView;
  /** The task that would have to end that. */
  readonly blocker: TaskReference;
}

/** Everything that goes on in the process at one moment: plain data that can be sent as JSON. */
export interface ProcessView {
  /** Of this format. */
  readonly version: 1;
  readonly pid: number;
  /** What the process runs, as on its command line. */
  readonly program: string;
  /** When it was looked at, in milliseconds since 1970. */
  readonly at: number;
  /** For how long the process has been running, in milliseconds. */
  readonly uptime: number;
  /** How many tasks there are in each state. */
  readonly counts: Readonly<Record<TaskState, number>>;
  /** What the process owns. */
  readonly root: ScopeView;
  /** Circles of tasks that wait for each other, or for what others in the circle hold. */
  readonly deadlocks: readonly (readonly DeadlockLink[])[];
}

const deepest = 64;
const deadlocksShown = 20;
const linksShown = 50;
const flowsShown = 50;
const longestProgram = 200;

/**
 * Everything that goes on in the process at this moment, bounded: tasks that are stuck, that hold something or were asked
 * to stop are shown first, the others as far as there is room.
 *
 * @example
 * const task = createTask(() => sleep(5), { name: "sleeper" });
 * await sleep(0);
 * console.log(viewProcess().counts.waiting); // 1
 * await task;
 */
export function viewProcess(options: ProcessViewOptions = {}): ProcessView {
  // Read once and together: then `at - ms` is the same at each look, for whoever shows since when something waits.
  const [now, at] = [runtime.timers.now(), performance.timeOrigin + performance.now()];
  const hide = options.hide ?? nobody;
  const tasks = listTasks(runtime.root, hide);
  const stuck = findStuckTasks(tasks);
  const counts = { running: 0, waiting: 0, stopping: 0, stuck: 0 };
  for (const task of tasks) counts[stateOf(task, stuck)]++;
  const { limit = 500, equals = 10 } = options;
  const view = new View({ now, limit, equals, hide, stuck, wanted: findRemarkable(tasks, stuck, limit) });
  return {
    version: 1,
    pid: process.pid,
    program: describeProgram(),
    at,
    uptime: process.uptime() * 1_000,
    counts,
    root: view.scope(runtime.root, 0),
    deadlocks: circlesOf(stuck)
      .slice(0, deadlocksShown)
      .map((circle) => viewCircle(circle, now)),
  };
}

function nobody(): boolean {
  return false;
}

function describeProgram(): string {
  const [file = "node", ...args] = process.argv.slice(1);
  const path = relative(process.cwd(), file);
  const name = /^pottle(?:\.cjs)?$/.test(basename(file)) ? "pottle" : path.startsWith("..") ? file : path;
  return [name, ...args].join(" ").slice(0, longestProgram);
}

function viewCircle(circle: readonly StuckLink[], now: number): DeadlockLink[] {
  return circle.slice(0, linksShown).map(({ task, park, blocker }) => ({
    task: { id: task.id, name: task.name },
    waits: viewWait(park, now),
    blocker: { id: blocker.id, name: blocker.name },
  }));
}

interface ViewSettings {
  readonly now: number;
  readonly limit: number;
  readonly equals: number;
  readonly hide: (task: Task<unknown>) => boolean;
  readonly stuck: ReadonlyMap<Task<unknown>, StuckLink>;
  /** Tasks that are shown in any case. */
  readonly wanted: ReadonlySet<Task<unknown>>;
}

class View {
  readonly #settings: ViewSettings;
  #room: number;

  constructor(settings: ViewSettings) {
    this.#settings = settings;
    this.#room = settings.limit - settings.wanted.size;
  }

  scope(scope: Scope, depth: number): ScopeView {
    const { kind, masked, deadline = Infinity } = scope;
    const [waits, scopes] = [ownWaits(scope), scope.children];
    const shown = depth < deepest ? scopes.slice(0, flowsShown) : [];
    return {
      kind,
      dueIn: deadline === Infinity ? undefined : deadline - this.#settings.now,
      masked,
      stopping: scope.requests === 0 ? undefined : (scope.error?.message ?? "cancelled"),
      waits: waits.slice(0, flowsShown).map((park) => viewWait(park, this.#settings.now)),
      scopes: shown.map((child) => this.scope(child, depth + 1)),
      more: Math.max(0, waits.length - flowsShown) + scopes.length - shown.length,
      ...this.#tasks(scope, depth),
    };
  }

  #tasks(scope: Scope, depth: number): { tasks: TaskView[]; folded: FoldedTasks[] } {
    const tasks: TaskView[] = [];
    const groups = new Groups();
    for (const task of tasksOf(scope)) {
      if (this.#settings.hide(task)) continue;
      const group = groups.of(task);
      if (this.#shows(task, group, depth)) tasks.push(this.#task(task, depth));
      else group.folded.push(task);
    }
    return { tasks, folded: groups.all().flatMap(({ folded }) => this.#fold(folded)) };
  }

  #shows(task: Task<unknown>, group: Group, depth: number): boolean {
    if (depth >= deepest) return false;
    if (this.#settings.wanted.has(task)) return true;
    if (group.shown >= this.#settings.equals || this.#room <= 0) return false;
    group.shown++;
    this.#room--;
    return true;
  }

  #task(task: Task<unknown>, depth: number): TaskView {
    const view = this.scope(task.scope, depth + 1);
    const { id, name } = task;
    return { id, name, state: stateOf(task, this.#settings.stuck), ...view, kind: task.combinator ?? view.kind };
  }

  #fold(tasks: readonly Task<unknown>[]): FoldedTasks[] {
    const [first] = tasks;
    if (first === undefined) return [];
    const park = first.waits[0];
    const below = tasks.reduce((sum, task) => sum + listTasks(task.scope, this.#settings.hide).length, 0);
    const waits = park === undefined ? undefined : describeAwaited(park);
    return [
      { count: tasks.length, below, waits, ms: park === undefined ? undefined : this.#settings.now - park.since },
    ];
  }
}

// Tasks of one owner that do the same.
interface Group {
  shown: number;
  readonly folded: Task<unknown>[];
}

class Groups {
  readonly #groups: Map<string, Group> = new Map();
  readonly #others: Group = { shown: -Infinity, folded: [] };

  of(task: Task<unknown>): Group {
    const shape = shapeOf(task.scope);
    if (shape === "") return this.#others;
    const group = this.#groups.get(shape) ?? { shown: 0, folded: [] };
    this.#groups.set(shape, group);
    return group;
  }

  all(): Group[] {
    return [...this.#groups.values(), this.#others];
  }
}
