// All database drivers call their underlying packages through this file. Those packages do not know about scopes, so
// the connections that they open must not belong to the request that needed them first. Their promises cannot be
// cancelled, so a value that arrives after the caller has stopped waiting must be disposed of.
//
//   start      outside every scope: sockets and timers of the driver keep no task alive
//   wait       in the caller's scope: shown by inspectors as `resource`, and cancellable
//   onCancel   tells the driver to stop. Its answer is awaited, but at most for `settleTimeout`
//   onLate     receives a value that arrives after the wait has ended: a connection to keep, a cursor to close

import { type CancelledError, outside, type Park, park, type ParkOptions, type Resource } from "../../asyncio/index.ts";

/** @internal How long to wait for a driver that was told to stop, in milliseconds. */
export const settleTimeout = 200;

/** @internal Options of {@link callDriver}. */
export interface DriverCallOptions<T> {
  /** Tells the driver to stop; called once. @default the wait ends at once, and the driver continues */
  readonly onCancel?: (error: CancelledError) => void;
  /** Receives a value that arrives after the wait has ended. @default the value is dropped */
  readonly onLate?: (value: T) => void;
  /** Translates an error of the driver. @default the error is thrown unchanged */
  readonly explain?: (error: Error) => unknown;
  /** Called when the driver has finished the call, with success or not. */
  readonly onSettled?: () => void;
}

/**
 * @internal Calls a driver outside every scope and waits for its promise in the scope of the caller.
 *
 * An error that arrives after the wait has ended is dropped, because the caller has already received the cancellation.
 *
 * @throws {CancelledError} If the wait is cancelled.
 * @throws {unknown} The error of the driver, translated by `explain`.
 */
export function callDriver<T>(
  resource: Resource,
  start: () => Promise<T>,
  options: DriverCallOptions<T> = {},
): Promise<T> {
  const call = new DriverCall(start, options);
  const begin = (wait: Park<T>): void => call.begin(wait);
  const { onCancel, onLate } = options;
  if (onLate !== undefined) return park<T>(resource, begin, { ...call.parkOptions, giveBack: onLate });
  return onCancel === undefined ? park<T>(resource, begin) : park<T>(resource, begin, call.parkOptions);
}

class DriverCall<T> {
  readonly #start: () => Promise<T>;
  readonly #options: DriverCallOptions<T>;
  #cancelled: CancelledError | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(start: () => Promise<T>, options: DriverCallOptions<T>) {
    this.#start = start;
    this.#options = options;
  }

  get parkOptions(): ParkOptions<T> {
    if (this.#options.onCancel === undefined) return {};
    return { onCancel: (error, wait) => this.#cancel(error, wait) };
  }

  begin(wait: Park<T>): void {
    outside(() => {
      this.#start().then(
        (value) => this.#succeeded(wait, value),
        (error: unknown) => this.#failed(wait, error as Error),
      );
    });
  }

  #cancel(error: CancelledError, wait: Park<never>): void {
    if (this.#cancelled !== undefined) return;
    this.#cancelled = error;
    this.#timer = outside(setTimeout, () => void wait.fail(error), settleTimeout);
    outside(this.#options.onCancel!, error);
  }

  #succeeded(wait: Park<T>, value: T): void {
    const { onLate, onSettled } = this.#options;
    onSettled?.();
    // A cancellation counts even if the call succeeded meanwhile.
    if (this.#cancelled !== undefined) this.#end(wait, this.#cancelled);
    else if (wait.wake(value)) return;
    onLate?.(value);
  }

  #failed(wait: Park<T>, error: Error): void {
    const { explain, onSettled } = this.#options;
    onSettled?.();
    if (this.#cancelled !== undefined) this.#end(wait, this.#cancelled);
    else if (wait.isWaiting) wait.fail(explain === undefined ? error : explain(error));
  }

  #end(wait: Park<T>, error: CancelledError): void {
    clearTimeout(this.#timer);
    wait.fail(error);
  }
}
