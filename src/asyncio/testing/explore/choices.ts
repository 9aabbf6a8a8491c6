// A schedule is what the choices of a run came to. At each point where the order of things is free, the run asks for a
// whole number: 0 is the usual order, any other number a deviation from it. A schedule is therefore the short list of
// its deviations, and the shortest schedule is the one with the fewest.
//
// A choice is known by its kind, its task and its number within both ("the third wake-up of task 2"), not by its place
// in the whole run: taking one deviation out leaves the others where they were, which shrinking lives on.

/**
 * @internal The kinds of choices:
 *
 * - `s` a task starts: 1 holds its start back;
 * - `w` a wait was woken: 1 holds the woken code back, 2 also until the next timer fired, 3 as long as it may be late;
 * - `y` a step that need not yield: 1 yields;
 * - `t` a time limit is due together with another timer: 1 puts the one that was set later first;
 * - `r` every task waits, and code is held back: which of it goes on;
 * - `c` a task starts or was woken: 1 cancels it in the same turn;
 * - `b` a task begins to wait: 1 cancels it at once;
 * - `x` every task waits: n cancels the n-th of the tasks that wait.
 */
export type ChoiceKind = "s" | "w" | "y" | "t" | "r" | "c" | "b" | "x";

/** @internal One point at which the order of things is free. */
export interface Choice {
  readonly kind: ChoiceKind;
  /** The number of the task that it is about; 0 for none. */
  readonly task: number;
  /** How many numbers may be chosen: from 0 to `options` − 1. */
  readonly options: number;
  /** Of a release: the tasks whose code is held back. */
  readonly among?: readonly number[];
}

/** @internal Chooses. */
export type Decider = (choice: Choice, key: string) => number;

/** @internal A choice that was not the usual one. */
export interface Deviation {
  /** Which choice: its kind, its task and its number within both. */
  readonly key: string;
  /** What was chosen. */
  readonly value: number;
}

/** @internal A choice that was made. */
export interface MadeChoice extends Deviation {
  readonly options: number;
}

/** @internal The choices of one run, in the order in which they were made. */
export class ChoiceLog {
  /** Those that had more than one option. */
  readonly made: MadeChoice[] = [];
  readonly #decide: Decider;
  readonly #counts: Map<string, number> = new Map();

  constructor(decide: Decider) {
    this.#decide = decide;
  }

  /** Makes the next choice. One without options is counted all the same, so that options do not renumber the others. */
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
