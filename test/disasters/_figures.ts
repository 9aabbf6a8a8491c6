/** What a server holds, and whether that grows. */

/** What a server held at one moment, after its garbage was collected, while it had no client. */
export interface Figures {
  /** In bytes. */
  readonly heapUsed: number;
  /** In bytes. */
  readonly rss: number;
  /** What keeps the process going, by its kind. */
  readonly handles: Readonly<Record<string, number>>;
  readonly descriptors: number;
  /** The CPU time it has used so far, in milliseconds. */
  readonly cpu: number;
  readonly connections: number;
  readonly requests: number;
}

/** How much more may be held in the last fifth of a soak than in its first. */
export const tolerance = { heapUsed: 3_000_000, handles: 2, descriptors: 2 } as const;

/** How many handles there are of all kinds. */
export function handlesOf({ handles }: Figures): number {
  return Object.values(handles).reduce((sum, count) => sum + count, 0);
}

/** What is held to the tolerance. */
type Held = Readonly<Record<keyof typeof tolerance, number>>;

/** What was held on average at the first fifth of the points, and at the last. */
export function compareFifths(points: readonly Figures[]): { readonly first: Held; readonly last: Held } {
  const fifth = Math.max(1, Math.floor(points.length / 5));
  return { first: meanOf(points.slice(0, fifth)), last: meanOf(points.slice(-fifth)) };
}

/** What has grown beyond the tolerance from the first fifth of the points to the last, as sentences. */
export function findGrowth(points: readonly Figures[]): string[] {
  const { first, last } = compareFifths(points);
  const grown = (name: string): number => Math.round(last[name as keyof Held] - first[name as keyof Held]);
  return Object.entries(tolerance)
    .filter(([name, most]) => grown(name) > most)
    .map(([name, most]) => `${name} grew by ${grown(name)}: more than ${most}`);
}

/** The first fifth against the last, as lines. */
export function formatFifths(points: readonly Figures[]): string {
  const { first, last } = compareFifths(points);
  const line = ({ heapUsed, handles, descriptors }: Held): string =>
    `heap ${(heapUsed / 1e6).toFixed(3)} MB, ${handles} handles, ${descriptors} descriptors`;
  return `First fifth: ${line(first)}\nLast fifth:  ${line(last)}`;
}

function meanOf(points: readonly Figures[]): Held {
  return {
    heapUsed: mean(points.map(({ heapUsed }) => heapUsed)),
    handles: mean(points.map(handlesOf)),
    descriptors: mean(points.map(({ descriptors }) => descriptors)),
  };
}

/** One line of the table. */
export function formatFigures(requests: number, figures: Figures): string {
  const { heapUsed, rss, descriptors, handles } = figures;
  const kinds = Object.entries(handles).map(([kind, count]) => `${count} ${kind}`);
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;
  return (
    `${requests.toLocaleString("en").padStart(9)} requests  heap ${megabytes(heapUsed).padStart(8)}  ` +
    `rss ${megabytes(rss).padStart(9)}  ${descriptors} descriptors  ${handlesOf(figures)} handles (${kinds.join(", ")})`
  );
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
