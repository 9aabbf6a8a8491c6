/** The bytes that end a piece of a stream; text is encoded as UTF-8. */
export type Separator = string | Uint8Array;

/** @internal The position of a separator. */
export interface Match {
  /** How many bytes come before the separator. */
  readonly start: number;
  /** How many bytes come before the end of the separator. */
  readonly end: number;
}

/** @internal A search that continues as bytes arrive, without searching any byte twice. */
export class SeparatorSearch {
  readonly #separators: readonly Buffer[];
  readonly #longest: number;
  /** How many bytes, from the start, cannot contain the beginning of a separator. */
  passed = 0;

  /** @throws {RangeError} If no separator is given, or an empty one. */
  constructor(separators: readonly Separator[]) {
    this.#separators = separators.map((separator) => Buffer.from(separator as Uint8Array));
    if (separators.length === 0 || this.#separators.some((separator) => separator.length === 0)) {
      throw new RangeError("Cannot read up to a separator as it must have at least one byte: current value is empty");
    }
    this.#longest = Math.max(...this.#separators.map((separator) => separator.length));
  }

  /** The separator that ends first in `bytes`; if several end together, the one that begins first. */
  find(bytes: Buffer): Match | undefined {
    let found: Match | undefined;
    for (const separator of this.#separators) {
      const start = bytes.indexOf(separator, this.passed);
      if (start !== -1) found = earlier(found, { start, end: start + separator.length });
    }
    if (found === undefined) this.passed = Math.max(0, bytes.length + 1 - this.#longest);
    return found;
  }
}

function earlier(one: Match | undefined, other: Match): Match {
  if (one === undefined || other.end < one.end) return other;
  return other.end === one.end && other.start < one.start ? other : one;
}

/** @internal One separator or several, as a list. */
export function toSeparators(separator: Separator | readonly Separator[]): readonly Separator[] {
  return typeof separator === "string" || separator instanceof Uint8Array ? [separator] : separator;
}
