// The runner controls the process while a program runs: it keeps the process alive, turns signals into cancellations,
// and leaves no task running at the end.

import {
  callExceptionHandler,
  closingGrace,
  type Context,
  copyContext,
  createTask,
  describeOrphan,
  InvalidStateError,
  cancellationOf,
  KeyboardInterrupt,
  orphans,
  runtime,
  Scope,
  type Task,
  type TaskFunction,
} from "../core/index.ts";
import { EventLoop } from "./event-loop.ts";
import { nameWhatStays, watchProcess } from "./process-watch.ts";
import { type ExitSignal, type SignalHandler, SignalWatch } from "./signals.ts";
import { requireTime, requireFunction } from "../../base/options.ts";

/** Options for running a program. */
export interface RunOptions {
  /**
   * Whether to watch for common mistakes: steps that block, cancellations that are swallowed, deadlocks.
   * @default whether the environment variable POTTLE_DEBUG is set and not empty
   */
  readonly debug?: boolean;
  /** Whether SIGINT (Ctrl+C) and SIGTERM cancel the program; a second one ends the process at once. @default true */
  readonly handleSignals?: boolean;
  /**
   * Called for every SIGINT and SIGTERM that arrives, even if one key press causes two. If it returns "handled",
   * nothing else happens. @default none
   */
  readonly onSignal?: SignalHandler;
  /**
   * How long to wait at the end for tasks that do not stop, in milliseconds. After that they are reported and left
   * running. @default 5000
   */
  readonly shutdownTimeout?: number;
}

/**
 * Runs `main`. When `main` has ended, cancels and awaits all remaining tasks, and closes the resources that were opened
 * in it. While the program runs, the process is kept alive, and Ctrl+C cancels `main`, so that `finally` blocks run. If
 * some other resource keeps the process alive for another second after the end, it is reported on standard error.
 *
 * @returns The result of `main`.
 * @throws {TypeError} If `main` is not a function.
 * @throws {InvalidStateError} If another program is already running.
 * @throws {KeyboardInterrupt} If a signal ended the program. If it is not caught, the process ends with exit code 130
 * or 143 and without an error message.
 * @example
 * const answer = await run(async () => sleep(10, 42));
 * @see https://docs.python.org/3/library/asyncio-runner.html#asyncio.run
 */
export async function run<T>(main: TaskFunction<T>, options: RunOptions = {}): Promise<T> {
  requireFunction(main, "run a program");
  const before = watchProcess();
  try {
    await using runner = new Runner(options);
    return await runner.run(main);
  } finally {
    nameWhatStays(before);
  }
}

/**
 * Runs several programs one after the other, which share one set of context variables.
 *
 * @example
 * await using runner = new Runner();
 * const one = await runner.run(() => sleep(5, 1));
 * const two = await runner.run(() => sleep(5, one + 1));
 * @see https://docs.python.org/3/library/asyncio-runner.html#asyncio.Runner
 */
export class Runner implements AsyncDisposable {
  readonly #options: Required<Omit<RunOptions, "onSignal">>;
  readonly #onSignal: SignalHandler | undefined;
  readonly #scope = new Scope(runtime.root, { kind: "run", ownsTasks: true });
  readonly #context: Context = copyContext();
  readonly #loop: EventLoop = new EventLoop(this, this.#scope);
  #state: "open" | "running" | "closed" = "open";
  #signals: SignalWatch | undefined;
  #closing: Promise<void> | undefined;
  #hasFailed = false;
  #disableDebug: (() => Promise<void> | void) | undefined;

