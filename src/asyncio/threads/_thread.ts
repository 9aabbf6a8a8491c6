import { Worker } from "node:worker_threads";
import { callExceptionHandler, outside, type Park } from "../core/index.ts";
import type { Crossing } from "./_thread-error.ts";

/** @internal What a thread is to do. */
export interface Job {
  /** The URL of the module. */
  readonly module: string;
  /** The name of the export. */
  readonly name: string;
  readonly args: readonly unknown[];
}

/** @internal What a thread gives back. */
export type Answer = { readonly value: unknown } | { readonly thrown: Crossing };

// Compiled, the file beside this one has this one's extension.
const file = new URL(`./_thread-worker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);

// A thread takes over the options of this program, but not that its code is no file (`node --input-type=module -e …`).
const execArgv: string[] | undefined = process.execArgv.some((arg) => arg.startsWith("--input-type")) ? [] : undefined;

/** @internal A thread, and the wait for its answer. It keeps the process alive only while it has a job. */
export class Thread {
  readonly #worker: Worker;
  readonly #onEnd: () => void;
  #wait: Park<Answer> | undefined;
  #alive = true;

  /** `onEnd` is called when it takes no more jobs, whatever happened. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#worker = outside(() => new Worker(file, { name: "pottle", execArgv }));
    this.#worker
      .on("message", (answer: Answer) => this.#wait?.wake(answer))
      .on("messageerror", (error) => this.#wait?.fail(error))
      .on("error", (error) => this.#failed(error))
      .on("exit", (code) => this.#exited(code));
  }

  /** Whether it can take another job. */
  get isAlive(): boolean {
    return this.#alive;
  }

  /** Begins a job, and ends `wait` by its answer. */
  start(job: Job, wait: Park<Answer>): void {
    this.#wait = wait;
    this.#worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    this.#worker.postMessage(job);
  }

  /** Its job is over. */
  rest(): void {
    this.#wait = undefined;
    this.#worker.unref();
  }

  /** Ends it, whatever it does. */
  async end(): Promise<void> {
    this.#alive = false;
    this.#wait = undefined;
    await this.#worker.terminate();
  }

  #failed(error: unknown): void {
    this.#alive = false;
    this.#onEnd();
    if (this.#wait?.fail(error) !== true)
      callExceptionHandler({ message: "A thread failed after its job was over", error });
  }

  #exited(code: number): void {
    this.#alive = false;
    this.#wait?.fail(new Error(`Cannot wait for the job as its thread has exited: current value is code ${code}`));
    this.#onEnd();
  }
}
