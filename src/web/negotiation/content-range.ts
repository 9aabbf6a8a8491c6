import { outOfRange } from "../../base/refusal.ts";

/**
 * The part of a body that a 206 response has.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.4
 */
export interface ContentRange {
  /** The unit: `bytes`. */
  readonly unit: string;
  /** The first byte, counted from 0; `undefined` in a 416, which has none. */
  readonly start: number | undefined;
  /** The last byte, included. */
  readonly end: number | undefined;
  /** The size of the whole in bytes; `undefined` if it is not known. */
  readonly size: number | undefined;
}

const syntax = /^(?<unit>[!#$%&'*+\-.^_`|~\w]+) (?:(?<start>\d{1,15})-(?<end>\d{1,15})|\*)\/(?:(?<size>\d{1,15})|\*)$/;

/** Reads a `Content-Range` header; `undefined` if it is none. */
export function parseContentRange(header: string | undefined): ContentRange | undefined {
  const groups = syntax.exec(header?.trim() ?? "")?.groups;
  if (groups === undefined) return undefined;
  const [start, end, size] = [groups["start"], groups["end"], groups["size"]].map(toNumber);
  const range = { unit: groups["unit"] ?? "bytes", start, end, size };
  return isConsistent(range) ? range : undefined;
}

/**
 * Writes a `Content-Range` header.
 *
 * @throws {RangeError} If the part is not one of such a body.
 */
export function formatContentRange(range: ContentRange): string {
  const { unit, start, end, size } = range;
  const text = `${unit} ${start === undefined ? "*" : `${start}-${end}`}/${size ?? "*"}`;
  if (isConsistent(range) && syntax.test(text)) return text;
  throw outOfRange("set 'Content-Range'", "it must be a part of the body", text);
}

function isConsistent({ start, end, size }: ContentRange): boolean {
  if (start === undefined || end === undefined) return start === end && size !== undefined;
  return start <= end && (size === undefined || end < size);
}

function toNumber(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}
