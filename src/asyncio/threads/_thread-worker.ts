// What runs in each thread of the pool: one job at a time, until the thread is ended.

import { parentPort } from "node:worker_threads";
import { inspect } from "node:util";
import { pack } from "./_thread-error.ts";
import type { Answer, Job } from "./_thread.ts";

const port = parentPort!;
port.on("message", (job: Job) => void perform(job));

async function perform(job: Job): Promise<void> {
  try {
    const fn = await load(job);
    port.postMessage({ value: await fn(...job.args) } satisfies Answer);
  } catch (error) {
    port.postMessage({ thrown: pack(error) } satisfies Answer);
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
