import { type AsyncContextManager, type Failure, GeneratorContextManager } from "./async-context-manager.ts";
import { InvalidStateError, isCancelled } from "../core/index.ts";
import { show, requireFunction } from "../../base/options.ts";

/**
 * A function that is called at the end of the block, with the block's error or `undefined`. Returning `true` swallows
 * the error.
 */
export type ExitFunction = (error: unknown) => boolean | void | PromiseLike<boolean | void>;

type Exit = (failure: Failure | undefined) => Promise<boolean>;

/**
 * Closes everything that was opened in a block, in reverse order.
 *
 * With `with()`, the exit functions receive the error of the block, and may swallow it. `await using` cannot do that.
 *
 * @example
 * await new AsyncExitStack().with(async (stack) => {
 *   for (const name of ["a", "b"]) stack.callback(() => console.log("closed", name));
 * }); // closed b, closed a
 * @see https://docs.python.org/3/library/contextlib.html#contextlib.AsyncExitStack
 */
export class AsyncExitStack implements AsyncDisposable {
  #exits: Exit[] = [];
  #closed = false;

  /**
   * Enters a context manager, or takes a disposable resource, and closes it at the end of the block.
   *
   * @returns The value of the context manager, or the resource.
   * @throws {TypeError} If the argument is neither of these.
   * @throws {InvalidStateError} If the stack is closed. If that happens while a context manager is being entered, it is
   * closed at once.
   */
  enterAsyncContext<T>(manager: AsyncContextManager<T>): Promise<T>;
  enterAsyncContext<T extends AsyncDisposable | Disposable>(resource: T): Promise<T>;
  async enterAsyncContext(context: object): Promise<unknown> {
    this.#requireOpen();
    if (context instanceof GeneratorContextManager) {
      const { value, close } = await (context as GeneratorContextManager<unknown>).open();
      if (this.#closed) await close();
      this.#requireOpen();
      this.#exits.push(close);
      return value;
    }
    this.#exits.push(disposerOf(context));
    return context;
  }

  /**
   * Calls `exit` at the end of the block.
   *
   * @throws {TypeError} If `exit` is not a function.
   * @throws {InvalidStateError} If the stack is closed.
   */
  push(exit: ExitFunction): void {
    requireFunction(exit, "push onto an exit stack");
    this.#requireOpen();
    this.#exits.push(async (failure) => {
      const keeps = await exit(failure?.error);
      return keeps === true && failure !== undefined;
    });
  }

  /**
   * Calls `fn(...args)` at the end of the block.
   *
   * @throws {TypeError} If `fn` is not a function.
   * @throws {InvalidStateError} If the stack is closed.
   */
  callback<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): void {
    requireFunction(fn, "push onto an exit stack");
    this.#requireOpen();
    this.#exits.push(async () => {
      await fn(...args);
      return false;
    });
  }

  /**
   * Moves everything to a new stack, so that other code can close it later.
   *
   * @throws {InvalidStateError} If the stack is closed.
   */
  popAll(): AsyncExitStack {
    this.#requireOpen();
    const stack = new AsyncExitStack();
    stack.#exits = this.#exits;
    this.#exits = [];
    return stack;
  }

  /**
   * Closes everything in reverse order, even if some of the exit functions throw.
   *
   * @throws {unknown} The last error that was thrown; earlier ones are at the end of its chain of causes.
   */
  async aclose(): Promise<void> {
    await this.#leave(undefined);
  }

  /**
   * Runs `body`, then closes everything. Each exit function receives the current error: that of `body`, or of an exit
   * function that was called before.
   *
   * @returns The result of `body`; `undefined` if it failed and the error was swallowed.
   * @throws {unknown} The last error that was thrown; earlier ones are at the end of its chain of causes.
   */
  async with<R>(body: (stack: this) => R | PromiseLike<R>): Promise<R | undefined> {
    let result: R;
    try {
      result = await body(this);
    } catch (error) {
      await this.#leave({ error });
      return undefined;
    }
    await this.#leave(undefined);
    return result;
  }

  /** Closes everything: see {@link AsyncExitStack.aclose}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.aclose();
  }

  async #leave(first: Failure | undefined): Promise<void> {
    this.#closed = true;
    let failure = first;
    for (let exit = this.#exits.pop(); exit !== undefined; exit = this.#exits.pop()) {
      try {
        if (await exit(failure)) failure = undefined;
      } catch (error) {
        failure = { error: failure === undefined ? error : chain(error, failure.error) };
      }
    }
    if (failure !== undefined) throw failure.error;
  }

  #requireOpen(): void {
    if (this.#closed) throw new InvalidStateError("Cannot use the exit stack as it was closed");
  }
}

function disposerOf(resource: object): Exit {
  const dispose = methodOf(resource, Symbol.asyncDispose) ?? methodOf(resource, Symbol.dispose);
  if (dispose === undefined) {
    throw new TypeError(
      `Cannot enter as a context manager or a disposable is needed: current value is ${show(resource)}`,
    );
  }
  return async () => {
    await dispose.call(resource);
    return false;
  };
}

function methodOf(object: object, key: symbol): (() => unknown) | undefined {
  const method: unknown = Reflect.get(Object(object) as object, key);
  return typeof method === "function" ? (method as () => unknown) : undefined;
}

// If an exit function throws while there is an earlier error, the earlier one is added at the end of the new error's
// chain of causes, as in Python. If that is not possible, or the causes form a circle, both are kept side by side. A
// cancellation is thrown unchanged, just as from a `finally` block.
function chain(error: unknown, before: unknown): unknown {
  if (error === before) return error;
  let last = error;
  const seen = new Set<unknown>();
  while (last instanceof Error && last.cause !== undefined && !seen.has(last)) {
    if (last.cause === before) return error;
    seen.add(last);
    last = last.cause;
  }
  if (isCancelled(error)) return error;
  if (!(last instanceof Error) || !Object.isExtensible(last) || seen.has(last))
    return new SuppressedError(error, before);
  Object.defineProperty(last, "cause", { value: before, configurable: true, writable: true });
  return error;
}
