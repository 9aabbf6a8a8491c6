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

/**
 * Finds what is wrong with the head of a request that the parser lets through: what two programs could read in two ways,
 * or what this server cannot do.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-3.2
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-6.1
 */
export function findFault(head: RequestHead): Refusal | undefined {
  const { method, target } = head;
  const fault = versionFault(head) ?? hostFault(head) ?? codingFault(head);
  return fault && { ...fault, method, target };
}

function versionFault({ httpVersion }: RequestHead): Refusal | undefined {
  if (httpVersion === "1.1" || httpVersion === "1.0") return undefined;
  return bad(`this is HTTP/1.1, and the request is HTTP/${httpVersion}`);
}

function hostFault({ httpVersion, rawHeaders }: RequestHead): Refusal | undefined {
  const hosts = valuesOf(rawHeaders, "host");
  if (hosts.length > 1) return bad(`the request has ${hosts.length} Host headers`);
  const [host] = hosts;
  if (host === undefined) return httpVersion === "1.0" ? undefined : bad("the request has no Host header");
  return hostSyntax.test(host) ? undefined : bad("the Host header is not a name or an address with a port");
}

function codingFault({ httpVersion, rawHeaders }: RequestHead): Refusal | undefined {
  const codings = valuesOf(rawHeaders, "transfer-encoding");
  if (codings.length === 0) return undefined;
  if (httpVersion === "1.0") return bad("HTTP/1.0 has no Transfer-Encoding");
  if (codings.length === 1 && codings[0]?.toLowerCase() === "chunked") return undefined;
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
