import { type AccessEntry, type Peer, phraseOf } from "../http/index.ts";
import { formatHead } from "./http1/response-head.ts";

/** An answer that the server gives in place of the application. */
export interface Refusal {
  readonly status: number;
  /** What is wrong, as a clause: it stands in the answer and in the access log. */
  readonly reason: string;
  /** @default "-" */
  readonly method?: string;
  /** @default "-" */
  readonly target?: string;
  /** Whether an exchange tells of it in the access log. @default false */
  readonly isLogged?: boolean;
}

/** An error that `node:http` reports of a client. It is the parser's if its code begins with `HPE_`. */
export interface ClientError extends Error {
  readonly code?: string;
  readonly reason?: string;
}

/** The client closed its half in the middle of a request. */
export const endedEarly = "HPE_INVALID_EOF_STATE";

/** The parser's errors that are not a plain 400. */
const parserStatuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
};

const parserReasons: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "the head of the request is too large",
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "the extensions of a chunk are too large",
  [endedEarly]: "the request ends in its middle",
  HPE_PAUSED_H2_UPGRADE: "the request is HTTP/2",
};

/** The request took longer than it may. */
export const lateRequest: Refusal = { status: 408, reason: "the request did not arrive in time" };

/** The body comes with fewer bytes a second than it must. */
export const slowBody: Refusal = { status: 408, reason: "the body of the request arrives too slowly" };

/** How many milliseconds the client of the last answer on a connection has to read it and to close its end. */
export const lingerTime = 1_000;

/** What the access log says of a request that was refused. */
export function refusedEntry(
  { method = "-", target = "-", status, reason }: Omit<Refusal, "status"> & { readonly status: number | undefined },
  peer: Peer | undefined,
  bytes: number,
  milliseconds: number,
): AccessEntry {
  return { method, target, peer, status, bytes, milliseconds, outcome: { kind: "refused", reason } };
}

/** The refusal that an error of the parser calls for; `undefined` for an error of the socket, which nothing answers. */
export function refusalOf({ code = "", message, reason }: ClientError): Refusal | undefined {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return lateRequest;
  if (!code.startsWith("HPE_")) return undefined;
  return { status: parserStatuses[code] ?? 400, reason: parserReasons[code] ?? `not HTTP (${reason ?? message})` };
}

/** The answer on the wire, which ends the connection. */
export function formatRefusal({ status, reason, method }: Refusal): RefusalText {
  const body = `${phraseOf(status)}: ${reason}\n`;
  const length = String(Buffer.byteLength(body));
  const headers = ["Connection", "close", "Content-Type", "text/plain; charset=utf-8", "Content-Length", length];
  return { head: formatHead(status, headers, ""), body: method === "HEAD" ? "" : body };
}

/** A refusal as text. */
export interface RefusalText {
  readonly head: string;
  readonly body: string;
}
