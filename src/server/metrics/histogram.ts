import type { PrometheusText } from "./prometheus-text.ts";

/** Counts values by ranges: those up to each of its bounds, and all. */
export class Histogram {
  readonly #bounds: readonly number[];
  /** How many values were in each range only; the last one has no upper bound. */
  readonly #counts: number[];
  #sum = 0;

  /** @param bounds - Upper bounds, increasing. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  /** Counts a value. */
  observe(value: number): void {
    const bounds = this.#bounds;
    let i = 0;
    while (i < bounds.length && value > bounds[i]!) i++;
    this.#counts[i]!++;
    this.#sum += value;
  }

  /** Writes its samples. */
  write(text: PrometheusText, name: string, help: string): void {
    text.begin(name, "histogram", help);
    let count = 0;
    for (const [i, inRange] of this.#counts.entries()) {
      count += inRange;
      text.sample(`${name}_bucket`, count, { le: i < this.#bounds.length ? String(this.#bounds[i]) : "+Inf" });
    }
    text.sample(`${name}_sum`, this.#sum).sample(`${name}_count`, count);
  }
}
