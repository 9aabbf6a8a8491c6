// Deadlocks: tasks that wait for each other in a circle, or for locks and permits that others in the circle hold.
//
// The check runs at the end of the turn, when all code of a task has arrived at its wait. It begins at the tasks with
// changed waits, and follows what these wait for (stuck-tasks.ts). Checks take at most a tenth of the time: a program
// that changes much of a large graph in each turn is checked less often instead of being slowed down.
//
// Waits for capacity are checked even without debug mode: the wait queue reports when one begins. The circle may close
// later, when the holder begins to wait for the waiter. So contended capacity is checked again and again until no task
// waits for it any more.

import { describeDeadlock } from "./describe-deadlock.ts";
import { callExceptionHandler } from "../errors/exception-handler.ts";
import type { Park } from "./park.ts";
import { outside } from "../state/real-time.ts";
import { runtime } from "../state/runtime.ts";
import { circlesOf, findStuckTasks, type StuckLink } from "./stuck-tasks.ts";
import type { Task } from "../tasks/task.ts";
import type { WaitQueue } from "./wait-queue.ts";

/** The share of the time that checks may take, and how long they may take in one go, in milliseconds. */
const share = 0.1;
const allowance = 50;

/** The interval between two checks of contended capacity, in milliseconds. */
const lookInterval = 1_000;

// The waits of circles that were reported, so that each circle is reported only once.
const reported: WeakSet<Park> = new WeakSet();

/**
 * @internal Searches the tasks passed to `suspect()` for deadlocks at the end of the turn, and reports those it finds.
 */
export class DeadlockWatch {
  readonly #lineOf: (park: Park) => string | undefined;
  #suspects: Set<Task<unknown>> = new Set();
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #debt = 0;
  #lookedAt = 0;

  /** @param lineOf - Returns the source line at which a wait began, if it is known. */
  constructor(lineOf: (park: Park) => string | undefined) {
    this.#lineOf = lineOf;
  }

  /** Schedules a check of `task`, because its waits have changed. */
  suspect(task: Task<unknown>): void {
    this.#suspects.add(task);
    if (this.#immediate === undefined && this.#timer === undefined) {
      this.#immediate = outside(setImmediate, () => this.#lookOrWait());
    }
  }

  /** Stops the checks, and removes their timers. */
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
// The queues of contended capacity. The set does not hold the waits, because a wait that has ended would keep its task
// alive until the next check.
const contended: Set<WaitQueue<never>> = new Set();
let timer: NodeJS.Timeout | undefined;

/**
 * @internal Checks a wait that has just begun for the exhausted capacity of a resource with `holders`; `WaitQueue`
 * calls this. If the only tasks that could release capacity are themselves waiting for it, or for a task that is, the
 * deadlock is reported, once.
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
