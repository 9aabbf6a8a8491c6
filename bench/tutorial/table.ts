import type { Spread } from "../asyncio/summary.ts";
import type { Case } from "./cases.ts";
import type { Result } from "./results.ts";

/** The table of all figures, in Markdown, with what was missing beneath it. */
export function formatResults(results: readonly Result[]): string {
  const rows = results.flatMap((result) =>
    result.figures.map(({ peer, cpu, rate, ratio }, index) => [
      index === 0 ? `${result.case.title} (${unitOf(result.case)})` : "",
      peer.title,
      formatSpread(cpu),
      index === 0 ? "" : formatSpread(ratio),
      `${formatNumber(rate.median)}/s`,
    ]),
  );
  const header = ["case (unit of CPU time)", "peer", "CPU: min – median – max", "times Pottle", "pages, requests"];
  const missing = results
    .filter(({ missing: needed }) => needed.length > 0)
    .map(({ case: { title }, missing: needed }) => `Not measured: ${title}, as this is missing: ${needed.join("; ")}.`);
  return [formatTable(header, rows), ...missing].join("\n\n");
}

/** The table of what was reached and missed, in Markdown; empty if there is nothing to judge. */
export function formatVerdicts(results: readonly Result[]): string {
  const rows = results.flatMap((result) => {
    const { target, title } = result.case;
    const ratio = result.figures[1]?.ratio;
    if (target === undefined || ratio === undefined) return [];
    const figure = `${formatNumber(ratio.median)} × (${formatNumber(ratio.min)}–${formatNumber(ratio.max)})`;
    return [[title, `≥ ${target} × less CPU time`, figure, isReached(result) ? "reached" : "missed"]];
  });
  return rows.length === 0 ? "" : formatTable(["case", "target", "median (min–max)", "outcome"], rows);
}

/** Whether the median reaches the target of the case; so does whatever has none. */
export function isReached({ case: { target }, figures }: Result): boolean {
  const ratio = figures[1]?.ratio;
  return target === undefined || ratio === undefined || ratio.median >= target;
}

function unitOf({ kind }: Case): string {
  return kind === "crawl" ? "ms, whole process" : "µs a request";
}

function formatSpread({ min, median, max }: Spread): string {
  return [min, median, max].map(formatNumber).join(" – ");
}

/** Three digits that mean something are all that such a measurement has. */
function formatNumber(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [line(header), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.map(line)].join("\n");
}
