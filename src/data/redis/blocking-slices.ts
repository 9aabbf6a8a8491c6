// A command that blocks on the server without a time limit is sent in slices. Each slice waits for as long as a
// connection may be silent; then the next one follows. So a connection that falls silent during the wait is detected.
// Nothing is lost, because a slice that ends without a value has taken none.
//
// The exception is XREAD from "$", which means "entries that are added from now on": an entry that is added between two
// slices would be missed. So this command is sent unchanged, and its connection is not watched.

import type { Request } from "./request.ts";

type Bytes = string | Buffer;

/** @internal A part of a blocking command's wait. */
export interface BlockingSlice {
  /** The arguments to send. */
  readonly args: readonly Bytes[];
  /** How long the server waits, in milliseconds; `Infinity` for no limit. */
  readonly wait: number;
  /** Whether the command has ended after this slice, with or without a value. */
  readonly isLast: boolean;
}

/** The index of the argument with a command's time limit, and the unit of the limit, in milliseconds. */
interface Limit {
  readonly place: number;
  readonly unit: number;
}

/**
 * @internal Makes the next slice of a command.
 *
 * @param waited - How long the previous slices have waited, in milliseconds.
 * @param longest - The maximum duration of a slice, in milliseconds.
 */
export function nextSlice(
  { name, args }: Pick<Request<unknown>, "name" | "args">,
  waited: number,
  longest: number,
): BlockingSlice {
  const { place, unit } = limitOf(name, args);
  const limit = readLimit(args[place]) * unit;
  // The server refuses an invalid limit at once, so the command is sent unchanged.
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

// Reads a time limit; 0 means no limit.
function readLimit(arg: Bytes | undefined): number {
  const text = String(arg);
  if (!/^\d+(\.\d*)?$/.test(text)) return Number.NaN;
  return Number(text) === 0 ? Infinity : Number(text);
}

function startsNow(name: string, args: readonly Bytes[]): boolean {
  return name === "XREAD" && args.some((arg) => String(arg) === "$");
}
