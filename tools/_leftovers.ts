// Finds processes that a step of the gate left running: all that a step starts inherits a mark in its environment.

import { existsSync, readdirSync, readFileSync } from "node:fs";

/** The environment variable that carries a step's mark. */
export const MARK = "POTTLE_GATE_STEP";

/** A process that is still running although its step is over. */
export interface Leftover {
  /** Its process id. */
  readonly pid: number;
  /** Its command line. */
  readonly command: string;
}

/** The running processes that inherited `mark`. Without /proc (only Linux has it) it finds none. */
export function leftovers(mark: string): Leftover[] {
  if (!existsSync("/proc/self/environ")) return [];
  const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid);
  return pids.filter((pid) => variables(pid).includes(`${MARK}=${mark}`)).map((pid) => describe(pid));
}

function variables(pid: string): string[] {
  return readProc(pid, "environ").split("\0");
}

function describe(pid: string): Leftover {
  return { pid: Number(pid), command: readProc(pid, "cmdline").replaceAll("\0", " ").trim() };
}

/** Empty for a process that has ended meanwhile (ENOENT, ESRCH) or belongs to somebody else (EACCES). */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}
