// Runs the tests, after a build if dist/ is stale: examples and the packed package are tested as users get them.
//
//   npm test                                  all of them
//   npm test -- src/asyncio/sync/queue.test.ts     some of them; also options of `node --test`
//   npm run test:24                           on the oldest Node that Pottle supports, without those of tools and benchmarks

import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { build } from "./build.ts";
import { node24 } from "./node24.ts";
import { root } from "./_repository.ts";

/** What users run. Tools and benchmarks run on the Node of the repository only. */
const SHIPPED = ["src", "test", "examples"];

const OURS = ["tools", "bench"];

/** Most tests wait more than they compute, so that two files at a time are no more than a machine with two cores bears. */
const CONCURRENCY = Math.max(2, availableParallelism() - 1);

/** Longer than any test may take; a test that hangs is reported by name instead of stopping the run for ever. */
const LIMIT_MS = 300_000;

const [node, tests] = await choose(process.argv.slice(2));
await build();
process.exitCode = await runTests(node, tests);

async function choose(args: readonly string[]): Promise<[string, string[]]> {
  const rest = args.filter((arg) => arg !== "--node24");
  return [rest.length < args.length ? await node24() : process.execPath, rest];
}

function runTests(program: string, args: readonly string[]): Promise<number> {
  const folders = program === process.execPath ? [...SHIPPED, ...OURS] : SHIPPED;
  const everything = folders.map((folder) => `${folder}/**/*.test.ts`);
  const chosen = args.some((arg) => !arg.startsWith("-")) ? args : [...args, ...everything];
  const child = spawn(
    program,
    ["--test", `--test-concurrency=${CONCURRENCY}`, `--test-timeout=${LIMIT_MS}`, ...chosen],
    { cwd: root, stdio: "inherit" },
  );
  // A terminal sends Ctrl+C to the tests as well: wait for them, so that they can tidy up.
  const forward = (signal: NodeJS.Signals): void => {
    if (signal === "SIGTERM") child.kill(signal);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}
