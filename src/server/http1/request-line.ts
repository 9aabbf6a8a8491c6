import { isHost } from "../check-head.ts";
import { CR, LF, SLASH, SP, targetBytes, tokenBytes } from "./octets.ts";
import { badRequest, ParseFault } from "./parse-fault.ts";

/** The first line of a request. */
export interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: "1.0" | "1.1";
  /** The host and port of a target in absolute form. */
  readonly authority: string | undefined;
  /** The position behind the line. */
  readonly end: number;
}

const versionLength = "HTTP/1.1".length;

/**
 * Reads the request line that begins at `from`; gives `undefined` if its end has not come.
 *
 * @param limit The largest length in bytes, without the line's end.
 * @throws {ParseFault} If the line is malformed or too long, or asks for what this server does not do.
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-3
 */
export function readRequestLine(bytes: Buffer, from: number, to: number, limit: number): RequestLine | undefined {
  let at = from;
  while (at < to && tokenBytes[bytes[at]!] === 1) at++;
  const methodEnd = at++;
  const targetStart = at;
  while (at < to && targetBytes[bytes[at]!] === 1) at++;
  const targetEnd = at++;
  const lineEnd = at + versionLength;
  const httpVersion = versionAt(bytes, at, to);
  const isLine =
    httpVersion !== undefined &&
    methodEnd > from &&
    targetEnd > targetStart &&
    bytes[methodEnd] === SP &&
    bytes[targetEnd] === SP &&
    lineEnd - from <= limit;
  if (!isLine) return refuseLine(bytes, from, to, limit);
  const method = methodOf(bytes, from, methodEnd);
  const target = bytes.toString("latin1", targetStart, targetEnd);
  const isOrigin = bytes[targetStart] === SLASH && method !== "CONNECT";
  const authority = isOrigin ? undefined : checkForm(method, target);
  return { method, target, httpVersion, authority, end: lineEnd + 2 };
}

/** The version that begins at `at`, if the line ends behind it. */
function versionAt(bytes: Buffer, at: number, to: number): "1.0" | "1.1" | undefined {
  if (at + 9 >= to || bytes[at + 8] !== CR || bytes[at + 9] !== LF) return undefined;
  // HTTP/1.
  if (bytes[at] !== 0x48 || bytes[at + 1] !== 0x54 || bytes[at + 2] !== 0x54 || bytes[at + 3] !== 0x50)
    return undefined;
  if (bytes[at + 4] !== SLASH || bytes[at + 5] !== 0x31 || bytes[at + 6] !== 0x2e) return undefined;
  const minor = bytes[at + 7];
  if (minor === 0x31) return "1.1";
  return minor === 0x30 ? "1.0" : undefined;
}

/** The method as text. That of GET and POST need not be made. */
function methodOf(bytes: Buffer, from: number, to: number): string {
  if (to - from === 3 && bytes[from] === 0x47 && bytes[from + 1] === 0x45 && bytes[from + 2] === 0x54) return "GET";
  const isPost = to - from === 4 && bytes[from] === 0x50 && bytes[from + 1] === 0x4f && bytes[from + 2] === 0x53;
  return isPost && bytes[from + 3] === 0x54 ? "POST" : bytes.toString("latin1", from, to);
}

/** Checks a target that is not in origin form; gives its authority. */
function checkForm(method: string, target: string): string | undefined {
  if (method === "CONNECT") throw new ParseFault({ status: 501, reason: "CONNECT is for proxies", method, target });
  if (target === "*" && method === "OPTIONS") return undefined;
  const authority = /^https?:\/\/([^/?]+)/i.exec(target)?.[1];
  if (authority !== undefined && isHost(authority) && !authority.startsWith(":")) return authority;
  const reason = target === "*" ? "the target * is for OPTIONS" : "the target is neither a path nor an absolute URI";
  throw new ParseFault({ status: 400, reason, method, target });
}

/** Says what is wrong with the line that begins at `from`; gives `undefined` if its end has not come. */
function refuseLine(bytes: Buffer, from: number, to: number, limit: number): undefined {
  // TLS, for example: there is no need to wait for the end of its line.
  if (from < to && tokenBytes[bytes[from]!] !== 1 && bytes[from] !== CR) throw badRequest("the request has no method");
  const lf = bytes.indexOf(LF, from);
  if (lf < 0 || lf >= to) return undefined;
  checkLineLength(lf - from, bytes[lf - 1], limit);
  throw faultOfLine(bytes.toString("latin1", from, lf + 1));
}

/**
 * Checks the length of a request line.
 *
 * @param length Count of its bytes, without its LF, of which `last` is the last.
 * @throws {ParseFault} If it is too long.
 */
export function checkLineLength(length: number, last: number | undefined, limit: number): void {
  if ((last === CR ? length - 1 : length) <= limit) return;
  throw new ParseFault({ status: 414, reason: `the request line is longer than ${limit} bytes` });
}

function faultOfLine(line: string): ParseFault {
  if (!line.endsWith("\r\n")) return badRequest("the request line ends in LF without CR");
  const text = line.slice(0, -2);
  if (/[^\x20-\x7e]/.test(text)) return badRequest("the request line has a byte that is not printable ASCII");
  const [method = "", target, version, ...more] = text.split(" ");
  if (target === undefined || version === undefined) return badRequest("the request line has no HTTP version");
  if (more.length > 0 || target === "")
    return badRequest("the parts of the request line are not separated by one space");
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method)) return badRequest("the method is not a token");
  if (target.includes("#")) return badRequest("the target has a fragment");
  if (!/^HTTP\/\d\.\d$/.test(version)) return badRequest("the request line does not end in an HTTP version");
  const reason = `this is HTTP/1.1, and the request is ${version}`;
  return new ParseFault({ status: 400, reason, method, target });
}
