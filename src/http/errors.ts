/**
 * What can go wrong between a server and an application.
 *
 *     Error
 *     ├── Disconnect              the connection ended before the response had left: why a request's task was cancelled
 *     │   ├── ClientDisconnected    the client ended it
 *     │   └── ConnectionCut         the server ended it
 *     ├── ServerShutdown          the server could wait no longer: likewise
 *     ├── WebSocketClosed         either side has closed the WebSocket: how receive() and send() end
 *     ├── ResponseAborted         the server broke a response off
 *     ├── AlreadyRespondedError   the application responded twice
 *     ├── NoResponseError         the application never responded
 *     ├── ContentLengthError      the body has another length than the application said
 *     └── TypeError
 *         └── InvalidHeaderError  a name or value that may not stand in a header
 */

import type { Peer } from "./application.ts";

/** What the errors of an exchange say of it. */
interface Requested {
  readonly method: string;
  readonly target: string;
}

/**
 * The connection of a request ended before its response had left. A request's task that is cancelled for that has this as
 * its reason.
 */
export abstract class Disconnect extends Error {
  /** The client at the other end. */
  readonly peer: Peer | undefined;
  /** How many milliseconds after the request's head had arrived. */
  readonly elapsed: number;
  /** The status that the server answered with in place of the application; `undefined` if it sent none. */
  readonly status: number | undefined;

  constructor(message: string, peer: Peer | undefined, elapsed: number, status?: number) {
    super(message);
    this.peer = peer;
    this.elapsed = elapsed;
    this.status = status;
  }
}

/** The client left before it had its response. */
export class ClientDisconnected extends Disconnect {
  override readonly name = "ClientDisconnected";

  constructor(peer: Peer | undefined, elapsed: number) {
    super(
      `Client${peer === undefined ? "" : ` ${formatPeer(peer)}`} disconnected after ${Math.round(elapsed)} ms`,
      peer,
      elapsed,
    );
  }
}

/** The server ended the connection before the response had left, for a reason that its message gives. */
export class ConnectionCut extends Disconnect {
  override readonly name = "ConnectionCut";

  /** @param why The reason as a clause: `the client took none of the response for 60000 ms`. */
  constructor(peer: Peer | undefined, elapsed: number, why: string, status?: number) {
    const message = `Server cut the connection${peer === undefined ? "" : ` to ${formatPeer(peer)}`} after ${Math.round(elapsed)} ms: ${why}`;
    super(message, peer, elapsed, status);
  }
}

/** The server broke a response off, because the application failed in the middle of it. */
export class ResponseAborted extends Error {
  override readonly name = "ResponseAborted";

  constructor(method: string, target: string) {
    super(`Cannot read the response to ${method} ${target} as the server broke it off`);
  }
}

/** The server is shutting down and the request was not over in time. */
export class ServerShutdown extends Error {
  override readonly name = "ServerShutdown";
  /** How many milliseconds the request was given to end by itself; 0 if the server had to end at once. */
  readonly grace: number;

  constructor(grace: number) {
    super(`Server is shutting down${grace > 0 ? `, and waited ${grace} ms for this request` : ""}`);
    this.grace = grace;
  }
}

/**
 * The WebSocket is closed, or closing: nothing more can be sent, and all that came before was received. An application may
 * let it pass; that is the usual end of a WebSocket, and no failure.
 */
export class WebSocketClosed extends Error {
  override readonly name = "WebSocketClosed";
  /** The code of the first Close, whichever side sent it; 1005 if there was none in it. */
  readonly code: number;
  /** The reason that stood in that Close; empty if there was none. */
  readonly reason: string;

  constructor(code: number, reason = "") {
    super(`The WebSocket was closed with code ${code}${reason === "" ? "" : `: ${reason}`}`);
    this.code = code;
    this.reason = reason;
  }
}

/** The application responded to an exchange that has a response already. */
export class AlreadyRespondedError extends Error {
  override readonly name = "AlreadyRespondedError";

  constructor(request: Requested, status: number) {
    super(`Cannot respond to ${request.method} ${request.target} again as it was answered: status is ${status}`);
  }
}

/** The application was done with an exchange without having responded to it. */
export class NoResponseError extends Error {
  override readonly name = "NoResponseError";

  constructor(request: Requested) {
    super(`Cannot finish ${request.method} ${request.target} as the application returned without responding`);
  }
}

/** A body does not have the length that the application's own `Content-Length` says. */
export class ContentLengthError extends Error {
  override readonly name = "ContentLengthError";

  constructor(declared: string | number, actual: string | number) {
    super(`Cannot send the body as 'Content-Length' is ${declared}: current length is ${actual}`);
  }
}

/** A header's name or value has characters in it that may not stand there. */
export class InvalidHeaderError extends TypeError {
  override readonly name = "InvalidHeaderError";
}

/** The peer as text: `127.0.0.1:51234`, `[::1]:51234`, without a port that is not known; `-` if it has no address. */
export function formatPeer(peer: Peer | undefined): string {
  if (peer === undefined) return "-";
  const { address, port } = peer;
  if (port === 0) return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
