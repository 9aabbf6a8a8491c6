// Every deadline of the runtime in one binary heap, driven by one timer of the platform.
//
// A platform timer each would cost a sleeping task 200 bytes more and wake the loop once for each of them; the heap
// wakes all that are due in one turn. An entry knows its place, so that it is taken out at once when its wait is
// cancelled: nothing dead stays in the heap.

/** One deadline in a {@link TimerQueue}. */
export class Timer {
  /** When it is due, in milliseconds of the clock. */
  readonly when: number;
  /** @internal Breaks ties between timers due at the same time. */
  readonly order: number;
  /** @internal Its place in the heap, or -1. */
  index = -1;
  readonly #callback: (argument: unknown) => void;
  readonly #argument: unknown;

  constructor(when: number, order: number, callback: (argument: never) => void, argument: unknown) {
    this.when = when;
    this.order = order;
    this.#callback = callback as (argument: unknown) => void;
    this.#argument = argument;
  }

  /** @internal */
  fire(): void {
    this.#callback(this.#argument);
  }
}

/** Wakes a {@link TimerQueue} when its earliest timer is due. */
export interface TimerDriver {
  /** The time now, in milliseconds. */
  now(): number;
  /** Has `queue.fire()` called at `when`; `Infinity` when nothing is left to wait for. */
  arm(when: number, queue: TimerQueue): void;
}

/** All deadlines of the runtime, earliest first. */
export class TimerQueue {
  readonly #heap: Timer[] = [];
  readonly #driver: TimerDriver;
  #order = 0;

  constructor(driver: TimerDriver) {
    this.#driver = driver;
  }

  /** How many timers wait. */
  get size(): number {
    return this.#heap.length;
  }

  /** When the earliest timer is due, or `Infinity`. */
  get next(): number {
    return this.#heap[0]?.when ?? Infinity;
  }

  /** The time now, in milliseconds. */
  now(): number {
    return this.#driver.now();
  }

  /** Has `callback(argument)` called in `ms` milliseconds. `tie` decides between equal times; the default is first come. */
  add<A>(ms: number, callback: (argument: A) => void, argument: A, tie?: number): Timer {
    const timer = new Timer(this.#driver.now() + ms, tie ?? this.#order++, callback as (argument: never) => void, argument);
    this.#heap.push(timer);
    this.#up(timer, this.#heap.length - 1);
    if (timer.index === 0) this.#driver.arm(timer.when, this);
    return timer;
  }

  /** Takes `timer` out; one that has fired or was taken out before is left alone. */
  remove(timer: Timer): void {
    const { index } = timer;
    if (index === -1) return;
    this.#take(index);
    if (this.#heap.length === 0) this.#driver.arm(Infinity, this);
  }

  /** Fires all that is due, in order, and arms the driver for the next. */
  fire(): void {
    const now = this.#driver.now();
    // What fires may add timers that are due at once; they get the next turn, so that I/O is never starved.
    const due: Timer[] = [];
    while (this.#heap.length > 0 && this.#heap[0]!.when <= now) due.push(this.#take(0));
    for (const timer of due) timer.fire();
    this.#driver.arm(this.next, this);
  }

  #take(index: number): Timer {
    const heap = this.#heap;
    const timer = heap[index]!;
    const last = heap.pop()!;
    if (last !== timer) {
      this.#up(last, index);
      this.#down(last, last.index);
    }
    timer.index = -1;
    return timer;
  }

  #up(timer: Timer, from: number): void {
    const heap = this.#heap;
    let index = from;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const other = heap[above]!;
      if (!isEarlier(timer, other)) break;
      heap[index] = other;
      other.index = index;
      index = above;
    }
    heap[index] = timer;
    timer.index = index;
  }

  #down(timer: Timer, from: number): void {
    const heap = this.#heap;
    const { length } = heap;
    let index = from;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= length) break;
      if (below + 1 < length && isEarlier(heap[below + 1]!, heap[below]!)) below++;
      const other = heap[below]!;
      if (!isEarlier(other, timer)) break;
      heap[index] = other;
      other.index = index;
      index = below;
    }
    heap[index] = timer;
    timer.index = index;
  }
}

function isEarlier(one: Timer, other: Timer): boolean {
  return one.when < other.when || (one.when === other.when && one.order < other.order);
}
