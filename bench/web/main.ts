// Measures Pottle's web floor beside other frameworks: CPU time a request, servers on one core and the load on the other, in
// rounds in which everybody has a turn. Prints the tables of README.md, and what became of the targets.
//
// Exit codes: 0 if every target was reached (or with --quick), 1 if one was missed, 2 if something could not be measured.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exitWith } from "../shared/exit-code.ts";
import { readOrExplain } from "../shared/read-options.ts";
import { measureRow } from "./measure-row.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { type Peer, peersFolder, peersFor } from "./peers.ts";
import type { Verdict } from "./verdicts.ts";

async function main(options: Options): Promise<number> {
  if (!options.quick) installPeers();
  const folder = mkdtempSync(join(tmpdir(), "pottle-bench-web-"));
  writeFileSync(join(folder, "style.css"), "x".repeat(16_384));
  const { rounds, seconds, quick } = options;
  const turn = quick ? "a few requests" : `${seconds} s`;
  console.log(`Node ${process.versions.node}; ${rounds} rounds of ${turn}; median (least–most).`);
  try {
    const peers = choosePeers(peersFor(folder), options.peers);
    const verdicts: Verdict[] = [];
    for (const row of options.rows) verdicts.push(...(await measureRow(row, peers, options, folder)));
    return printVerdicts(verdicts, quick);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Those that can be started; says why others cannot. */
function choosePeers(peers: readonly Peer[], chosen: readonly string[] | undefined): readonly Peer[] {
  return peers
    .filter(({ id }) => chosen?.includes(id) ?? true)
    .filter(({ title, missing }) => {
      const reason = missing();
      if (reason !== undefined) console.log(`Left out: ${title}, as ${reason}.`);
      return reason === undefined;
    });
}

function installPeers(): void {
  const args = ["install", "--no-audit", "--no-fund", "--no-package-lock"];
  execFileSync("npm", args, { cwd: peersFolder, stdio: "ignore" });
}

function printVerdicts(verdicts: readonly Verdict[], quick: boolean): number {
  if (quick) {
    console.log("\nNot judged: there were a few requests only (--quick).");
    return 0;
  }
  console.log("\n## Verdicts\n\n| wanted | measured | |\n| --- | --- | --- |");
  for (const { wanted, measured, isReached } of verdicts) {
    console.log(`| ${wanted} | ${measured} | ${isReached ? "reached" : "missed"} |`);
  }
  return verdicts.every(({ isReached }) => isReached) ? 0 : 1;
}

const options = readOrExplain(readOptions, usage);
if (options === undefined) process.exitCode = 2;
else await exitWith(() => main(options));
