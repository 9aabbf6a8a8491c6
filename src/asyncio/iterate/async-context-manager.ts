// Python's `async with` passes the error of its block to the manager; JavaScript's `await using` does not. So a manager
// has two methods. `with(body)` throws the error of the body into the generator, which may swallow it. `enter()`, for
// `await using`, only resumes the generator at the end of the block.

import { InvalidStateError } from "../core/index.ts";
import { show } from "../../base/options.ts";

/** @internal The error of a block. It is in a box, because any value can be thrown, even `undefined`. */
export interface Failure {
  readonly error: unknown;
}

/** A value that is closed by `await using`. */
export interface Entered<T> extends AsyncDisposable {
  /** The value that the generator yielded. */
  readonly value: T;
}

/** An object that opens a value for a block of code and closes it afterwards; made by {@link asyncContextManager}. */
export interface AsyncContextManager<T> {
  /**
   * Opens the value, runs `body` with it, and closes it. An error of `body` is thrown at the generator's `yield`.
   *
   * @returns The result of `body`; `undefined` if it failed and the generator swallowed the error.
   * @throws {InvalidStateError} If the generator does not yield, or yields twice.
   * @throws {unknown} The error of `body` or of the generator.
   */
  with<R>(body: (value: T) => R | PromiseLike<R>): Promise<R | undefined>;
  /**
   * Opens the value, for `await using`. At the end of the block, the generator continues after its `yield`, even if the
   * block threw an error.
   *
   * @throws {InvalidStateError} If the generator does not yield; or, at the end of the block, if it yields twice.
   */
  enter(): Promise<Entered<T>>;
}

/** @internal An opened value, and the way to close it. */
export interface Opened<T> {
  readonly value: T;
  /** Closes the value. Returns whether the generator swallowed the block's error. */
  readonly close: (failure?: Failure) => Promise<boolean>;
}

/** @internal A manager for one generator function and its arguments; each use calls the generator function again. */
export class GeneratorContextManager<T> implements AsyncContextManager<T> {
  readonly #makeGenerator: () => AsyncGenerator<T, void, void>;

  constructor(makeGenerator: () => AsyncGenerator<T, void, void>) {
    this.#makeGenerator = makeGenerator;
  }

  async with<R>(body: (value: T) => R | PromiseLike<R>): Promise<R | undefined> {
    const opened = await this.open();
    let result: R;
    try {
      result = await body(opened.value);
    } catch (error) {
      if (await opened.close({ error })) return undefined;
      throw error;
    }
    await opened.close();
    return result;
  }

  async enter(): Promise<Entered<T>> {
    const { value, close } = await this.open();
    let closing: Promise<boolean> | undefined;
    return {
      value,
      async [Symbol.asyncDispose]() {
        await (closing ??= close());
      },
    };
  }

  /** Runs the generator up to its `yield`. */
  async open(): Promise<Opened<T>> {
    const generator = this.#makeGenerator();
    const step = await generator.next();
    if (step.done === true) throw new InvalidStateError("Cannot enter the context as its generator did not yield");
    return { value: step.value, close: (failure) => finish(generator, failure) };
  }
}

async function finish(generator: AsyncGenerator<unknown, void, void>, failure: Failure | undefined): Promise<boolean> {
  const step = failure === undefined ? await generator.next() : await generator.throw(failure.error);
  if (step.done === true) return failure !== undefined;
  await generator.return();
  throw new InvalidStateError("Cannot leave the context as its generator yielded a second time");
}

/**
 * Makes a context manager from a generator function that yields once: the code before the `yield` opens the value, and
 * the code after it closes the value.
 *
 * @returns A function that takes the arguments of the generator function and returns a manager. Each use of the manager
 * calls the generator function again.
 * @throws {TypeError} If `generatorFunction` is not a function.
 * @example
 * const opened = asyncContextManager(async function* (name: string) {
 *   console.log("open", name);
 *   try {
 *     yield name.toUpperCase();
 *   } finally {
 *     await sleep(1);
 *     console.log("close", name);
 *   }
 * });
 * await opened("a").with(async (value) => console.log(value)); // open a, A, close a
 * {
 *   await using file = await opened("b").enter(); // open b
 *   console.log(file.value); // B
 * } // close b
 * @see https://docs.python.org/3/library/contextlib.html#contextlib.asynccontextmanager
 */
export function asyncContextManager<A extends unknown[], T>(
  generatorFunction: (...args: A) => AsyncGenerator<T, void, void>,
): (...args: A) => AsyncContextManager<T> {
  if (typeof generatorFunction !== "function") {
    throw new TypeError(
      `Cannot make a context manager as an async generator function is needed: current value is ${show(generatorFunction)}`,
    );
  }
  return (...args) => new GeneratorContextManager(() => generatorFunction(...args));
}
