// The one way in which the drivers of databases call the packages that they stand on. Those know nothing of scopes, so
// what they open must not belong to the request that happened to need it first; and their promises cannot be cancelled,
// so a value that comes when its caller has stopped waiting has to be taken care of.
//
//   start      outside every scope: sockets and timers of the driver keep no task alive
//   wait       in the open: seen by inspectors as `resource`, and cancellable
//   onCancel   tells the driver to stop. Its answer is awaited, but not for ever: the wait ends after `settleTimeout`
//   onLate     takes the value of a call whose wait had ended: a connection to keep, a cursor to close

import { type CancelledError, outside, type Park, park, type ParkOptions, type Resource } from "../../asyncio/index.ts";

/** @internal How long a driver that was told to stop is waited for, in milliseconds. */
export const settleTimeout = 200;

/** @internal What {@link callDriver} does besides calling and waiting. */
export interface DriverCallOptions<T> {
  /** Tells the driver to stop; called once. @default the wait ends at once, and the driver goes on */
  readonly onCancel?: (error: CancelledError) => void;
  /** Takes a value that comes when the wait is over. @default it is dropped */
  readonly onLate?: (value: T) => void;
  /** Translates an error of the driver. @default it is thrown as it is */
  readonly explain?: (error: Error) => unknown;
  /** Called when the driver is done with the call, however it ended. */
  readonly onSettled?: () => void;
}

/**
 * @internal Calls a driver outside every scope and waits for its promise in the scope of the caller.
 *
 * An error that comes when the wait is over is dropped: the caller has been told of the cancellation instead.
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
    // A cancellation counts even if the call was over at that moment.
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
