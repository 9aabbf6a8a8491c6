// One run of a test: on a clock of its own, in an order that a decider chooses, watched for everything that can go wrong.

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

/** What a test that is explored can use. */
export interface ExploreContext {
  /** The time of the run, in milliseconds from 0. It passes by itself whenever every task waits. */
  readonly clock: { now(): number };
  /** Has `check` called whenever a task lets go of the program; what it throws fails the run. */
  readonly always: (check: () => void) => void;
  /**
   * Has `check` called once everything is over, however the test ended: also when a task that it awaited was cancelled by
   * the search. What it throws fails the run.
   */
  readonly atEnd: (check: () => void | PromiseLike<void>) => void;
}

/** A test that can be explored: it makes everything that it uses, so that each run begins afresh. */
export type ExploreTest = (context: ExploreContext) => unknown;

/** @internal What came of a run. */
export interface Outcome {
  readonly finding: Finding | undefined;
  /** The choices that were made. */
  readonly choices: readonly MadeChoice[];
  /** The order of things, as a number. */
  readonly hash: number;
  /** How many things happened. */
  readonly events: number;
  /** What happened, if that was asked for. */
  readonly steps: readonly Step[];
}

// So many turns may pass while something happens in each of them, before time passes all the same.
const restTurns = 1_000;

// So many tasks are named where all of them wait.
const mostNamed = 20;

// How long a run waits for promises that are not ours, where nothing else can go on, in milliseconds of real time.
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
  runtime.tasks = 0; // tasks are called the same in each run
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

  // Lets one thing happen after the other, until it is over or nothing more can happen.
  async #progress(schedule: ExploredSchedule, isOver: () => boolean): Promise<void> {
    for (this.#turns = 0; ;) {
      await this.#rest();
      if (isOver()) return;
      if (this.#turns > this.#liberties.turns)
        return this.#findings.add("endless", new Error(describeEndless(this.#liberties.turns)));
      if (!schedule.advance(this.watcher.waiting) && !(await this.#waitForForeign())) return;
    }
  }

  // Until every task waits: for something of ours, or for a promise that is not. What only polls counts as waiting.
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

  // For promises that are not ours, where there are any. Returns whether one made something happen.
  async #waitForForeign(): Promise<boolean> {
    const before = this.watcher.events;
    const end = performance.now() + patience;
    while (this.#mayWaitForForeign && performance.now() < end) {
      await new Promise((resolve) => void outside(setTimeout, resolve, 1));
      if (this.watcher.events !== before) return true;
    }
    return false;
  }

  // A task that has no wait of ours waits for something else; a wait of ours may be for a socket.
  get #mayWaitForForeign(): boolean {
    return countResources() > this.#resources || !this.watcher.living().every(isWaiting);
  }

  #describeHang(): Error {
    const tasks = [...this.watcher.living()].map((task) => `${task.name}: ${task.waitsFor}`);
    if (tasks.length > mostNamed) tasks.splice(mostNamed, Infinity, `and ${tasks.length - mostNamed} more`);
    return new Error(`Every task waits, and nothing can wake any of them:\n  ${tasks.join("\n  ")}`);
  }

  // What the test left is cancelled; its clean-up may wait.
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

// What keeps the process alive, other than the turns that a run makes itself.
function countResources(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind !== "Immediate").length;
}

function isWaiting(task: Task<unknown>): boolean {
  return task.waits.length > 0;
}
