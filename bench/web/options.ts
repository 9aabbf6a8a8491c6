import { parseArgs } from "node:util";
import { type Row, rows } from "./rows.ts";

/** What a run of the benchmark is asked to do. */
export interface Options {
  /** How often every server has a turn. */
  readonly rounds: number;
  /** How long a turn is, in seconds. */
  readonly seconds: number;
  readonly rows: readonly Row[];
  /** The ids of the servers that are measured; `undefined` for all. */
  readonly peers: readonly string[] | undefined;
  /** Whether it is only to be seen that everything runs. */
  readonly quick: boolean;
}

/** What the command line can say. */
export const usage: string = `npm run bench:web -- [--rounds NUMBER] [--seconds NUMBER] [--only ROW,ROW] [--peers PEER,PEER] [--quick]

  --rounds NUMBER   how often every server has a turn (7)
  --seconds NUMBER  how long a turn is (2)
  --only ROWS       some of: ${rows.map(({ id }) => id).join(", ")}
  --peers PEERS     some of the servers, such as pottle,fastify,hono
  --quick           a few requests to each server that is installed: shows that everything runs, judges nothing`;

/**
 * The options that the command line gives.
 *
 * @throws {RangeError} If a row is unknown, or a number is not a count.
 * @throws {TypeError} If an option is unknown.
 */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string" },
      seconds: { type: "string", default: "2" },
      only: { type: "string" },
      peers: { type: "string" },
      quick: { type: "boolean", default: false },
    },
  });
  const { quick } = values;
  return {
    quick,
    rounds: readCount("rounds", values.rounds ?? (quick ? "1" : "7")),
    seconds: readCount("seconds", values.seconds),
    rows: values.only === undefined ? rows : values.only.split(",").map(findRow),
    peers: values.peers?.split(","),
  };
}

function findRow(id: string): Row {
  const found = rows.find((row) => row.id === id);
  if (found === undefined) throw new RangeError(`Cannot measure an unknown row: current value is ${id}`);
  return found;
}

function readCount(name: string, text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new RangeError(`Cannot measure as --${name} must be a whole number >= 1: current value is ${text}`);
}
