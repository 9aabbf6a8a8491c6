// Every deadline of the runtime in one binary heap, driven by one timer of the platform.
//
// A platform timer each would cost a sleeping task 200 bytes more and wake the loop once for each of them; the heap
// wakes all that are due in one turn. A wait that ends early only marks its timer: taking it out of the middle costs
// more than a cancelled task does otherwise. What is marked goes when its time comes, or when it is half of the heap.
//
// The heap is written out here: a general one, which calls a comparison that it was given, was measured and dropped. It
// made setting a time limit and taking it back 2.4 times as expensive, and a sleep 1.5 times.

/** One deadline in a {@link TimerQueue}. */
export class Timer {
  /** When it is due, in milliseconds of the clock. */
  readonly when: number;
  /** @internal Breaks ties between timers due at the same time. */
  readonly order: number;
  /** @internal Whether it still waits: it was neither fired nor taken back. */
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

  /** @internal Whoever keeps it from now on keeps nothing else. */
  retire(): void {
    this.isLive = false;
    this.#argument = undefined;
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
  #heap: Timer[] = [];
  readonly #driver: TimerDriver;
  #order = 0;
  #live = 0;

  constructor(driver: TimerDriver) {
    this.#driver = driver;
  }

  /** How many timers wait. */
  get size(): number {
    return this.#live;
  }

  /** When the earliest timer is due, or `Infinity`. */
  get next(): number {
    while (this.#heap.length > 0 && !this.#heap[0]!.isLive) this.#takeFirst();
    return this.#heap[0]?.when ?? Infinity;
  }

  /** The time now, in milliseconds. */
  now(): number {
    return this.#driver.now();
  }

  /** Has `callback(argument)` called in `ms` milliseconds. `tie` decides between equal times; the default is first come. */
  add<A>(ms: number, callback: (argument: A) => void, argument: A, tie?: number): Timer {
    const timer = new Timer(this.#driver.now() + ms, tie ?? this.#order++, callback, argument);
    this.#live++;
    this.#insert(timer);
    if (this.#heap[0] === timer) this.#driver.arm(timer.when, this);
    else if (this.#live === 1) this.#driver.arm(this.next, this);
    return timer;
  }

  /** Takes `timer` back; one that has fired or was taken back before is left alone. */
  remove(timer: Timer): void {
    if (!timer.isLive) return;
    timer.retire();
    this.#live--;
    if (this.#live === 0) this.#clear();
    else if (this.#heap.length > 2 * this.#live + 64) this.#compact();
  }

  /** Fires all that is due, in order, and arms the driver for the next. */
  fire(): void {
    const now = this.#driver.now();
    // What fires may add timers that are due at once; they get the next turn, so that I/O is never starved.
    const due: Timer[] = [];
    while (this.#heap.length > 0 && this.#heap[0]!.when <= now) due.push(this.#takeFirst());
    for (const timer of due) this.#fire(timer);
    this.#driver.arm(this.next, this);
  }

  // One that fired before may have taken this one back.
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
    this.#heap = live.sort((one, other) => (isEarlier(one, other) ? -1 : 1)); // what is sorted is a heap
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
