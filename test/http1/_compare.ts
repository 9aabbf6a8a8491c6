import { isDeepStrictEqual } from "node:util";
import type { OurReading } from "./_our-reading.ts";
import type { Message, Reading } from "./_reading.ts";

/** The first thing that two parsers read differently. */
export interface Disagreement {
  /**
   * stricter: we refuse what Node's parser takes, or waits to take, or refuses later. laxer: the other way round. other:
   * both take it, and not for the same.
   */
  readonly kind: "stricter" | "laxer" | "other";
  /** Why the stricter one refuses, or what differs. */
  readonly detail: string;
  /** The request that it is about and all that follows, as Latin-1. */
  readonly rest: string;
  /** Whether our parser waited for more when the connection ended. */
  readonly isHalf: boolean;
}

type Finding = Pick<Disagreement, "kind" | "detail">;

/** Finds the first disagreement; `undefined` if there is none. */
export function compare(text: string, ours: OurReading, nodes: Reading): Disagreement | undefined {
  for (let at = 0; ; at++) {
    const [a, b] = [ours.messages[at], nodes.messages[at]];
    const finding =
      a === undefined || b === undefined ? compareEnds(ours, nodes, a, b) : compareBoth(ours, nodes, a, b);
    if (finding !== undefined)
      return { ...finding, rest: text.slice(ours.starts[at]), isHalf: ours.outcome === "half" };
    if (a?.isComplete !== true || b?.isComplete !== true || asksForUpgrade(a)) return undefined;
  }
}

/** Compares a message of which both have told the head. */
function compareBoth(ours: OurReading, nodes: Reading, a: Message, b: Message): Finding | undefined {
  const keys: (keyof Message)[] = ["method", "target", "version", "headers"];
  if (a.isComplete && b.isComplete && !asksForUpgrade(a)) keys.push("body", "trailers");
  const detail = keys.find((key) => !isDeepStrictEqual(a[key], b[key]));
  if (detail !== undefined) return { kind: "other", detail };
  if (asksForUpgrade(a)) return undefined;
  if (a.isComplete && b.isComplete) return undefined;
  if (!a.body.startsWith(b.body) && !b.body.startsWith(a.body)) return { kind: "other", detail: "body" };
  if (a.isComplete) return { kind: "laxer", detail: reasonOf(nodes) };
  if (b.isComplete) return { kind: "stricter", detail: reasonOf(ours) };
  if (ours.outcome === nodes.outcome && a.body.length === b.body.length) return undefined;
  const isStricter = ours.outcome === "refused" && (nodes.outcome !== "refused" || a.body.length < b.body.length);
  return isStricter ? { kind: "stricter", detail: reasonOf(ours) } : { kind: "laxer", detail: reasonOf(nodes) };
}

/** Compares how the readings end, where one has told no more heads. */
function compareEnds(ours: OurReading, nodes: Reading, a?: Message, b?: Message): Finding | undefined {
  // We read nothing behind a request after which no connection is kept.
  if (a !== undefined) return { kind: "laxer", detail: reasonOf(nodes) };
  if (ours.outcome === "over") return undefined;
  if (b !== undefined) return { kind: "stricter", detail: reasonOf(ours) };
  if (ours.outcome === nodes.outcome) return undefined;
  if (ours.outcome === "refused") return { kind: "stricter", detail: reasonOf(ours) };
  return { kind: "laxer", detail: reasonOf(nodes) };
}

/** Whether Node's server drops what stands behind a head: it does that where an upgrade is asked for and none is given. */
function asksForUpgrade({ headers }: Message): boolean {
  const names = headers.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : ""));
  return (
    names.includes("upgrade") && names.some((name, at) => name === "connection" && /upgrade/i.test(headers[at + 1]!))
  );
}

function reasonOf({ outcome, reason }: Reading): string {
  return reason === "" ? outcome : reason;
}
