// What the storm's threads do.

/** Computes for some milliseconds, then gives `value`. */
export default function compute(value: number, ms: number): number {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return value;
}

/** Computes for some milliseconds, then fails. */
export function fail(value: number, ms: number): never {
  throw new RangeError(`planned ${compute(value, ms)}`);
}

/** Waits for some milliseconds, then gives `value`. */
export async function wait(value: number, ms: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return value;
}
