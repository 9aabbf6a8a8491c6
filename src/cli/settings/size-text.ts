// Sizes as people write them: `2MB`, `64kB`, `1MiB`, or a bare number of bytes. Capital and small letters are the same:
// there are neither thousandths of a byte nor bits here.

// The decimal unit comes before the binary one: 512,000 bytes are printed as 512kB, not as 500KiB.
const units: Readonly<Record<string, number>> = {
  GB: 1e9,
  GiB: 2 ** 30,
  MB: 1e6,
  MiB: 2 ** 20,
  kB: 1e3,
  KiB: 2 ** 10,
  B: 1,
};

/**
 * The number of bytes that a text names; `undefined` if it names none, or not a whole number. `infinity` is `Infinity`.
 */
export function parseSize(text: string): number | undefined {
  if (text === "infinity") return Infinity;
  const [, number, unit = "b"] = /^(\d+(?:\.\d+)?)((?:[kmg]i?)?b)?$/.exec(text.toLowerCase()) ?? [];
  if (number === undefined) return undefined;
  const [, size] = Object.entries(units).find(([name]) => name.toLowerCase() === unit)!;
  const bytes = Number(number) * size;
  // 1.1 MB are 1,100,000 bytes, not 1100000.0000000001.
  const isWhole = Math.abs(bytes - Math.round(bytes)) < 1e-6 && bytes <= Number.MAX_SAFE_INTEGER;
  return isWhole ? Math.round(bytes) : undefined;
}

/** A number of bytes as text, in the first unit of which it is a whole number. */
export function formatSize(bytes: number): string {
  if (bytes === Infinity) return "infinity";
  const [unit] = Object.entries(units).find(([, size]) => bytes >= size && bytes % size === 0) ?? ["B"];
  return `${bytes / units[unit]!}${unit}`;
}
