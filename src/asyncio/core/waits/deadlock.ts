// Deadlocks: tasks that wait for each other in a circle, or for locks and permits that others in the circle hold.
//
// The look is taken when the turn is over, when all code of a task has come to its wait. It begins at the tasks whose waits
// have changed, and follows what these wait for (stuck-tasks.ts). Looks take a tenth of the time at most, so a program that
// changes much of a large graph in each turn is looked at less often, and not slowed down.
//
// Waits for capacity are looked at outside debug mode as well: a wait queue tells when one begins. What closes the circle
// may come later (the holder begins to wait for the waiter), so contended capacity is looked at again until nothing waits
// for it any more.

import { describeDeadlock } from "./describe-deadlock.ts";
import { callExceptionHandler } from "../errors/exception-handler.ts";
import type { Park } from "./park.ts";
import { outside } from "../state/real-time.ts";
import { runtime } from "../state/runtime.ts";
import { circlesOf, findStuckTasks, type StuckLink } from "./stuck-tasks.ts";
import type { Task } from "../tasks/task.ts";
import type { WaitQueue } from "./wait-queue.ts";

/** The part of all time that looks may take, and what they may take at once, in milliseconds. */
const share = 0.1;
const allowance = 50;

/** How long until contended capacity is looked at again, in milliseconds. */
const lookInterval = 1_000;

// Waits of circles that were reported: each circle is, once.
const reported: WeakSet<Park> = new WeakSet();

/** @internal Looks for deadlocks among tasks that were handed to it, at the end of the turn, and reports them. */
export class DeadlockWatch {
  readonly #lineOf: (park: Park) => string | undefined;
  #suspects: Set<Task<unknown>> = new Set();
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #debt = 0;
  #lookedAt = 0;

  /** `lineOf` gives the line at which a wait began, if it is known. */
  constructor(lineOf: (park: Park) => string | undefined) {
    this.#lineOf = lineOf;
  }

  /** The waits of `task` have changed. */
  suspect(task: Task<unknown>): void {
    this.#suspects.add(task);
    if (this.#immediate === undefined && this.#timer === undefined) {
      this.#immediate = outside(setImmediate, () => this.#lookOrWait());
    }
  }

  /** Ends it: nothing of it is left. */
  stop(): void {
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
    this.#immediate = this.#timer = undefined;
    this.#suspects.clear();
  }

  #lookOrWait(): void {
    this.#immediate = this.#timer = undefined;
    const now = performance.now();
    this.#debt = Math.max(0, this.#debt - (now - this.#lookedAt) * share);
    this.#lookedAt = now;
    if (this.#debt > allowance) {
      const delay = Math.ceil((this.#debt - allowance) / share);
      this.#timer = outside(setTimeout, () => this.#lookOrWait(), delay).unref();
      return;
    }
    this.#look();
    this.#debt += performance.now() - now;
  }

  #look(): void {
    const suspects = this.#suspects;
    this.#suspects = new Set();
    try {
      const stuck = findStuckTasks(suspects);
      for (const circle of circlesOf(stuck)) this.#reportOnce(circle, stuck);
    } catch (error) {
      callExceptionHandler({ message: "The search for deadlocks failed", error });
    }
  }

  #reportOnce(circle: readonly StuckLink[], stuck: ReadonlyMap<Task<unknown>, StuckLink>): void {
    if (circle.every(({ park }) => reported.has(park))) return;
    for (const { park } of circle) reported.add(park);
    const message = describeDeadlock(circle, stuck, this.#lineOf);
    callExceptionHandler({ message, task: circle[0]!.task });
  }
}

const watch = new DeadlockWatch(() => undefined);
// The queues of contended capacity. Not the waits themselves: one that is over would keep its task until the next look.
const contended: Set<WaitQueue<never>> = new Set();
let timer: NodeJS.Timeout | undefined;

/**
 * @internal To be called when a wait begins for capacity that is exhausted, of a resource that knows its `holders`; a
 * `WaitQueue` does so. If only what waits for it, or behind it, could give some back, that is reported, once.
 */
export function reportCapacityDeadlock(park: Park): void {
  const { task } = park.scope;
  if (task === undefined || park.queue === undefined) return;
  contended.add(park.queue);
  watch.suspect(task);
  timer ??= outside(setTimeout, lookAgain, lookInterval).unref();
}

function lookAgain(): void {
  timer = undefined;
  for (const queue of contended) {
    const waiting = [...queue].find(({ scope }) => scope.task !== undefined) as Park | undefined;
    if (waiting?.scope.task === undefined || reported.has(waiting)) contended.delete(queue);
    else watch.suspect(waiting.scope.task);
  }
  if (contended.size > 0) timer = outside(setTimeout, lookAgain, lookInterval).unref();
}

runtime.onCapacityWait ??= reportCapacityDeadlock;
