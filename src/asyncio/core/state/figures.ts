// Figures of what a program holds: connections in use, idle and waited for. Pools and clients publish theirs when they
// open; inspectors read them when they look. Nothing is counted until then, and a source is held weakly, so that a pool
// that was forgotten can still be collected.

import { wrongType } from "../../../base/refusal.ts";
import { ambient } from "./ambient.ts";

/** Something with `statistics()`, such as a pool, a client, a semaphore or a queue. */
export interface FiguresSource {
  /** Current counts; those that are not finite numbers are not shown. */
  statistics(): object;
}

/** The figures of one published source at one moment. */
export interface Figures {
  /** The name under which the source was published. */
  readonly name: string;
  /** The finite numbers among its statistics, by their names there: `inUse`, `idle`, `waiting`. */
  readonly counts: Readonly<Record<string, number>>;
}

interface Publication {
  readonly name: string;
  readonly source: WeakRef<FiguresSource>;
}

const publications = ambient("figures", () => new Set<Publication>());
const collected = ambient(
  "figures.collected",
  () => new FinalizationRegistry<Publication>((publication) => publications.delete(publication)),
);

/**
 * Shows the `statistics()` of a pool, client or anything else that counts to inspectors: the live view has a line for
 * each. The drivers and `ClientSession` publish theirs themselves. The source is held weakly: it is shown as
 * long as it, or the returned function, is kept.
 *
 * @param name - The name to show, such as `postgres 127.0.0.1/shop`.
 * @returns A function that withdraws it; calling it again does nothing.
 * @throws {TypeError} If `name` is not a string or `source` has no `statistics()`.
 * @example
 * const reports = new Semaphore(2);
 * const withdraw = publishFigures("reports", reports);
 * console.log(readFigures()); // [ { name: 'reports', counts: { value: 2, waiting: 0 } } ]
 * withdraw();
 */
export function publishFigures(name: string, source: FiguresSource): () => void {
  if (typeof name !== "string") {
    throw wrongType("publish figures", "'name' must be a string", name);
  }
  if (typeof source?.statistics !== "function") {
    throw wrongType("publish figures", "'source' must have statistics()", source);
  }
  const publication = { name, source: new WeakRef(source) };
  publications.add(publication);
  collected.register(source, publication, publication);
  let kept: FiguresSource | undefined = source;
  return () => {
    if (kept === undefined) return;
    kept = undefined;
    publications.delete(publication);
    collected.unregister(publication);
  };
}

/**
 * The figures of everything published, in the order of publication. A source whose `statistics()` throws, as one may
 * that is not open, is left out.
 *
 * @example
 * console.log(readFigures()); // []
 * @see publishFigures
 */
export function readFigures(): Figures[] {
  const figures: Figures[] = [];
  for (const { name, source } of publications) {
    const counts = read(source.deref());
    if (counts !== undefined) figures.push({ name, counts });
  }
  return figures;
}

function read(source: FiguresSource | undefined): Record<string, number> | undefined {
  try {
    const entries = Object.entries(source?.statistics() ?? {}).filter(([, count]) => Number.isFinite(count));
    return source === undefined ? undefined : Object.fromEntries(entries);
  } catch {
    return undefined;
  }
}
