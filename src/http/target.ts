/** The parts of a request target. Neither is decoded. */
export interface TargetParts {
  /** The path, beginning with `/`; or `*`, as in `OPTIONS *`. */
  readonly path: string;
  /** What follows the first `?`, without it; empty if there is none. */
  readonly query: string;
}

/**
 * Splits a request target into path and query. Of the absolute form, which proxies are sent, scheme and host are
 * left out; a fragment, which has no place in a target, is left where it is.
 *
 * @example
 * splitTarget("/search?q=pottle"); // { path: "/search", query: "q=pottle" }
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-3.2
 */
export function splitTarget(target: string): TargetParts {
  const origin = target.startsWith("/") || target === "*" ? target : withoutAuthority(target);
  const mark = origin.indexOf("?");
  if (mark < 0) return { path: origin, query: "" };
  return { path: origin.slice(0, mark), query: origin.slice(mark + 1) };
}

function withoutAuthority(target: string): string {
  const rest = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, "");
  return rest.startsWith("/") ? rest : `/${rest}`;
}
