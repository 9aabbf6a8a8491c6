// Promises that were left while they were pending. One is kept in a table until it settles, so that it can be named, its
// late value disposed of, and its late error reported.
//
// A promise that is left again and again (a connection that never opens, awaited by every request) has one entry, one
// reaction, and a count. A reaction cannot be taken back from a promise; so what waits for a promise that was left before
// joins its entry, and leaves nothing at the promise when it goes. A promise that was collected can settle no more, and is
// forgotten.

import { ambient } from "../state/ambient.ts";
import { isCancelled } from "../errors/errors.ts";
import { callExceptionHandler } from "../errors/exception-handler.ts";
import type { Park } from "./park.ts";
import { outside } from "../state/real-time.ts";
import { runtime } from "../state/runtime.ts";

/** @internal A promise that was left while it was pending, by the name under which it was waited for. */
export interface Orphan {
  /** The name that its waits gave it. */
  readonly label: string;
  /** When it was left first, in milliseconds of the runtime's clock. */
  readonly since: number;
  /** How many waits have left it. */
  readonly count: number;
  /** Whether it is still pending. */
  readonly isPending: boolean;
}

/** @internal Disposes of a value that came too late. */
export type LateHandler<T> = (value: T) => void | PromiseLike<void>;

interface LeftPromises {
  readonly left: Set<OpenOrphan>;
  readonly entries: WeakMap<PromiseLike<unknown>, LeftPromise<unknown>>;
}

const { left, entries } = ambient("orphans", (): LeftPromises => ({ left: new Set(), entries: new WeakMap() }));
const collected: FinalizationRegistry<Orphans> = new FinalizationRegistry(forget);

/** @internal The promises that were left and are still pending. */
export function orphans(): ReadonlySet<Orphan> {
  return left;
}

/** @internal The entry of a promise that was left and is still pending. */
export function entryOf<T>(promise: PromiseLike<T>): LeftPromise<T> | undefined {
  return left.size === 0 ? undefined : (entries.get(promise) as LeftPromise<T> | undefined);
}

/** @internal A wait for `promise` has left it: its value, when it comes, goes to `onLate`. */
export function leave<T>(promise: PromiseLike<T>, label: string, onLate: LateHandler<T> | undefined): Orphan {
  return (entryOf(promise) ?? adopt(promise)).add(label, onLate);
}

function adopt<T>(promise: PromiseLike<T>): LeftPromise<T> {
  const entry = new LeftPromise<T>();
  entries.set(promise, entry as LeftPromise<unknown>);
  // Not the entry, whose handlers may lead to the promise.
  collected.register(promise, entry.orphans, entry);
  const settled = (): void => {
    entries.delete(promise);
    collected.unregister(entry);
    forget(entry.orphans);
  };
  const succeed = (value: T): void => {
    settled();
    entry.succeed(value);
  };
  const fail = (error: unknown): void => {
    settled();
    entry.fail(error);
  };
  outside(() => void promise.then(succeed, fail));
  return entry;
}

function forget(all: Orphans): void {
  for (const orphan of all.values()) {
    orphan.isPending = false;
    left.delete(orphan);
  }
}

interface OpenOrphan extends Orphan {
  count: number;
  isPending: boolean;
}

type Orphans = Map<string, OpenOrphan>;

/** @internal The record of a promise that was left: its names, its waits, and its handlers of a late value. */
export class LeftPromise<T> {
  /** The waits that began after it was left. */
  readonly waits: Set<Park<T>> = new Set();
  /** By the names under which it was waited for. */
  readonly orphans: Orphans = new Map();
  readonly #late: { readonly label: string; readonly onLate: LateHandler<T> }[] = [];

  add(label: string, onLate: LateHandler<T> | undefined): Orphan {
    let orphan = this.orphans.get(label);
    if (orphan === undefined) {
      orphan = { label, since: runtime.timers.now(), count: 0, isPending: true };
      this.orphans.set(label, orphan);
      left.add(orphan);
    }
    orphan.count++;
    if (onLate !== undefined) this.#late.push({ label, onLate });
    return orphan;
  }

  succeed(value: T): void {
    for (const wait of this.waits) wait.wake(value);
    for (const { label, onLate } of this.#late) giveLate(value, label, onLate);
  }

  fail(error: unknown): void {
    for (const wait of this.waits) wait.fail(error);
    if (isCancelled(error)) return;
    const all = Array.from(this.orphans.values(), describeOrphan);
    callExceptionHandler({ message: `A promise that was left failed: ${all.join(", ")}`, error });
  }
}

/** @internal An orphan in words: its name, and how often it was left, if more than once. */
export function describeOrphan({ label, count }: Orphan): string {
  return count === 1 ? label : `${label} (left ${count} times)`;
}

/** @internal Gives a value that came too late to `onLate`. What that throws is reported. */
export function giveLate<T>(value: T, label: string, onLate: LateHandler<T>): void {
  void outside(async () => {
    try {
      await onLate(value);
    } catch (error) {
      if (!isCancelled(error)) callExceptionHandler({ message: `onLate failed: ${label}`, error });
    }
  });
}
