/** The time left below which it is always shown, in milliseconds. */
const always = 10_000;

/**
 * Decides when the time left of a limit is shown: when it is below ten seconds or below a tenth of the limit. A
 * snapshot contains only the time left, so the largest value that was seen counts as the limit.
 */
export class SeenLimits {
  #seen = new Map<number, number>();
  #before: ReadonlyMap<number, number> = new Map();

  /** Begins another snapshot. Limits that were not in the last one are forgotten. */
  begin(): void {
    this.#before = this.#seen;
    this.#seen = new Map();
  }

  /** The threshold for a limit that ends at `until`: the time left is shown when it is below this many milliseconds. */
  threshold(until: number, left: number): number {
    const limit = this.#seen.get(until) ?? this.#before.get(until) ?? left;
    this.#seen.set(until, limit);
    return Math.round(Math.max(always, limit / 10));
  }
}
