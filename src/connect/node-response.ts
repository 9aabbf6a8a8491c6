import { type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Exchange } from "../http/index.ts";

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];
type Trailers = OutgoingHttpHeaders | readonly (readonly [string, string])[];
type Hints = Readonly<Record<string, string | string[]>>;
type Sent = () => void;

/** A response of `node:http`, and its trailers. */
export interface NodeResponse {
  readonly response: ServerResponse;
  /** The trailers that were added. */
  readonly trailers: readonly string[];
}

/**
 * Makes a response as `node:http` has it. How its body is framed, and when it is dated, is the server's part. What differs
 * from Node's own is put on the object itself: Express gives it another prototype.
 */
export function createResponse(request: IncomingMessage, exchange: Exchange): NodeResponse {
  const response = new ServerResponse(request);
  const trailers: string[] = [];
  response.useChunkedEncodingByDefault = false;
  response.sendDate = false;
  leaveFraming(response);
  leaveInformation(response, exchange);
  response.addTrailers = (given: Trailers) => void trailers.push(...trailersOf(given));
  // Node's own keeps what a write has said until its server says otherwise, and there is none here.
  Object.defineProperty(response, "writableNeedDrain", {
    configurable: true,
    get: () => !response.destroyed && !response.writableEnded && (response.socket?.writableNeedDrain ?? false),
  });
  response.assignSocket(request.socket);
  request.socket.on("drain", () => response.emit("drain"));
  return { response, trailers };
}

/** Ignores a `Transfer-Encoding`, wherever it is set. */
function leaveFraming(response: ServerResponse): void {
  const setHeader = response.setHeader.bind(response);
  const appendHeader = response.appendHeader.bind(response);
  const writeHead = response.writeHead.bind(response) as (...all: readonly unknown[]) => unknown;
  response.setHeader = (name, value) => {
    if (!frames(name)) setHeader(name, value);
    return response;
  };
  response.appendHeader = (name, value) => {
    if (!frames(name)) appendHeader(name, value);
    return response;
  };
  response.writeHead = (...all: readonly unknown[]) => {
    writeHead(...all.map((one) => (typeof one === "object" && one !== null ? withoutFraming(one as Headers) : one)));
    return response;
  };
}

/** Sends what goes before a response by the exchange; the server asks for the body when it is read. */
function leaveInformation(response: ServerResponse, exchange: Exchange): void {
  const passOver = (sent?: Sent): void => sent?.();
  response.writeContinue = passOver;
  response.writeProcessing = passOver;
  response.writeEarlyHints = (hints: Hints, sent?: Sent) => {
    const pairs = Object.entries(hints).flatMap(([name, value]) => [value].flat().flatMap((one) => [name, one]));
    exchange.sendEarlyHints(pairs);
    sent?.();
  };
}

function trailersOf(trailers: Trailers): string[] {
  const entries = Array.isArray(trailers) ? (trailers as [string, string][]) : Object.entries(trailers);
  return entries.flatMap(([name, value]) => [name, String(value)]);
}

function frames(name: unknown): boolean {
  return typeof name === "string" && name.length === 17 && name.toLowerCase() === "transfer-encoding";
}

function withoutFraming(headers: Headers): Headers {
  if (!Array.isArray(headers)) return Object.fromEntries(Object.entries(headers).filter(([name]) => !frames(name)));
  if (Array.isArray(headers[0])) return headers.filter((pair) => !frames((pair as string[])[0]));
  return headers.filter((_, i) => !frames(headers[i - (i % 2)]));
}