  /**
   * @throws {RangeError} If `shutdownTimeout` is NaN.
   * @throws {TypeError} If `shutdownTimeout` is not a number.
   */
  constructor(options: RunOptions = {}) {
    this.#onSignal = options.onSignal;
    this.#options = {
      debug: options.debug ?? isDebugInEnvironment(),
      handleSignals: options.handleSignals ?? true,
      shutdownTimeout: requireTime(options.shutdownTimeout ?? closingGrace, "run a program"),
    };
  }

  /** @internal Whether the runner is closed or closing. */
  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** The runner's event loop. */
  getLoop(): EventLoop {
    return this.#loop;
  }

  /**
   * Runs `main` until it ends. Tasks that `main` left running continue during the next `run`, until `close`.
   *
   * @throws {TypeError} If `main` is not a function.
   * @throws {InvalidStateError} If another program is already running, or the runner is closed.
   * @throws {KeyboardInterrupt} If a signal ended the program.
   */
  async run<T>(main: TaskFunction<T>): Promise<T> {
    requireFunction(main, "run a program");
    return this.drive(() => createTask(main, { owner: this.#scope, context: this.#context, name: "main" }));
  }

  /** @internal Runs until the task that `start` makes is done. */
  async drive<T>(start: () => Task<T>): Promise<T> {
    if (this.#state === "closed") throw new InvalidStateError("Cannot run a program as its runner is closed");
    if (runtime.running !== undefined)
      throw new InvalidStateError("Cannot run a program as one is running: await it instead");
    runtime.running = this.#loop;
    this.#state = "running";
    const hold = setInterval(doNothing, 2 ** 30);
    try {
      await this.#enableDebug();
      this.#loop.warm();
      return await this.#drive(start());
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    } finally {
      clearInterval(hold);
      this.#state = "open";
      runtime.running = undefined;
    }
  }

  async #drive<T>(main: Task<T>): Promise<T> {
    if (!this.#options.handleSignals) return main;
    main.markObserved();
    const { promise: gaveUp, resolve: giveUp } = Promise.withResolvers<"gave up">();
    const onFirst = (signal: ExitSignal): void => {
      main.cancel(new KeyboardInterrupt(signal));
      this.#limitStop(main, () => giveUp("gave up"));
    };
    using signals = new SignalWatch({ onFirst, onSignal: this.#onSignal });
    this.#signals = signals;
    try {
      const outcome = await Promise.race([main.then(box), gaveUp]);
      if (outcome !== "gave up") return outcome.value;
      this.#nameStubborn(main);
      throw new KeyboardInterrupt(signals.received!);
    } catch (error) {
      throw interruption(main, error, signals.received);
    }
  }

  // Limits the time that `main` may take to stop. There is no limit if the program took the cancellation back, as a
  // server does while it drains.
  #limitStop(main: Task<unknown>, giveUp: () => void): void {
    const look = (): void => {
      if (main.cancelling() > 0) giveUp();
    };
    const timer = runtime.timers.add(this.#options.shutdownTimeout, look, undefined);
    main.addDoneCallback(() => runtime.timers.remove(timer));
  }

  #nameStubborn(main: Task<unknown>): void {
    const message = `${main.name} did not stop within ${this.#options.shutdownTimeout} ms after ${String(main.scope.error?.reason)}: ${main.waitsFor}`;
    callExceptionHandler({ message, task: main });
    this.#scope.removeTask(main);
  }

  async #enableDebug(): Promise<void> {
    if (!this.#options.debug || this.#disableDebug !== undefined) return;
    const { enableDebug } = await import("../debug/index.ts");
    this.#disableDebug = enableDebug();
  }

  /**
   * Closes the runner: cancels and awaits all remaining tasks. It may be called more than once.
   *
   * @throws {InvalidStateError} If a program is still running.
   * @throws {KeyboardInterrupt} If the first signal arrives while the runner closes.
   */
  async close(): Promise<void> {
    if (this.#state === "running") throw new InvalidStateError("Cannot close a runner as its program is running");
    this.#state = "closed";
    await (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const hold = setInterval(doNothing, 2 ** 30);
    try {
      const late = await this.#closeScope();
      for (const orphan of orphans())
        callExceptionHandler({
          message: `A promise that was left is still pending at the end: ${describeOrphan(orphan)}`,
        });
      await this.#disableDebug?.();
      if (late !== undefined) throw new KeyboardInterrupt(late);
    } finally {
      clearInterval(hold);
    }
  }

  // Signals are still watched: the first one does not interrupt the clean-up, and the second ends the process.
  async #closeScope(): Promise<ExitSignal | undefined> {
    const watch = { onFirst: doNothing, onSignal: this.#onSignal, before: this.#signals };
    using signals = this.#options.handleSignals ? new SignalWatch(watch) : undefined;
    this.#loop.warm();
    await this.#scope.close(this.#hasFailed, this.#options.shutdownTimeout);
    return this.#signals?.received === undefined ? signals?.received : undefined;
  }

  /** Closes the runner: see {@link Runner.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

// Used for the interval that keeps the process alive, and for the first signal while the runner closes, which needs no
// action.
function doNothing(): void {}

function box<T>(value: T): { value: T } {
  return { value };
}

// Turns `error` into the interrupt if the signal alone caused the cancellation. If there were other requests as well,
// the error stays a cancellation.
function interruption(main: Task<unknown>, error: unknown, signal: ExitSignal | undefined): unknown {
  const cancellation = cancellationOf(error);
  if (signal === undefined || cancellation === undefined || main.scope.requests > 1) return error;
  const interrupt = cancellation.reason;
  return interrupt instanceof KeyboardInterrupt ? interrupt : new KeyboardInterrupt(signal, { cause: error });
}

function isDebugInEnvironment(): boolean {
  return (process.env["POTTLE_DEBUG"] ?? "") !== "";
}
