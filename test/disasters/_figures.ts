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

/** What has grown beyond the tolerance from the first fifth of the points to the last, as sentences. */
export function findGrowth(points: readonly Figures[]): string[] {
  const fifth = Math.max(1, Math.floor(points.length / 5));
  const [first, last] = [points.slice(0, fifth), points.slice(-fifth)];
  const growth = (of: (figures: Figures) => number): number => Math.round(mean(last.map(of)) - mean(first.map(of)));
  const grown = {
    heapUsed: growth(({ heapUsed }) => heapUsed),
    handles: growth(handlesOf),
    descriptors: growth(({ descriptors }) => descriptors),
  };
  return Object.entries(tolerance)
    .filter(([name, most]) => grown[name as keyof typeof grown] > most)
    .map(([name, most]) => `${name} grew by ${grown[name as keyof typeof grown]}: more than ${most}`);
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
