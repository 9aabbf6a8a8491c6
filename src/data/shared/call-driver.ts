// Database drivers call their underlying packages through this file. Those packages do not know about scopes, so the
// connections that they open must not belong to the request that needed them first. Their promises cannot be cancelled,
// so a value that arrives after the caller has stopped waiting must be disposed of.
//
//   start    outside every scope: sockets and timers of the driver keep no task alive
//   wait     in the caller's scope: shown by inspectors as `resource`, and cancellable
//   onLate   receives a value that arrives after the wait has ended: a connection to keep, a cursor to close

import { outside, type Park, park, type Resource } from "../../asyncio/index.ts";

/** @internal How long to wait for a driver that was told to stop, in milliseconds. */
export const settleTimeout = 200;

/** @internal Options of {@link callDriver}. */
export interface DriverCallOptions<T> {
  /** Receives a value that arrives after the wait has ended. @default the value is dropped */
  readonly onLate?: (value: T) => void;
}

/**
 * @internal Calls a driver outside every scope and waits for its promise in the scope of the caller. A cancellation ends
 * the wait at once, and the driver continues.
 *
 * An error that arrives after the wait has ended is dropped, because the caller has already received the cancellation.
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
    outside(start).then(
      (value) => void (wait.wake(value) || onLate?.(value)),
      (error: unknown) => void wait.fail(error),
    );
  };
  return onLate === undefined ? park<T>(resource, begin) : park<T>(resource, begin, { giveBack: onLate });
}
