// A signal ends a process that has no handler for it. So the target process is checked first: it must have a handler.

import { childProcess } from "../../base/node.ts";
import { basename } from "node:path";
import { InspectError } from "./inspect-error.ts";
import { hasProc, readProcLink, statusOf } from "./proc.ts";

// The bit of SIGUSR1, counted from 0, in the mask of signals that a process has handlers for.
const bit = 9n;

/**
 * Checks that a process will open its inspector when it receives SIGUSR1.
 *
 * @throws {InspectError} If it will not open its inspector.
 */
export function checkTarget(pid: number): void {
  if (process.platform === "win32") throw new InspectError(pid, "unsuitable", "Windows has no signal that asks it to");
  checkAlive(pid);
  if (hasProc) checkByProc(pid);
  else checkByPs(pid);
}

function checkAlive(pid: number): void {
  try {
    process.kill(pid, 0);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ESRCH") throw new InspectError(pid, "missing", "there is no such process");
    if (code === "EPERM") throw new InspectError(pid, "forbidden", "it belongs to another user: ask as that user");
    throw error;
  }
}

function checkByProc(pid: number): void {
  const state = statusOf(pid, "State")?.charAt(0);
  if (state === "Z") throw new InspectError(pid, "missing", "it has ended");
  if (state === "T") throw new InspectError(pid, "silent", `it is stopped: 'kill -CONT ${pid}' has it go on`);
  const program = readProcLink(`${pid}/exe`);
  if (program === undefined) throw new InspectError(pid, "forbidden", "this user may not see what it runs");
  if (!isNode(program)) throw new InspectError(pid, "unsuitable", `it is not a Node process: it runs ${program}`);
  const caught = BigInt(`0x${statusOf(pid, "SigCgt") ?? "0"}`);
  if (((caught >> bit) & 1n) === 1n) return;
  throw new InspectError(pid, "unsuitable", "it opens no inspector by SIGUSR1: it was started with --disable-sigusr1");
}

function checkByPs(pid: number): void {
  const program = childProcess()
    .execFileSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8" })
    .trim();
  if (!isNode(program)) throw new InspectError(pid, "unsuitable", `it is not a Node process: it runs ${program}`);
}

function isNode(program: string): boolean {
  return /^node(?:js)?\b/.test(basename(program));
}
