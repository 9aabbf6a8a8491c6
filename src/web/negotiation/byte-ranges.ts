/** The largest number of ranges that are answered one by one. A request for more of them is answered with the whole. */
export const maxRanges = 16;

/** A range as a client asks for it. */
export interface RequestedRange {
  /** The first byte, counted from 0; `undefined` if it is the last `end` bytes. */
  readonly start: number | undefined;
  /** The last byte, included; `undefined` if it goes to the end. */
  readonly end: number | undefined;
}

/** A part of a body. */
export interface BytePart {
  /** Its beginning in bytes. */
  readonly start: number;
  /** Its length in bytes. */
  readonly length: number;
}

/**
 * The parts of a body that a client asks for by a `Range` header: `request.range`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.2
 */
export class RequestRange {
  /** The unit in lower case: `bytes`. */
  readonly unit: string;
  /** The ranges, in the client's order. */
  readonly ranges: readonly RequestedRange[];

  /** @internal Made by {@link parseRange}. */
  constructor(unit: string, ranges: readonly RequestedRange[]) {
    this.unit = unit;
    this.ranges = ranges;
  }

  /**
   * The parts of a body of `size` bytes, in ascending order. Ranges that overlap or touch are one part.
   *
   * @returns `undefined` if the whole is to be sent: the unit is not bytes, there are more than 16 ranges, or they make up the
   *   whole; an empty list if the body has no such part.
   */
  select(size: number): readonly BytePart[] | undefined {
    if (this.unit !== "bytes" || this.ranges.length > maxRanges) return undefined;
    // There is no Content-Range for a part of nothing.
    if (size === 0 && this.ranges.some(({ start, end }) => start === undefined && end !== 0)) return undefined;
    const parts = merge(this.ranges.flatMap((range) => resolve(range, size) ?? []));
    if (this.ranges.length > 1 && parts.length === 1 && parts[0]?.length === size) return undefined;
    return parts;
  }
}

const digits = /^\d*$/;

/**
 * Reads a `Range` header. A header that is malformed is ignored, as the RFC demands.
 *
 * @returns `undefined` if there is none, or it is malformed.
 */
export function parseRange(header: string | undefined): RequestRange | undefined {
  const mark = header?.indexOf("=") ?? -1;
  if (header === undefined || mark <= 0) return undefined;
  const unit = header.slice(0, mark).trim().toLowerCase();
  const ranges: RequestedRange[] = [];
  for (const text of header.slice(mark + 1).split(",")) {
    const trimmed = text.trim();
    if (trimmed === "") continue;
    const range = parseOne(trimmed);
    if (range === undefined) return undefined;
    ranges.push(range);
  }
  return ranges.length === 0 ? undefined : new RequestRange(unit, ranges);
}

function parseOne(text: string): RequestedRange | undefined {
  const mark = text.indexOf("-");
  const [first, last] = [text.slice(0, mark), text.slice(mark + 1)];
  if (mark < 0 || !digits.test(first) || !digits.test(last) || first + last === "") return undefined;
  const [start, end] = [first === "" ? undefined : Number(first), last === "" ? undefined : Number(last)];
  return start !== undefined && end !== undefined && end < start ? undefined : { start, end };
}

function resolve({ start, end }: RequestedRange, size: number): BytePart | undefined {
  if (start !== undefined)
    return start < size ? { start, length: Math.min((end ?? size) + 1, size) - start } : undefined;
  const length = Math.min(end ?? 0, size);
  return length === 0 ? undefined : { start: size - length, length };
}

function merge(parts: readonly BytePart[]): readonly BytePart[] {
  const merged: BytePart[] = [];
  for (const part of parts.toSorted((one, other) => one.start - other.start)) {
    const last = merged.at(-1);
    if (last === undefined || part.start > last.start + last.length) merged.push(part);
    else {
      const end = Math.max(last.start + last.length, part.start + part.length);
      merged[merged.length - 1] = { start: last.start, length: end - last.start };
    }
  }
  return merged;
}
