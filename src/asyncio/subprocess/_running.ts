// The processes that run now, so that none is left behind when this program exits in the middle: at a second Ctrl+C, by
// `process.exit()`, by an error that nobody caught.

import type { ChildProcess } from "node:child_process";

/** @internal Something that can be killed at once. */
export interface Killable {
  kill(): boolean;
}

const running = new Set<Killable>();

/** @internal From now on it is killed when this program exits. */
export function hasStarted(killable: Killable): void {
  if (running.size === 0) process.on("exit", killAll);
  running.add(killable);
}

/** @internal It is gone. */
export function hasExited(killable: Killable): void {
  running.delete(killable);
  if (running.size === 0) process.off("exit", killAll);
}

function killAll(): void {
  for (const killable of running) killable.kill();
}

/** @internal Sends a signal to `child`, and if it leads a process group, to all that it started. */
export function sendTo(child: ChildProcess, signal: NodeJS.Signals | number, leadsGroup: boolean): boolean {
  if (!leadsGroup) return child.kill(signal);
  try {
    return process.kill(-child.pid!, signal);
  } catch (error) {
    // It has gone, and the platform will say so in a moment.
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}
