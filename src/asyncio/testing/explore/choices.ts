// A schedule consists of the choices of a run. At each point where the order of events is not fixed, the run asks for a
// whole number: 0 stands for the usual order, any other number for a deviation from it. So a schedule can be written as
// the short list of its deviations, and the shortest schedule is the one with the fewest.
//
// A choice is identified by its kind, its task and its number within both ("the third wake-up of task 2"), not by its
// position in the whole run. So removing one deviation does not shift the others, which shrinking relies on.

/**
 * @internal The kinds of choices:
 *
 * - `s` a task starts: 1 delays its start;
 * - `w` a wait was woken: 1 delays the woken code, 2 until the next timer has fired, 3 by the maximum lateness;
 * - `y` an optional yield: 1 yields;
 * - `t` a time limit is due at the same time as another timer: 1 fires the one that was set later first;
 * - `r` all tasks wait, and code is delayed: n chooses the delayed code that continues;
 * - `c` a task starts or was woken: 1 cancels it in the same turn;
 * - `b` a task begins to wait: 1 cancels it at once;
 * - `x` all tasks wait: n cancels the n-th of the waiting tasks.
 */
export type ChoiceKind = "s" | "w" | "y" | "t" | "r" | "c" | "b" | "x";

/** @internal A point at which the order of events is not fixed. */
export interface Choice {
  readonly kind: ChoiceKind;
  /** The number of the task that the choice concerns; 0 for none. */
  readonly task: number;
  /** The number of options: the choice is from 0 to `options` − 1. */
  readonly options: number;
  /** For kind `r`: the tasks with delayed code. */
  readonly among?: readonly number[];
}

/** @internal Makes the choices of a run. */
export type Decider = (choice: Choice, key: string) => number;

/** @internal A choice that was not the usual one. */
export interface Deviation {
  /** The identity of the choice: its kind, its task and its number within both. */
  readonly key: string;
  /** The chosen number. */
  readonly value: number;
}

/** @internal A choice that was made. */
export interface MadeChoice extends Deviation {
  readonly options: number;
}

/** @internal The choices of one run, in the order in which they were made. */
export class ChoiceLog {
  /** The choices that had more than one option. */
  readonly made: MadeChoice[] = [];
  readonly #decide: Decider;
  readonly #counts: Map<string, number> = new Map();

  constructor(decide: Decider) {
    this.#decide = decide;
  }

  /**
   * Makes the next choice. A choice with a single option is counted too, so that the search options do not change the
   * numbers of the other choices.
   */
  choose(choice: Choice): number {
    const series = choice.kind + choice.task;
    const count = (this.#counts.get(series) ?? 0) + 1;
    this.#counts.set(series, count);
    if (choice.options < 2) return 0;
    const key = `${series}.${count}`;
    const wanted = this.#decide(choice, key);
    const value = wanted < choice.options ? wanted : 0;
    this.made.push({ key, value, options: choice.options });
    return value;
  }
}

/** @internal Chooses the usual order, except for `deviations`. */
export function deviate(deviations: readonly Deviation[]): Decider {
  const values = new Map(deviations.map(({ key, value }) => [key, value]));
  return (_choice, key) => values.get(key) ?? 0;
}
