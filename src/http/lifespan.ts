import { currentScope, ExceptionGroup, openIn, outside, Scope } from "../asyncio/index.ts";
import { option } from "../base/options.ts";

/** A function of an application's lifespan. It may be sync or async. */
export type LifespanFunction = () => void | PromiseLike<void>;

/** What a driver asks of an application in order to open and close its connections with it. */
export interface LifespanHooks {
  /** Registers a function to be run before the first request. */
  onStart(fn: LifespanFunction): void;
  /** Registers a function to be run after the last request. */
  onStop(fn: LifespanFunction): void;
}

/**
 * What an application has to do before its first request and after its last one. A server starts it before it
 * listens and stops it after it has drained.
 *
 * @example
 * const lifespan = new Lifespan();
 * lifespan.onStart(() => console.log("before the first request"));
 * lifespan.onStop(() => console.log("after the last request"));
 */
export class Lifespan implements LifespanHooks {
  readonly #starts: LifespanFunction[] = [];
  readonly #stops: LifespanFunction[] = [];
  #started = false;
  // What start functions open and stop functions do not close ends with it, not with the task that starts.
  #opened: Scope | undefined;

  /** Whether it was started and not yet stopped. */
  get started(): boolean {
    return this.#started;
  }

  /**
   * Registers a function to be run by {@link start}, after those that were registered before.
   *
   * @throws {TypeError} If `fn` is not a function.
   */
  onStart(fn: LifespanFunction): void {
    this.#starts.push(checkFunction("onStart", fn));
  }

  /**
   * Registers a function to be run by {@link stop}, before those that were registered before. It is also run after
   * a start that failed, so it must bear that what it closes was never opened.
   *
   * @throws {TypeError} If `fn` is not a function.
   */
  onStop(fn: LifespanFunction): void {
    this.#stops.push(checkFunction("onStop", fn));
  }

  /**
   * Runs the start functions in order, each after the one before is done. What the tasks of one open, such as a
   * `ClientSession`, is closed by {@link stop} at the latest. Does nothing if it was started already.
   * If one fails, the stop functions are run and the error is thrown on.
   *
   * @throws Whatever a start function throws; in an `ExceptionGroup` if a stop function failed after that as well.
   */
  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    const opened = outside(() => new Scope(currentScope(), { kind: "application", ownsTasks: true }));
    this.#opened = opened;
    try {
      for (const fn of this.#starts) await openIn(opened, fn);
    } catch (error) {
      await this.#giveUp(error);
    }
  }

  /**
   * Runs the stop functions in reverse order, all of them even if some fail. Does nothing if it was not started.
   *
   * @throws Whatever a stop function throws; an `ExceptionGroup` if several did.
   */
  async stop(): Promise<void> {
    const errors = await this.#stopAll();
    throwAll("Cannot stop the application", errors);
  }

  async #giveUp(error: unknown): Promise<never> {
    const errors = [error, ...(await this.#stopAll())];
    throwAll("Cannot start the application", errors);
    throw error;
  }

  async #stopAll(): Promise<unknown[]> {
    const errors: unknown[] = [];
    if (!this.#started) return errors;
    this.#started = false;
    for (const fn of this.#stops.toReversed()) {
      try {
        await fn();
      } catch (error) {
        errors.push(error);
      }
    }
    await this.#opened?.close();
    return errors;
  }
}

function checkFunction(hook: string, fn: LifespanFunction): LifespanFunction {
  return option(`register with ${hook}()`, "fn", fn).function();
}

function throwAll(message: string, errors: unknown[]): void {
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new ExceptionGroup(message, errors);
}
