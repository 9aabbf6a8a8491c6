// Times as people write them: `5s`, `500ms`, `2m`, or a bare number of milliseconds.

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** The number of milliseconds that a text names; `undefined` if it names none. `infinity` is `Infinity`. */
export function parseTime(text: string): number | undefined {
  if (text === "infinity") return Infinity;
  const [, number, unit = "ms"] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  return number === undefined ? undefined : round(Number(number) * units[unit]!);
}

/** A number of milliseconds as text, in the largest unit of which it is a whole number. */
export function formatTime(ms: number): string {
  if (ms === Infinity) return "infinity";
  const [unit] = Object.entries(units).find(([, size]) => ms >= size && ms % size === 0) ?? ["ms"];
  return `${ms / units[unit]!}${unit}`;
}

// 0.0011 s are 1.1 ms, not 1.1000000000000001.
function round(ms: number): number {
  return Math.round(ms * 1e6) / 1e6;
}
