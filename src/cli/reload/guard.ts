// A thread in the process of an application that is started again on changes. It ends the process when the watcher is
// gone, even if the event loop of the application is blocked and sees nothing of it.

import { workerData } from "node:worker_threads";

/** How often the thread looks for the watcher, in milliseconds. */
const interval = 500;

/** The data that the thread is started with. */
export interface GuardData {
  /** The process of the watcher. */
  readonly watcher: number;
  /** How long the application is given to end by itself once the watcher is gone, in milliseconds. */
  readonly orphanTimeout: number;
}

const { watcher, orphanTimeout } = workerData as GuardData;

const timer = setInterval(() => {
  if (process.ppid === watcher && isRunning(watcher)) return;
  clearInterval(timer);
  setTimeout(() => process.kill(process.pid, "SIGKILL"), orphanTimeout);
}, interval);

// A process of Windows keeps the number of a parent that is gone.
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
