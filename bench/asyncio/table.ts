import type { Results } from "./results.ts";
import type { Spread } from "./summary.ts";
import type { Verdict } from "./verdicts.ts";

/** What was measured on what: one line for each peer, in Markdown. */
export function formatPeers({ peers, rounds, isPinned }: Results): string {
  const lines = peers.map(({ title, details }) => `- ${title}: ${details}`);
  const place = isPinned ? "each process kept on one core" : "processes free to move between cores";
  return [`Rounds: ${rounds}, alternating between the peers, ${place}.`, "", ...lines].join("\n");
}

/** The table of all figures, in Markdown. */
export function formatResults({ results }: Results): string {
  const rows = results.flatMap((result) =>
    result.figures.map(({ peer, own, ratio }, index) => [
      index === 0 ? `${result.case.title} (${result.case.unit})` : "",
      peer.title,
      formatSpread(own),
      index === 0 ? "" : formatSpread(ratio),
    ]),
  );
  return formatTable(["case (unit, each)", "peer", "min – median – max", "times Pottle: min – median – max"], rows);
}

/** The table of what was reached and missed, in Markdown. */
export function formatVerdicts(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ title, asked, figure, unit, outcome }) => [
    title,
    asked,
    `${formatNumber(figure.median)} ${unit} (${formatNumber(figure.min)}–${formatNumber(figure.max)})`,
    outcome,
  ]);
  return formatTable(["case", "target", "median (min–max)", "outcome"], rows);
}

function formatSpread({ min, median, max }: Spread): string {
  return [min, median, max].map(formatNumber).join(" – ");
}

/** Three digits that mean something are all that such a measurement has. */
function formatNumber(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** A table in Markdown. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]!.length), title.length),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [line(header), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...rows.map(line)].join("\n");
}
