// Finds the processes of this machine that run Pottle, by their command lines. A registration file for each process
// would be left behind by every `kill -9`.

import { childProcess } from "../../base/node.ts";
import { createRequire } from "node:module";
import { basename, resolve } from "node:path";
import { align } from "../text/align.ts";
import { formatDuration } from "../text/format-duration.ts";
import { printable } from "../printable.ts";
import { codeOf } from "../../base/error-code.ts";
import { commandLineOf, hasProc, listPids, readProc, readProcLink, statField } from "./proc.ts";

/** A process that runs Pottle or may run it. */
export interface ProcessEntry {
  readonly pid: number;
  /** The ID of the process that started it. */
  readonly parent: number;
  /** The program and its arguments: `pottle run app.ts`, `server.ts`. */
  readonly program: string;
  /** The folder in which it was started; `undefined` if unknown. */
  readonly folder: string | undefined;
  /** How long it has been running, in milliseconds; `undefined` if unknown. */
  readonly uptime: number | undefined;
}

/**
 * Lists the processes on this machine that run Pottle and that this user may inspect: the `pottle` command, and
 * programs of projects that have Pottle installed.
 *
 * @example
 * for (const { pid, program } of listProcesses()) console.log(pid, program);
 */
export function listProcesses(): ProcessEntry[] {
  const found = (hasProc ? listPids().flatMap(readEntry) : readFromPs()).filter(({ pid }) => pid !== process.pid);
  // If Node is too old, the `pottle` command starts a newer Node and waits for it. Such a waiting process is left out.
  return found.filter(
    (entry) => !found.some(({ parent, program }) => parent === entry.pid && program === entry.program),
  );
}

/**
 * Formats processes as a table.
 *
 * @example
 * console.log(formatProcesses(listProcesses()));
 */
export function formatProcesses(entries: readonly ProcessEntry[]): string {
  if (entries.length === 0) return "No process that this user may look into runs Pottle.";
  const rows = entries.map(({ pid, program, folder, uptime }) => [
    String(pid),
    uptime === undefined ? "" : formatDuration(uptime),
    printable(program),
    printable(folder ?? ""),
  ]);
  return align([["pid", "up", "program", "in"], ...rows]).join("\n");
}

/** The processes that a process has started, and that may run Pottle. */
export function childrenOf(pid: number): ProcessEntry[] {
  return listProcesses().filter(({ parent }) => parent === pid);
}

function readEntry(pid: number): ProcessEntry[] {
  if (!/^node(?:js)?\b/.test(basename(readProcLink(`${pid}/exe`) ?? ""))) return [];
  const folder = readProcLink(`${pid}/cwd`);
  const program = describeProgram(commandLineOf(pid).slice(1), folder);
  return program === undefined ? [] : [{ pid, parent: statField(pid, 4), program, folder, uptime: uptimeOf(pid) }];
}

const ticksPerSecond = 100;

function uptimeOf(pid: number): number {
  const machine = Number((readProc("uptime") ?? "0").split(" ")[0]);
  return Math.max(0, machine - statField(pid, 22) / ticksPerSecond) * 1_000;
}

function readFromPs(): ProcessEntry[] {
  const table = childProcess().execFileSync("ps", ["-xo", "pid=,ppid=,command="], { encoding: "utf8" });
  return table.split("\n").flatMap((line) => {
    const [, pid, parent, node = "", rest = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s*(.*)$/.exec(line) ?? [];
    const program = /^node(?:js)?\b/.test(basename(node)) ? describeProgram(rest.split(" "), undefined) : undefined;
    return program === undefined
      ? []
      : [{ pid: Number(pid), parent: Number(parent), program, folder: undefined, uptime: undefined }];
  });
}

// Options of Node that have their value in a separate argument.
const withValue = new Set(["-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions"]);
// The supervisor of an embedded PostgreSQL server, which is a part of Pottle but has no tasks to show.
const supervisor = /[\\/]postgres[\\/]embedded[\\/]_supervisor\.[jt]s$/;
const evaluated = new Set(["-e", "--eval", "-p", "--print", "-pe"]);

/** The program of a Node process, if it is or may be Pottle. */
export function describeProgram(args: readonly string[], folder: string | undefined): string | undefined {
  const start = args.findIndex((arg, i) => !arg.startsWith("-") && !withValue.has(args[i - 1] ?? ""));
  const [script, ...rest] = start === -1 ? [] : args.slice(start);
  if (script === undefined || args.slice(0, start).some((arg) => evaluated.has(arg.split("=")[0]!))) return undefined;
  if (supervisor.test(script)) return undefined;
  if (/^pottle(?:\.cjs)?$/.test(basename(script))) {
    return rest[0] === "run" || rest[0] === "repl" ? `pottle ${rest.join(" ")}` : undefined;
  }
  return hasPottle(resolve(folder ?? "/", script)) ? [script, ...rest].join(" ") : undefined;
}

function hasPottle(script: string): boolean {
  try {
    createRequire(script).resolve("pottle/package.json");
    return true;
  } catch (error) {
    if (codeOf(error)?.endsWith("NOT_FOUND") === true) return false;
    if (codeOf(error)?.startsWith("ERR_") === true) return false;
    throw error;
  }
}
