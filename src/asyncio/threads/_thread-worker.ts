// The program of each thread in the pool: it runs one job at a time, until the thread is ended.
//
// Jobs and answers use a separate port, so that `parentPort` is free for the jobs: a message that a job posts there is
// not mistaken for its result. Each job runs in its own async context. So an error that is thrown after the job has
// ended (by a timer or a promise that it left) can be attributed to it, even while the next job runs.

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

// If a job has its own listener, that listener decides.
function reportUncaught(error: unknown): void {
  if (process.listenerCount("uncaughtException") > 1) return;
  const job = jobs.getStore() ?? current;
  if (job === current && job !== undefined) send({ broken: pack(error) });
  else send({ late: pack(error), module: job?.module, name: job?.name });
}

// A job that calls `process.exit()` while it runs fails because its thread ends.
function reportExit(): void {
  const job = jobs.getStore();
  if (job === undefined || job === current) return;
  send({ late: pack(new Error("It called process.exit()")), module: job.module, name: job.name });
}

function send(message: ThreadMessage): void {
  port.postMessage(message);
}
