import { cannot } from "../../base/refusal.ts";
import { parametersOf, type PathParameter, type PathPattern } from "./path-pattern.ts";

/** A value for `urlFor`: for a parameter of the path, or for the query, where a list gives one entry per item. */
export type UrlValue = string | number | boolean | null | undefined | readonly (string | number | boolean)[];

/** The values for `urlFor` by their names. */
export type UrlValues = Readonly<Record<string, UrlValue>>;

/** No URL can be built from the name and values that were given. */
export class BuildError extends Error {
  override readonly name = "BuildError";
}

/** Whether each parameter of the pattern has a value. */
export function canBuild(pattern: PathPattern, values: UrlValues): boolean {
  return parametersOf(pattern).every(({ name }) => hasValue(values, name));
}

/**
 * Builds the URL, path and query, that leads back to a pattern with these values: what the router makes of it are the
 * values again. Values that are not parameters become the query; `null` and `undefined` are left out of it.
 *
 * @throws {BuildError} If a parameter has no value, or one that the router would not give back.
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-3.3
 */
export function buildPath(pattern: PathPattern, values: UrlValues): string {
  const path = pattern.map((piece) => encodePath(typeof piece === "string" ? piece : formatValue(piece, values)));
  const inPath = new Set(parametersOf(pattern).map(({ name }) => name));
  const query = encodeQuery(Object.fromEntries(Object.entries(values).filter(([name]) => !inPath.has(name))));
  return query === "" ? path.join("") : `${path.join("")}?${query}`;
}

/** Percent-encodes a path: all but what RFC 3986 lets stand in a path as it is. */
export function encodePath(text: string): string {
  if (/^[\w/.~-]*$/.test(text)) return text;
  return encodeURIComponent(text.toWellFormed()).replace(/%(?:2F|3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent);
}

/** Encodes a query. `null` and `undefined` are left out of it; a list gives one entry for each item. */
export function encodeQuery(values: UrlValues): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  return query.toString();
}

function hasValue(values: UrlValues, name: string): boolean {
  return Object.hasOwn(values, name) && values[name] !== undefined && values[name] !== null;
}

function formatValue({ name, literal, converter }: PathParameter, values: UrlValues): string {
  const value = hasValue(values, name) ? values[name] : undefined;
  const text = converter.format(value);
  if (text !== undefined && text.isWellFormed() && new RegExp(`^(?:${converter.pattern})$`, "su").test(text))
    return text;
  throw new BuildError(cannot("build a URL", `'${name}' must be a value for '<${literal}>'`, value));
}
