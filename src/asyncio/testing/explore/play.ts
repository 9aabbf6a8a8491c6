// One run of a test: it has its own clock, a decider chooses the order of events, and all kinds of failures are watched
// for.

import {
  addInstrument,
  countTurns,
  createTask,
  outside,
  platformTurn,
  runtime,
  Scope,
  setExceptionHandler,
  type Task,
} from "../../core/index.ts";
import { checkLeaks } from "../leaks.ts";
import { ChoiceLog, type Decider, type MadeChoice } from "./choices.ts";
import { ExploredSchedule, type Liberties, type ScheduleListener } from "./explored-schedule.ts";
import { ExploredTime } from "./explored-time.ts";
import type { Finding, Findings } from "./findings.ts";
import { Narrative, type Step } from "./narrative.ts";
import { Watcher } from "./watcher.ts";

/** The argument of an explored test. */
export interface ExploreContext {
  /** The clock of the run, in milliseconds from 0. Time advances by itself whenever all tasks wait. */
  readonly clock: { now(): number };
  /** Calls `check` whenever a task suspends. If `check` throws, the run fails. */
  readonly always: (check: () => void) => void;
  /**
   * Calls `check` when the test and all its tasks have ended, even if the search cancelled a task that the test
   * awaited. If `check` throws, the run fails.
   */
  readonly atEnd: (check: () => void | PromiseLike<void>) => void;
}

/** A test that can be explored. It must create everything that it uses, so that each run starts with the same state. */
export type ExploreTest = (context: ExploreContext) => unknown;

/** @internal The outcome of a run. */
export interface Outcome {
  readonly finding: Finding | undefined;
  /** The choices that were made. */
  readonly choices: readonly MadeChoice[];
  /** A hash of the order of events. */
  readonly hash: number;
  /** The number of events. */
  readonly events: number;
  /** The steps of the run, if they were requested. */
  readonly steps: readonly Step[];
}

// How many turns with events may pass before time advances anyway.
const restTurns = 1_000;

// How many tasks the message names if all tasks wait.
const mostNamed = 20;

// How long a run waits for promises of other code if nothing else can continue, in milliseconds of real time.
const patience = 500;

/** @internal Runs `test` once. */
export async function play(
  test: ExploreTest,
  decide: Decider,
  liberties: Liberties,
  findings: Findings,
  tells = false,
): Promise<Outcome> {
  const log = new ChoiceLog(decide);
  const before = runtime.tasks;
  runtime.tasks = 0; // so that tasks have the same names in each run
  const run = new Run(log, liberties, findings, tells);
  try {
    await checkLeaks(() => run.play(test));
  } catch (error) {
    findings.add("leak", error);
  } finally {
    runtime.tasks = before + runtime.tasks;
  }
  const { hash, events } = run.watcher;
  return { finding: findings.first, choices: log.made, hash, events, steps: run.narrative?.steps ?? [] };
}

class Run {
  readonly watcher = new Watcher();
  narrative: Narrative | undefined;
  readonly #log: ChoiceLog;
  readonly #liberties: Liberties;
  readonly #findings: Findings;
  readonly #tells: boolean;
  readonly #invariants: (() => void)[] = [];
  readonly #endings: (() => void | PromiseLike<void>)[] = [];
  readonly #resources = countResources();
  #turns = 0;

  constructor(log: ChoiceLog, liberties: Liberties, findings: Findings, tells: boolean) {
    this.#log = log;
    this.#liberties = liberties;
    this.#findings = findings;
    this.#tells = tells;
  }

