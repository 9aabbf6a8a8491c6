import type { Task } from "../../core/index.ts";

/** @internal Code that was woken or is about to start, and is delayed. */
export interface Held {
  readonly task: Task<unknown> | undefined;
  /** The earliest time at which it may continue, by the clock of the run. */
  readonly until: number;
  readonly goOn: () => void;
}

// The maximum number of options of one choice; those delayed first are offered. A choice between thousands would not
// find more, and its cost in each run would grow with the square of their number.
const mostChoices = 32;

/** @internal The delayed code, in the order in which it was delayed. */
export class HeldCode {
  // The code that may continue: from index `#first` on.
  #ready: Held[] = [];
  #first = 0;
  // The code that is late on purpose, ordered by the time until which it is.
  #late: Held[] = [];

  /** How many pieces of code are delayed. */
  get size(): number {
    return this.#ready.length - this.#first + this.#late.length;
  }

  /** Delays code; `now` is the time of the run. */
  add(held: Held, now: number): void {
    if (held.until <= now) this.#ready.push(held);
    else this.#late.splice(this.#placeOf(held.until), 0, held);
  }

  #placeOf(until: number): number {
    let place = this.#late.length;
    while (place > 0 && this.#late[place - 1]!.until > until) place--;
    return place;
  }

  /** The code that may continue now. Late code is included only if no timer is due before its time. */
  choices(now: number, next: number): readonly Held[] {
    const waiting = this.#late.findIndex(({ until }) => until > now && until >= next);
    if (waiting !== 0) this.#ready.push(...this.#late.splice(0, waiting === -1 ? this.#late.length : waiting));
    return this.#ready.slice(this.#first, this.#first + mostChoices);
  }

  /** Removes and returns the code at `index` of the choices. */
  take(index: number): Held {
    const place = this.#first + index;
    const held = this.#ready[place]!;
    this.#ready.copyWithin(this.#first + 1, this.#first, place);
    this.#first++;
    if (this.#first * 2 > this.#ready.length) this.#forgetTaken();
    return held;
  }

  #forgetTaken(): void {
    this.#ready = this.#ready.slice(this.#first);
    this.#first = 0;
  }
}
