import { readdirSync, readFileSync } from "node:fs";

/** How many ticks of `/proc/PID/stat` are a second: the same on every Linux of today. */
const ticksPerSecond = 100;

/** The CPU time, in seconds, that all processes of a group have used so far, as far as they are still there. */
export function cpuTimeOf(group: number): number {
  return [...cpuTimesOf(group).values()].reduce((one, other) => one + other, 0);
}

/** The CPU time, in seconds, that each process of a group has used so far, by its process id. */
export function cpuTimesOf(group: number): ReadonlyMap<string, number> {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const used = pids.map((pid) => [pid, ticksOf(pid, group) / ticksPerSecond] as const);
  return new Map(used.filter(([, seconds]) => seconds > 0));
}

function ticksOf(pid: string, group: number): number {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return 0; // it has just ended
  }
  // Its name stands in parentheses, and may contain anything; state, parent and group follow it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[2]) === group ? Number(fields[11]) + Number(fields[12]) : 0;
}
