import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { platform } from "node:os";
import { join } from "node:path";
import { codeOf } from "../../../base/error-code.ts";

/** @internal The content of the file that a running server writes to its data folder. */
export interface PostmasterPid {
  /** The ID of the server's process. */
  readonly pid: number;
  /** The port on which it listens. */
  readonly port: number;
  /** Whether it accepts connections. */
  readonly isReady: boolean;
}

/**
 * @internal Reads the file of the server that uses `data`, if there is one.
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

/** @internal Finds the running server that uses `data`. The file of a killed server is removed. */
export function findServer(data: string): PostmasterPid | undefined {
  const found = readPostmasterPid(data);
  if (found === undefined || isServer(found.pid)) return found;
  rmSync(join(data, "postmaster.pid"), { force: true });
  return undefined;
}

// Process IDs are reused, especially in containers, so a living process with this ID need not be the server.
function isServer(pid: number): boolean {
  if (!isAlive(pid)) return false;
  const name = readIfThere(`/proc/${pid}/comm`) ?? (platform() === "linux" ? "" : nameByPs(pid));
  return name.includes("postgres");
}

function nameByPs(pid: number): string {
  try {
    return execFileSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return ""; // it has just ended
  }
}

/** @internal Whether there is a process with this ID. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
