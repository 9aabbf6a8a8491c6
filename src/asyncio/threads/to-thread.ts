import { ambient } from "../core/index.ts";
import { show } from "../../base/options.ts";
import type { Job } from "./_thread.ts";
import { unpack } from "./_thread-error.ts";
import { ThreadPool, type ThreadStatistics } from "./_thread-pool.ts";

// All copies of the package in one process share one pool, because they share the processors.
function pool(): ThreadPool {
  return ambient("threads", () => new ThreadPool());
}

/**
 * Runs an exported function in a thread, so that it can compute without blocking the event loop. As many jobs run at
 * once as the machine has processors; further jobs wait, first come, first served.
 *
 * Arguments and result are copied, so they must be data: no functions, no open files. Context variables are not copied:
 * pass their values as arguments. An error is thrown here with its class name, message, stack, cause and properties. If
 * the call is cancelled, a job that has not begun never begins, and a running job is ended together with its thread. A
 * thread inside a blocking call (`execSync`) is awaited for five seconds, then reported and left running.
 *
 * A job ends when its function returns, or when the promise that it returned is settled. If it throws an error later,
 * for example from a timer, the error goes to the exception handler, and the thread takes no further job.
 * `process.exit()` in a job ends only the job's thread. Messages that a job posts to `parentPort` are dropped.
 *
 * @param module - The URL of the module; its default export is called, or the one named after `#`.
 * @throws {TypeError} If `module` is not a URL, or the export is not a function.
 * @throws {DOMException} If an argument or the result cannot be copied.
 * @throws {Error} If the thread exits while the job runs.
 * @throws {CancelledError} If this call is cancelled; the job has ended then.
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
