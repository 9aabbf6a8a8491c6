// Counts of the resources that a program holds, such as connections in use, idle connections, and waiting callers.
// Pools and clients publish theirs when they open, and inspectors read them on demand. Nothing is counted before that.
// A source is held weakly, so that a pool to which no reference is left can be garbage-collected.

import { wrongType } from "../../../base/refusal.ts";
import { ambient } from "./ambient.ts";

/** An object with `statistics()`, such as a pool, a client, a semaphore or a queue. */
export interface FiguresSource {
  /** Current counts; values that are not finite numbers are not shown. */
  statistics(): object;
}

/** The figures of one published source at one moment. */
export interface Figures {
  /** The name under which the source was published. */
  readonly name: string;
  /** The finite numbers in the source's statistics, with the names that they have there: `inUse`, `idle`, `waiting`. */
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
 * Publishes the `statistics()` of a pool, a client or any other object, so that inspectors show them: the live view has
 * a line for each source. The drivers and `ClientSession` do this themselves. The source is held weakly: it is shown as
 * long as a reference to it, or to the returned function, is kept.
 *
 * @param name - The name to show, such as `postgres 127.0.0.1/shop`.
 * @returns A function that withdraws the source; calling it again does nothing.
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
 * The figures of all published sources, in the order of publication. A source is left out if its `statistics()` throws,
 * for example because it is not open.
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
