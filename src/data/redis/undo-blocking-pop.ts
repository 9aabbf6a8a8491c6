import type { Request } from "./request.ts";

type Command = Pick<Request<unknown>, "name" | "args" | "binary">;
type Bytes = string | Buffer;

/**
 * @internal The command that puts the value which a blocking command took back to the end that it was taken from.
 * `undefined` if the command did not remove a value: a moved value is in the other list, and an entry read from a
 * stream is still there.
 */
export function undoBlockingPop({ name, args }: Command, reply: unknown): Command | undefined {
  if (!Array.isArray(reply)) return undefined;
  const [key, taken, score] = reply as [Bytes, unknown, Bytes];
  if (name === "BLPOP") return push("LPUSH", key, [taken as Bytes]);
  if (name === "BRPOP") return push("RPUSH", key, [taken as Bytes]);
  if (name === "BZPOPMIN" || name === "BZPOPMAX") return add(key, [[taken as Bytes, score]]);
  if (name === "BZMPOP") return add(key, taken as [Bytes, Bytes][]);
  if (name === "BLMPOP") return push(isFromLeft(args) ? "LPUSH" : "RPUSH", key, (taken as Bytes[]).toReversed());
  return undefined;
}

function push(name: string, key: Bytes, values: readonly Bytes[]): Command {
  return { name, args: [key, ...values], binary: false };
}

// With NX, so that a member that was added again meanwhile keeps its new score.
function add(key: Bytes, scored: readonly (readonly [Bytes, Bytes])[]): Command {
  return { name: "ZADD", args: [key, "NX", ...scored.flatMap(([member, score]) => [score, member])], binary: false };
}

// BLMPOP timeout numkeys key … LEFT|RIGHT
function isFromLeft(args: readonly Bytes[]): boolean {
  return String(args[2 + Number(args[1])]).toUpperCase() === "LEFT";
}
