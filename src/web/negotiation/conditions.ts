// The conditions of a request, as RFC 9110 has them in section 13. @fastify/send evaluates them too, but compares weak tags
// in If-Match and If-Range, takes a date in If-Range as "not after", reads dates that are not HTTP dates, and answers a range
// of a HEAD request.

import type { RequestRange } from "./byte-ranges.ts";
import { type EntityTags, isEntityTag, isWeak } from "./entity-tags.ts";
import { toDate } from "./http-date.ts";

/** The values by which a client compares a version of a body. */
export interface Validators {
  /** The value of its `ETag`, in quotes; `undefined` if it has none. */
  readonly tag: string | undefined;
  /** The date of its `Last-Modified`; `undefined` if it has none. */
  readonly modified: Date | undefined;
}

/** The version that a client demands by an `If-Range` header: by its tag, or by its date. */
export interface IfRange {
  /** The tag, in quotes. */
  readonly tag: string | undefined;
  /** The date. */
  readonly date: Date | undefined;
}

/** A request with its conditions, as {@link HttpRequest} has them. */
export interface ConditionalRequest {
  readonly method: string;
  readonly ifMatch: EntityTags | undefined;
  readonly ifNoneMatch: EntityTags | undefined;
  readonly ifModifiedSince: Date | undefined;
  readonly ifUnmodifiedSince: Date | undefined;
  readonly ifRange: IfRange | undefined;
  readonly range: RequestRange | undefined;
}

/** Reads an `If-Range` header. */
export function parseIfRange(header: string): IfRange {
  const text = header.trim();
  return isEntityTag(text) ? { tag: text, date: undefined } : { tag: undefined, date: toDate(text) };
}

/**
 * Evaluates the conditions of a GET or HEAD request, in the order of the RFC; requests of other methods are not about the
 * body that is sent.
 *
 * @returns The status that the body is answered with.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
 */
export function evaluateConditions(request: ConditionalRequest, { tag, modified }: Validators): 200 | 304 | 412 {
  if (request.method !== "GET" && request.method !== "HEAD") return 200;
  const { ifMatch, ifNoneMatch } = request;
  if (ifMatch === undefined) {
    if (isAfter(modified, request.ifUnmodifiedSince)) return 412;
  } else if (!(tag === undefined ? ifMatch.isAny : ifMatch.contains(tag))) return 412;
  if (ifNoneMatch !== undefined) {
    return (tag === undefined ? ifNoneMatch.isAny : ifNoneMatch.containsWeak(tag)) ? 304 : 200;
  }
  const { ifModifiedSince } = request;
  return modified !== undefined && ifModifiedSince !== undefined && !isAfter(modified, ifModifiedSince) ? 304 : 200;
}

/** Whether a range may be sent: the part that the client has belongs to this version, byte by byte. */
export function isRangeCurrent(ifRange: IfRange | undefined, { tag, modified }: Validators): boolean {
  if (ifRange === undefined) return true;
  if (ifRange.tag !== undefined) return ifRange.tag === tag && !isWeak(ifRange.tag);
  return ifRange.date !== undefined && modified !== undefined && toSeconds(ifRange.date) === toSeconds(modified);
}

/** Whether a date is after another one; dates of HTTP have whole seconds. */
function isAfter(one: Date | undefined, other: Date | undefined): boolean {
  return one !== undefined && other !== undefined && toSeconds(one) > toSeconds(other);
}

function toSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
