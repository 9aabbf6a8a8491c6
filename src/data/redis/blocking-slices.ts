// A command that waits on the server for ever is sent in slices: each waits for as long as a silent connection is borne,
// and then the next one follows. So it is noticed when the connection falls silent while the command waits, and nothing
// is lost: a slice that ends without a value has taken none.
//
// The exception is XREAD from "$", which means "what comes after now": between two slices something could come. It is
// sent as it is, and its connection is not watched.

import type { Request } from "./request.ts";

type Bytes = string | Buffer;

/** @internal A part of the wait of a blocking command. */
export interface BlockingSlice {
  /** The arguments to send. */
  readonly args: readonly Bytes[];
  /** How long the server waits, in milliseconds; `Infinity` if for ever. */
  readonly wait: number;
  /** Whether the command is over with it, with or without a value. */
  readonly isLast: boolean;
}

/** Where a command has its time limit, and in milliseconds of which unit. */
interface Limit {
  readonly place: number;
  readonly unit: number;
}

/**
 * @internal The next slice of a command.
 *
 * @param waited - For how long the slices before it have waited, in milliseconds.
 * @param longest - How long a slice may wait, in milliseconds.
 */
export function nextSlice(
  { name, args }: Pick<Request<unknown>, "name" | "args">,
  waited: number,
  longest: number,
): BlockingSlice {
  const { place, unit } = limitOf(name, args);
  const limit = readLimit(args[place]) * unit;
  // The server refuses what is not a number, at once.
  if (Number.isNaN(limit)) return { args, wait: 0, isLast: true };
  const rest = limit - waited;
  const wait = Math.max(1, Math.round(longest / unit)) * unit;
  if (startsNow(name, args) || !(wait < rest)) {
    return { args: waited === 0 ? args : args.with(place, String(rest / unit)), wait: rest, isLast: true };
  }
  return { args: args.with(place, String(wait / unit)), wait, isLast: false };
}

function limitOf(name: string, args: readonly Bytes[]): Limit {
  if (name === "BLMPOP" || name === "BZMPOP") return { place: 0, unit: 1_000 };
  if (name !== "XREAD" && name !== "XREADGROUP") return { place: args.length - 1, unit: 1_000 };
  return { place: args.findIndex((arg) => String(arg).toUpperCase() === "BLOCK") + 1, unit: 1 };
}

// 0 is for ever.
function readLimit(arg: Bytes | undefined): number {
  const text = String(arg);
  if (!/^\d+(\.\d*)?$/.test(text)) return Number.NaN;
  return Number(text) === 0 ? Infinity : Number(text);
}

function startsNow(name: string, args: readonly Bytes[]): boolean {
  return name === "XREAD" && args.some((arg) => String(arg) === "$");
}
