import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Cron } from "./cron.ts";
import { parseCron } from "./cron-fields.ts";

const iso = (time: number | undefined): string => (time === undefined ? "never" : new Date(time).toISOString());
const nextOf = (expression: string, from: string, zone = "UTC"): string =>
  iso(new Cron(expression, zone).next(Date.parse(from)));

for (const [expression, from, next] of [
  ["* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00.000Z"],
  ["* * * * *", "2026-01-01T00:00:30.5Z", "2026-01-01T00:01:00.000Z"],
  ["*/15 * * * *", "2026-01-01T00:14:59.999Z", "2026-01-01T00:15:00.000Z"],
  ["* * * * * *", "2026-01-01T00:00:00.001Z", "2026-01-01T00:00:01.000Z"],
  ["30 5 * * * *", "2026-01-01T00:05:30Z", "2026-01-01T01:05:30.000Z"],
  ["0 9 * * MON-FRI", "2026-01-02T09:00:00Z", "2026-01-05T09:00:00.000Z"],
  ["0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00.000Z"],
  ["0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00.000Z"],
  ["0 0 13 * FRI", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00.000Z"],
  ["0 0 */2 * FRI", "2026-01-01T00:00:00Z", "2026-01-09T00:00:00.000Z"],
  ["0 0 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00.000Z"],
  ["0 0 * * FRI-MON", "2026-01-05T00:00:00Z", "2026-01-09T00:00:00.000Z"],
  ["0 0 1 jan ?", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00.000Z"],
  ["5/20 * * * *", "2026-01-01T00:25:00Z", "2026-01-01T00:45:00.000Z"],
  ["@hourly", "2026-12-31T23:00:00Z", "2027-01-01T00:00:00.000Z"],
  ["@Weekly", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00.000Z"],
] as const) {
  test(`Cron.next() of ${expression} after ${from} is ${next}`, () => {
    assert.equal(nextOf(expression, from), next);
  });
}

test("Cron runs a time that the clocks jump over at the moment of the jump, once", () => {
  const vienna = "Europe/Vienna";
  assert.equal(nextOf("30 2 * * *", "2026-03-28T12:00:00Z", vienna), "2026-03-29T01:00:00.000Z");
  assert.equal(nextOf("30 2 * * *", "2026-03-29T01:00:00Z", vienna), "2026-03-30T00:30:00.000Z");
  assert.equal(nextOf("*/10 2 * * *", "2026-03-29T01:00:00Z", vienna), "2026-03-30T00:00:00.000Z");
  assert.equal(nextOf("30 * * * *", "2026-03-29T00:30:00Z", vienna), "2026-03-29T01:30:00.000Z");
});

test("Cron runs a time that comes twice the first time only, unless it is one of every hour", () => {
  const vienna = "Europe/Vienna";
  assert.equal(nextOf("30 2 * * *", "2026-10-24T12:00:00Z", vienna), "2026-10-25T00:30:00.000Z");
  assert.equal(nextOf("30 2 * * *", "2026-10-25T00:30:00Z", vienna), "2026-10-26T01:30:00.000Z");
  assert.equal(nextOf("30 * * * *", "2026-10-25T00:30:00Z", vienna), "2026-10-25T01:30:00.000Z");
});

/** The moments in `(from, to]`, found by asking the clocks of the place at every minute. */
function enumerate(expression: string, zone: string, [from, to]: readonly [number, number]): number[] {
  const fields = parseCron(expression);
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
  const named = (wall: Date): boolean => {
    const isDate = fields.days.has(wall.getUTCDate());
    const isWeekday = fields.weekdays.has(wall.getUTCDay());
    return (
      fields.minutes.has(wall.getUTCMinutes()) &&
      fields.hours.has(wall.getUTCHours()) &&
      fields.months.has(wall.getUTCMonth() + 1) &&
      (fields.eitherDay ? isDate || isWeekday : isDate && isWeekday)
    );
  };
  const wallAt = (time: number): number => Date.parse(`${format.format(time).replace(" ", "T")}Z`);
  const always = fields.hours.size === 24;
  const moments: number[] = [];
  let latest = wallAt(from);
  for (let time = from + 60_000; time <= to; time += 60_000) {
    const wall = wallAt(time);
    let due = always ? named(new Date(wall)) : wall > latest && named(new Date(wall));
    // What was jumped over.
    if (!always)
      for (let skipped = latest + 60_000; skipped < wall; skipped += 60_000) due ||= named(new Date(skipped));
    if (due) moments.push(time);
    latest = Math.max(latest, wall);
  }
  return moments;
}

const number = (from: number, to: number): fc.Arbitrary<string> => fc.integer({ min: from, max: to }).map(String);
const field = (from: number, to: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constant("*"),
    number(from, to),
    fc.integer({ min: 1, max: 30 }).map((step) => `*/${step}`),
    fc
      .tuple(fc.integer({ min: from, max: to }), fc.integer({ min: from, max: to }))
      .map((pair) => pair.toSorted((a, b) => a - b).join("-")),
    fc.array(number(from, to), { minLength: 1, maxLength: 4 }).map((list) => list.join(",")),
  );

const places: readonly (readonly [zone: string, from: string])[] = [
  ["Europe/Vienna", "2026-03-27T22:00:00Z"],
  ["Europe/Vienna", "2026-10-23T22:00:00Z"],
  ["America/New_York", "2026-03-07T05:00:00Z"],
  ["America/New_York", "2026-10-31T04:00:00Z"],
  ["Australia/Lord_Howe", "2026-04-03T13:00:00Z"],
  ["Australia/Lord_Howe", "2026-10-02T13:30:00Z"],
  ["Africa/Casablanca", "2026-02-14T00:00:00Z"],
  ["Asia/Kathmandu", "2026-06-01T00:00:00Z"],
];

test("Cron finds what a search through every minute finds, around the jumps of the clocks of many places", () => {
  const often = (restricted: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc.oneof({ weight: 4, arbitrary: fc.constant("*") }, { weight: 1, arbitrary: restricted });
  const [dates, weekdays] = [often(field(1, 31)), often(field(0, 6))];
  const expression = fc.tuple(field(0, 59), field(0, 23), dates, often(field(1, 12)), weekdays);
  fc.assert(
    fc.property(fc.constantFrom(...places), expression, ([zone, begin], fields) => {
      const text = fields.join(" ");
      let cron: Cron;
      try {
        cron = new Cron(text, zone);
      } catch (error) {
        assert.match(String(error), /never comes/);
        return;
      }
      const [from, to] = [Date.parse(begin), Date.parse(begin) + 3 * 86_400_000];
      const found: number[] = [];
      for (let next = cron.next(from); next !== undefined && next <= to; next = cron.next(next)) found.push(next);
      assert.deepEqual(found.map(iso), enumerate(text, zone, [from, to]).map(iso), `${text} in ${zone}`);
    }),
    { numRuns: 120 },
  );
});

test("parseCron() reads any text or refuses it with a RangeError", () => {
  const piece = fc.constantFrom(
    "*",
    "?",
    "/",
    "-",
    ",",
    "5",
    "61",
    "0",
    "MON",
    "jan",
    " ",
    "@",
    "L",
    "#",
    "__proto__",
    "é",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 30 }).map((parts) => parts.join("")),
      ),
      (text) => {
        try {
          const fields = parseCron(text);
          for (const set of [fields.seconds, fields.minutes, fields.hours, fields.days, fields.months, fields.weekdays])
            assert(set.size > 0 && [...set].every((value) => value >= 0 && value < 60));
        } catch (error) {
          assert(error instanceof RangeError, String(error));
        }
      },
    ),
    { numRuns: 500 },
  );
});

for (const [expression, message] of [
  ["* * * *", /5 fields, or 6 with seconds/],
  ["60 * * * *", /the minute must be from 0 to 59, not '60'/],
  ["* * 0 * *", /the day of the month must be from 1 to 31/],
  ["5-1 * * * *", /must not run backwards/],
  ["*/0 * * * *", /a step of the minute must be from 1/],
  ["0 0 30 2 *", /never comes/],
  ["@reboot", /5 fields/],
  ["constructor * * * *", /the minute must be/],
] as const) {
  test(`parseCron() refuses ${expression}`, () => {
    assert.throws(() => parseCron(expression), message);
  });
}

test("Cron refuses a time zone that does not exist", () => {
  assert.throws(() => new Cron("* * * * *", "Europe/Atlantis"), /'timeZone' must be the name of a time zone/);
});
