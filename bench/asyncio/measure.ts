import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import type { Case } from "./cases.ts";
import type { Peer } from "./peers.ts";

const run = promisify(execFile);

/** How long one measurement may take, in milliseconds. */
const limit = 300_000;

/** The command that keeps a program on one core, so that it does not move about; empty where there is none. */
export async function findPin(): Promise<string[]> {
  const core = String(availableParallelism() - 1);
  try {
    await run("taskset", ["-c", core, process.execPath, "--version"]);
    return ["taskset", "-c", core];
  } catch {
    return [];
  }
}

/**
 * Measures `one` as `peer` solves it, in a process of its own. Gives microseconds of CPU time, or bytes, of one piece
 * of work.
 *
 * @throws {Error} If the program fails, or says nothing that is a measurement.
 */
export async function measure(peer: Peer, one: Case, pin: readonly string[]): Promise<number> {
  const command = [...pin, ...peer.command, one.id, String(one.warmUp), String(one.count)];
  try {
    const { cpu, bytes } = JSON.parse(await outputOf(command)) as { readonly cpu: number; readonly bytes: number };
    return (one.unit === "µs" ? cpu : bytes) / one.count;
  } catch (cause) {
    throw new Error(`Cannot measure ${one.id} as ${peer.title} failed`, { cause });
  }
}

async function outputOf([program, ...args]: readonly string[]): Promise<string> {
  const { stdout } = await run(program!, args, { timeout: limit, env: environment(), killSignal: "SIGKILL" });
  return stdout;
}

/** The environment without what would change how the peers work. */
export function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, POTTLE_DEBUG: _debug, ...rest } = process.env;
  return rest;
}
