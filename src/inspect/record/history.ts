// The history of the process: the last cancellation requests, and what tasks did in the last minute.
//
// It is an ordinary instrument. In production, it is not added before the first snapshot, and is removed ten minutes
// after the last one; without it, the runtime has no extra work. The history is bounded: tasks beyond the maximum are
// not recorded, and spans that are too short for a timeline are not kept.

import { addInstrument, allTasks, type CancelledError, type Park, type Scope, type Task } from "../../asyncio/index.ts";
import { CancellationLog, type CancellationRecord } from "./cancellation-log.ts";
import { describeError, describeReason } from "./describe-error.ts";
import { isExcluded } from "./excluded-tasks.ts";
import { Lineages } from "./lineage.ts";
import { TaskTrack } from "./task-track.ts";

const mostRunning = 1_000;
const mostEnded = 1_000;
const cancellationsKept = 50;

/** How long the actions of tasks are kept, in milliseconds. */
export const historyLength = 60_000;

/** Records events from its creation until it is disposed. */
export class History implements Disposable {
  readonly #lineages = new Lineages();
  readonly #running = new Map<Task<unknown>, TaskTrack>();
  #ended: TaskTrack[] = [];
  readonly #cancellations = new CancellationLog(cancellationsKept);
  readonly #remove: () => void;
  #missed = 0;

  constructor() {
    for (const task of allTasks()) this.#follow(task);
    this.#remove = addInstrument({
      spawn: (task) => this.#follow(task),
      wait: (park) => this.#trackOf(park)?.wait(park, performance.now()),
      wake: (park) => this.#trackOf(park)?.wake(performance.now()),
      cancel: (scope, error) => this.#cancelled(scope, error),
      exit: (task) => this.#exited(task),
    });
  }

  /** How many tasks were not recorded because there were too many at once. */
  get missed(): number {
    return this.#missed;
  }

  /** The last cancellation requests, the newest first. */
  cancellations(): CancellationRecord[] {
    return this.#cancellations.list();
  }

  /** The tracks of tasks in the last minute, in the order in which they began. The server's own tasks are left out. */
  tracks(): TaskTrack[] {
    const since = performance.now() - historyLength;
    this.#ended = this.#ended.filter(({ end }) => end! >= since);
    const running = [...this.#running].filter(([task]) => task.role !== "server").map(([, track]) => track);
    return [...this.#ended, ...running].sort((one, other) => one.id - other.id);
  }

  /** Removes a task from the history. */
  forget(task: Task<unknown>): void {
    this.#running.delete(task);
  }

  /** Ends the recording. */
  [Symbol.dispose](): void {
    this.#remove();
  }

  #follow(task: Task<unknown>): void {
    const lineage = this.#lineages.of(task);
    if (task.combinator !== undefined || lineage.hidden || isExcluded(task)) return;
    if (this.#running.size >= mostRunning) this.#missed++;
    else this.#running.set(task, new TaskTrack(task, lineage, performance.now()));
  }

  #trackOf({ scope }: Park): TaskTrack | undefined {
    return scope.task === undefined ? undefined : this.#running.get(scope.task);
  }

  #cancelled(scope: Scope, error: CancelledError): void {
    const { task } = scope;
    if (task !== undefined && (isExcluded(task) || this.#lineages.of(task).hidden)) return;
    this.#cancellations.add(scope, error);
    if (task?.scope === scope) this.#running.get(task)?.stop(performance.now(), describeReason(error));
  }

  #exited(task: Task<unknown>): void {
    this.#cancellations.ended(task);
    const track = this.#running.get(task);
    if (track === undefined) return;
    this.#running.delete(task);
    if (task.role === "server") return;
    const outcome = task.cancelled() ? "cancelled" : task.failed ? "failed" : "done";
    track.finish(outcome, performance.now(), outcome === "failed" ? describeError(task.outcome) : undefined);
    this.#ended.push(track);
    if (this.#ended.length > 2 * mostEnded) this.#ended.splice(0, mostEnded);
  }
}
