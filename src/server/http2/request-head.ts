import { findHeader, type RawHeaders } from "../../http/index.ts";
import { findFault as findHttp1Fault } from "../check-head.ts";
import type { Refusal } from "../refusal.ts";

/** The head of a request, as an application is to see it: what the protocol has put into pseudo headers is not in its headers. */
export interface Http2RequestHead {
  readonly method: string;
  /** The path with its query; for a CONNECT without a protocol the authority. */
  readonly target: string;
  readonly rawHeaders: RawHeaders;
  /** Which host the request is for, as its pseudo header says. */
  readonly authority: string | undefined;
  /** Which protocol a CONNECT asks for: `websocket`. */
  readonly protocol: string | undefined;
  /** How many bytes it had on its way, or more. */
  readonly size: number;
}

/** What a field may take on its way beyond its name and value. */
const fieldCost = 8;
const frameCost = 64;

/**
 * Makes a head of the list of fields that `node:http2` reports. The crumbs of a cookie are joined, and the authority becomes
 * the first header if there is no `host`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-8.2.3
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-8.3.1
 */
export function readRequestHead(fields: RawHeaders): Http2RequestHead {
  const pseudo: PseudoHeaders = { method: "", path: undefined, authority: undefined, protocol: undefined };
  const headers: string[] = [];
  let size = frameCost;
  let cookieAt = 0;
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] as string;
    const value = fields[i + 1] as string;
    size += name.length + value.length + fieldCost;
    if (name.startsWith(":")) setPseudo(pseudo, name, value);
    else if (name !== "cookie") headers.push(name, value);
    else if (cookieAt > 0) headers[cookieAt] += `; ${value}`;
    else cookieAt = headers.push(name, value) - 1;
  }
  const { method, path, authority, protocol } = pseudo;
  if (authority !== undefined && findHeader(headers, "host") === undefined) headers.unshift("host", authority);
  return { method, target: path ?? authority ?? "", rawHeaders: headers, authority, protocol, size };
}

interface PseudoHeaders {
  method: string;
  path: string | undefined;
  authority: string | undefined;
  protocol: string | undefined;
}

// The scheme is that of the connection: what a client says of it is not looked at.
function setPseudo(pseudo: PseudoHeaders, name: string, value: string): void {
  if (name === ":method") pseudo.method = value;
  else if (name === ":path") pseudo.path = value;
  else if (name === ":authority") pseudo.authority = value;
  else if (name === ":protocol") pseudo.protocol = value;
}

/**
 * Finds what is wrong with a head that `node:http2` lets through. It holds to the same rules as a head of HTTP/1.1, and
 * must not name two hosts, which two programs could read in two ways.
 */
export function findFault(head: Http2RequestHead): Refusal | undefined {
  const { method, target, authority, rawHeaders } = head;
  const fault = findHttp1Fault({ method, target, httpVersion: "1.1", rawHeaders });
  if (fault !== undefined || authority === undefined) return fault;
  if (findHeader(rawHeaders, "host")?.toLowerCase() === authority.toLowerCase()) return undefined;
  return { status: 400, reason: "the Host header is not the authority of the request", method, target };
}
