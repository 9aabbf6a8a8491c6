import type { MessagePort, Worker } from "node:worker_threads";
import { workerThreads } from "../../base/node.ts";
import { callExceptionHandler, closingGrace, outside, type Park } from "../core/index.ts";
import { type Crossing, unpack } from "./_thread-error.ts";

/** @internal The work of a thread. */
export interface Job {
  /** The URL of the module. */
  readonly module: string;
  /** The name of the export. */
  readonly name: string;
  readonly args: readonly unknown[];
}

/** @internal The outcome of a job: its result, or its error. */
export type Answer = { readonly value: unknown } | { readonly thrown: Crossing };

/** @internal A job failed after it was over; `module` and `name` are its own. */
export interface LateFailure {
  readonly late: Crossing;
  readonly module: string | undefined;
  readonly name: string | undefined;
}

/** @internal A message of a thread; `broken` is an error that no `catch` of the running job could see. */
export type ThreadMessage = Answer | LateFailure | { readonly broken: Crossing } | { readonly begun: true };

/** @internal The end of a wait for a job that the thread never began: an earlier job had ended the thread. */
export interface NeverBegun {
  readonly begun: false;
}

// Compiled, the file beside this one has this one's extension.
const file = new URL(`./_thread-worker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);

// A thread takes over the options of this program, but not that its code is no file (`node --input-type=module -e …`).
const execArgv: string[] | undefined = process.execArgv.some((arg) => arg.startsWith("--input-type")) ? [] : undefined;

/** @internal A thread, and the wait for its answer. It keeps the process alive only while it has a job. */
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

  /** `onEnd` is called when it takes no more jobs, whatever happened. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#worker = outside(() => new (workerThreads().Worker)(file, { name: "pottle", execArgv }));
    this.#port = outside(() => this.#connect());
    this.#worker.on("error", (error) => this.#failed(error)).on("exit", (code) => this.#exited(code));
  }

  // A port that is listened to keeps the process alive; here the worker decides that.
  #connect(): MessagePort {
    const { port1, port2 } = new (workerThreads().MessageChannel)();
    port1
      .on("message", (message: ThreadMessage) => this.#receive(message))
      .on("messageerror", (error) => this.#wait?.fail(error))
      .unref();
    this.#worker.postMessage(port2, [port2]);
    return port1;
  }

  /** Whether it can take another job. */
  get isReusable(): boolean {
    return this.#isReusable;
  }

  /** Begins a job, and ends `wait` by its answer. */
  start(job: Job, wait: Park<Answer | NeverBegun>): void {
    this.#job = job;
    this.#wait = wait;
    this.#jobs++;
    this.#hasBegun = false;
    this.#worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port is no window
    this.#port.postMessage(job);
  }

  /** Its job is over. */
  rest(): void {
    this.#job = this.#wait = undefined;
    this.#worker.unref();
  }

  /**
   * Ends it, whatever it does. A thread that is inside a call of the platform (`execSync`) cannot be stopped: after
   * `grace` milliseconds it is named, and left.
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

  // What else such a job has left is unknown: the thread takes no further job, but the job that runs in it goes on.
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

  // What the thread said before it ended may be still under way.
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

/** @internal A job in words. The text of a `data:` URL is left out. */
export function describeJob(job: Pick<Job, "module" | "name"> | undefined): string {
  if (job === undefined) return "none";
  const module = job.module.replace(/^(data:[^,]*,).+$/, "$1…");
  return job.name === "default" ? module : `${module}#${job.name}`;
}