  async play(test: ExploreTest): Promise<void> {
    using installed = new DisposableStack();
    const time = installed.use(new ExploredTime(this.#log));
    const schedule = installed.use(new ExploredSchedule(this.#log, time, this.#liberties, this.#listen(time)));
    installed.defer(addInstrument(this.watcher));
    installed.defer(addInstrument({ wait: (park) => schedule.wait(park) }));
    if (this.narrative !== undefined) installed.defer(addInstrument(this.narrative));
    installed.use(this.#hearErrors());
    const scope = new Scope(runtime.root, { kind: "explore", ownsTasks: true });
    const task = this.#start(test, time, scope);
    await this.#progress(schedule, () => task.done() || this.#findings.first !== undefined);
    if (!task.done() && this.#findings.first === undefined) this.#findings.add("hang", this.#describeHang());
    await this.#close(schedule, scope);
    await this.#end();
    if (time.size > 0) this.#findings.add("leak", new Error(`Left behind:\n  timers: ${time.size}`));
  }

  #listen(time: ExploredTime): ScheduleListener {
    if (!this.#tells) return this.watcher;
    const { watcher } = this;
    const narrative = (this.narrative = new Narrative(time));
    return {
      starts(task): void {
        watcher.starts(task);
        narrative.starts(task);
      },
      resumes(task): void {
        watcher.resumes(task);
        narrative.resumes(task);
      },
      deviates: (task, what) => narrative.deviates(task, what),
    };
  }

  #hearErrors(): Disposable {
    const before = setExceptionHandler(({ message, error }) => {
      if (error === undefined) this.#findings.add("leak", new Error(message)); // a task that did not stop
      else this.#findings.add("unobserved", error);
    });
    return { [Symbol.dispose]: () => void setExceptionHandler(before) };
  }

  #start(test: ExploreTest, time: ExploredTime, scope: Scope): Task<unknown> {
    const context: ExploreContext = {
      clock: { now: () => time.now() },
      always: (check) => this.#addInvariant(check),
      atEnd: (check) => void this.#endings.push(check),
    };
    const task = createTask(() => test(context), { name: "test", owner: scope });
    void task.then(undefined, (error: unknown) => this.#findings.add("error", error));
    return task;
  }

  #addInvariant(check: () => void): void {
    this.#invariants.push(check);
    this.watcher.onStep = () => this.#checkInvariants();
  }

  #checkInvariants(): void {
    if (this.#findings.first !== undefined) return;
    try {
      for (const check of this.#invariants) check();
    } catch (error) {
      this.#findings.add("invariant", error);
    }
  }

  // Lets one event happen after the other, until the test is over or nothing more can happen.
  async #progress(schedule: ExploredSchedule, isOver: () => boolean): Promise<void> {
    for (this.#turns = 0; ;) {
      await this.#rest();
      if (isOver()) return;
      if (this.#turns > this.#liberties.turns)
        return this.#findings.add("endless", new Error(describeEndless(this.#liberties.turns)));
      if (!schedule.advance(this.watcher.waiting) && !(await this.#waitForForeign())) return;
    }
  }

  // Waits until all tasks are waiting, in one of our waits or for a promise of other code. A task that only polls
  // counts as waiting.
  async #rest(): Promise<void> {
    const end = this.#turns + restTurns;
    let before: number;
    do {
      before = this.watcher.events;
      await platformTurn();
      await platformTurn();
      this.#turns += 2;
    } while ((this.watcher.events !== before || countTurns() > 0) && this.#turns < end);
  }

  // Waits for promises of other code, if there may be any. Returns whether one of them caused an event.
  async #waitForForeign(): Promise<boolean> {
    const before = this.watcher.events;
    const end = performance.now() + patience;
    while (this.#mayWaitForForeign && performance.now() < end) {
      await new Promise((resolve) => void outside(setTimeout, resolve, 1));
      if (this.watcher.events !== before) return true;
    }
    return false;
  }

  // A task without one of our waits awaits other code; and even one of our waits may be for a socket.
  get #mayWaitForForeign(): boolean {
    return countResources() > this.#resources || !this.watcher.living().every(isWaiting);
  }

  #describeHang(): Error {
    const tasks = [...this.watcher.living()].map((task) => `${task.name}: ${task.waitsFor}`);
    if (tasks.length > mostNamed) tasks.splice(mostNamed, Infinity, `and ${tasks.length - mostNamed} more`);
    return new Error(`Every task waits, and nothing can wake any of them:\n  ${tasks.join("\n  ")}`);
  }

  // Cancels the tasks that the test left. Their clean-up may wait.
  async #close(schedule: ExploredSchedule, scope: Scope): Promise<void> {
    const closing = scope.close(true);
    if (closing === undefined) return;
    let isOver = false;
    const closed = closing.then(() => {
      isOver = true;
    });
    await this.#progress(schedule, () => isOver);
    if (isOver) await closed;
  }

  async #end(): Promise<void> {
    if (this.#findings.first !== undefined) return;
    this.#checkInvariants();
    try {
      for (const check of this.#endings) await outside(check);
    } catch (error) {
      this.#findings.add("error", error);
    }
  }
}

function describeEndless(turns: number): string {
  return `It went on and on: after ${turns} turns of the event loop it had not ended`;
}

// Counts the resources that keep the process alive, except the turns that the run itself makes.
function countResources(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind !== "Immediate").length;
}

function isWaiting(task: Task<unknown>): boolean {
  return task.waits.length > 0;
}
