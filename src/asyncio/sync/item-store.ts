import { RingBuffer } from "../../base/ring-buffer.ts";

/** @internal The storage of a queue's items; it decides the order in which they are taken. */
export interface ItemStore<T> {
  readonly size: number;
  add(item: T): void;
  /** Removes and returns the next item; there must be one. */
  take(): T | undefined;
  clear(): void;
}

/** @internal First in, first out. */
export class FirstInFirstOut<T> extends RingBuffer<T> implements ItemStore<T> {}

/** @internal Last in, first out. */
export class LastInFirstOut<T> implements ItemStore<T> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: T): void {
    this.#items.push(item);
  }

  take(): T {
    return this.#items.pop() as T;
  }

  clear(): void {
    this.#items.length = 0;
  }
}

/** @internal Smallest first, and first in, first out among equal items. A binary heap. */
export class SmallestFirst<T> implements ItemStore<T> {
  readonly #heap: Entry<T>[] = [];
  readonly #compare: (one: T, other: T) => number;
  #order = 0;

  constructor(compare: (one: T, other: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#heap.length;
  }

  // `add` and `take` make all comparisons before they move an entry, so that a comparison that throws leaves the heap
  // unchanged.
  add(item: T): void {
    const heap = this.#heap;
    const entry = { item, order: this.#order++ };
    let place = heap.length;
    while (place > 0 && this.#isBefore(entry, heap[above(place)]!)) place = above(place);
    heap.push(entry);
    for (let index = heap.length - 1; index > place; index = above(index)) heap[index] = heap[above(index)]!;
    heap[place] = entry;
  }

  take(): T {
    const heap = this.#heap;
    const { item } = heap[0]!;
    const last = heap[heap.length - 1]!;
    let hole = 0;
    for (const index of this.#pathDown(last)) {
      heap[hole] = heap[index]!;
      hole = index;
    }
    heap[hole] = last;
    heap.pop();
    return item;
  }

  clear(): void {
    this.#heap.length = 0;
  }

  // The indices of the entries that move up by one level when the last entry sinks from the top.
  #pathDown(last: Entry<T>): number[] {
    const heap = this.#heap;
    const end = heap.length - 1;
    const path: number[] = [];
    for (let below = 1; below < end; below = 2 * below + 1) {
      if (below + 1 < end && this.#isBefore(heap[below + 1]!, heap[below]!)) below++;
      if (!this.#isBefore(heap[below]!, last)) break;
      path.push(below);
    }
    return path;
  }

  #isBefore(one: Entry<T>, other: Entry<T>): boolean {
    return (this.#compare(one.item, other.item) || one.order - other.order) < 0;
  }
}

interface Entry<T> {
  readonly item: T;
  readonly order: number;
}

function above(index: number): number {
  return (index - 1) >> 1;
}

/** @internal Whether {@link compareNaturally} can order `item`. */
export function hasNaturalOrder(item: unknown): boolean {
  if (Array.isArray(item)) return item.length === 0 || hasNaturalOrder(item[0]);
  const value: unknown = typeof item === "object" && item !== null ? item.valueOf?.() : item;
  return typeof value === "number" ? !Number.isNaN(value) : ["string", "bigint", "boolean"].includes(typeof value);
}

/**
 * @internal Compares like Python: numbers, strings and dates by `<`, and arrays element by element, so that `[priority,
 * item]` is sorted by priority.
 */
export function compareNaturally(one: unknown, other: unknown): number {
  if (Array.isArray(one) && Array.isArray(other)) return compareArrays(one, other);
  if ((one as number) < (other as number)) return -1;
  return (one as number) > (other as number) ? 1 : 0;
}

function compareArrays(one: readonly unknown[], other: readonly unknown[]): number {
  for (let index = 0; index < Math.min(one.length, other.length); index++) {
    const order = compareNaturally(one[index], other[index]);
    if (order !== 0) return order;
  }
  return one.length - other.length;
}
