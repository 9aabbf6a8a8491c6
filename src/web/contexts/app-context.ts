import { callExceptionHandler, createTask, isCancelled, moveOnAfter, uncancellable } from "../../asyncio/index.ts";
import { type AppInfo, Context, currentContext } from "../message/context.ts";

/**
 * Runs when the context of an application ends: that of a request, a WebSocket, a background task, a command, or
 * `app.context()`. It gets the error that ended it; `undefined` if there is none.
 */
export type TeardownAppContext = (error: unknown) => void | PromiseLike<void>;

/** Milliseconds that the hooks of one context have together. */
const graceTimeout = 5_000;

/** The context of an application outside of requests. */
export class AppContext {
  readonly #app: AppInfo;
  readonly #hooks: TeardownAppContext[] = [];

  constructor(app: AppInfo) {
    this.#app = app;
  }

  /** How many hooks there are. */
  get size(): number {
    return this.#hooks.length;
  }

  /** Adds a hook. Hooks run in reverse order. */
  add(hook: TeardownAppContext): void {
    this.#hooks.push(hook);
  }

  /** Runs a function in a context of its own, in a task that owns what the function opens. */
  run<T>(fn: () => T | PromiseLike<T>, name: string): Promise<T> {
    return createTask(() => this.runHere(fn), { name, ownsTasks: true });
  }

  /** Runs a function in a new context, in this task, which must be there for nothing else. */
  async runHere<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    currentContext.set(new Context(this.#app));
    let value: T;
    try {
      value = await fn();
    } catch (error) {
      await this.#tearDown(error);
      throw error;
    }
    await this.#tearDown(undefined);
    return value;
  }

  async #tearDown(error: unknown): Promise<void> {
    if (this.#hooks.length === 0) return;
    const ended = await uncancellable(() => moveOnAfter(graceTimeout, () => this.#runHooks(error)));
    if (ended === true) return;
    const late = new Error(`Cannot wait longer for teardownAppContext() hooks: waited ${graceTimeout} ms`);
    callExceptionHandler({ message: "Error in the teardown of an application's context", error: late });
  }

  async #runHooks(error: unknown): Promise<true> {
    for (const hook of this.#hooks.toReversed()) {
      try {
        await hook(error);
      } catch (failure) {
        if (isCancelled(failure)) throw failure;
        callExceptionHandler({ message: "Error in the teardown of an application's context", error: failure });
      }
    }
    return true;
  }
}
