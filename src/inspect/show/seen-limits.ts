/** Below how many milliseconds the time left is shown, however long the limit is. */
const always = 10_000;

/**
 * Decides from when on the time left of a limit is shown: below ten seconds, or a tenth of the limit. A snapshot has only
 * what is left, so the most that was ever seen to be left is taken for the limit.
 */
export class SeenLimits {
  #seen = new Map<number, number>();
  #before: ReadonlyMap<number, number> = new Map();

  /** Begins another look; limits that were not seen in the last one are forgotten. */
  begin(): void {
    this.#before = this.#seen;
    this.#seen = new Map();
  }

  /** The time left, in milliseconds, below which it is shown for a limit that ends at `until`. */
  threshold(until: number, left: number): number {
    const limit = this.#seen.get(until) ?? this.#before.get(until) ?? left;
    this.#seen.set(until, limit);
    return Math.round(Math.max(always, limit / 10));
  }
}
