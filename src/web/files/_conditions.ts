// The conditions and ranges of a request for a file, as RFC 9110 has them in sections 13 and 14. @fastify/send evaluates
// them too, but compares weak tags in If-Match and If-Range, takes a date in If-Range as "not after", reads dates that are
// not HTTP dates, and answers a range of a HEAD request.

import type { HttpRequest } from "../message/http-request.ts";

/** The values by which a client compares a file. */
export interface Validators {
  /** The value of its `ETag`. */
  readonly tag: string;
  /** The value of its `Last-Modified`. */
  readonly modified: string;
}

/** A part of a file. */
export interface FileRange {
  /** Its beginning in bytes. */
  readonly start: number;
  /** Its length in bytes. */
  readonly length: number;
}

/**
 * Evaluates the conditions of a GET or HEAD request, in the order of the RFC; requests of other methods are not about the
 * file.
 *
 * @returns The status that the file is answered with.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
 */
export function evaluateConditions(request: HttpRequest, { tag, modified }: Validators): 200 | 304 | 412 {
  if (request.method !== "GET" && request.method !== "HEAD") return 200;
  const lastModified = parseHttpDate(modified);
  const match = valueOf(request, "if-match");
  if (match === undefined) {
    if (lastModified > parseHttpDate(valueOf(request, "if-unmodified-since"))) return 412;
  } else if (!isListed(match, (entry) => isSame(entry, tag))) return 412;
  const noneMatch = valueOf(request, "if-none-match");
  if (noneMatch !== undefined) return isListed(noneMatch, (entry) => opaque(entry) === opaque(tag)) ? 304 : 200;
  return lastModified <= parseHttpDate(valueOf(request, "if-modified-since")) ? 304 : 200;
}

/**
 * The part of a file that a GET request asks for; `undefined` for all of it. Of several ranges all of it is sent, as the
 * RFC allows.
 *
 * @returns `"none"` if the file has no such part.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.2
 */
export function selectRange(
  request: HttpRequest,
  validators: Validators,
  size: number,
): FileRange | "none" | undefined {
  const range = valueOf(request, "range");
  if (range === undefined || request.method !== "GET" || !isCurrent(valueOf(request, "if-range"), validators)) {
    return undefined;
  }
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/i.exec(range.trim()) ?? [];
  if (first === "") return last === "" ? undefined : selectEnd(Number(last), size);
  const [start, end] = [Number(first), last === "" ? Infinity : Number(last)];
  if (end < start) return undefined;
  return start < size ? { start, length: Math.min(end + 1, size) - start } : "none";
}

function selectEnd(length: number, size: number): FileRange | "none" | undefined {
  if (length === 0) return "none";
  // There is no Content-Range for a part of nothing.
  return size === 0 ? undefined : { start: Math.max(0, size - length), length: Math.min(length, size) };
}

/** Whether the part that the client has belongs to the file as it is now: byte by byte, so a weak tag does not do. */
function isCurrent(ifRange: string | undefined, { tag, modified }: Validators): boolean {
  if (ifRange === undefined) return true;
  return isSame(ifRange.trim(), tag) || parseHttpDate(ifRange) === parseHttpDate(modified);
}

/** Whether a list of tags is `*`, or has one that matches. There may be commas in a tag. */
function isListed(list: string, matches: (tag: string) => boolean): boolean {
  return list.trim() === "*" || (list.match(/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g) ?? []).some(matches);
}

/** Compares strongly. */
function isSame(one: string, other: string): boolean {
  return one === other && !one.startsWith("W/");
}

function opaque(tag: string): string {
  return tag.replace(/^W\//, "");
}

function valueOf({ headers }: HttpRequest, name: string): string | undefined {
  return headers.has(name) ? headers.getAll(name).join(", ") : undefined;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const time = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`;
const dateFormats: readonly RegExp[] = [
  new RegExp(String.raw`^[A-Z][a-z]{2}, (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) ${time} GMT$`),
  new RegExp(String.raw`^[A-Z][a-z]{5,8}, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) ${time} GMT$`),
  new RegExp(String.raw`^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) ${time} (?<year>\d{4})$`),
];

/**
 * Reads a date in one of the three formats of HTTP, in milliseconds. NaN if it is not one, which no comparison is true of.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */
export function parseHttpDate(text: string | undefined): number {
  const groups = dateFormats
    .map((format) => format.exec(text?.trim() ?? "")?.groups)
    .find((found) => found !== undefined);
  if (groups === undefined) return NaN;
  const [day, hour, minute, second] = [groups["day"], groups["hour"], groups["minute"], groups["second"]].map(Number);
  const date = Date.UTC(
    fullYear(groups["year"] ?? ""),
    months.indexOf(groups["month"] ?? ""),
    day,
    hour,
    minute,
    second,
  );
  // 31 February would be 3 March.
  return new Date(date).getUTCDate() === day ? date : NaN;
}

/** Two digits are a year at most fifty years ahead. */
function fullYear(digits: string): number {
  if (digits.length === 4) return Number(digits);
  const now = new Date().getUTCFullYear();
  const year = now - (now % 100) + Number(digits);
  return year > now + 50 ? year - 100 : year;
}
