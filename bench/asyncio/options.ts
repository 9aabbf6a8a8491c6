import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Case, cases, shrink } from "./cases.ts";

/** What a run of the benchmarks is asked to do. */
export interface Options {
  /** How often every peer measures every case. */
  readonly rounds: number;
  /** What is measured. */
  readonly cases: readonly Case[];
  /** Whether it is only to be seen that everything runs. */
  readonly quick: boolean;
  /** The checkout whose built package is the only other peer; `undefined` for CPython and bare promises. */
  readonly against: string | undefined;
}

/** What the command line can say. */
export const usage: string = `npm run bench:asyncio -- [--rounds NUMBER] [--only CASE,CASE] [--quick] [--against FOLDER]

  --rounds NUMBER  how often every peer measures every case (11)
  --only CASES     some of: ${cases.map(({ id }) => id).join(", ")}
  --quick          one round of tiny counts: shows that everything runs, judges nothing
  --against FOLDER compares with the package built in another checkout, and with nothing else`;

/**
 * The options that the command line gives.
 *
 * @throws {RangeError} If a case is unknown, the number of rounds is none, or the other checkout has no built package.
 * @throws {TypeError} If an option is unknown.
 */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string" },
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      against: { type: "string" },
    },
  });
  const { quick } = values;
  const chosen = values.only === undefined ? cases : values.only.split(",").map(findCase);
  return {
    quick,
    against: values.against === undefined ? undefined : findCheckout(values.against),
    rounds: readRounds(values.rounds ?? (quick ? "1" : "11")),
    cases: quick ? chosen.map(shrink) : chosen,
  };
}

function findCase(id: string): Case {
  const found = cases.find((one) => one.id === id);
  if (found === undefined) throw new RangeError(`Cannot measure an unknown case: current value is ${id}`);
  return found;
}

function findCheckout(path: string): string {
  const folder = resolve(path);
  if (existsSync(join(folder, "dist", "asyncio", "index.js"))) return folder;
  throw new RangeError(`Cannot measure against a checkout that is not built: current value is ${path}`);
}

function readRounds(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1) return rounds;
  throw new RangeError(`Cannot measure as the number of rounds must be a whole number >= 1: current value is ${text}`);
}
