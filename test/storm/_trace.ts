import { isCancelled, type Instrument, type Park, type Scope, type Task } from "../../src/asyncio/index.ts";
import type { Meeting } from "./_tally.ts";

/**
 * Hears what happens in a round: folds it into a hash, by which two runs of one seed can be compared, and knows of each
 * task that is at the primitive whether it waits there or has been woken.
 */
export class Trace implements Instrument {
  /** How many events there were. */
  events = 0;
  /** The last task whose wait at the primitive ended without an error. */
  lastWoken: Task<unknown> | undefined;
  readonly #isAt: (park: Park) => boolean;
  readonly #standings = new Map<Task<unknown>, Meeting>();
  readonly #numbers = new WeakMap<Task<unknown>, number>();
  #spawned = 0;
  #hash = 0x811c9dc5;

  /** @param isAt - Whether a wait is one at the primitive. */
  constructor(isAt: (park: Park) => boolean) {
    this.#isAt = isAt;
  }

  /** The events so far, as a number. */
  get hash(): number {
    return this.#hash >>> 0;
  }

  /** Says that the task begins something at the primitive. */
  enter(task: Task<unknown>): void {
    this.#standings.set(task, "none");
  }

  /** Says that the task runs again, and is no longer at the primitive. */
  leave(task: Task<unknown>): void {
    this.#standings.delete(task);
  }

  /** What a cancellation of the task would meet now. */
  standing(task: Task<unknown>): Meeting {
    return this.#standings.get(task) ?? "none";
  }

  spawn(task: Task<unknown>): void {
    this.#numbers.set(task, ++this.#spawned);
    this.#fold(1, task);
  }

  wait(park: Park): void {
    this.#fold(2, park.scope.task, park.resource.kind);
    this.#stand(park, "parked");
  }

  wake(park: Park, error?: unknown): void {
    this.#fold(isCancelled(error) ? 4 : 3, park.scope.task, park.resource.kind);
    if (this.#stand(park, isCancelled(error) ? "none" : "woken") && !isCancelled(error))
      this.lastWoken = park.scope.task;
  }

  refuse(scope: Scope): void {
    this.#fold(5, scope.task, scope.kind);
  }

  cancel(scope: Scope): void {
    this.#fold(6, scope.task, scope.kind);
  }

  close(scope: Scope, failed: boolean): void {
    this.#fold(failed ? 8 : 7, scope.task, scope.kind);
  }

  exit(task: Task<unknown>): void {
    this.#fold(9, task);
    this.#standings.delete(task);
  }

  // Returns whether the wait is one at the primitive.
  #stand(park: Park, meeting: Meeting): boolean {
    const { task } = park.scope;
    if (task === undefined || !this.#standings.has(task) || !this.#isAt(park)) return false;
    this.#standings.set(task, meeting);
    return true;
  }

  #fold(event: number, task: Task<unknown> | undefined, kind = ""): void {
    this.events++;
    this.#mix(event);
    this.#mix(task === undefined ? 0 : (this.#numbers.get(task) ?? 0));
    for (let index = 0; index < kind.length; index++) this.#mix(kind.charCodeAt(index));
  }

  #mix(part: number): void {
    this.#hash = Math.imul(this.#hash ^ part, 0x01000193);
  }
}
