import { type Event, getEventLoop, taskGroup } from "../../asyncio/index.ts";
import { option } from "../../base/options.ts";
import { checkEveryOptions, type EveryOptions } from "./every-options.ts";
import { type PeriodicPlace, PeriodicTask } from "./periodic-task.ts";
import { toTimetable } from "./timetable.ts";

/** An application, as far as its periodic tasks are concerned. */
export interface ScheduleHost {
  /** Set when it begins to stop. */
  readonly shutdownEvent: Event;
  /** Whether its functions of the start have run. */
  readonly isStarted: () => boolean;
  /** Runs a function in a context of the application. */
  readonly run: (fn: () => unknown) => Promise<unknown>;
  /** Starts a task that the application ends when it stops. */
  readonly addTask: (fn: () => unknown, name: string) => void;
}

/** The clocks of a schedule, for tests. */
export type Clocks = Omit<PeriodicPlace, "run">;

const clocks: Clocks = { now: Date.now, elapsed: () => getEventLoop().time(), random: Math.random };

/** The periodic tasks of an application. */
export class Schedule {
  readonly #host: ScheduleHost;
  readonly #clocks: Clocks;
  readonly #tasks: PeriodicTask[] = [];
  readonly #ours = new Set<PeriodicTask>();
  #isOff = false;

  constructor(host: ScheduleHost, ownClocks: Clocks = clocks) {
    this.#host = host;
    this.#clocks = ownClocks;
  }

  /** All its tasks. */
  get tasks(): readonly PeriodicTask[] {
    return this.#tasks;
  }

  /**
   * Adds a task. It begins with the application; at once, if that has started.
   *
   * @throws {RangeError} If the schedule or an option is not a value that it can be.
   * @throws {TypeError} If an argument has the wrong type.
   */
  add(when: number | string, fn: () => unknown, options: EveryOptions): PeriodicTask {
    option("schedule", "fn", fn).function();
    const timetable = toTimetable(when, options);
    const settings = checkEveryOptions(options, fn.name === "" ? timetable.text : fn.name);
    const task = new PeriodicTask(timetable, settings, fn, { run: this.#host.run, ...this.#clocks });
    this.#tasks.push(task);
    if (options.workers !== "first" || isFirstWorker()) {
      this.#ours.add(task);
      if (this.#host.isStarted()) this.#begin(task);
    }
    return task;
  }

  /** Runs no task on its own: for commands, which start the application without serving. */
  turnOff(): void {
    this.#isOff = true;
  }

  /** Begins to run the tasks. */
  start(): void {
    for (const task of this.#ours) this.#begin(task);
  }

  #begin(task: PeriodicTask): void {
    if (this.#isOff) return;
    this.#host.addTask(() => this.#supervise(task), `${task.name} (${task.schedule})`);
  }

  async #supervise(task: PeriodicTask): Promise<void> {
    await taskGroup(async (group) => {
      void group.createTask(() => task.keepRunning(group), { name: "timetable" });
      await this.#host.shutdownEvent.wait();
      task.stop();
    });
  }
}

/** Whether this process is not one of several workers, or the first of them. */
function isFirstWorker(): boolean {
  return (process.env["POTTLE_WORKER"] ?? "1") === "1";
}
