import type { Target } from "./cases.ts";
import { compareVersions } from "./find-cpythons.ts";
import type { Peer } from "./peers.ts";
import type { Figure, Result } from "./results.ts";
import type { Spread } from "./summary.ts";

/** What became of a target. */
export interface Verdict {
  /** The case, in words. */
  readonly title: string;
  /** What was asked, in words. */
  readonly asked: string;
  /** The figure that was judged, by its median. */
  readonly figure: Spread;
  /** What the figure counts: `µs`, `bytes`, or `×` for how many times. */
  readonly unit: string;
  readonly outcome: "reached" | "acceptable" | "missed";
}

/** Why nothing may be judged; empty if everything may. */
export function reasonsNotToJudge(peers: readonly Peer[], quick: boolean): string[] {
  const reasons: string[] = [];
  const node = newestOf(peers, "pottle") ?? [];
  const cpython = newestOf(peers, "cpython");
  if (quick) reasons.push("the counts were tiny (--quick)");
  // Against itself, everything can be judged on any Node.
  if (peers.some(({ family }) => family === "before")) return reasons;
  if (compareVersions(node, [26, 0, 0]) < 0) reasons.push(`the targets are for Node 26 and this is ${node.join(".")}`);
  if (cpython === undefined) reasons.push("no CPython from 3.11 on was found");
  else if (compareVersions(cpython, [3, 12, 0]) < 0)
    reasons.push(`the best CPython found is older than 3.12: it is ${cpython.join(".")}`);
  return reasons;
}

function newestOf(peers: readonly Peer[], family: Peer["family"]): readonly number[] | undefined {
  const versions = peers.filter((peer) => peer.family === family).map(({ version }) => version);
  return versions.toSorted(compareVersions).at(-1);
}

/** How much more than before a case may take. */
const AS_BEFORE = 1.03;

/** Judges that no case takes more than it took before, but for what no measurement can tell. */
export function judgeAgainst(results: readonly Result[]): Verdict[] {
  return results.map((result) => {
    const figure = inverse(fastest(result, "before").ratio);
    const outcome = figure.median <= AS_BEFORE ? "reached" : "missed";
    return { title: result.case.title, asked: `≤ ${AS_BEFORE} × what it took before`, figure, unit: "×", outcome };
  });
}

/** Judges every target of every case. */
export function judge(results: readonly Result[]): Verdict[] {
  return results.flatMap((result) => result.case.targets.map((target) => judgeOne(result, target)));
}

function judgeOne(result: Result, target: Target): Verdict {
  const { title, unit } = result.case;
  const { bound } = target;
  if (target.figure === "own figure") {
    const { own } = fastest(result, "pottle");
    return { title, asked: `≤ ${bound} ${unit}`, figure: own, unit, outcome: atMost(own.median, target) };
  }
  if (target.figure === "times the bare promises") {
    const figure = inverse(fastest(result, "promises").ratio);
    return {
      title,
      asked: `≤ ${bound} × the bare promises`,
      figure,
      unit: "×",
      outcome: atMost(figure.median, target),
    };
  }
  const { peer, ratio } = fastest(result, "cpython");
  const asked = `≥ ${bound} × faster than the fastest CPython (${peer.title})`;
  return { title, asked, figure: ratio, unit: "×", outcome: atLeast(ratio.median, target) };
}

function fastest(result: Result, family: Peer["family"]): Figure {
  const figures = result.figures.filter(({ peer }) => peer.family === family);
  return figures.reduce((best, figure) => (figure.own.median < best.own.median ? figure : best));
}

function inverse({ min, median, max }: Spread): Spread {
  return { min: 1 / max, median: 1 / median, max: 1 / min };
}

function atMost(value: number, { bound }: Target): Verdict["outcome"] {
  return value <= bound ? "reached" : "missed";
}

function atLeast(value: number, { bound, acceptable = bound }: Target): Verdict["outcome"] {
  if (value >= bound) return "reached";
  return value >= acceptable ? "acceptable" : "missed";
}
