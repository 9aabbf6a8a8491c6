// The fields of a cron expression, as sets of numbers.

import { outOfRange, wrongType } from "../../base/refusal.ts";

/** A cron expression, taken apart. */
export interface CronFields {
  readonly seconds: ReadonlySet<number>;
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** Days of the week, from 0 for Sunday. */
  readonly weekdays: ReadonlySet<number>;
  /** Whether both days of the month and of the week are restricted: then either is enough. */
  readonly eitherDay: boolean;
}

interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly names?: readonly string[];
}

const monthNames = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const weekdayNames = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const second: Field = { name: "second", from: 0, to: 59 };
const minute: Field = { name: "minute", from: 0, to: 59 };
const hour: Field = { name: "hour", from: 0, to: 23 };
const day: Field = { name: "day of the month", from: 1, to: 31 };
const month: Field = { name: "month", from: 1, to: 12, names: monthNames };
// 7 is Sunday too.
const weekday: Field = { name: "day of the week", from: 0, to: 7, names: weekdayNames };

const nicknames: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

const longest = 1_000;
const mostDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Reads a cron expression: minute, hour, day of the month, month, day of the week, with a second before them if there are
 * six. Each is `*` or a list of numbers, ranges `1-5` and steps `0-59/15`; months and weekdays have names too.
 *
 * @throws {RangeError} If it cannot be read, or names a day that never comes.
 * @throws {TypeError} If it is not a text.
 */
export function parseCron(expression: string): CronFields {
  if (typeof expression !== "string") throw wrongType("schedule", "the cron expression must be text", expression);
  if (expression.length > longest) throw refuse(`it must have at most ${longest} characters`, expression);
  const trimmed = expression.trim();
  const plain = Object.hasOwn(nicknames, trimmed.toLowerCase()) ? nicknames[trimmed.toLowerCase()]! : trimmed;
  const texts = plain.split(/\s+/);
  if (texts.length !== 5 && texts.length !== 6) throw refuse("it must have 5 fields, or 6 with seconds", expression);
  const [seconds = "0", minutes = "", hours = "", days = "", months = "", weekdays = ""] =
    texts.length === 6 ? texts : ["0", ...texts];
  const read = (field: Field, text: string): Set<number> => readField(field, text, expression);
  const fields = {
    seconds: read(second, seconds),
    minutes: read(minute, minutes),
    hours: read(hour, hours),
    days: read(day, days),
    months: read(month, months),
    weekdays: foldSunday(read(weekday, weekdays)),
    // As Vixie's cron has it: a field that begins with a star does not restrict.
    eitherDay: !isOpen(days) && !isOpen(weekdays),
  };
  if (!canCome(fields)) throw refuse("it names a day that never comes", expression);
  return fields;
}

function isOpen(text: string): boolean {
  return text.startsWith("*") || text === "?";
}

function canCome({ days, months, eitherDay }: CronFields): boolean {
  if (eitherDay) return true;
  return [...months].some((number) => [...days].some((date) => date <= mostDays[number - 1]!));
}

function foldSunday(weekdays: Set<number>): Set<number> {
  if (weekdays.delete(7)) weekdays.add(0);
  return weekdays;
}

function readField(field: Field, text: string, expression: string): Set<number> {
  const values = new Set<number>();
  for (const part of text.split(",")) addPart(values, field, part, expression);
  return values;
}

function addPart(values: Set<number>, field: Field, part: string, expression: string): void {
  const [, whole, first, last, stepText] = /^(?:([*?])|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part) ?? [];
  if (whole === undefined && first === undefined)
    throw refuse(`the ${field.name} must be *, numbers, ranges or steps, not '${part}'`, expression);
  const step = stepText === undefined ? 1 : Number(stepText);
  if (step < 1 || step > 1_000) throw refuse(`a step of the ${field.name} must be from 1 to 1000`, expression);
  const from = first === undefined ? field.from : readNumber(field, first, expression);
  const to = last === undefined ? openEnd(field, from, first, stepText) : readNumber(field, last, expression);
  // A week has no end: FRI-MON.
  const until = field === weekday && to < from ? to + 7 : to;
  if (until < from) throw refuse(`a range of the ${field.name} must not run backwards`, expression);
  for (let value = from; value <= until; value += step) values.add(value > field.to ? value - 7 : value);
}

/** `*` and `5/10` go on to the end; `5` alone does not. The last weekday by itself is Saturday, as Sunday is 0. */
function openEnd(field: Field, from: number, first: string | undefined, step: string | undefined): number {
  if (first !== undefined && step === undefined) return from;
  return field === weekday ? Math.max(6, from) : field.to;
}

function readNumber(field: Field, text: string, expression: string): number {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named === -1 ? Number(text) : named + (field === month ? 1 : 0);
  if (/^\d{1,2}$/.test(text) || named !== -1) {
    if (value >= field.from && value <= field.to) return value;
  }
  throw refuse(`the ${field.name} must be from ${field.from} to ${field.to}, not '${text}'`, expression);
}

function refuse(rule: string, expression: string): RangeError {
  return outOfRange("schedule by a cron expression", rule, expression);
}
