interface Entry {
  readonly fn: unknown;
  /** Calls `fn`; `undefined` once the callback was removed. */
  run: (() => void) | undefined;
}

/**
 * @internal The functions to call when a task or future is done, in the order in which they were added. Removing one
 * takes constant time, however many there are, because the first removal builds an index.
 */
export class DoneCallbacks {
  #entries: Entry[] = [];
  #removed = 0;
  #byFunction: Map<unknown, Entry[]> | undefined;

  /** Whether every callback was removed again. */
  get isEmpty(): boolean {
    return this.#removed === this.#entries.length;
  }

  /** Adds `fn`. When its time comes, `run` is called, which calls `fn`. */
  add(fn: unknown, run: () => void): void {
    const entry: Entry = { fn, run };
    this.#entries.push(entry);
    if (this.#byFunction !== undefined) note(this.#byFunction, entry);
  }

  /** Removes every registration of `fn`. Returns how many there were. */
  remove(fn: unknown): number {
    const index = (this.#byFunction ??= this.#makeIndex());
    const found = index.get(fn) ?? [];
    index.delete(fn);
    for (const entry of found) entry.run = undefined;
    this.#removed += found.length;
    if (this.#removed > this.#entries.length / 2) this.#compact();
    return found.length;
  }

  /** Schedules all callbacks as microtasks. */
  callSoon(): void {
    for (const { run } of this.#entries) if (run !== undefined) queueMicrotask(run);
  }

  #makeIndex(): Map<unknown, Entry[]> {
    const index = new Map<unknown, Entry[]>();
    for (const entry of this.#entries) note(index, entry);
    return index;
  }

  #compact(): void {
    this.#entries = this.#entries.filter(({ run }) => run !== undefined);
    this.#removed = 0;
  }
}

function note(index: Map<unknown, Entry[]>, entry: Entry): void {
  const same = index.get(entry.fn);
  if (same === undefined) index.set(entry.fn, [entry]);
  else same.push(entry);
}
