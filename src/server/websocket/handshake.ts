import type { RawHeaders } from "../../http/index.ts";
import type { RequestHead } from "../check-head.ts";
import type { Refusal } from "../refusal.ts";
import { crypto } from "../../base/node.ts";
import { ws } from "./ws.ts";

/** A refusal with what a client should do instead. */
export interface HandshakeRefusal extends Refusal {
  /** @default [] */
  readonly headers?: RawHeaders;
}

const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const keySyntax = /^[+/0-9A-Za-z]{22}==$/;
const version = "13";

/** Whether the WebSocket of a request is a stream of HTTP/2: then no key is needed, and nothing is upgraded. */
export function isStream({ httpVersion }: RequestHead): boolean {
  return httpVersion.startsWith("2");
}

/**
 * Whether a request of HTTP/1.1 asks for a WebSocket. What asks for another protocol, by another method or by HTTP/1.0 is
 * an ordinary request.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-7.8
 */
export function asksForWebSocket({ method, httpVersion, rawHeaders }: RequestHead): boolean {
  return method === "GET" && httpVersion === "1.1" && tokensOf(rawHeaders, "upgrade").includes("websocket");
}

/**
 * Finds what is wrong with a request for a WebSocket.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-4.2
 * @see https://www.rfc-editor.org/rfc/rfc8441#section-5
 */
export function findHandshakeFault(head: RequestHead): HandshakeRefusal | undefined {
  const fault = isStream(head) ? versionFault(head) : (upgradeFault(head) ?? versionFault(head) ?? keyFault(head));
  return fault ?? subprotocolFault(head);
}

/** The `Sec-WebSocket-Accept` for a request; `undefined` if it has no key. */
export function acceptKey({ rawHeaders }: RequestHead): string | undefined {
  const [key] = valuesOf(rawHeaders, "sec-websocket-key");
  if (key === undefined) return undefined;
  return crypto()
    .createHash("sha1")
    .update(key + guid)
    .digest("base64");
}

/** The subprotocols that a client offers. */
export function subprotocolsOf({ rawHeaders }: RequestHead): string[] {
  const values = valuesOf(rawHeaders, "sec-websocket-protocol");
  return values.length === 0 ? [] : [...ws().subprotocol.parse(values.join(","))];
}

/** All values of a header. */
export function valuesOf(headers: RawHeaders, lowerCaseName: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2)
    if (headers[i]?.toLowerCase() === lowerCaseName) values.push(headers[i + 1] ?? "");
  return values;
}

function tokensOf(headers: RawHeaders, lowerCaseName: string): string[] {
  return valuesOf(headers, lowerCaseName).flatMap((value) =>
    value.split(",").map((token) => token.trim().toLowerCase()),
  );
}

function upgradeFault({ rawHeaders }: RequestHead): HandshakeRefusal | undefined {
  if (!tokensOf(rawHeaders, "connection").includes("upgrade"))
    return bad("a WebSocket needs 'Connection: Upgrade', which a proxy may have removed");
  const lengths = valuesOf(rawHeaders, "content-length").filter((length) => length !== "0");
  if (lengths.length > 0 || valuesOf(rawHeaders, "transfer-encoding").length > 0)
    return bad("a request for a WebSocket has no body");
  return undefined;
}

function versionFault({ rawHeaders }: RequestHead): HandshakeRefusal | undefined {
  const versions = valuesOf(rawHeaders, "sec-websocket-version");
  if (versions.length === 1 && versions[0] === version) return undefined;
  const headers = ["Sec-WebSocket-Version", version];
  if (versions.length === 0) return { ...bad("the request has no Sec-WebSocket-Version"), headers };
  return { status: 426, reason: `the WebSocket version here is ${version}`, headers };
}

function keyFault({ rawHeaders }: RequestHead): HandshakeRefusal | undefined {
  const keys = valuesOf(rawHeaders, "sec-websocket-key");
  if (keys.length !== 1) return bad(`the request has ${keys.length === 0 ? "no" : keys.length} Sec-WebSocket-Key`);
  return keySyntax.test(keys[0] ?? "") ? undefined : bad("the Sec-WebSocket-Key is not 16 bytes in base64");
}

function subprotocolFault(head: RequestHead): HandshakeRefusal | undefined {
  try {
    subprotocolsOf(head);
    return undefined;
  } catch {
    return bad("Sec-WebSocket-Protocol is not a list of different names");
  }
}

function bad(reason: string): HandshakeRefusal {
  return { status: 400, reason };
}
