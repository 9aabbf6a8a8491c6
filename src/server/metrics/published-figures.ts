import { readFigures } from "../../asyncio/index.ts";
import type { PrometheusText } from "./prometheus-text.ts";

/** The largest number of time series. */
const most = 200;

interface Sum {
  readonly source: string;
  readonly figure: string;
  value: number;
}

/**
 * Writes the figures that pools and clients have published. Those of the same name are added up. A program that opens
 * a client for each host that its users name would make time series without end: what is beyond a bound is left out.
 */
export function writePublishedFigures(text: PrometheusText): void {
  const { sums, leftOut } = addUp();
  const name = "pottle_figure";
  text.begin(name, "gauge", "What pools and clients have published: connections in use, idle and waited for.");
  for (const { source, figure, value } of sums) text.sample(name, value, { source, figure });
  const help = `How many published figures are left out, as there are more than ${most} of different names.`;
  text.single("pottle_figures_left_out", "gauge", help, leftOut);
}

function addUp(): { sums: Iterable<Sum>; leftOut: number } {
  const sums = new Map<string, Sum>();
  let leftOut = 0;
  for (const { name: source, counts } of readFigures()) {
    for (const [figure, value] of Object.entries(counts)) {
      const key = JSON.stringify([source, figure]);
      const sum = sums.get(key);
      if (sum !== undefined) sum.value += value;
      else if (sums.size < most) sums.set(key, { source, figure, value });
      else leftOut++;
    }
  }
  return { sums: sums.values(), leftOut };
}
