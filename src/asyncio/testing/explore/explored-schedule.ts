// The order of events in one run. In the usual order, woken code continues at once, as it does without a schedule. A
// deviation delays the code until all tasks wait. Then one piece of delayed code continues until all tasks wait again,
// and so on. So each deviation is an order that could happen in reality too, and a run without deviations has the usual
// order.

import { Awaitable, type Park, runtime, type Schedule, type Task } from "../../core/index.ts";
import type { ChoiceKind, ChoiceLog } from "./choices.ts";
import type { ExploredTime } from "./explored-time.ts";
import { HeldCode } from "./held-code.ts";

/** @internal The reason of a cancellation that the search injected. */
export const injectedReason = "injected by explore()";

/** @internal The limits for the deviations of a run. */
export interface Liberties {
  /** How many tasks may be cancelled. */
  readonly cancellations: number;
  /** By how many milliseconds woken code may be delayed. */
  readonly lateness: number;
  /** How many turns of the event loop a run may take. */
  readonly turns: number;
  /** Whether a task may be cancelled. */
  mayCancel(task: Task<unknown>): boolean;
}

/** @internal Observes a schedule. */
export interface ScheduleListener {
  /** A task starts. */
  starts(task: Task<unknown> | undefined): void;
  /** Code continues. */
  resumes(task: Task<unknown> | undefined): void;
  /** The order deviates from the usual one; `what` describes what `task` does. */
  deviates(task: Task<unknown> | undefined, what: string): void;
}

// The maximum number of waiting tasks among which one is chosen for cancellation when all tasks wait; those that began
// to wait first are offered.
const mostVictims = 64;

/** @internal A {@link Schedule} that asks `log` for every decision. */
export class ExploredSchedule implements Schedule, Disposable {
  readonly #log: ChoiceLog;
  readonly #time: ExploredTime;
  readonly #liberties: Liberties;
  readonly #listener: ScheduleListener;
  readonly #before: Schedule | undefined = runtime.schedule;
  readonly #held: HeldCode = new HeldCode();
  #cancellations: number;
  #isOnlyOne = false;

  constructor(log: ChoiceLog, time: ExploredTime, liberties: Liberties, listener: ScheduleListener) {
    this.#log = log;
    this.#time = time;
    this.#liberties = liberties;
    this.#listener = listener;
    this.#cancellations = liberties.cancellations;
    runtime.schedule = this;
  }

