// When a cron expression is due next.
//
// The fields speak of what the clocks at a place show, and clocks jump. The expression is searched for in the time that the
// clocks show, written as if it were UTC, and then moved to a moment:
//
//   at certain hours          a time that the jump in spring leaves out is due at the moment of the jump; one that comes
//   ("30 2 * * *")            twice in autumn is due the first time only
//   at every hour             is due as often as the clocks show such a time: the hour that comes twice counts twice, and
//   ("5 * * * *")              one that is left out is left out
//
// Vixie's cron has the same two rules.

import { type CronFields, parseCron } from "./cron-fields.ts";
import { type Offset, offsetOf } from "./time-zone.ts";

const dayMs = 86_400_000;
/** More than the eight years from one 29 February to the next around 2100, twice as a day of the week may be wanted too. */
const horizonYears = 60;

/** A cron expression at a place. */
export class Cron {
  readonly #fields: CronFields;
  readonly #offset: Offset;

  /**
   * @param timeZone The name of the time zone; `undefined` for that of the process.
   * @throws {RangeError} If the expression cannot be read, or there is no such time zone.
   */
  constructor(expression: string, timeZone?: string) {
    this.#fields = parseCron(expression);
    this.#offset = offsetOf(timeZone);
  }

  /**
   * The first moment after `time`; `undefined` if there is none in a lifetime.
   *
   * @param time In milliseconds since 1970.
   */
  next(time: number): number | undefined {
    return this.#fields.hours.size === 24 ? this.#nextByElapsed(time) : this.#nextByWall(time);
  }

  #nextByWall(time: number): number | undefined {
    let wall = time + this.#offset(time) - 1_000;
    for (;;) {
      const found = nextWall(this.#fields, wall);
      if (found === undefined) return undefined;
      const moment = this.#firstMoment(found);
      if (moment > time) return moment;
      wall = found;
    }
  }

  /** The first moment at which the clocks show a time, or that of the jump that leaves it out. */
  #firstMoment(wall: number): number {
    // The clocks of one place are never more than a day from those that they have been.
    const before = this.#offset(wall - dayMs);
    const after = this.#offset(wall + dayMs);
    const early = wall - Math.max(before, after);
    const late = wall - Math.min(before, after);
    if (early + this.#offset(early) === wall) return early;
    if (late + this.#offset(late) === wall) return late;
    return this.#changeBetween(early, late);
  }

  #nextByElapsed(time: number): number | undefined {
    let from = time;
    let offset = this.#offset(time);
    for (;;) {
      const found = nextWall(this.#fields, from + offset);
      if (found === undefined) return undefined;
      const moment = found - offset;
      if (moment - from > 2 * dayMs) {
        // Nothing is due before that, whatever the clocks do: they move by hours.
        from = moment - dayMs;
        offset = this.#offset(from);
      } else if (this.#offset(moment) === offset) return moment;
      else {
        const change = this.#changeBetween(from, moment);
        // From the very moment on.
        from = change - 1;
        offset = this.#offset(change);
      }
    }
  }

  /** The first moment in `(from, to]` at which the clocks have jumped. */
  #changeBetween(from: number, to: number): number {
    const old = this.#offset(from);
    let [low, high] = [from, to];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#offset(middle) === old) low = middle;
      else high = middle;
    }
    return high;
  }
}

/** The first time after `wall` that the fields name, both as if they were UTC. */
function nextWall(fields: CronFields, wall: number): number | undefined {
  const date = new Date(Math.floor(wall / 1_000) * 1_000 + 1_000);
  const last = date.getUTCFullYear() + horizonYears;
  while (date.getUTCFullYear() <= last) {
    if (!fields.months.has(date.getUTCMonth() + 1)) toNextMonth(date);
    else if (!isDay(fields, date)) date.setUTCHours(24, 0, 0);
    else if (!fields.hours.has(date.getUTCHours())) date.setUTCHours(date.getUTCHours() + 1, 0, 0);
    else if (!fields.minutes.has(date.getUTCMinutes())) date.setUTCMinutes(date.getUTCMinutes() + 1, 0);
    else if (!fields.seconds.has(date.getUTCSeconds())) date.setUTCSeconds(date.getUTCSeconds() + 1);
    else return date.getTime();
  }
  return undefined;
}

function toNextMonth(date: Date): void {
  date.setUTCMonth(date.getUTCMonth() + 1, 1);
  date.setUTCHours(0, 0, 0);
}

function isDay({ days, weekdays, eitherDay }: CronFields, date: Date): boolean {
  const isDate = days.has(date.getUTCDate());
  const isWeekday = weekdays.has(date.getUTCDay());
  return eitherDay ? isDate || isWeekday : isDate && isWeekday;
}
