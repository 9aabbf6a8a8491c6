// The gate: everything that must hold before a change is merged, one step after the other. It stops at the first
// step that fails and shows what that step printed.
//
//   npm run ok

import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { leftovers, MARK } from "./_leftovers.ts";
import { runProcess } from "./_process.ts";
import { root } from "./_repository.ts";

/** One step: what it is called, and the file that Node runs for it, with its arguments. */
type Step = readonly [name: string, script: string, ...args: string[]];

const STEPS: readonly Step[] = [
  ["build", "tools/build.ts", "--force"],
  ["format", "node_modules/oxfmt/bin/oxfmt", "--check"],
  ["types", "node_modules/typescript/bin/tsc", "--noEmit"],
  ["lint", "node_modules/oxlint/bin/oxlint", "--deny-warnings", "--report-unused-disable-directives"],
  ["floors", "tools/floors.ts"],
  ["forbidden", "tools/forbidden.ts"],
  ["exports", "tools/exports.ts"],
  ["links", "tools/links.ts"],
  ["examples in docs", "tools/examples.ts"],
  ["tests", "tools/test.ts"],
  ["tests on Node 24", "tools/test.ts", "--node24"],
  ["packed package", "tools/smoke.ts"],
];

/** Milliseconds that one step may take. */
const LIMIT_MS = 1_200_000;

/** Milliseconds that processes of a finished step have to end, before they count as left running. */
const GRACE_MS = 2_000;

const start = performance.now();
const summaries: string[] = [];
for (const step of STEPS) {
  if (await runStep(step)) continue;
  process.exitCode = 1;
  break;
}
for (const summary of summaries) console.log(`\n${summary}`);
console.log(`\n${process.exitCode === 1 ? "not ok" : "ok"} after ${seconds(performance.now() - start)}`);

async function runStep([name, script, ...args]: Step): Promise<boolean> {
  const mark = randomUUID();
  const options = { cwd: root, env: { [MARK]: mark, FORCE_COLOR: undefined }, limit: LIMIT_MS };
  const { code, output, ms, timedOut } = await runProcess(process.execPath, [join(root, script), ...args], options);
  const left = await lasting(mark);
  const passed = code === 0 && left.length === 0;
  console.log(`${passed ? "✔" : "✖"} ${name.padEnd(20)} ${seconds(ms).padStart(8)}`);
  if (!passed) console.log(output.trimEnd());
  if (timedOut) console.log(`The step was ended after ${seconds(LIMIT_MS)}.`);
  for (const line of left) console.log(line);
  const summary = testSummary(output);
  if (passed && summary !== "") summaries.push(`${name}\n${summary}`);
  return passed;
}

/** Names the processes that are still running some time after their step, and ends them. */
async function lasting(mark: string): Promise<string[]> {
  const deadline = performance.now() + GRACE_MS;
  while (leftovers(mark).length > 0 && performance.now() < deadline) await delay(100);
  return leftovers(mark).map(({ pid, command }) => {
    process.kill(pid, "SIGKILL");
    return `Left running: ${pid} ${command}`;
  });
}

/** The last lines of Node's test runner: how many tests there were, and how many passed. */
function testSummary(output: string): string {
  return output.match(/^(?:ℹ|#) (?:tests|pass|fail|cancelled|skipped|todo|duration_ms) .*$/gm)?.join("\n") ?? "";
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
