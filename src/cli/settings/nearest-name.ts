// Which name was meant by one that does not exist.

/** The one of `names` that is most like `name`; `undefined` if none is near: one slip in a short name, two in a longer. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const allowed = name.length < 6 ? 1 : 2;
  const distances = names.map((each) => [distance(name, each), each] as const);
  const [best] = distances.filter(([count]) => count <= allowed).sort(([one], [other]) => one - other);
  return best?.[1];
}

/**
 * How many slips lead from one text to the other: a letter that is missing, added or wrong, or two that are swapped.
 *
 * @see https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance "optimal string alignment"
 */
function distance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1];
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (isSame ? 0 : 1));
      const isSwapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (isSwapped) row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
    }
    [beforeLast, last] = [last, row];
  }
  return last[to.length]!;
}
