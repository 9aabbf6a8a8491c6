import { median, type Samples, spread } from "../server/candidate.ts";
import { mostOfBare, mostOfBest, type Row } from "./rows.ts";

/** What became of a target. */
export interface Verdict {
  readonly wanted: string;
  /** The ratio of the CPU times: median, least and most of the rounds. */
  readonly measured: string;
  readonly isReached: boolean;
}

/** Judges a row: Pottle beside those of its rivals that were measured, round by round. */
export function judge(row: Row, samples: Samples, titleOf: (id: string) => string): readonly Verdict[] {
  if (!samples.has("pottle")) return [];
  const rivals = row.rivals.filter((id) => samples.has(id));
  const bare = samples.has("bare") ? [atMost(row, samples, "bare", mostOfBare, titleOf)] : [];
  if (row.target === "ahead") return [...bare, ...rivals.map((id) => atMost(row, samples, id, 1, titleOf))];
  const best = bestOf(rivals, samples);
  return best === undefined ? bare : [...bare, atMost(row, samples, best, mostOfBest, titleOf)];
}

function atMost(row: Row, samples: Samples, rival: string, most: number, titleOf: (id: string) => string): Verdict {
  const ratios = ratiosOf(samples, rival);
  const bound = most === 1 ? "ahead of" : `≤ ${most} ×`;
  return {
    wanted: `${row.title}: ${bound} ${titleOf(rival)}`,
    measured: spread(ratios, 2),
    isReached: most === 1 ? median(ratios) < 1 : median(ratios) <= most,
  };
}

function ratiosOf(samples: Samples, rival: string): readonly number[] {
  const theirs = samples.get(rival)!;
  return samples.get("pottle")!.map(({ cpu }, round) => cpu / theirs[round]!.cpu);
}

/** The rival with the least CPU time: that beside which Pottle looks worst. */
function bestOf(rivals: readonly string[], samples: Samples): string | undefined {
  return rivals.toSorted((a, b) => median(ratiosOf(samples, b)) - median(ratiosOf(samples, a)))[0];
}
