// All deadlines of the runtime, in one binary heap that is driven by one Node timer.
//
// One Node timer for each sleeping task would cost 200 bytes more and wake the event loop once for each; the heap fires
// all due timers in one turn. A wait that ends early only marks its timer as dead: removing it from the middle of the
// heap would cost more than all the rest of cancelling a task. A dead timer is removed when its time comes, or when
// more than half of the heap is dead.
//
// The heap is written out here. A general heap, which calls a comparison function, was measured and dropped: setting
// and removing a time limit took 2.4 times as long, and a sleep 1.5 times.

/** One deadline in a {@link TimerQueue}. */
export class Timer {
  /** The time when it is due, in milliseconds of the driver's clock. */
  readonly when: number;
  /** @internal Breaks ties between timers due at the same time. */
  readonly order: number;
  /** @internal Whether the timer is still pending: neither fired nor removed. */
  isLive = true;
  readonly #callback: (argument: unknown) => void;
  #argument: unknown;

  constructor(when: number, order: number, callback: (argument: never) => void, argument: unknown) {
    this.when = when;
    this.order = order;
    this.#callback = callback as (argument: unknown) => void;
    this.#argument = argument;
  }

  /** @internal */
  fire(): void {
    if (!this.isLive) return;
    const argument = this.#argument;
    this.retire();
    this.#callback(argument);
  }

  /**
   * @internal Marks the timer as dead, and drops its argument, so that a reference to the timer keeps nothing else
   * alive.
   */
  retire(): void {
    this.isLive = false;
    this.#argument = undefined;
  }
}

/** Wakes a {@link TimerQueue} when its earliest timer is due. */
export interface TimerDriver {
  /** The time now, in milliseconds. */
  now(): number;
  /** Calls `queue.fire()` at `when`, in milliseconds; `Infinity` means that no timer is left. */
  arm(when: number, queue: TimerQueue): void;
}

/** All deadlines of the runtime, earliest first. */
export class TimerQueue {
  #heap: Timer[] = [];
  readonly #driver: TimerDriver;
  #order = 0;
  #live = 0;

  constructor(driver: TimerDriver) {
    this.#driver = driver;
  }

  /** How many timers are pending. */
  get size(): number {
    return this.#live;
  }

  /** The time when the earliest timer is due, or `Infinity`. */
  get next(): number {
    while (this.#heap.length > 0 && !this.#heap[0]!.isLive) this.#takeFirst();
    return this.#heap[0]?.when ?? Infinity;
  }

  /** The time now, in milliseconds. */
  now(): number {
    return this.#driver.now();
  }

  /**
   * Calls `callback(argument)` in `ms` milliseconds. `tie` orders timers due at the same time; the default is the order
   * of addition.
   */
  add<A>(ms: number, callback: (argument: A) => void, argument: A, tie?: number): Timer {
    const timer = new Timer(this.#driver.now() + ms, tie ?? this.#order++, callback, argument);
    this.#live++;
    this.#insert(timer);
    if (this.#heap[0] === timer) this.#driver.arm(timer.when, this);
    else if (this.#live === 1) this.#driver.arm(this.next, this);
    return timer;
  }

  /** Removes `timer`. Does nothing if it has fired or was removed before. */
  remove(timer: Timer): void {
    if (!timer.isLive) return;
    timer.retire();
    this.#live--;
    if (this.#live === 0) this.#clear();
    else if (this.#heap.length > 2 * this.#live + 64) this.#compact();
  }

  /** Fires all due timers in order, and arms the driver for the next one. */
  fire(): void {
    const now = this.#driver.now();
    // Callbacks may add timers that are due at once. Those fire in the next turn, so that I/O is never starved.
    const due: Timer[] = [];
    while (this.#heap.length > 0 && this.#heap[0]!.when <= now) due.push(this.#takeFirst());
    for (const timer of due) this.#fire(timer);
    this.#driver.arm(this.next, this);
  }

  // A timer that fired just before may have removed this one.
  #fire(timer: Timer): void {
    if (!timer.isLive) return;
    this.#live--;
    timer.fire();
  }

  #clear(): void {
    this.#heap = [];
    this.#driver.arm(Infinity, this);
  }

  #compact(): void {
    const live = this.#heap.filter((timer) => timer.isLive);
    this.#heap = live.sort((one, other) => (isEarlier(one, other) ? -1 : 1)); // a sorted array is a heap
  }

  #insert(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const other = heap[above]!;
      if (!isEarlier(timer, other)) break;
      heap[index] = other;
      index = above;
    }
    heap[index] = timer;
  }

  #takeFirst(): Timer {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(timer: Timer): void {
    const heap = this.#heap;
    const { length } = heap;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= length) break;
      if (below + 1 < length && isEarlier(heap[below + 1]!, heap[below]!)) below++;
      const other = heap[below]!;
      if (!isEarlier(other, timer)) break;
      heap[index] = other;
      index = below;
    }
    heap[index] = timer;
  }
}

function isEarlier(one: Timer, other: Timer): boolean {
  return one.when < other.when || (one.when === other.when && one.order < other.order);
}
