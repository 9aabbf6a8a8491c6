/** A time limit is looked after this many times while it lasts, so that it is at most a tenth late. */
const looksPerLimit = 20;
/** The longest and shortest time between two looks, in milliseconds. */
const longestPause = 1_500;
const shortestPause = 5;

/** The time between two looks after a limit of `ms` milliseconds. */
export function pauseFor(ms: number): number {
  return Math.round(Math.min(longestPause, Math.max(shortestPause, ms / looksPerLimit)));
}
