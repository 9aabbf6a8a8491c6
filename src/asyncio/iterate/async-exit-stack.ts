import { type AsyncContextManager, type Failure, GeneratorContextManager } from "./async-context-manager.ts";
import { InvalidStateError, isCancelled } from "../core/index.ts";
import { show, requireFunction } from "../../base/options.ts";

/** Called when the stack is left, with what the block threw, or `undefined`. Giving `true` keeps that from going on. */
export type ExitFunction = (error: unknown) => boolean | void | PromiseLike<boolean | void>;

type Exit = (failure: Failure | undefined) => Promise<boolean>;

/**
 * Closes, in reverse order, whatever was opened in a block, however much that is.
 *
 * Left by `with()`, it hands the block's error to what it closes, which may keep it; left by `await using`, it cannot.
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
   * Enters a context manager, or takes a resource that can be disposed of, and closes it when the stack is left.
   *
   * @throws {TypeError} If it is neither.
   * @throws {InvalidStateError} If the stack was closed.
   */
  enterAsyncContext<T>(manager: AsyncContextManager<T>): Promise<T>;
  enterAsyncContext<T extends AsyncDisposable | Disposable>(resource: T): Promise<T>;
  async enterAsyncContext(context: object): Promise<unknown> {
    this.#requireOpen();
    if (context instanceof GeneratorContextManager) {
      const { value, close } = await (context as GeneratorContextManager<unknown>).open();
      this.#exits.push(close);
      return value;
    }
    this.#exits.push(disposerOf(context));
    return context;
  }

  /** Has `exit` called when the stack is left. */
  push(exit: ExitFunction): void {
    requireFunction(exit, "push onto an exit stack");
    this.#requireOpen();
    this.#exits.push(async (failure) => {
      const keeps = await exit(failure?.error);
      return keeps === true && failure !== undefined;
    });
  }

  /** Has `fn(...args)` called when the stack is left, whatever happened. */
  callback<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): void {
    requireFunction(fn, "push onto an exit stack");
    this.#requireOpen();
    this.#exits.push(async () => {
      await fn(...args);
      return false;
    });
  }

  /** Moves all that is to be closed to a new stack, for somebody else to leave. */
  popAll(): AsyncExitStack {
    this.#requireOpen();
    const stack = new AsyncExitStack();
    stack.#exits = this.#exits;
    this.#exits = [];
    return stack;
  }

  /** Closes everything, in reverse order. Each is closed, whatever the others throw; the last error is thrown. */
  async aclose(): Promise<void> {
    await this.#leave(undefined);
  }

  /**
   * Runs `body`, and closes everything. Each is told of what was thrown before, by the body or by what was closed first.
   *
   * @returns What `body` returned; `undefined` if it threw and that was kept.
   * @throws {unknown} What was thrown last; what was thrown before is the end of its chain of `cause`s.
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

  /** Closes everything: see `aclose()`. */
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

// What was thrown while an error was under way has that error at the end of its causes, as Python shows it. Where there
// is no place for it, both are kept side by side. A cancellation goes on as it is, as it does out of a `finally`.
function chain(error: unknown, before: unknown): unknown {
  if (error === before) return error;
  let last = error;
  while (last instanceof Error && last.cause !== undefined) {
    if (last.cause === before) return error;
    last = last.cause;
  }
  if (isCancelled(error)) return error;
  if (!(last instanceof Error) || !Object.isExtensible(last)) return new SuppressedError(error, before);
  Object.defineProperty(last, "cause", { value: before, configurable: true, writable: true });
  return error;
}
