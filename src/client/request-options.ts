import type { HeadersLike } from "../http/index.ts";
import type { ClientTimeout } from "./client-timeout.ts";

/** A value of a query or a form. */
export type FieldValue = string | number | boolean;

/** The fields of a query or a form. A field with a list stands there once for each; `undefined` leaves it out. */
export type Fields =
  | URLSearchParams
  | Readonly<Record<string, FieldValue | readonly FieldValue[] | undefined>>
  | readonly (readonly [name: string, value: FieldValue])[];

/** How one request is made. What is not given is as the session has it. */
export interface RequestOptions {
  /** Added to the query of the URL. */
  readonly params?: Fields;
  /** Headers, in place of the session's that have the same name. */
  readonly headers?: HeadersLike;
  /** A body that is sent as JSON. */
  readonly json?: unknown;
  /** A body that is sent as an HTML form would be: `application/x-www-form-urlencoded`. */
  readonly form?: Fields;
  /**
   * A body as it is: text, bytes, or pieces that are made while it is sent, no faster than the server takes them. A
   * body in pieces is sent once: it follows no redirect that would send it again.
   */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array | string>;
  /** Time limits, in milliseconds; a number alone is the total. */
  readonly timeout?: number | ClientTimeout;
  /** How many redirects are followed. 0 follows none: the redirect is the response. */
  readonly maxRedirects?: number;
  /** Whether a status of 400 or more is thrown as a `ClientResponseError`. */
  readonly raiseForStatus?: boolean;
  /** How many bytes a body may have once it is decoded. `Infinity` sets no limit. */
  readonly maxBodySize?: number;
}

/** @internal Adds fields to a query. */
export function appendFields(query: URLSearchParams, fields: Fields): void {
  const pairs = Symbol.iterator in fields ? fields : Object.entries(fields);
  for (const [name, value] of pairs as Iterable<[string, FieldValue | readonly FieldValue[] | undefined]>) {
    for (const one of [value].flat()) if (one !== undefined) query.append(name, String(one));
  }
}
