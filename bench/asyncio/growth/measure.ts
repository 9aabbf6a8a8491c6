import { execFile } from "node:child_process";
import { join } from "node:path";
import { environment } from "../measure.ts";

/** The time of one case with one count: CPU time in milliseconds, or why there is none. */
export interface Point {
  readonly count: number;
  /** CPU time in milliseconds; NaN if the case did not come to its end. */
  readonly ms: number;
  /** Why the case did not come to its end. */
  readonly problem?: string;
}

/** The times of one case. */
export interface Growth {
  /** The case, in words. */
  readonly title: string;
  /** One for each count, up to the first that did not come to its end. */
  readonly points: readonly Point[];
  /** The power of the count by which the time grows; NaN if fewer than two counts were measured. */
  readonly exponent: number;
}

const worker = join(import.meta.dirname, "worker.ts");

/**
 * Measures a case with each of the counts, each in a process of its own, which is ended after `limit` milliseconds.
 *
 * @param flags - What is passed to Node.
 */
export async function measureGrowth(
  title: string,
  counts: readonly number[],
  limit: number,
  flags: readonly string[] = [],
): Promise<Growth> {
  const points: Point[] = [];
  for (const count of counts) {
    const point = await measurePoint([...flags, "--expose-gc", worker, title, String(count)], count, limit);
    points.push(point);
    if (point.problem !== undefined) break;
  }
  return { title, points, exponent: exponentOf(points) };
}

/** The slope of the times over the counts, both as logarithms: by least squares, of the points that have a time. */
export function exponentOf(points: readonly Point[]): number {
  const measured = points.filter(({ ms }) => ms > 0);
  const xs = measured.map(({ count }) => Math.log(count));
  const ys = measured.map(({ ms }) => Math.log(ms));
  const [x, y] = [meanOf(xs), meanOf(ys)];
  const covariance = xs.reduce((sum, each, index) => sum + (each - x) * (ys[index]! - y), 0);
  return covariance / xs.reduce((sum, each) => sum + (each - x) ** 2, 0);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function measurePoint(args: readonly string[], count: number, limit: number): Promise<Point> {
  const options = { timeout: limit, killSignal: "SIGKILL", env: environment(), maxBuffer: 2 ** 28 } as const;
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (error?.killed === true) resolve({ count, ms: NaN, problem: `> ${limit / 1_000} s` });
      else if (error !== null) resolve({ count, ms: NaN, problem: reasonIn(stderr) });
      else resolve({ count, ms: (JSON.parse(stdout) as { readonly cpu: number }).cpu / 1_000 });
    });
  });
}

// The first line that names an error.
function reasonIn(stderr: string): string {
  return (
    /^\s*(?:Uncaught )?((?:\w*Error|FATAL ERROR|Warning: Detected unsettled)[^\n]*)/m.exec(stderr)?.[1]?.slice(0, 80) ??
    "ended"
  );
}
