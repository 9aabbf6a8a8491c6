/**
 * @internal A first in, first out buffer: a ring that doubles its capacity when it is full. Adding and taking an item
 * needs constant time.
 */
export class RingBuffer<T> {
  #ring: (T | undefined)[] = Array.from({ length: 8 });
  #start = 0;
  #size = 0;

  /** The number of items. */
  get size(): number {
    return this.#size;
  }

  /** Adds `item` at the end. */
  add(item: T): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[(this.#start + this.#size++) & (this.#ring.length - 1)] = item;
  }

  /** Adds `item` at the front, so that it is taken next. */
  addFirst(item: T): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#start = (this.#start - 1) & (this.#ring.length - 1);
    this.#ring[this.#start] = item;
    this.#size++;
  }

  /** Removes and returns the first item, or `undefined` if there is none. */
  take(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#ring[this.#start];
    this.#ring[this.#start] = undefined;
    this.#start = (this.#start + 1) & (this.#ring.length - 1);
    this.#size--;
    return item;
  }

  /** Drops all items. */
  clear(): void {
    this.#ring = Array.from({ length: 8 });
    this.#start = this.#size = 0;
  }

  #grow(): void {
    const ring = this.#ring;
    const free = Array.from<undefined>({ length: ring.length });
    this.#ring = [...ring.slice(this.#start), ...ring.slice(0, this.#start), ...free];
    this.#start = 0;
  }
}
