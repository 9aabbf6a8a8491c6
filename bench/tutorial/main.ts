// The benchmarks of the tutorial's programs: Pottle against aiohttp + BeautifulSoup, and against Quart on Hypercorn.
// Prints one table.
//
// Exit codes: 0 if every target was reached (or with --quick), 1 if one was missed, 2 if something could not be measured.

import { exitWith } from "../shared/exit-code.ts";
import { readOrExplain } from "../shared/read-options.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { measureAll } from "./results.ts";
import { formatResults, formatVerdicts, isReached } from "./table.ts";

async function main(options: Options): Promise<number> {
  const results = await measureAll(options, (message) => console.error(message));
  const { versions } = process;
  console.log(`Rounds: ${options.rounds}, alternating between the peers; servers on one core, clients on the other.`);
  console.log(`Node ${versions.node}, V8 ${versions.v8}.\n\n${formatResults(results)}\n`);
  if (options.quick) {
    console.log("Not judged: the counts were tiny (--quick).");
    return 0;
  }
  console.log(formatVerdicts(results));
  if (results.some(({ missing }) => missing.length > 0)) return 2;
  return results.every(isReached) ? 0 : 1;
}

const options = readOrExplain(readOptions, usage);
if (options === undefined) process.exitCode = 2;
else await exitWith(() => main(options));
