/** @internal The order in which a queue gives its items. */
export interface ItemStore<T> {
  readonly size: number;
  add(item: T): void;
  take(): T;
  clear(): void;
}

/** @internal First in, first out: a ring that doubles when it is full. */
export class FirstInFirstOut<T> implements ItemStore<T> {
  #ring: (T | undefined)[] = Array.from({ length: 8 });
  #start = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[(this.#start + this.#size++) & (this.#ring.length - 1)] = item;
  }

  take(): T {
    const item = this.#ring[this.#start] as T;
    this.#ring[this.#start] = undefined;
    this.#start = (this.#start + 1) & (this.#ring.length - 1);
    this.#size--;
    return item;
  }

  clear(): void {
    this.#ring = Array.from({ length: 8 });
    this.#start = this.#size = 0;
  }

  #grow(): void {
    const ring = this.#ring;
    this.#ring = [
      ...ring.slice(this.#start),
      ...ring.slice(0, this.#start),
      ...Array.from({ length: ring.length }, () => undefined),
    ];
    this.#start = 0;
  }
}

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

/** @internal Smallest first; of equal ones, first in. A binary heap. */
export class SmallestFirst<T> implements ItemStore<T> {
  readonly #heap: { readonly item: T; readonly order: number }[] = [];
  readonly #compare: (one: T, other: T) => number;
  #order = 0;

  constructor(compare: (one: T, other: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#heap.length;
  }

  add(item: T): void {
    const heap = this.#heap;
    heap.push({ item, order: this.#order++ });
    for (let index = heap.length - 1; index > 0;) {
      const above = (index - 1) >> 1;
      if (!this.#isBefore(index, above)) return;
      this.#swap(index, above);
      index = above;
    }
  }

  take(): T {
    const heap = this.#heap;
    this.#swap(0, heap.length - 1);
    const { item } = heap.pop()!;
    for (let index = 0; ;) {
      const least = this.#leastOf(index, 2 * index + 1, 2 * index + 2);
      if (least === index) return item;
      this.#swap(index, least);
      index = least;
    }
  }

  clear(): void {
    this.#heap.length = 0;
  }

  #leastOf(...indices: number[]): number {
    const inside = indices.filter((index) => index < this.#heap.length);
    return inside.reduce((least, index) => (this.#isBefore(index, least) ? index : least), indices[0]!);
  }

  #isBefore(one: number, other: number): boolean {
    const a = this.#heap[one]!;
    const b = this.#heap[other]!;
    return (this.#compare(a.item, b.item) || a.order - b.order) < 0;
  }

  #swap(one: number, other: number): void {
    const heap = this.#heap;
    [heap[one], heap[other]] = [heap[other]!, heap[one]!];
  }
}

/**
 * @internal Compares as Python compares: numbers, strings and dates by `<`, arrays element by element, so that
 * `[priority, item]` sorts by priority.
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
