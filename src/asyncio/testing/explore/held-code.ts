import type { Task } from "../../core/index.ts";

/** @internal Code that was woken, or is to start, and is held back. */
export interface Held {
  readonly task: Task<unknown> | undefined;
  /** How long it is held back at least, by the clock of the run. */
  readonly until: number;
  readonly goOn: () => void;
}

// One choice is between so many at most, those held back first: a choice between thousands would be of no more use, and
// would cost each run the square of their number.
const mostChoices = 32;

/** @internal The code that is held back, in the order in which it came. */
export class HeldCode {
  // What may go on: from #first on.
  #ready: Held[] = [];
  #first = 0;
  // What is late on purpose, by the moment until which it is.
  #late: Held[] = [];

  /** How much is held back. */
  get size(): number {
    return this.#ready.length - this.#first + this.#late.length;
  }

  /** Holds code back; `now` is the time of the run. */
  add(held: Held, now: number): void {
    if (held.until <= now) this.#ready.push(held);
    else this.#late.splice(this.#placeOf(held.until), 0, held);
  }

  #placeOf(until: number): number {
    let place = this.#late.length;
    while (place > 0 && this.#late[place - 1]!.until > until) place--;
    return place;
  }

  /** What may go on now; what is late only if no timer is due before its moment. */
  choices(now: number, next: number): readonly Held[] {
    const waiting = this.#late.findIndex(({ until }) => until > now && until >= next);
    if (waiting !== 0) this.#ready.push(...this.#late.splice(0, waiting === -1 ? this.#late.length : waiting));
    return this.#ready.slice(this.#first, this.#first + mostChoices);
  }

  /** Takes the one at `index` of the choices. */
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
