import type { RawHeaders } from "../http/index.ts";
import type { Refusal } from "./refusal.ts";

/** The head of a request, as the parser read it. */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  readonly rawHeaders: RawHeaders;
}

// A name, an IPv4 address, or an IPv6 address in brackets, then perhaps a port. Empty where the target has no authority.
const hostSyntax = /^(?:\[[\dA-Fa-f:.]+\]|[\w.~!$&'()*+;=%-]*)(?::\d*)?$/;

// A coding in a list, with or without parameters.
const codingSyntax = /^[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*(?:;.*)?$/;

/**
 * Finds what is wrong with the head of a request that the parser lets through: what two programs could read in two ways,
 * or what this server cannot do.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-3.2
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-6.1
 */
export function findFault(head: RequestHead): Refusal | undefined {
  const { method, target } = head;
  const { httpVersion, rawHeaders } = head;
  const hosts = valuesOf(rawHeaders, "host");
  const codings = valuesOf(rawHeaders, "transfer-encoding");
  const fault =
    versionFault(head) ??
    hostFault(httpVersion, hosts.length, hosts[0] ?? "") ??
    (codings.length === 0 ? undefined : codingFault(httpVersion, codings.join(",")));
  return fault && { ...fault, method, target };
}

function versionFault({ httpVersion }: RequestHead): Refusal | undefined {
  if (httpVersion === "1.1" || httpVersion === "1.0") return undefined;
  return bad(`this is HTTP/1.1, and the request is HTTP/${httpVersion}`);
}

/** Whether a text is a host, perhaps with a port, as it stands in `Host` and in a target in absolute form. */
export function isHost(text: string): boolean {
  return hostSyntax.test(text);
}

/** What is wrong with the `Host` headers of a request: `count` of them, of which `host` is the first. */
export function hostFault(httpVersion: string, count: number, host: string): Refusal | undefined {
  if (count > 1) return bad(`the request has ${count} Host headers`);
  if (count === 0) return httpVersion === "1.0" ? undefined : bad("the request has no Host header");
  return isHost(host) ? undefined : bad("the Host header is not a name or an address with a port");
}

/**
 * What is wrong with the transfer codings of a request, in one list.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-6.1
 */
export function codingFault(httpVersion: string, codings: string): Refusal | undefined {
  if (httpVersion === "1.0") return bad("HTTP/1.0 has no Transfer-Encoding");
  if (codings.length === 7 && codings.toLowerCase() === "chunked") return undefined;
  const names = codings.split(",").map((coding) => codingSyntax.exec(coding)?.[1]?.toLowerCase());
  if (names.includes(undefined)) return bad("the Transfer-Encoding is malformed");
  const at = names.indexOf("chunked");
  if (at >= 0 && at < names.length - 1) return bad("the Transfer-Encoding has chunked in a place that is not the last");
  if (names.length === 1 && at === 0) return bad("chunked has no parameters");
  return { status: 501, reason: "the only Transfer-Encoding here is chunked" };
}

function bad(reason: string): Refusal {
  return { status: 400, reason };
}

function valuesOf(headers: RawHeaders, lowerCaseName: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i];
    if (name?.length === lowerCaseName.length && name.toLowerCase() === lowerCaseName)
      values.push(headers[i + 1] ?? "");
  }
  return values;
}
