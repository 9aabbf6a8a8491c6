import type { Figures } from "../../asyncio/index.ts";
import { formatCount } from "./describe.ts";
import { printable } from "../printable.ts";

/** The counts of a pool or client, in a form that is common to all of them. */
export interface FigureWords {
  readonly name: string;
  /** How many are in use, if the source counts that. */
  readonly inUse: number | undefined;
  /** The maximum number, if there is one. */
  readonly capacity: number | undefined;
  /** How many callers wait. */
  readonly waiting: number;
  /** `3 of 10 in use`, `2 idle`, `4 waiting`. */
  readonly parts: readonly string[];
}

const labels: Readonly<Record<string, string>> = { value: "free" };
const plurals = new Set(["connections", "subscriptions", "requests", "commands", "sessions", "tasks", "items"]);
// These counts are shown as part of another count, or not shown while they are zero.
const told = new Set(["inUse", "borrowed", "max", "total", "limit", "waiting"]);

/** Describes the counts of a pool or client in words: `3 of 10 in use`, `2 idle`, `0 waiting`. */
export function wordFigures({ name, counts }: Figures): FigureWords {
  const inUse = usedIn(counts);
  const capacity = counts["max"] ?? counts["total"] ?? counts["limit"];
  const isSplit = inUse !== undefined && counts["idle"] !== undefined;
  const others = Object.entries(counts).filter(
    ([key, count]) => !told.has(key) && !(isSplit && (key === "size" || key === "open")) && isTelling(key, count),
  );
  const waiting = counts["waiting"] ?? 0;
  return {
    name: printable(name),
    inUse,
    capacity,
    waiting,
    parts: [
      ...(inUse === undefined
        ? []
        : [`${formatCount(inUse)}${capacity === undefined ? "" : ` of ${formatCount(capacity)}`} in use`]),
      ...others.map(([key, count]) => `${formatCount(count)} ${wordsOf(key, count)}`),
      ...(counts["waiting"] === undefined ? [] : [`${formatCount(waiting)} waiting`]),
    ],
  };
}

/** `postgres 127.0.0.1/shop: 3 of 10 in use, 2 idle, 0 waiting`. */
export function describeFigures(figures: Figures): string {
  const { name, parts } = wordFigures(figures);
  return `${name}: ${parts.join(", ")}`;
}

function usedIn({ inUse, borrowed, size, idle }: Figures["counts"]): number | undefined {
  return inUse ?? borrowed ?? (size === undefined || idle === undefined ? undefined : size - idle);
}

function isTelling(key: string, count: number): boolean {
  return count !== 0 || key === "idle" || key === "value" || key === "connections";
}

// Converts a property name to words: `bytesSent` becomes "bytes sent".
function wordsOf(key: string, count: number): string {
  if (count === 1 && plurals.has(key)) return key.slice(0, -1);
  return labels[key] ?? printable(key.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase());
}
