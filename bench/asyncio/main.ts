// The benchmarks of pottle/asyncio: against CPython's asyncio and against bare promises. Prints one table.
//
// Exit codes: 0 if every target was reached (or with --quick), 1 if one was missed, 2 if nothing could be judged.

import { readOrExplain } from "../shared/read-options.ts";
import { readOptions, usage } from "./options.ts";
import { measureAll } from "./results.ts";
import { formatPeers, formatResults, formatVerdicts } from "./table.ts";
import { judge, judgeAgainst, reasonsNotToJudge } from "./verdicts.ts";

async function main(): Promise<number> {
  const options = readOrExplain(readOptions, usage);
  if (options === undefined) return 2;
  const results = await measureAll(options, (message) => console.error(message));
  console.log(`${formatPeers(results)}\n\n${formatResults(results)}\n`);
  const reasons = reasonsNotToJudge(results.peers, options.quick);
  if (reasons.length > 0) {
    console.log(`Not judged: ${reasons.join("; ")}.`);
    return options.quick ? 0 : 2;
  }
  const verdicts = options.against === undefined ? judge(results.results) : judgeAgainst(results.results);
  console.log(formatVerdicts(verdicts));
  return verdicts.some(({ outcome }) => outcome === "missed") ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error);
  process.exitCode = 2;
}
