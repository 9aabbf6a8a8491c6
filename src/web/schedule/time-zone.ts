import { outOfRange, wrongType } from "../../base/refusal.ts";

/**
 * The offset of a place's clocks from UTC at a moment, in milliseconds.
 *
 * @param time In milliseconds since 1970.
 */
export type Offset = (time: number) => number;

/**
 * The offsets of a time zone.
 *
 * @param zone Its name in IANA's database, such as `Europe/Vienna`; `undefined` for that of the process.
 * @throws {RangeError} If there is none.
 * @throws {TypeError} If it is not a text.
 * @see https://www.iana.org/time-zones
 */
export function offsetOf(zone: string | undefined): Offset {
  if (zone === undefined) return (time) => -new Date(time).getTimezoneOffset() * 60_000;
  if (typeof zone !== "string") throw wrongType("schedule", "'timeZone' must be text", zone);
  const format = formatFor(zone);
  return (time) => {
    const parts = new Map<string, number>(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
    const part = (name: string): number => parts.get(name) ?? 0;
    const wall = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
    return wall - Math.floor(time / 1_000) * 1_000;
  };
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US-u-ca-iso8601-nu-latn", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    throw outOfRange("schedule", "'timeZone' must be the name of a time zone, such as Europe/Vienna", timeZone);
  }
}
