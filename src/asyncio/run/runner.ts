// The runner owns the process while a program runs: it holds it open, turns signals into cancellations, and leaves
// nothing running behind it.

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

/** How a program is run. */
export interface RunOptions {
  /**
   * Whether to watch for what goes wrong: steps that block, cancellations that are swallowed, deadlocks.
   * @default whether the environment variable POTTLE_DEBUG is set and not empty
   */
  readonly debug?: boolean;
  /** Whether SIGINT (Ctrl+C) and SIGTERM cancel the program; a second one ends the process at once. @default true */
  readonly handleSignals?: boolean;
  /**
   * Called for every SIGINT and SIGTERM that arrives, even twice for one key press. It returns "handled" to have nothing
   * more done. @default none
   */
  readonly onSignal?: SignalHandler;
  /** How long what does not stop is waited for at the end, in milliseconds, before it is named and left. @default 5000 */
  readonly shutdownTimeout?: number;
}

/**
 * Runs `main` and, when it is over, cancels and awaits every task that is left, and closes what was opened in it. It owns
 * the process: it holds it open, and lets Ctrl+C cancel `main`, so that `finally` blocks run. If something else that was
 * opened in it keeps the process alive for another second, it is named on standard error.
 *
 * @returns What `main` returned.
 * @throws {TypeError} If `main` is not a function.
 * @throws {InvalidStateError} If a program is running already.
 * @throws {KeyboardInterrupt} If a signal ended it; left uncaught, the process ends quietly with code 130 or 143.
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
 * Runs several programs one after the other, with one set of context variables.
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

  /** @internal Whether it is closed, or closing. */
  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** Its event loop. */
  getLoop(): EventLoop {
    return this.#loop;
  }

  /**
   * Runs `main` to its end. Tasks that it left go on at the next `run`, until `close`.
   *
   * @throws {TypeError} If `main` is not a function.
   * @throws {InvalidStateError} If a program is running already, or the runner is closed.
   * @throws {KeyboardInterrupt} If a signal ended it.
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

  // A program that took the cancellation back, as a server does that drains, has all the time that it wants.
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
   * Cancels and awaits every task that is left. It can be closed again.
   *
   * @throws {InvalidStateError} If its program is running.
   * @throws {KeyboardInterrupt} If the first signal came only now.
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

  // Still watches for signals: what cleans up now is not cut by the first one, and the second ends the process as before.
  async #closeScope(): Promise<ExitSignal | undefined> {
    const watch = { onFirst: doNothing, onSignal: this.#onSignal, before: this.#signals };
    using signals = this.#options.handleSignals ? new SignalWatch(watch) : undefined;
    this.#loop.warm();
    await this.#scope.close(this.#hasFailed, this.#options.shutdownTimeout);
    return this.#signals?.received === undefined ? signals?.received : undefined;
  }

  /** Closes it, as {@link Runner.close} does. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

// The interval only holds the process open; a signal while the runner closes asks for what happens already.
function doNothing(): void {}

function box<T>(value: T): { value: T } {
  return { value };
}

// A cancellation that the signal alone asked for is the signal; one that others asked for too stays what it is.
function interruption(main: Task<unknown>, error: unknown, signal: ExitSignal | undefined): unknown {
  const cancellation = cancellationOf(error);
  if (signal === undefined || cancellation === undefined || main.scope.requests > 1) return error;
  const interrupt = cancellation.reason;
  return interrupt instanceof KeyboardInterrupt ? interrupt : new KeyboardInterrupt(signal, { cause: error });
}

function isDebugInEnvironment(): boolean {
  return (process.env["POTTLE_DEBUG"] ?? "") !== "";
}
