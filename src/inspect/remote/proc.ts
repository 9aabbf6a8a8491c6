// Reads information about processes from /proc. On systems other than Linux, and for processes of other users, nothing
// can be read.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { codeOf } from "../../base/error-code.ts";

/** Whether this machine has a /proc. */
export const hasProc: boolean = process.platform === "linux";

/** A socket that a process listens on. */
export interface ListeningSocket {
  readonly inode: string;
  readonly host: string;
  readonly port: number;
}

/** The text of a file of /proc; `undefined` if it cannot be read. */
export function readProc(path: string): string | undefined {
  return attempt(() => readFileSync(`/proc/${path}`, "utf8"));
}

/** The target of a link in /proc; `undefined` if it cannot be read. */
export function readProcLink(path: string): string | undefined {
  return attempt(() => readlinkSync(`/proc/${path}`));
}

/** The IDs of all processes. */
export function listPids(): number[] {
  const names = attempt(() => readdirSync("/proc")) ?? [];
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

/** The command line of a process. */
export function commandLineOf(pid: number): readonly string[] {
  return (readProc(`${pid}/cmdline`) ?? "").split("\0").slice(0, -1);
}

/** A field of the status file of a process, such as `SigCgt`. */
export function statusOf(pid: number, field: string): string | undefined {
  return new RegExp(`^${field}:\\s*(.*)$`, "m").exec(readProc(`${pid}/status`) ?? "")?.[1];
}

/** A field of the stat file of a process, numbered from 1 as in `man 5 proc_pid_stat`. */
export function statField(pid: number | "self", number: number): number {
  const text = readProc(`${pid}/stat`) ?? "";
  // The name in the second field may contain any characters, even parentheses and blanks.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[number - 3]);
}

/** The sockets that a process listens on. */
export function listeningSockets(pid: number): ListeningSocket[] {
  const inodes = socketsOf(pid);
  return [...tableOf(pid, "tcp"), ...tableOf(pid, "tcp6")].filter(({ inode }) => inodes.has(inode));
}

/** Whether a process listens on a port of this machine. */
export function isTaken(port: number): boolean {
  return listenersOn(port).length > 0;
}

/** The ID of the process that listens on a port of this machine, if it is visible. */
export function findListener(port: number): number | undefined {
  const inodes = new Set(listenersOn(port).map(({ inode }) => inode));
  return inodes.size === 0 ? undefined : listPids().find((pid) => !socketsOf(pid).isDisjointFrom(inodes));
}

function listenersOn(port: number): ListeningSocket[] {
  return [...tableOf("self", "tcp"), ...tableOf("self", "tcp6")].filter((socket) => socket.port === port);
}

function socketsOf(pid: number): Set<string> {
  const descriptors = attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  const links = descriptors.map((descriptor) =>
    /^socket:\[(\d+)\]$/.exec(readProcLink(`${pid}/fd/${descriptor}`) ?? ""),
  );
  return new Set(links.flatMap((match) => match?.[1] ?? []));
}

const listening = "0A";

function tableOf(pid: number | "self", table: "tcp" | "tcp6"): ListeningSocket[] {
  const lines = (readProc(`${pid}/net/${table}`) ?? "").split("\n").slice(1);
  return lines.flatMap((line) => {
    const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    const [host = "", port = ""] = local.split(":");
    return state === listening ? [{ inode, host, port: parseInt(port, 16) }] : [];
  });
}

// Reading may fail, because processes end at any time and some are not visible to this user.
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (expected.has(codeOf(error) ?? "")) return undefined;
    throw error;
  }
}

const expected: ReadonlySet<string> = new Set(["ENOENT", "ESRCH", "EACCES", "EPERM", "EINVAL", "ENOTDIR"]);
