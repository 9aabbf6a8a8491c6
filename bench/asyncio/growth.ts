// How the time of every combinator and primitive grows with how many there are: at 1,000, 10,000 and 100,000.
//
//   npm run bench:growth
//   npm run bench:growth -- --only "Lock" --limit 20
//
// Exit codes: 0 if nothing grows faster than it may, 1 if something does, or did not come to its end.

import { parseArgs } from "node:util";
import { growthCases } from "./growth/index.ts";
import { type Growth, measureGrowth } from "./growth/measure.ts";
import { formatTable } from "./table.ts";

/** The counts of each case. */
const COUNTS = [1_000, 10_000, 100_000];

/** From which exponent on a case grows too fast: n log n has 1.12 over these counts, and a cache that is full adds. */
const BOUND = 1.15;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: "string", default: "" }, limit: { type: "string", default: "60" } },
  });
  const titles = Object.keys(growthCases).filter((title) => title.includes(values.only));
  const growths: Growth[] = [];
  for (const title of titles) {
    const growth = await measureGrowth(title, COUNTS, Number(values.limit) * 1_000);
    console.error(`${growths.push(growth)} of ${titles.length}: ${rowOf(growth).join(" | ")}`);
  }
  console.log(format(growths));
  const bad = growths.filter((growth) => remarkOn(growth) !== "");
  console.log(`\n${growths.length} cases, ${bad.length} of them grow too fast or do not come to their end`);
  if (bad.length > 0) process.exitCode = 1;
}

function remarkOn({ points, exponent }: Growth): "" | "too fast" | "no end" {
  if (points.some(({ problem }) => problem !== undefined)) return "no end";
  return exponent <= BOUND ? "" : "too fast";
}

function format(growths: readonly Growth[]): string {
  return formatTable(
    ["case", ...COUNTS.map((count) => `${count.toLocaleString("en")} (ms)`), "exponent", ""],
    growths.map(rowOf),
  );
}

function rowOf(growth: Growth): string[] {
  const times = COUNTS.map((_, index) => {
    const point = growth.points[index];
    return point === undefined ? "" : (point.problem ?? point.ms.toPrecision(3));
  });
  const exponent = Number.isNaN(growth.exponent) ? "" : growth.exponent.toFixed(2);
  return [growth.title, ...times, exponent, remarkOn(growth)];
}

await main();
