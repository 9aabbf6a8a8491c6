import { ambient } from "../core/index.ts";
import { show } from "../../base/options.ts";
import type { Job } from "./_thread.ts";
import { unpack } from "./_thread-error.ts";
import { ThreadPool, type ThreadStatistics } from "./_thread-pool.ts";

// Copies of the package in one process share the processors.
function pool(): ThreadPool {
  return ambient("threads", () => new ThreadPool());
}

/**
 * Runs an exported function in a thread, so that it can compute without blocking the event loop. As many jobs run at
 * once as the machine has processors; further jobs wait, first come first served.
 *
 * Arguments and result are copied, so they must be data: no functions, no open files. A function cannot be handed over
 * either, nor can context variables: pass what it needs. An error comes back with its class' name, message, stack, cause
 * and properties. Cancelled, a job that has not begun never begins, and one that runs is ended together with its thread;
 * a thread inside a call that blocks (`execSync`) is waited for five seconds, then named and left.
 *
 * A job is over when its function has returned, or its promise is settled. An error that it throws later, by a timer
 * that it left, goes to the exception handler, and its thread takes no further job. Its `process.exit()` ends its thread
 * only. Messages that it posts to `parentPort` are dropped.
 *
 * @param module - The URL of the module; its default export is called, or the one named after `#`.
 * @throws {TypeError} If `module` is not a URL, or its export not a function.
 * @throws {DOMException} If an argument or the result cannot be copied.
 * @throws {Error} If the thread exits while the job runs.
 * @throws {CancelledError} If it is cancelled; the job is then over.
 * @example
 * const source = "export default (a, b) => a + b; export const half = (n) => n / 2;";
 * const module = `data:text/javascript,${encodeURIComponent(source)}`; // in a program: new URL("./add.ts", import.meta.url)
 * console.log(await toThread(module, 40, 2)); // 42
 * console.log(await toThread(`${module}#half`, 84)); // 42
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.to_thread
 */
export async function toThread<T = unknown>(module: string | URL, ...args: readonly unknown[]): Promise<T> {
  const answer = await pool().run(toJob(module, args));
  if ("thrown" in answer) throw unpack(answer.thrown);
  return answer.value as T;
}

function toJob(module: string | URL, args: readonly unknown[]): Job {
  const url = typeof module === "string" || module instanceof URL ? URL.parse(module) : null;
  if (url === null) {
    throw new TypeError(
      `Cannot run in a thread as the module must be a URL, such as new URL("./job.ts", import.meta.url): current value is ${show(module)}`,
    );
  }
  const name = decodeURIComponent(url.hash.slice(1));
  url.hash = "";
  return { module: url.href, name: name === "" ? "default" : name, args };
}

/** @internal Current counts of the threads of this process. */
export function threadStatistics(): ThreadStatistics {
  return pool().statistics();
}
