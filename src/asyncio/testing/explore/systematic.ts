import { randomOf } from "../seeded-schedule.ts";
import type { Deviation, MadeChoice } from "./choices.ts";

interface Branch {
  readonly deviations: readonly Deviation[];
  /** The deviations that may be added to them, the last first. */
  readonly additions: Deviation[];
}

/**
 * @internal Lists schedules by their number of deviations: first all with one, then all with two. Schedules that differ
 * only in their last deviation are derived from one run, which shows the choices that follow. All such runs take turns.
 */
export class SystematicSearch {
  readonly #random: () => number = randomOf(1);
  readonly #seen: Set<number> = new Set();
  #branches: Branch[] = [];
  #next: Branch[] = [];
  #turn = 0;

  /** Whether every schedule was tried. */
  get isExhausted(): boolean {
    return this.#branches.length === 0 && this.#next.length === 0;
  }

  /** The next schedule to try; `undefined` if all were tried. */
  take(): readonly Deviation[] | undefined {
    if (this.#branches.length === 0) {
      this.#branches = this.#next;
      this.#next = [];
    }
    if (this.#branches.length === 0) return undefined;
    this.#turn %= this.#branches.length;
    const { deviations, additions } = this.#branches[this.#turn]!;
    const addition = additions.pop()!;
    if (additions.length === 0) this.#drop(this.#turn);
    else this.#turn++;
    return [...deviations, addition];
  }

  // The order of the branches does not matter.
  #drop(index: number): void {
    this.#branches[index] = this.#branches[this.#branches.length - 1]!;
    this.#branches.pop();
  }

  /**
   * Records a run. Schedules with one more deviation are derived from it, unless an earlier run had the same events.
   */
  add(deviations: readonly Deviation[], choices: readonly MadeChoice[], hash: number): void {
    if (this.#seen.has(hash)) return;
    this.#seen.add(hash);
    const last = deviations.at(-1);
    const from = last === undefined ? 0 : choices.findIndex(({ key }) => key === last.key) + 1;
    const additions = choices.slice(from).flatMap(alternatives);
    this.#shuffle(additions);
    if (additions.length > 0) this.#next.push({ deviations, additions });
  }

  #shuffle(all: Deviation[]): void {
    for (let end = all.length - 1; end > 0; end--) {
      const index = Math.floor(this.#random() * (end + 1));
      [all[index], all[end]] = [all[end]!, all[index]!];
    }
  }
}

function alternatives({ key, options }: MadeChoice): Deviation[] {
  return Array.from({ length: options - 1 }, (_, index) => ({ key, value: index + 1 }));
}
