/** What a series of measurements comes to. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/**
 * The least, the middle and the greatest of `values`.
 *
 * @throws {RangeError} If there are none.
 */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError("Cannot summarise measurements as there are none: current value is []");
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { min: sorted[0]!, median, max: sorted.at(-1)! };
}

/** How many times as much each of `values` is as the value of the same round in `base`. */
export function ratiosTo(base: readonly number[], values: readonly number[]): number[] {
  return values.map((value, round) => value / base[round]!);
}
