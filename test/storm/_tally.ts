/** What a cancellation met: a task that waits at the primitive, one that was woken and has not run since, or neither. */
export type Meeting = "parked" | "woken" | "none";

/** How many cancellations met what, at one primitive. */
export interface Counts {
  parked: number;
  woken: number;
  none: number;
  /** How many rounds there were. */
  rounds: number;
}

/** Counts, per primitive, what the cancellations of a storm met. */
export class Tally {
  readonly #counts = new Map<string, Counts>();

  /** The counts of `primitive`. */
  of(primitive: string): Counts {
    const known = this.#counts.get(primitive);
    if (known !== undefined) return known;
    const counts = { parked: 0, woken: 0, none: 0, rounds: 0 };
    this.#counts.set(primitive, counts);
    return counts;
  }

  /** How many cancellations there were in all. */
  get total(): number {
    return [...this.#counts.values()].reduce((sum, { parked, woken, none }) => sum + parked + woken + none, 0);
  }

  /** Each primitive that had a round, in the order of their first. */
  entries(): [string, Counts][] {
    return [...this.#counts];
  }

  /** The counts as a table, a line for each primitive. */
  toString(): string {
    const rows = this.entries().map(([name, counts]) => [
      name,
      counts.parked,
      counts.woken,
      counts.none,
      counts.rounds,
    ]);
    const lines = [["primitive", "parked", "woken", "none", "rounds"], ...rows];
    return lines.map(([name, ...cells]) => `${String(name).padEnd(18)}${cells.map(pad).join("")}`).join("\n");
  }
}

function pad(cell: string | number | undefined): string {
  return String(cell).padStart(10);
}
