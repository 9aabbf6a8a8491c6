// The program of each thread in the pool: one job at a time, until the thread is ended.
//
// Jobs and answers go through a port of their own, so that `parentPort` is left to the jobs: a message that a job posts
// there is not taken for its result. Each job runs in an async context that names it, so that an error thrown after the
// job was over (by a timer it left, by a promise it forgot) is known as its own, even while the next job runs.

import { AsyncLocalStorage } from "node:async_hooks";
import { type MessagePort, parentPort } from "node:worker_threads";
import { inspect } from "node:util";
import { pack } from "./_thread-error.ts";
import type { Job, ThreadMessage } from "./_thread.ts";

const jobs = new AsyncLocalStorage<Job>();
let current: Job | undefined;
let port: MessagePort;

parentPort!.once("message", (given: MessagePort) => {
  port = given;
  port.on("message", (job: Job) => void perform(job));
});
process.on("uncaughtException", reportUncaught);
process.on("exit", reportExit);

async function perform(job: Job): Promise<void> {
  current = job;
  send({ begun: true });
  const answer = await jobs.run(job, call, job);
  current = undefined;
  try {
    send(answer);
  } catch (error) {
    send({ thrown: pack(error) }); // the result cannot be copied
  }
}

async function call(job: Job): Promise<ThreadMessage> {
  try {
    const fn = await load(job);
    return { value: await fn(...job.args) };
  } catch (error) {
    return { thrown: pack(error) };
  }
}

async function load({ module, name }: Job): Promise<(...args: readonly unknown[]) => unknown> {
  const exports = (await import(module)) as Record<string, unknown>;
  const fn = exports[name];
  if (typeof fn === "function") return fn as (...args: readonly unknown[]) => unknown;
  throw new TypeError(
    `Cannot run ${module} in a thread as its export ${name} must be a function: current value is ${inspect(fn)}`,
  );
}

// A job may listen itself: then it decides.
function reportUncaught(error: unknown): void {
  if (process.listenerCount("uncaughtException") > 1) return;
  const job = jobs.getStore() ?? current;
  if (job === current && job !== undefined) send({ broken: pack(error) });
  else send({ late: pack(error), module: job?.module, name: job?.name });
}

// A job that exits the thread while it runs fails by the thread's end.
function reportExit(): void {
  const job = jobs.getStore();
  if (job === undefined || job === current) return;
  send({ late: pack(new Error("It called process.exit()")), module: job.module, name: job.name });
}

function send(message: ThreadMessage): void {
  port.postMessage(message);
}
