import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { platform } from "node:os";
import { join } from "node:path";
import { codeOf } from "../../../base/error-code.ts";

/** @internal What a running server writes into its data folder. */
export interface PostmasterPid {
  /** Its process. */
  readonly pid: number;
  /** Where it listens. */
  readonly port: number;
  /** Whether it takes connections. */
  readonly isReady: boolean;
}

/**
 * @internal Reads what the server that works on `data` has written, if one does.
 *
 * @see https://www.postgresql.org/docs/current/storage-file-layout.html
 */
export function readPostmasterPid(data: string): PostmasterPid | undefined {
  const lines = readIfThere(join(data, "postmaster.pid"))?.split("\n");
  const pid = Number(lines?.[0]);
  if (!(pid > 0)) return undefined;
  return { pid, port: Number(lines?.[3]), isReady: lines?.[7]?.trim() === "ready" };
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** @internal The process of the server that works on `data`, if there is one; what one that was killed has left is removed. */
export function findServer(data: string): PostmasterPid | undefined {
  const found = readPostmasterPid(data);
  if (found === undefined || isServer(found.pid)) return found;
  rmSync(join(data, "postmaster.pid"), { force: true });
  return undefined;
}

// Numbers of processes are used again, above all in containers: one that is alive need not be the server.
function isServer(pid: number): boolean {
  if (!isAlive(pid)) return false;
  const name = readIfThere(`/proc/${pid}/comm`) ?? (platform() === "linux" ? "" : nameByPs(pid));
  return name.includes("postgres");
}

function nameByPs(pid: number): string {
  try {
    return execFileSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return ""; // it ended just now
  }
}

/** @internal Whether there is a process of that number. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
