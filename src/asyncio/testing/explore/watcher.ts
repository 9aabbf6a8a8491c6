import type { Instrument, Park, Task } from "../../core/index.ts";
import type { ScheduleListener } from "./explored-schedule.ts";

/** @internal Observes a run: the living tasks, the number of events, and a hash of their order. */
export class Watcher implements Instrument, ScheduleListener {
  /** The number of events. */
  events = 0;
  /** Called whenever code suspends, so that `always` checks can run. */
  onStep: (() => void) | undefined;
  readonly #tasks: Set<Task<unknown>> = new Set();
  readonly #waits: Map<Task<unknown>, number> = new Map();
  #low = 0x811c9dc5;
  #high = 0x1b873593;

  /** A hash of the order of events: the same for two runs with the same events. */
  get hash(): number {
    return (this.#high >>> 0) * 2 ** 21 + (this.#low & 0x1fffff);
  }

  /** The tasks that are not done, in the order in which they were created. */
  *living(): Generator<Task<unknown>> {
    for (const task of this.#tasks) if (task.combinator === undefined) yield task;
  }

  /** The tasks that are in one of our waits, in the order in which they began to wait. */
  get waiting(): Iterable<Task<unknown>> {
    return this.#waits.keys();
  }

  spawn(task: Task<unknown>): void {
    this.#tasks.add(task);
    this.#fold(1, task);
  }

  wait(park: Park): void {
    const { task } = park.scope;
    if (task !== undefined && task.combinator === undefined) this.#waits.set(task, (this.#waits.get(task) ?? 0) + 1);
    this.#fold(2, task);
    this.onStep?.();
  }

  wake(park: Park): void {
    const { task } = park.scope;
    const count = task === undefined ? undefined : this.#waits.get(task);
    if (count === 1) this.#waits.delete(task!);
    else if (count !== undefined) this.#waits.set(task!, count - 1);
  }

  exit(task: Task<unknown>): void {
    this.#tasks.delete(task);
    this.#fold(3, task);
    this.onStep?.();
  }

  cancel(): void {
    this.#fold(4, undefined);
  }

  starts(task: Task<unknown> | undefined): void {
    this.#fold(6, task);
  }

  resumes(task: Task<unknown> | undefined): void {
    this.#fold(5, task);
  }

  deviates(): void {}

  #fold(event: number, task: Task<unknown> | undefined): void {
    this.events++;
    const mixed = event + 8 * (task?.id ?? 0);
    this.#low = Math.imul(this.#low ^ mixed, 0x01000193);
    this.#high = Math.imul(this.#high ^ mixed, 0x5bd1e995) + 0x9e3779b9;
  }
}