  /** Returns what a task waits for before its first step. */
  start(): Promise<void> | undefined {
    const task = runtime.storage.getStore()?.task;
    if (this.#choosesToCancel(task)) this.#cancel(task!, "before it starts");
    const isHeld = this.#choose("s", task, task === undefined || task.id === 1 ? 1 : 2);
    if (!isHeld) {
      this.#listener.starts(task);
      return undefined;
    }
    this.#listener.deviates(task, "does not start yet");
    return new Promise((resolve) => this.#hold(task, this.#time.now(), resolve));
  }

  /** Ends a wait: calls `deliver` now or later. */
  wake(park: Park | undefined, deliver: () => void): void {
    const task = park?.scope.task;
    // Code that awaits a task is resumed by the task's own promise, so the end of such a wait cannot be delayed.
    if (park !== undefined && park.resource instanceof Awaitable) return deliver();
    const isCancelled = this.#choosesToCancel(task);
    const delay = this.#chooseDelay(task);
    if (delay === 0 && !isCancelled) return this.#resume(task, deliver);
    // Not cancelled directly in the waking code, which may not expect a cancellation at that point.
    if (isCancelled) queueMicrotask(() => this.#cancel(task!, "in the turn in which it was woken"));
    if (delay > 0) this.#hold(task, this.#endOf(delay), deliver);
    else queueMicrotask(() => this.#resume(task, deliver));
  }

  #chooseDelay(task: Task<unknown> | undefined): number {
    const options = this.#isOnlyOne ? 1 : 2 + (this.#liberties.lateness > 0 ? 2 : 0);
    const delay = this.#log.choose({ kind: "w", task: task?.id ?? 0, options });
    if (delay > 0) this.#listener.deviates(task, `is woken, but ${delays[delay]}`);
    return delay;
  }

  #endOf(delay: number): number {
    const now = this.#time.now();
    if (delay === 1) return now;
    const latest = now + this.#liberties.lateness;
    return delay === 2 && this.#time.next <= latest ? this.#time.next : latest;
  }

  /** Whether an optional yield happens. */
  yields(): boolean {
    const task = runtime.storage.getStore()?.task;
    if (!this.#choose("y", task, 2)) return false;
    this.#listener.deviates(task, "lets the others go first");
    return true;
  }

  /** Returns nothing, because {@link ExploredTime} orders timers itself. */
  tie(): undefined {
    return undefined;
  }

  /** Lets the next event happen; called when all tasks wait. Returns `false` if nothing can happen. */
  advance(waiting: Iterable<Task<unknown>>): boolean {
    if (this.#cancelOne(waiting) || this.#release()) return true;
    if (this.#time.next === Infinity) return false;
    this.#isOnlyOne = this.#liberties.lateness === 0 && this.#held.size === 0 && this.#time.isNextAlone;
    this.#time.pass();
    this.#isOnlyOne = false;
    return true;
  }

  /** A wait begins. It may end before all tasks wait. */
  wait(park: Park): void {
    const { task } = park.scope;
    if (!this.#mayCancel(task) || !this.#choose("b", task, 2)) return;
    this.#cancellations--;
    queueMicrotask(() => {
      if (park.isWaiting) this.#cancel(task!, "as it begins to wait");
      else this.#cancellations++;
    });
  }

  #choose(kind: ChoiceKind, task: Task<unknown> | undefined, options: number): boolean {
    return this.#log.choose({ kind, task: task?.id ?? 0, options }) === 1;
  }

  #choosesToCancel(task: Task<unknown> | undefined): boolean {
    const chosen = this.#choose("c", task, this.#mayCancel(task) ? 2 : 1);
    if (chosen) this.#cancellations--;
    return chosen;
  }

  #mayCancel(task: Task<unknown> | undefined): boolean {
    return this.#cancellations > 0 && task !== undefined && !task.done() && this.#liberties.mayCancel(task);
  }

  #cancelOne(waiting: Iterable<Task<unknown>>): boolean {
    const victims = this.#cancellations > 0 ? this.#pickVictims(waiting) : [];
    const chosen = this.#log.choose({ kind: "x", task: 0, options: victims.length + 1 });
    if (chosen === 0) return false;
    this.#cancellations--;
    this.#cancel(victims[chosen - 1]!, "while it waits");
    return true;
  }

  #pickVictims(waiting: Iterable<Task<unknown>>): Task<unknown>[] {
    const victims: Task<unknown>[] = [];
    for (const task of waiting) {
      if (this.#liberties.mayCancel(task)) victims.push(task);
      if (victims.length === mostVictims) break;
    }
    return victims;
  }

  #cancel(task: Task<unknown>, when: string): void {
    this.#listener.deviates(task, `is cancelled ${when}`);
    task.cancel(injectedReason);
  }

  #hold(task: Task<unknown> | undefined, until: number, goOn: () => void): void {
    this.#held.add({ task, until, goOn }, this.#time.now());
  }

  #release(): boolean {
    if (this.#held.size === 0) return false;
    const choices = this.#held.choices(this.#time.now(), this.#time.next);
    if (choices.length === 0) return false;
    const among = choices.map(({ task }) => task?.id ?? 0);
    const chosen = this.#log.choose({ kind: "r", task: among[0]!, options: choices.length, among });
    const { task, goOn } = this.#held.take(chosen);
    this.#resume(task, goOn);
    return true;
  }

  #resume(task: Task<unknown> | undefined, goOn: () => void): void {
    this.#listener.resumes(task);
    goOn();
  }

  /** Restores the previous order. */
  [Symbol.dispose](): void {
    runtime.schedule = this.#before;
  }
}

const delays = ["", "does not go on yet", "goes on only after the next timer", "is as late as it may be"];
