import { type Sample, seconds } from "./stage.ts";

const COLUMNS = 60;
const ROWS = 4;
const EIGHTHS = " ▁▂▃▄▅▆▇█";

/** A small picture of how long the queue was from the start, 0, until `end`, in milliseconds. */
export function plot(samples: readonly Sample[], end: number): string {
  const longest = columns(samples, end);
  const top = Math.max(1, ...longest);
  const label = String(top);
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const margin = row === 0 ? label : " ".repeat(label.length);
    return `${margin} │${longest.map((length) => cell((length / top) * ROWS - (ROWS - 1 - row))).join("")}`.trimEnd();
  });
  const zero = "0".padStart(label.length);
  const until = `${seconds(end)} sec.`;
  return [...rows, `${zero} └${"─".repeat(COLUMNS)}`, until.padStart(label.length + 2 + COLUMNS)].join("\n");
}

/** The greatest length in each of as many equal stretches of time as there are columns. */
function columns(samples: readonly Sample[], end: number): number[] {
  const longest = Array.from({ length: COLUMNS }, () => 0);
  samples.forEach(({ at, length }, index) => {
    const last = column(samples[index + 1]?.at ?? end, end);
    for (let n = column(at, end); n <= last; n++) longest[n] = Math.max(longest[n]!, length);
  });
  return longest;
}

function column(at: number, end: number): number {
  return Math.min(COLUMNS - 1, Math.floor((at / end) * COLUMNS));
}

/** A character that is filled from below: 0 is empty, 1 is full. */
function cell(height: number): string {
  return EIGHTHS[Math.round(Math.min(1, Math.max(0, height)) * 8)]!;
}
