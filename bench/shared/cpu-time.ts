import { readdirSync, readFileSync } from "node:fs";

/** How many ticks of `/proc/PID/stat` are a second: the same on every Linux of today. */
const ticksPerSecond = 100;

/** The CPU time, in seconds, that all processes of a group have used so far, as far as they are still there. */
export function cpuTimeOf(group: number): number {
  const ticks = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => ticksOf(pid, group));
  return ticks.reduce((one, other) => one + other, 0) / ticksPerSecond;
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
