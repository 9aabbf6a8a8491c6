// The processes that run now. They are killed when this program exits without ending its scopes: at a second Ctrl+C, by
// `process.exit()`, or by an uncaught error.

import type { ChildProcess } from "node:child_process";

/** @internal A process that can be killed at once. */
export interface Killable {
  kill(): boolean;
}

const running = new Set<Killable>();

/** @internal Registers `killable`, which from now on is killed when this program exits. */
export function hasStarted(killable: Killable): void {
  if (running.size === 0) process.on("exit", killAll);
  running.add(killable);
}

/** @internal Removes the registration of a process that has exited. */
export function hasExited(killable: Killable): void {
  running.delete(killable);
  if (running.size === 0) process.off("exit", killAll);
}

function killAll(): void {
  for (const killable of running) killable.kill();
}

/** @internal Sends a signal to `child` or, if it leads a process group, to every process of the group. */
export function sendTo(child: ChildProcess, signal: NodeJS.Signals | number, leadsGroup: boolean): boolean {
  if (!leadsGroup) return child.kill(signal);
  try {
    return process.kill(-child.pid!, signal);
  } catch (error) {
    // The process is gone; its `exit` event follows soon.
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}
