// Orphans: promises that are still pending although a wait for them was cancelled. An orphan is kept in a table until
// it settles, so that its name can be shown, its late value disposed of, and its late error reported.
//
// Many waits may leave the same promise, for example that of a connection which never opens and which every request
// awaits. Such a promise has one entry, one reaction and a count. A reaction cannot be removed from a promise. So a
// wait for a promise that is already an orphan is added to the orphan's entry, and leaves no reaction behind when it
// ends. A promise that was garbage-collected cannot settle any more, and its entry is dropped.

import { ambient } from "../state/ambient.ts";
import { isCancelled } from "../errors/errors.ts";
import { callExceptionHandler } from "../errors/exception-handler.ts";
import type { Park } from "./park.ts";
import { outside } from "../state/real-time.ts";
import { runtime } from "../state/runtime.ts";

/** @internal A promise that was left while it was pending, under one of the names that its waits gave it. */
export interface Orphan {
  /** The name that its waits gave it. */
  readonly label: string;
  /** The time when it was left first, in milliseconds of the runtime's clock. */
  readonly since: number;
  /** How many waits have left it. */
  readonly count: number;
  /** Whether it is still pending. */
  readonly isPending: boolean;
}

/** @internal Disposes of a value that arrives after its wait was cancelled. */
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

/** @internal Records that a cancelled wait left `promise`. When the value arrives, it is passed to `onLate`. */
export function leave<T>(promise: PromiseLike<T>, label: string, onLate: LateHandler<T> | undefined): Orphan {
  return (entryOf(promise) ?? adopt(promise)).add(label, onLate);
}

function adopt<T>(promise: PromiseLike<T>): LeftPromise<T> {
  const entry = new LeftPromise<T>();
  entries.set(promise, entry as LeftPromise<unknown>);
  // The registry must not hold the entry itself, because its handlers may refer to the promise.
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

/** @internal The entry of an abandoned promise: its names, its waits, and its handlers for a late value. */
export class LeftPromise<T> {
  /** The waits that began after the promise was left for the first time. */
  readonly waits: Set<Park<T>> = new Set();
  /** The orphans of this promise, by name. */
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

/** @internal The name of an orphan and, if it was left more than once, how often. */
export function describeOrphan({ label, count }: Orphan): string {
  return count === 1 ? label : `${label} (left ${count} times)`;
}

/** @internal Passes a late value to `onLate`. An error that `onLate` throws is reported. */
export function giveLate<T>(value: T, label: string, onLate: LateHandler<T>): void {
  void outside(async () => {
    try {
      await onLate(value);
    } catch (error) {
      if (!isCancelled(error)) callExceptionHandler({ message: `onLate failed: ${label}`, error });
    }
  });
}
