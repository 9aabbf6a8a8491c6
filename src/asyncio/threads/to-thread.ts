import { availableParallelism } from "node:os";
import { currentScope, outside, park, throwPending } from "../core/index.ts";
import { show } from "../../base/options.ts";
import { Semaphore } from "../sync/semaphore.ts";
import { type Answer, type Job, Thread } from "./_thread.ts";
import { unpack } from "./_thread-error.ts";

/** How long a thread without a job is kept, in milliseconds. */
const idleTime = 10_000;

const slots = new Semaphore(availableParallelism(), { name: "threads" });
const idle = new Map<Thread, NodeJS.Timeout>();

/**
 * Runs an exported function in a thread, so that it may compute without stopping anything here. There are as many
 * threads as the machine has processors; further jobs wait, first come first served.
 *
 * Arguments and result are copied, so they must be data: no functions, no open files. A function cannot be handed over
 * either, nor can context variables: pass what it needs. An error comes back with its class' name, message, stack, cause
 * and properties. Cancelled, a job that has not begun never begins, and one that runs is ended together with its thread.
 *
 * @param module - The URL of the module; its default export is called, or the one named after `#`.
 * @throws {TypeError} If `module` is no URL, or its export no function.
 * @throws {DOMException} If an argument or the result cannot be copied.
 * @throws {CancelledError} If it is cancelled; the job is then over.
 * @example
 * const source = "export default (a, b) => a + b; export const half = (n) => n / 2;";
 * const module = `data:text/javascript,${encodeURIComponent(source)}`; // in a program: new URL("./add.ts", import.meta.url)
 * console.log(await toThread(module, 40, 2)); // 42
 * console.log(await toThread(`${module}#half`, 84)); // 42
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.to_thread
 */
export async function toThread<T = unknown>(module: string | URL, ...args: readonly unknown[]): Promise<T> {
  const job = toJob(module, args);
  const answer = await slots.with(() => perform(job));
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

async function perform(job: Job): Promise<Answer> {
  const thread = hire();
  try {
    const answer = await park<Answer>({ kind: "thread", name: job.module }, (wait) => thread.start(job, wait), {
      onCancel: (error, wait) => void thread.end().then(() => wait.fail(error)),
    });
    throwPending(currentScope());
    return answer;
  } finally {
    release(thread);
  }
}

function hire(): Thread {
  const [first] = idle.keys();
  if (first !== undefined) {
    forget(first);
    return first;
  }
  const thread: Thread = new Thread(() => forget(thread));
  return thread;
}

function release(thread: Thread): void {
  if (!thread.isAlive) return;
  thread.rest();
  const timer = outside(setTimeout, () => retire(thread), idleTime);
  timer.unref();
  idle.set(thread, timer);
}

function retire(thread: Thread): void {
  forget(thread);
  void thread.end();
}

function forget(thread: Thread): void {
  clearTimeout(idle.get(thread));
  idle.delete(thread);
}

/** @internal How many threads are there, and how many jobs wait for one. */
export function threadStatistics(): { readonly idle: number; readonly free: number; readonly waiting: number } {
  const { value, waiting } = slots.statistics();
  return { idle: idle.size, free: value, waiting };
}
