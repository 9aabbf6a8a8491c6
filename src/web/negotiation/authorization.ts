import { parseParameters, splitQuoted } from "./split-quoted.ts";

/**
 * What a client says of itself by an `Authorization` header. Nothing of it is checked: compare secrets in constant time.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-11.6.2
 */
export interface Authorization {
  /** The scheme in lower case: `basic`, `digest`, `bearer`. */
  readonly type: string;
  /** The user name of `basic` and `digest`. */
  readonly username: string | undefined;
  /** The password of `basic`. */
  readonly password: string | undefined;
  /** The token of `bearer`, and of any other scheme that has one. */
  readonly token: string | undefined;
  /** The parameters of `digest`, and of any other scheme that has them; their names are in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const noParameters: ReadonlyMap<string, string> = new Map();
const schemeSyntax = /^[!#$%&'*+\-.^_`|~\w]+$/;
// The padding is separate, so that no character can be read in two ways.
const tokenSyntax = /^[\w\-.~+/]+=*$/;
const base64Syntax = /^[A-Za-z0-9+/]*={0,2}$/;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads the value of an `Authorization` header.
 *
 * @returns `undefined` if there is none, or it is malformed.
 * @see https://www.rfc-editor.org/rfc/rfc7617
 * @see https://www.rfc-editor.org/rfc/rfc6750
 */
export function parseAuthorization(header: string | undefined): Authorization | undefined {
  const text = header?.trim() ?? "";
  const blank = text.indexOf(" ");
  const [scheme, rest] = blank < 0 ? [text, ""] : [text.slice(0, blank), text.slice(blank + 1).trim()];
  if (!schemeSyntax.test(scheme)) return undefined;
  const type = scheme.toLowerCase();
  if (type === "basic") return parseBasic(rest);
  if (rest === "" || tokenSyntax.test(rest)) return type === "digest" ? undefined : withToken(type, rest);
  if (type === "bearer") return undefined;
  const parameters = parseParameters(splitQuoted(rest, ","));
  return { type, username: parameters.get("username"), password: undefined, token: undefined, parameters };
}

function withToken(type: string, token: string): Authorization | undefined {
  if (token === "" && type === "bearer") return undefined;
  return { type, username: undefined, password: undefined, token: token || undefined, parameters: noParameters };
}

function parseBasic(credentials: string): Authorization | undefined {
  const text = base64Syntax.test(credentials) ? decode(credentials) : undefined;
  const colon = text?.indexOf(":") ?? -1;
  // The RFC allows no control characters, which could forge the lines of a log.
  if (text === undefined || colon < 0 || /\p{Cc}/u.test(text)) return undefined;
  const [username, password] = [text.slice(0, colon), text.slice(colon + 1)];
  return { type: "basic", username, password, token: undefined, parameters: noParameters };
}

function decode(base64: string): string | undefined {
  try {
    return utf8.decode(Buffer.from(base64, "base64"));
  } catch {
    // It is not UTF-8: that is what the caller is told.
    return undefined;
  }
}
