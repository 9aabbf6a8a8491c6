import { ambient } from "../state/ambient.ts";
import { Awaitable } from "./awaitable.ts";
import { CancelledError, InvalidStateError } from "../errors/errors.ts";
import { runtime } from "../state/runtime.ts";
import { shareClass } from "../state/share-class.ts";
import { currentScope, type Scope } from "../scopes/scope.ts";

const futures = ambient("futures", () => ({ unnamed: 0 }));

/**
 * A promise that other code settles once, by `setResult` or `setException`.
 *
 * @example
 * const answer = new Future<number>();
 * setTimeout(() => answer.setResult(42), 5);
 * console.log(await answer); // 42
 * @see https://docs.python.org/3/library/asyncio-future.html#asyncio.Future
 */
export class Future<T = void> extends Awaitable<T> {
  readonly name: string;
  /** @internal */
  readonly reportedBy: Scope;

  /** Always "future". */
  get kind(): string {
    return "future";
  }

  /** @param options.name - The future's name, as shown by inspectors; the default is "Future-1", "Future-2", … */
  constructor(options: { readonly name?: string } = {}) {
    super();
    this.name = options.name ?? `Future-${++futures.unnamed}`;
    this.reportedBy = currentScope().owner;
  }

  /**
   * Fulfils the future with `value`.
   *
   * @throws {InvalidStateError} If the future is already done.
   */
  setResult(value: T): void {
    this.#requirePending("result");
    this.succeed(value);
    this.#deliver(() => this.resolve(value as never));
  }

  /**
   * Rejects the future with `error`.
   *
   * @throws {InvalidStateError} If the future is already done.
   */
  setException(error: unknown): void {
    this.#requirePending("exception");
    this.failWith(error, false);
    this.#deliver(() => this.reject(error));
  }

  /**
   * Cancels the future: code that awaits it gets a {@link CancelledError}. Returns `false` if the future is already
   * done.
   */
  cancel(reason?: unknown): boolean {
    return this.#cancel(new CancelledError(reason, { requestedBy: currentScope().task?.name }));
  }

  /** @internal */
  cancelBecause(cause: CancelledError): boolean {
    return this.#cancel(new CancelledError(cause.reason, { cause, requestedBy: cause.requestedBy }));
  }

  #cancel(error: CancelledError): boolean {
    if (this.done()) return false;
    this.failWith(error, true);
    this.#deliver(() => this.reject(error));
    return true;
  }

  #deliver(settle: () => void): void {
    if (runtime.schedule === undefined) settle();
    else runtime.schedule.wake(undefined, settle);
  }

  #requirePending(what: string): void {
    if (this.done()) throw new InvalidStateError(`Cannot set the ${what} of future ${this.name} as it is done`);
  }

  override get [Symbol.toStringTag](): string {
    return "Future";
  }
}
shareClass(Future, "Future");
