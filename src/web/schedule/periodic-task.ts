import {
  callExceptionHandler,
  currentTask,
  Event,
  isCancelled,
  moveOnAfter,
  type TaskGroup,
} from "../../asyncio/index.ts";
import type { EverySettings } from "./every-options.ts";
import type { Timetable } from "./timetable.ts";

/** Current state of a periodic task, for monitoring. */
export interface PeriodicTaskStatistics {
  /** How many runs have not ended. */
  readonly running: number;
  /** How many runs have ended, those that failed among them. */
  readonly runs: number;
  /** How many runs have failed. */
  readonly failures: number;
  /** How many runs were left out, because one before them had not ended or failed just before. */
  readonly skipped: number;
  /** When it is due next; `undefined` if it is not waiting. */
  readonly next: Date | undefined;
}

/** @internal The clocks that a periodic task reads, and the place where it runs. */
export interface PeriodicPlace {
  /** Runs the function in the context of the application. */
  readonly run: (fn: () => unknown) => Promise<unknown>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of a clock that never jumps. */
  readonly elapsed: () => number;
  /** A number from 0 to 1. */
  readonly random: () => number;
}

/** The longest wait without a look at the clock, in milliseconds: it may have been set. */
const longestNap = 60_000;

/** A task that an application runs again and again. */
export class PeriodicTask {
  /** Its name. */
  readonly name: string;
  /** Its period or its cron expression, as a person reads it. */
  readonly schedule: string;
  readonly #timetable: Timetable;
  readonly #settings: EverySettings;
  readonly #fn: () => unknown;
  readonly #place: PeriodicPlace;
  #group: TaskGroup | undefined;
  #wake: Event | undefined;
  #isStopping = false;
  #isQueued = false;
  #running = 0;
  #runs = 0;
  #failures = 0;
  #failuresInRow = 0;
  #skipped = 0;
  #pausedUntil = -Infinity;
  #next: number | undefined;

  /** @internal Use `app.every()`. */
  constructor(timetable: Timetable, settings: EverySettings, fn: () => unknown, place: PeriodicPlace) {
    this.name = settings.name;
    this.schedule = timetable.text;
    this.#timetable = timetable;
    this.#settings = settings;
    this.#fn = fn;
    this.#place = place;
  }

  /** When it is due next, even if the application does not run; `undefined` if it never is. */
  nextRun(): Date | undefined {
    if (this.#next !== undefined) return this.#toDate(this.#next);
    const next = this.#timetable.next(this.#now(), undefined);
    return next === undefined ? undefined : this.#toDate(next);
  }

  /** Current counts, for monitoring. */
  statistics(): PeriodicTaskStatistics {
    return {
      running: this.#running,
      runs: this.#runs,
      failures: this.#failures,
      skipped: this.#skipped,
      next: this.#next === undefined ? undefined : this.#toDate(this.#next),
    };
  }

  /**
   * Runs it once, besides its schedule, and waits for that.
   *
   * @throws The error of its function.
   */
  async runNow(): Promise<void> {
    await this.#place.run(this.#fn);
  }

  /** @internal Runs it at its times until it is stopped; its runs belong to `group`. */
  async keepRunning(group: TaskGroup): Promise<void> {
    this.#group = group;
    this.#isStopping = false;
    this.#failuresInRow = 0;
    this.#pausedUntil = -Infinity;
    if (this.#settings.runOnStart) this.#due();
    let last: number | undefined;
    for (;;) {
      const next = this.#timetable.next(this.#now(), last);
      if (next === undefined || this.#isStopping) return;
      last = next;
      if (!(await this.#waitUntil(next + this.#settings.jitter * this.#place.random()))) return;
      this.#due();
    }
  }

  /** @internal Lets it run no more. Runs that have begun go on. */
  stop(): void {
    this.#isStopping = true;
    this.#isQueued = false;
    this.#wake?.set();
  }

  #now(): number {
    return this.#timetable.isWallClock ? this.#place.now() : this.#place.elapsed();
  }

  #toDate(time: number): Date {
    return new Date(this.#timetable.isWallClock ? time : this.#place.now() + time - this.#place.elapsed());
  }

  /** Waits until a time of its clock. Returns whether it was not stopped. */
  async #waitUntil(time: number): Promise<boolean> {
    this.#next = time;
    const at = this.#toDate(time).toISOString();
    const wake = new Event({ name: `next run at ${at}` });
    this.#wake = wake;
    try {
      for (let rest = time - this.#now(); rest > 0 && !this.#isStopping; rest = time - this.#now()) {
        // The clock may have been set meanwhile.
        await moveOnAfter(Math.min(rest, longestNap), () => wake.wait());
      }
    } finally {
      this.#next = undefined;
      this.#wake = undefined;
    }
    return !this.#isStopping;
  }

  #due(): void {
    if (this.#place.elapsed() < this.#pausedUntil) this.#skipped++;
    else if (this.#running === 0 || this.#settings.overlap === "allow") this.#start();
    else if (this.#settings.overlap === "queue") this.#isQueued = true;
    else this.#skipped++;
  }

  #start(): void {
    this.#running++;
    // It reports its own errors, and the group waits for it.
    void this.#group?.createTask(() => this.#runOnce(), { name: `run of ${this.name}` });
  }

  async #runOnce(): Promise<void> {
    try {
      await this.#place.run(this.#fn);
      this.#failuresInRow = 0;
    } catch (error) {
      if (isCancelled(error) && currentTask()?.cancelling() !== 0) throw error;
      this.#failed(error);
    } finally {
      this.#running--;
      this.#runs++;
    }
    if (!this.#isQueued) return;
    this.#isQueued = false;
    if (!this.#isStopping) this.#due();
  }

  #failed(error: unknown): void {
    this.#failures++;
    this.#failuresInRow++;
    const { backoff } = this.#settings;
    if (backoff !== undefined) {
      const pause = Math.min(backoff.longest, backoff.first * 2 ** Math.min(this.#failuresInRow - 1, 50));
      this.#pausedUntil = this.#place.elapsed() + pause;
    }
    callExceptionHandler({ message: `Periodic task '${this.name}' failed`, error });
  }
}
