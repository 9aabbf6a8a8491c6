import { requireFunction } from "../../base/options.ts";
import {
  type AwaitableInput,
  createTask,
  InvalidStateError,
  type OutputOf,
  runtime,
  type Scope,
  Task,
  type TaskFunction,
  type TaskOptions,
  toAwaitable,
} from "../core/index.ts";

/** @internal The object that runs the loop's tasks: the runner. */
export interface LoopDriver {
  readonly isClosed: boolean;
  drive<T>(start: () => Task<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * An event loop with the methods of asyncio's loop, implemented on top of a {@link Runner}. Node's own event loop
 * always runs, so `runUntilComplete` cannot block: it returns a promise, which you must await.
 *
 * @example
 * const loop = newEventLoop();
 * const task = loop.createTask(() => sleep(10, "done")); // does not run yet
 * console.log(await loop.runUntilComplete(task)); // done
 * await loop.close();
 * @see https://docs.python.org/3/library/asyncio-eventloop.html
 */
export class EventLoop {
  readonly #runner: LoopDriver;
  readonly #scope: Scope;
  #cold: (() => void)[] = [];

  /** @internal Use {@link newEventLoop}. */
  constructor(runner: LoopDriver, scope: Scope) {
    this.#runner = runner;
    this.#scope = scope;
  }

  /** Whether the loop is running a program. */
  isRunning(): boolean {
    return runtime.running === this;
  }

  /** Whether the loop is closed. */
  isClosed(): boolean {
    return this.#runner.isClosed;
  }

  /** The current time of the clock that timers use, in milliseconds. */
  time(): number {
    return runtime.timers.now();
  }

  /**
   * Creates a task that runs `fn`. It starts when the loop runs.
   *
   * @throws {TypeError} If `fn` is not a function.
   * @throws {InvalidStateError} If the loop is closed.
   */
  createTask<T>(fn: TaskFunction<T>, options: TaskOptions = {}): Task<T> {
    requireFunction(fn, "create a task");
    if (this.isClosed()) throw new InvalidStateError("Cannot create a task as the event loop is closed");
    if (this.isRunning()) return createTask(fn, { owner: this.#scope, ...options });
    const task = new Task<T>({ owner: this.#scope, ...options });
    this.#cold.push(() => task.start(fn, false));
    return task;
  }

  /**
   * Runs the loop until a function, task or promise is done. Tasks that were created before run as well.
   *
   * @returns A promise of the result. You must await it, because a program on Node cannot block.
   * @throws {InvalidStateError} If a program is running already, or the loop is closed.
   */
  async runUntilComplete<A extends AwaitableInput<unknown>>(awaitable: A): Promise<OutputOf<A>> {
    const value = await this.#runner.drive(() => {
      return createTask(() => (typeof awaitable === "function" ? awaitable() : toAwaitable(awaitable, "run")), {
        owner: this.#scope,
        name: "main",
      });
    });
    return value as OutputOf<A>;
  }

  /** @internal Starts the tasks that were created while the loop did not run. */
  warm(): void {
    const cold = this.#cold;
    this.#cold = [];
    for (const start of cold) start();
  }

  /**
   * Closes the loop: cancels and awaits all remaining tasks. It may be called more than once.
   *
   * @throws {InvalidStateError} If the loop is running.
   */
  async close(): Promise<void> {
    await this.#runner.close();
  }
}
