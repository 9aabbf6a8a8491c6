import { cannot } from "../../base/refusal.ts";
import { argumentNames } from "./canonical-path.ts";
import { BuildError, buildPath, encodePath, formatPiece, type NamedValues } from "./build-path.ts";
import type { Route } from "./create-route.ts";
import { parametersOf } from "./path-pattern.ts";

/** The place from which a URL leads. */
export interface UrlBase {
  /** The path before all paths of the application. */
  readonly basePath: string;
  /** The scheme of external URLs. */
  readonly scheme: string;
  /** The host of the current request, with its port; `undefined` if there is none. */
  readonly requestHost: string | undefined;
  /**
   * The host of routes that have none, with its port.
   *
   * @throws If it is not known, or is not a host.
   */
  requireHost(): string;
}

/** The options of `urlFor`, checked. */
export interface CheckedUrlOptions {
  readonly anchor: string | undefined;
  readonly external: boolean | undefined;
  readonly scheme: string | undefined;
  readonly method: string | undefined;
}

/**
 * Takes the options out of the values.
 *
 * @throws {BuildError} If an option is not of its type.
 */
export function splitUrlOptions(all: NamedValues): [options: CheckedUrlOptions, values: Record<string, unknown>] {
  const { _anchor, _external: external, _scheme, _method, ...values } = all;
  if (external !== undefined && typeof external !== "boolean") {
    throw new BuildError(cannot("build a URL", "'_external' must be a boolean", external));
  }
  const [anchor, scheme, method] = [toText("_anchor", _anchor), toText("_scheme", _scheme), toText("_method", _method)];
  return [{ anchor, external, scheme, method }, values];
}

/**
 * Builds the URL of a route.
 *
 * @throws {BuildError} If a value is missing or not one that its parameter can have, or if the URL must have a host and none
 *   is known.
 */
export function buildUrl(
  route: Route<unknown>,
  values: NamedValues,
  options: CheckedUrlOptions,
  base: UrlBase,
): string {
  const own = new Set(parametersOf(route.pattern).map(({ name }) => name));
  const path = encodePath(base.basePath) + buildPath(route.pattern, values, argumentNames(route).difference(own));
  const relative = path + toFragment(options.anchor);
  const host = hostOf(route, values, base);
  return isExternal(options, host, base)
    ? `${toScheme(options, base)}://${host === undefined ? base.requireHost() : checkHost(host)}${relative}`
    : relative;
}

function toText(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw new BuildError(cannot("build a URL", `'${name}' must be a text`, value));
}

function isExternal({ external, scheme }: CheckedUrlOptions, host: string | undefined, base: UrlBase): boolean {
  if (external !== false) {
    return (
      external === true || scheme !== undefined || (host !== undefined && host !== base.requestHost?.toLowerCase())
    );
  }
  if (scheme === undefined) return false;
  throw new BuildError(cannot("build a URL", "one that is not '_external' has no '_scheme'", scheme));
}

/** The host of a route. The port of the request counts if the route names none. */
function hostOf({ host }: Route<unknown>, values: NamedValues, base: UrlBase): string | undefined {
  if (host === undefined) return undefined;
  const name = host.pattern
    .map((piece) => formatPiece(piece, values))
    .join("")
    .toLowerCase();
  const [port = ""] = /:\d+$/.exec(base.requestHost ?? "") ?? [];
  return /:\d+$/.test(name) ? name : name + port;
}

/** Whether a text is a host, with a port or without. */
export function isHost(text: string): boolean {
  return /^(?:[\w.~-]+|\[[\da-fA-F:.]+\])(?::\d+)?$/.test(text);
}

/** A value of a parameter must not lead the client to another server. */
function checkHost(host: string): string {
  if (isHost(host)) return host;
  throw new BuildError(cannot("build an external URL", "a host must be a name, and may have a port", host));
}

function toScheme(options: CheckedUrlOptions, base: UrlBase): string {
  const scheme = options.scheme ?? base.scheme;
  if (/^[a-z][a-z\d+.-]*$/i.test(scheme)) return scheme;
  throw new BuildError(cannot("build an external URL", "'_scheme' must be a scheme such as 'https'", scheme));
}

/** Percent-encodes a fragment: all but what RFC 3986 lets stand in it. */
function toFragment(anchor: string | undefined): string {
  if (anchor === undefined) return "";
  const text = anchor.toWellFormed();
  return `#${encodeURIComponent(text).replace(/%(?:2F|3F|3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent)}`;
}
