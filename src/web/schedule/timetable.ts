import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import { Cron } from "./cron.ts";
import type { EveryOptions } from "./every-options.ts";

/** A shorter period would leave the event loop no room. */
const shortest = 1;
/** Of `setTimeout`; longer ones are what cron expressions are for. */
const longest = 2_000_000_000;
/** As in Vixie's cron: a clock that was set back by less has not made a new day. */
const setBack = 3 * 3_600_000;

/** When a task is due. */
export interface Timetable {
  /** As a person reads it. */
  readonly text: string;
  /** Whether times are those of the clock, in milliseconds since 1970; else of the monotonic clock of the event loop. */
  readonly isWallClock: boolean;
  /** The first moment after `now` at which it is due; `last` is the one before, if there was one. */
  next(now: number, last: number | undefined): number | undefined;
}

/**
 * Makes the timetable of a period in milliseconds, or of a cron expression.
 *
 * @throws {RangeError} If it is not one.
 * @throws {TypeError} If it is neither a number nor a text, or a period has a time zone.
 */
export function toTimetable(when: number | string, { timeZone }: EveryOptions): Timetable {
  if (typeof when === "string") return cronTimetable(when, timeZone);
  option("schedule", "period", when).milliseconds({ from: shortest, to: longest });
  if (timeZone !== undefined) throw wrongType("schedule", "'timeZone' belongs to a cron expression", when);
  return {
    text: `every ${when} ms`,
    isWallClock: false,
    // From one due time to the next, not from one end to the next start; times that have passed are left out.
    next: (now, last = now) => last + when * Math.max(1, Math.floor((now - last) / when) + 1),
  };
}

function cronTimetable(expression: string, timeZone: string | undefined): Timetable {
  const cron = new Cron(expression, timeZone);
  return {
    text: timeZone === undefined ? expression.trim() : `${expression.trim()} ${timeZone}`,
    isWallClock: true,
    next: (now, last = now) => cron.next(last > now && last - now < setBack ? last : now),
  };
}
