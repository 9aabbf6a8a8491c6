import { cannot } from "../../base/refusal.ts";
import { parametersOf, type PathParameter, type PathPattern } from "./path-pattern.ts";

/**
 * A value for `urlFor`: for a parameter of the path, or for the query, where a list gives one entry per item. Other objects
 * are for parameters of an application's own converters.
 */
export type UrlValue = string | number | bigint | boolean | null | undefined | object;

/** Options of `urlFor`, which stand among its values, in Flask's spelling. */
export interface UrlOptions {
  /**
   * The part of the page: the text after `#`.
   * @default none
   */
  readonly _anchor?: string | undefined;
  /**
   * Whether the URL has scheme and host.
   * @default true if `_scheme` is given, or the route is for another host than that of the request
   */
  readonly _external?: boolean | undefined;
  /**
   * The scheme of an external URL.
   * @default that of the request, or `preferredUrlScheme` of the application
   */
  readonly _scheme?: string | undefined;
  /**
   * A method that the route must answer.
   * @default any
   */
  readonly _method?: string | undefined;
}

/** The values for `urlFor` by their names, and its options. */
export type UrlValues = Readonly<Record<string, UrlValue>> & UrlOptions;

/** Values by their names. */
export type NamedValues = Readonly<Record<string, unknown>>;

/** No URL can be built from the name and values that were given. */
export class BuildError extends Error {
  override readonly name = "BuildError";
}

/** Whether each parameter of the pattern has a value. */
export function canBuild(pattern: PathPattern, values: NamedValues): boolean {
  return parametersOf(pattern).every(({ name }) => hasValue(values, name));
}

/**
 * Builds the URL, path and query, that leads back to a pattern with these values: what the router makes of it are the
 * values again. Values that are not parameters become the query; `null` and `undefined` are left out of it.
 *
 * @param others The names of values that are in the host or in the defaults of the route.
 * @throws {BuildError} If a parameter has no value, or one that the router would not give back.
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-3.3
 */
export function buildPath(pattern: PathPattern, values: NamedValues, others: ReadonlySet<string> = none): string {
  const path = encodePath(pattern.map((piece) => formatPiece(piece, values)).join(""));
  const inPath = new Set(parametersOf(pattern).map(({ name }) => name)).union(others);
  const query = encodeQuery(Object.fromEntries(Object.entries(values).filter(([name]) => !inPath.has(name))));
  return query === "" ? path : `${path}?${query}`;
}

/** The decoded path of a pattern with these values; `undefined` if there is none. */
export function formatPath(pattern: PathPattern, values: NamedValues): string | undefined {
  const pieces = pattern.map((piece) => (typeof piece === "string" ? piece : textOf(piece, values)));
  return pieces.every((piece) => piece !== undefined) ? pieces.join("") : undefined;
}

/**
 * The text of a static piece, or of a parameter with its value.
 *
 * @throws {BuildError} As {@link buildPath} does.
 */
export function formatPiece(piece: string | PathParameter, values: NamedValues): string {
  if (typeof piece === "string") return piece;
  const text = textOf(piece, values);
  if (text !== undefined) return text;
  const value = hasValue(values, piece.name) ? values[piece.name] : undefined;
  throw new BuildError(cannot("build a URL", `'${piece.name}' must be a value for '<${piece.literal}>'`, value));
}

/** Percent-encodes a path: all but what RFC 3986 lets stand in a path as it is, and Werkzeug too: `!$&'()*+,/:;=@`. */
export function encodePath(text: string): string {
  if (/^[\w/.~-]*$/.test(text)) return text;
  return encodeURIComponent(text.toWellFormed()).replace(/%(?:2F|3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent);
}

/**
 * Encodes a query. `null` and `undefined` are left out of it; a list gives one entry for each item.
 *
 * @throws {BuildError} If a value is another object.
 */
export function encodeQuery(values: NamedValues): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (one !== null && one !== undefined) query.append(name, toText(name, one));
    }
  }
  return query.toString();
}

/** Whether there is a value of this name. */
export function hasValue(values: NamedValues, name: string): boolean {
  return Object.hasOwn(values, name) && values[name] !== undefined && values[name] !== null;
}

const none: ReadonlySet<string> = new Set();

function toText(name: string, value: unknown): string {
  if (typeof value === "string" || typeof value === "boolean") return String(value);
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  throw new BuildError(
    cannot("build a URL", `'${name}' of the query must be a text, a number, or a list of them`, value),
  );
}

/** The text of a parameter, if the router gives the value back for it. */
function textOf({ name, converter }: PathParameter, values: NamedValues): string | undefined {
  const text = hasValue(values, name) ? converter.format(values[name]) : undefined;
  if (text === undefined || !text.isWellFormed()) return undefined;
  if (!converter.spansSlashes && text.includes("/")) return undefined;
  return new RegExp(`^(?:${converter.pattern})$`, "su").test(text) ? text : undefined;
}
