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

/** @internal What runs a loop: the runner. */
export interface LoopDriver {
  readonly isClosed: boolean;
  drive<T>(start: () => Task<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * The event loop, as asyncio shows it: a thin face over a {@link Runner}. Node's own loop always runs, so
 * `runUntilComplete` cannot block: it returns a promise, which is to be awaited.
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

  /** Whether it runs something. */
  isRunning(): boolean {
    return runtime.running === this;
  }

  /** Whether it is closed. */
  isClosed(): boolean {
    return this.#runner.isClosed;
  }

  /** The time of the clock that timers follow, in milliseconds. */
  time(): number {
    return runtime.timers.now();
  }

  /**
   * Makes a task of `fn`. It starts when the loop runs.
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
   * Runs until a function, task or promise is done, with everything that was created before.
   *
   * @returns A promise of its result: to be awaited, since a program on Node cannot block.
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

  /** @internal Starts what was created while it did not run. */
  warm(): void {
    const cold = this.#cold;
    this.#cold = [];
    for (const start of cold) start();
  }

  /**
   * Cancels and awaits what is left. It can be closed again.
   *
   * @throws {InvalidStateError} If it runs.
   */
  async close(): Promise<void> {
    await this.#runner.close();
  }
}
