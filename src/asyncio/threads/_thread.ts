import type { MessagePort, Worker } from "node:worker_threads";
import { workerThreads } from "../../base/node.ts";
import { callExceptionHandler, closingGrace, outside, type Park } from "../core/index.ts";
import { type Crossing, unpack } from "./_thread-error.ts";

/** @internal A job for a thread: a call of an exported function. */
export interface Job {
  /** The URL of the module. */
  readonly module: string;
  /** The name of the export. */
  readonly name: string;
  readonly args: readonly unknown[];
}

/** @internal The outcome of a job: its result, or its error. */
export type Answer = { readonly value: unknown } | { readonly thrown: Crossing };

/** @internal An error that a job threw after it had ended; `module` and `name` are those of the job. */
export interface LateFailure {
  readonly late: Crossing;
  readonly module: string | undefined;
  readonly name: string | undefined;
}

/** @internal A message from a thread; `broken` is an error that no `catch` of the running job could catch. */
export type ThreadMessage = Answer | LateFailure | { readonly broken: Crossing } | { readonly begun: true };

/** @internal The result for a job that the thread never began, because an earlier job had ended the thread. */
export interface NeverBegun {
  readonly begun: false;
}

// The worker file has the same extension as this file, which is .js after compilation.
const file = new URL(`./_thread-worker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);

// A thread inherits the Node options of this program, except that its code is not in a file (`node --input-type=module
// -e …`).
const execArgv: string[] | undefined = process.execArgv.some((arg) => arg.startsWith("--input-type")) ? [] : undefined;

/** @internal A thread and the wait for its answer. The thread keeps the process alive only while it has a job. */
export class Thread {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #onEnd: () => void;
  #job: Job | undefined;
  #wait: Park<Answer | NeverBegun> | undefined;
  #jobs = 0;
  #hasBegun = false;
  #isReusable = true;
  #ending: Promise<void> | undefined;

  /** @param onEnd - Called when the thread accepts no more jobs, for whatever reason. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#worker = outside(() => new (workerThreads().Worker)(file, { name: "pottle", execArgv }));
    this.#port = outside(() => this.#connect());
    this.#worker.on("error", (error) => this.#failed(error)).on("exit", (code) => this.#exited(code));
  }

  // A port with a listener keeps the process alive. That is switched off, because the worker object decides it here.
  #connect(): MessagePort {
    const { port1, port2 } = new (workerThreads().MessageChannel)();
    port1
      .on("message", (message: ThreadMessage) => this.#receive(message))
      .on("messageerror", (error) => this.#wait?.fail(error))
      .unref();
    this.#worker.postMessage(port2, [port2]);
    return port1;
  }

  /** Whether the thread can take another job. */
  get isReusable(): boolean {
    return this.#isReusable;
  }

  /** Begins a job, and ends `wait` with the job's answer. */
  start(job: Job, wait: Park<Answer | NeverBegun>): void {
    this.#job = job;
    this.#wait = wait;
    this.#jobs++;
    this.#hasBegun = false;
    this.#worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port is no window
    this.#port.postMessage(job);
  }

  /** Called when the job has ended: the thread no longer keeps the process alive. */
  rest(): void {
    this.#job = this.#wait = undefined;
    this.#worker.unref();
  }

  /**
   * Ends the thread at once. A thread inside a blocking Node function (`execSync`) cannot be stopped: after `grace`
   * milliseconds it is reported and left running.
   */
  end(grace: number = closingGrace): Promise<void> {
    return (this.#ending ??= this.#end(grace));
  }

  async #end(grace: number): Promise<void> {
    const job = this.#job;
    this.#wait = undefined;
    this.#retire();
    const { promise: gaveUp, resolve: giveUp } = Promise.withResolvers<"gave up">();
    const timer = outside(setTimeout, giveUp, grace, "gave up");
    const outcome = await Promise.race([this.#worker.terminate(), gaveUp]);
    clearTimeout(timer);
    if (outcome !== "gave up") return;
    this.#worker.unref();
    const message = `A thread did not stop within ${grace} ms after it was ended, and was left running: its job is ${describeJob(job)}`;
    callExceptionHandler({ message });
  }

  #retire(): void {
    this.#isReusable = false;
    this.#onEnd();
  }

  #receive(message: ThreadMessage): void {
    if ("late" in message) this.#failedLate(message);
    else if ("broken" in message) this.#failed(unpack(message.broken));
    else if ("begun" in message) this.#hasBegun = true;
    else this.#wait?.wake(message);
  }

  // It is unknown what else this job has left behind, so the thread takes no further job. A job that is running in it
  // continues.
  #failedLate({ late, module, name }: LateFailure): void {
    this.#retire();
    const job = module === undefined || name === undefined ? undefined : { module, name };
    callExceptionHandler({
      message: `A job failed in its thread after it was over: ${describeJob(job)}`,
      error: unpack(late),
    });
    if (this.#job === undefined) void this.end();
  }

  #failed(error: unknown): void {
    this.#retire();
    if (this.#wait?.fail(error) !== true) callExceptionHandler({ message: "A thread without a job failed", error });
    void this.end();
  }

  // Messages that the thread sent before its end may not have arrived yet.
  #exited(code: number): void {
    const { receiveMessageOnPort } = workerThreads();
    for (let last = receiveMessageOnPort(this.#port); last !== undefined; last = receiveMessageOnPort(this.#port))
      this.#receive(last.message as ThreadMessage);
    this.#port.close();
    this.#retire();
    if (!this.#hasBegun && this.#jobs > 1) this.#wait?.wake({ begun: false });
    this.#wait?.fail(new Error(`Cannot wait for the job as its thread has exited: current value is code ${code}`));
  }
}

/** @internal The description of a job for messages. The content of a `data:` URL is left out. */
export function describeJob(job: Pick<Job, "module" | "name"> | undefined): string {
  if (job === undefined) return "none";
  const module = job.module.replace(/^(data:[^,]*,).+$/, "$1…");
  return job.name === "default" ? module : `${module}#${job.name}`;
}
