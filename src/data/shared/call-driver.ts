// The one way in which the drivers of databases call the packages that they stand on. Those know nothing of scopes, so
// what they open must not belong to the request that happened to need it first; and their promises cannot be cancelled,
// so a value that comes when its caller has stopped waiting has to be taken care of.
//
//   start    outside every scope: sockets and timers of the driver keep no task alive
//   wait     in the open: seen by inspectors as `resource`, and cancellable
//   onLate   takes the value of a call whose wait had ended: a connection to keep, a cursor to close

import { outside, type Park, park, type Resource } from "../../asyncio/index.ts";

/** @internal How long a driver that was told to stop is waited for, in milliseconds. */
export const settleTimeout = 200;

/** @internal What {@link callDriver} does besides calling and waiting. */
export interface DriverCallOptions<T> {
  /** Takes a value that comes when the wait is over. @default it is dropped */
  readonly onLate?: (value: T) => void;
}

/**
 * @internal Calls a driver outside every scope and waits for its promise in the scope of the caller. A cancellation ends
 * the wait at once, and the driver goes on.
 *
 * An error that comes when the wait is over is dropped: the caller has been told of the cancellation instead.
 *
 * @throws {CancelledError} If the wait is cancelled.
 * @throws {unknown} The error of the driver.
 */
export function callDriver<T>(
  resource: Resource,
  start: () => Promise<T>,
  { onLate }: DriverCallOptions<T> = {},
): Promise<T> {
  const begin = (wait: Park<T>): void => {
    outside(() => {
      start().then(
        (value) => void (wait.wake(value) || onLate?.(value)),
        (error: unknown) => void wait.fail(error),
      );
    });
  };
  return onLate === undefined ? park<T>(resource, begin) : park<T>(resource, begin, { giveBack: onLate });
}
