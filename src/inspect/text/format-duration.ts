const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Formats a duration in milliseconds: `812 ms`, `3.2 s`, `4 min 12 s`, `2 h 3 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  const span = Math.max(0, ms);
  if (Math.round(span) < second) return `${Math.round(span)} ms`;
  if (span < minute - 50) return `${(span / second).toFixed(1)} s`;
  if (span < hour) return two(Math.round(span / second), 60, "min", "s");
  if (span < day) return two(Math.floor(span / minute), 60, "h", "min");
  return two(Math.floor(span / hour), 24, "d", "h");
}

function two(count: number, per: number, large: string, small: string): string {
  return `${Math.floor(count / per)} ${large} ${count % per} ${small}`;
}
