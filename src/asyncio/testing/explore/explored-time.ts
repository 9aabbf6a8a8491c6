import { Park, runtime, type Timer, type TimerDriver, TimerQueue } from "../../core/index.ts";
import type { ChoiceLog } from "./choices.ts";

/** @internal The clock of one run: it stands still until the run advances it. */
export class ExploredTime implements TimerDriver, Disposable {
  readonly #timers: ExploredTimers;
  readonly #before: TimerQueue = runtime.timers;
  #now = 0;

  constructor(log: ChoiceLog) {
    this.#timers = new ExploredTimers(this, log);
    runtime.timers = this.#timers;
  }

  /** The current time, in milliseconds since the run began. */
  now(): number {
    return this.#now;
  }

  /** Does nothing, because the run advances the clock. */
  arm(): void {}

  /** How many sleeps and time limits are pending. */
  get size(): number {
    return this.#timers.size;
  }

  /** The time when the next sleep or time limit is due, or `Infinity`. */
  get next(): number {
    return this.#timers.next;
  }

  /** Whether only one timer is due at the next time. */
  get isNextAlone(): boolean {
    return this.#timers.countDueAt(this.next) === 1;
  }

  /** Advances the clock until the next sleep or limit is due. */
  pass(): void {
    this.#now = Math.max(this.#now, this.next);
    this.#timers.fire();
  }

  /** Restores the previous clock. */
  [Symbol.dispose](): void {
    runtime.timers = this.#before;
  }
}

// If two waits end at the same time, their order is chosen when their code continues. The order of a wait and a time
// limit, or of two limits, is chosen when the second of the two is set.
class ExploredTimers extends TimerQueue {
  readonly #log: ChoiceLog;
  readonly #due: Map<number, { waits: number; others: number }> = new Map();
  #order = 0;

  constructor(driver: TimerDriver, log: ChoiceLog) {
    super(driver);
    this.#log = log;
  }

  countDueAt(when: number): number {
    const due = this.#due.get(when);
    return due === undefined ? 0 : due.waits + due.others;
  }

  override add<A>(ms: number, callback: (argument: A) => void, argument: A): Timer {
    const when = this.now() + ms;
    const isWait = argument instanceof Park;
    const due = this.#due.get(when) ?? { waits: 0, others: 0 };
    const mayTurn = due.others > 0 || (!isWait && due.waits > 0);
    const task = runtime.storage.getStore()?.task?.id ?? 0;
    const goesFirst = this.#log.choose({ kind: "t", task, options: mayTurn ? 2 : 1 }) === 1;
    if (isWait) due.waits++;
    else due.others++;
    this.#due.set(when, due);
    this.#order++;
    return super.add(ms, callback, argument, goesFirst ? -this.#order : this.#order);
  }

  override fire(): void {
    this.#due.delete(this.now());
    super.fire();
  }
}
