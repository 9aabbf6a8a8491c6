/**
 * @internal The longest time that a Node timer supports, in milliseconds: 24.8 days. A timer with a longer time fires
 * at once.
 */
export const longestTimeout: number = 2 ** 31 - 1;

/** @internal `ms`, limited to the range that a Node timer supports: from 1 to {@link longestTimeout}. */
export function clampTimeout(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 1), longestTimeout);
}

/**
 * @internal Calls `callback` in `ms` milliseconds, or after {@link longestTimeout} if `ms` is longer. The timer does
 * not keep the process alive. `outside` runs a function outside every scope, so that the timer keeps no task alive.
 */
export function startTimer(
  outside: (fn: () => NodeJS.Timeout) => NodeJS.Timeout,
  ms: number,
  callback: () => void,
): NodeJS.Timeout {
  return outside(() => setTimeout(callback, clampTimeout(ms)).unref());
}
