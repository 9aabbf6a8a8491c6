import { parseArgs } from "node:util";
import { type Case, cases } from "./cases.ts";

/** What a run of the benchmarks is asked to do. */
export interface Options {
  /** How often everybody measures everything. */
  readonly rounds: number;
  /** What is measured. */
  readonly cases: readonly Case[];
  /** How long a server is kept busy in one measurement, in seconds. */
  readonly seconds: number;
  /** Whether it is only to be seen that everything runs. */
  readonly quick: boolean;
}

/** What the command line can say. */
export const usage: string = `npm run bench:tutorial -- [--rounds NUMBER] [--seconds NUMBER] [--only CASE,CASE] [--quick]

  --rounds NUMBER   how often everybody measures everything (7)
  --seconds NUMBER  how long a server is kept busy in one measurement (5)
  --only CASES      some of: ${cases.map(({ id }) => id).join(", ")}
  --quick           one round of one second: shows that everything runs, judges nothing`;

/**
 * The options that the command line gives.
 *
 * @throws {RangeError} If a case is unknown, or a number is none.
 * @throws {TypeError} If an option is unknown.
 */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string" },
      seconds: { type: "string" },
      only: { type: "string" },
      quick: { type: "boolean", default: false },
    },
  });
  const { quick } = values;
  return {
    quick,
    rounds: readCount("rounds", values.rounds ?? (quick ? "1" : "7")),
    seconds: readCount("seconds", values.seconds ?? (quick ? "1" : "5")),
    cases: values.only === undefined ? cases : values.only.split(",").map(findCase),
  };
}

function findCase(id: string): Case {
  const found = cases.find((one) => one.id === id);
  if (found === undefined) throw new RangeError(`Cannot measure an unknown case: current value is ${id}`);
  return found;
}

function readCount(name: string, text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new RangeError(`Cannot measure as --${name} must be a whole number >= 1: current value is ${text}`);
}
