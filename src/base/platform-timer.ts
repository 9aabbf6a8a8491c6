/** @internal The longest time that a timer of the platform takes, in milliseconds: 24.8 days. Beyond it, it fires at once. */
export const longestTimeout: number = 2 ** 31 - 1;

/** @internal `ms` as a timer of the platform takes it: from 1 to {@link longestTimeout}. */
export function clampTimeout(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 1), longestTimeout);
}

/**
 * @internal Calls `callback` in `ms` milliseconds, without holding the process open. `outside` runs a function outside
 * every scope, so that the timer keeps no task alive; a time beyond {@link longestTimeout} ends there.
 */
export function startTimer(
  outside: (fn: () => NodeJS.Timeout) => NodeJS.Timeout,
  ms: number,
  callback: () => void,
): NodeJS.Timeout {
  return outside(() => setTimeout(callback, clampTimeout(ms)).unref());
}
