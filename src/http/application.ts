/**
 * The gateway: the seam between servers and applications.
 *
 * A server turns what it reads from its sockets into an {@link Exchange} and hands it to
 * {@link Application.handle}; an application asks the exchange for the request's body and answers
 * with {@link Exchange.respond}. Neither knows more of the other, so that each application runs on
 * every server, and on the in-memory one of its tests. Prior art is ASGI. Two things differ:
 *
 * - A response is one call, not a sequence of messages, so that a server can write head and body at once
 *   and an application cannot send them in the wrong order.
 * - The end of the connection is not a message that the application must wait for. The server runs every request
 *   as a task and cancels it. `onDisconnect` is for code that does not run in that task.
 */

import type { Disconnect } from "./errors.ts";
import type { Lifespan } from "./lifespan.ts";

/** Headers as a flat list: name, value, name, value, … A name may come up more than once. */
export type RawHeaders = readonly string[];

/** The body of a response. A string is sent as UTF-8; each item of an async iterable is sent as soon as it comes. */
export type ResponseBody = string | Uint8Array | AsyncIterable<string | Uint8Array>;

/** Who is at the other end of the connection. */
export interface Peer {
  /** The IP address as the connection has it, for example `127.0.0.1` or `::1`. */
  readonly address: string;
  /** The port of the other end. */
  readonly port: number;
}

/** What TLS says of a connection. */
export interface TlsFacts {
  /** The version, for example `TLSv1.3`. */
  readonly version: string;
  /** The cipher, as its RFC names it: `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
  /** The name of the server that the client asked for; `undefined` if it asked for none. */
  readonly serverName: string | undefined;
  /** The certificate of the client, if it showed one that the server's issuers have issued. */
  readonly clientCertificate: ClientCertificate | undefined;
}

/** The certificate that a client showed. */
export interface ClientCertificate {
  /** Whose it is, by the parts of the name: `CN`, `O`, `OU`. */
  readonly subject: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Who issued it, likewise. */
  readonly issuer: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Its other names, as text: `DNS:example.org, IP Address:127.0.0.1`. */
  readonly subjectaltname?: string | undefined;
  /** The SHA-256 of it, in hexadecimal digits with colons. */
  readonly fingerprint256: string;
  /** From when it counts, as text. */
  readonly valid_from: string;
  /** Until when it counts, as text. */
  readonly valid_to: string;
  /** The certificate itself, in DER. */
  readonly raw: Uint8Array;
}

/** What a response has besides its body. */
export interface RespondOptions {
  /**
   * Gives the trailers, a flat list, once the body is over. Only an async iterable has trailers. They are dropped where the
   * protocol has none, and over HTTP/1.1 unless the request says `TE: trailers`.
   * @default there are none
   */
  readonly trailers?: () => RawHeaders;
}

/** One request, and the means to read its body and to answer it. */
export interface Exchange {
  /** The method as the client wrote it: methods are case-sensitive, `get` is not `GET`. */
  readonly method: string;
  /** The request target as it stood on the request line, undecoded and with its query: `/a%20b?x=1`. */
  readonly target: string;
  /** The request's headers in their order, their names in the client's spelling. */
  readonly rawHeaders: RawHeaders;
  /** `https` if the connection to this server is encrypted. What a proxy says of its own client is not looked at. */
  readonly scheme: "http" | "https";
  /** The HTTP version of the request: `1.0`, `1.1` or `2`. */
  readonly httpVersion: string;
  /** The other end of the connection; `undefined` if it has no address, as over a unix socket. */
  readonly peer: Peer | undefined;
  /** What TLS says of the connection; `undefined` if it is not encrypted, or the server does not tell. */
  readonly tls?: TlsFacts | undefined;
  /** The trailers of the request, once its body has been read; empty before, and if it has none. */
  readonly trailers: RawHeaders;
  /**
   * The part of the path, decoded, that dispatchers and proxies in front have taken off: the target begins after it.
   * An application puts it before the paths that it gives out. @default ""
   */
  readonly basePath?: string;
  /** Whether `respond` was called and its arguments were accepted. */
  readonly responded: boolean;

  /**
   * Waits for the next piece of the request's body. The pieces have no meaning of their own; their sizes are
   * those in which they happened to arrive. Not asking holds the client back, once the server's buffer is full.
   *
   * @returns The next bytes, never empty; `undefined` once the body is over, however often one asks then.
   * @throws {CancelledError} If the task is cancelled while it waits.
   * @throws {ClientDisconnected} If the client left before its body was complete.
   * @throws {ConnectionCut} If the server ended the connection, for example because the body is malformed.
   * @throws {InvalidStateError} If another task is waiting for the next piece already.
   */
  read(): Promise<Uint8Array | undefined>;

  /**
   * Answers the request. To be called once. The server frames the body: it sets `Content-Length` for a string or
   * bytes, chunks an async iterable, and sends no body for HEAD, 204 and 304. An async iterable is always closed
   * (its `return()` is called) if it is not read to its end, and it is not begun if nothing of it would be sent.
   *
   * @param status From 200 to 599.
   * @param headers A flat list of names and values. `Content-Length` may be given for an async iterable whose
   *   length is known; `Transfer-Encoding` may not be given.
   * @param body What to send.
   * @default "" (body)
   * @param options What the response has besides its body.
   * @returns A promise that resolves when the last byte of the response has left: a caller that awaits
   *   it knows that the request is over.
   * @throws {AlreadyRespondedError} If the exchange has been responded to.
   * @throws {RangeError} If `status` is not a whole number from 200 to 599.
   * @throws {InvalidHeaderError} If a name or value may not stand in a header, for example because it has a line
   *   break in it. Nothing was sent then, and another response may be.
   * @throws {ContentLengthError} If the body does not have the length that `Content-Length` said.
   * @throws {CancelledError} If the task is cancelled before the response has left.
   * @throws {ClientDisconnected} If the client left before the response did, and the task was not cancelled.
   * @throws {ConnectionCut} If the server ended the connection before that, and the task was not cancelled.
   * @example
   * import type { Application } from "pottle/http";
   * const hello: Application = {
   *   handle: (exchange) => exchange.respond(200, ["Content-Type", "text/plain"], "Hello"),
   * };
   */
  respond(status: number, headers: RawHeaders, body?: ResponseBody, options?: RespondOptions): Promise<void>;

  /**
   * Sends the client `103 Early Hints`, so that it can load what `Link` headers name while the response is being made. May be
   * called several times, before `respond`.
   *
   * @returns Whether it was sent: not to a client of HTTP/1.0, nor after the response has begun or the connection has ended.
   * @throws {InvalidHeaderError} If a name or value may not stand in a header.
   * @see https://www.rfc-editor.org/rfc/rfc8297
   */
  sendEarlyHints(headers: RawHeaders): boolean;

  /**
   * Registers a function to be called once if the connection ends before the response has left; at once, if it has ended
   * already. `reason` is a `ClientDisconnected` if the client left, and a `ConnectionCut` if the server ended it.
   * There is no need for it in code that runs in the request's task, as that is cancelled.
   */
  onDisconnect(listener: (reason: Disconnect) => void): void;
}

/** How {@link WebSocketConnection.accept} answers. */
export interface AcceptOptions {
  /**
   * The subprotocol that is spoken from now on: one of those that the client offered.
   * @default none
   */
  readonly subprotocol?: string;
  /**
   * Headers for the answer, as a flat list. The server writes those of the handshake itself.
   * @default []
   */
  readonly headers?: RawHeaders;
}

/**
 * A client's request for a WebSocket, and then the WebSocket. It is answered once, by `accept` or `reject`; messages can
 * be sent and received after `accept`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6455
 * @see https://www.rfc-editor.org/rfc/rfc8441
 */
export interface WebSocketConnection {
  /** The request target as it stood on the request line, undecoded and with its query: `/a%20b?x=1`. */
  readonly target: string;
  /** The request's headers in their order, their names in the client's spelling. */
  readonly rawHeaders: RawHeaders;
  /** `wss` if the connection to this server is encrypted. What a proxy says of its own client is not looked at. */
  readonly scheme: "ws" | "wss";
  /** The HTTP version of the request: `1.1`, or `2.0` for a WebSocket that is a stream of HTTP/2. */
  readonly httpVersion: string;
  /** The other end of the connection; `undefined` if it has no address, as over a unix socket. */
  readonly peer: Peer | undefined;
  /**
   * The part of the path, decoded, that dispatchers and proxies in front have taken off: the target begins after it.
   * @default ""
   */
  readonly basePath?: string;
  /** The subprotocols that the client offers, in its order of preference. */
  readonly subprotocols: readonly string[];
  /** Whether `accept` or `reject` was called and its arguments were accepted. */
  readonly responded: boolean;
  /**
   * The code of the first Close, whichever side sent it; 1005 if there was none in it, 1006 if the connection ended without
   * a Close; `undefined` as long as the WebSocket is not closing.
   * @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4
   */
  readonly closeCode: number | undefined;

  /**
   * Opens the WebSocket. What the client has sent already is kept until then.
   *
   * @throws {AlreadyRespondedError} If the request was accepted or rejected already.
   * @throws {RangeError} If the client did not offer the subprotocol.
   * @throws {InvalidHeaderError} If a name or value may not stand in a header, or the server writes that header itself.
   * @throws {ClientDisconnected} If the client has left, and the task was not cancelled.
   * @throws {ConnectionCut} If the server has ended the connection, and the task was not cancelled.
   */
  accept(options?: AcceptOptions): Promise<void>;

  /**
   * Answers with an ordinary response in place of a WebSocket: 401, 403, 404. The connection is closed after it.
   *
   * @param status From 300 to 599.
   * @param headers A flat list of names and values.
   * @param body What to send.
   * @default [] (headers), "" (body)
   * @returns A promise that resolves when the last byte of the response has left.
   * @throws {AlreadyRespondedError} If the request was accepted or rejected already.
   * @throws {RangeError} If `status` is not a whole number from 300 to 599.
   * @throws Whatever {@link Exchange.respond} throws.
   */
  reject(status: number, headers?: RawHeaders, body?: ResponseBody): Promise<void>;

  /**
   * Waits for the next message: a string if it is text, bytes if it is binary. Not asking holds the client back, once the
   * server's buffer is full.
   *
   * @throws {WebSocketClosed} If the WebSocket is closed, and all messages before that were received.
   * @throws {CancelledError} If the task is cancelled while it waits, as it is if the client vanishes.
   * @throws {ClientDisconnected} If the client vanished, and the task was not cancelled.
   * @throws {ConnectionCut} If the server ended the connection, for example because of a message that is too large, and the
   *   task was not cancelled.
   * @throws {InvalidStateError} If the WebSocket is not accepted, or another task is waiting for a message already.
   */
  receive(): Promise<string | Uint8Array>;

  /**
   * Sends a message: a string as text, bytes as binary. It waits before that as long as what was sent before fills the
   * buffer of the connection; those that wait send in the order in which they came. Bytes are copied.
   *
   * @throws {WebSocketClosed} If the WebSocket is closed or closing. Nothing was sent then.
   * @throws {CancelledError} If the task is cancelled while it waits. Nothing was sent then.
   * @throws {ClientDisconnected} If the client vanished, and the task was not cancelled.
   * @throws {ConnectionCut} If the server ended the connection, and the task was not cancelled.
   * @throws {InvalidStateError} If the WebSocket is not accepted.
   * @throws {TypeError} If `data` is neither a string nor bytes.
   */
  send(data: string | Uint8Array): Promise<void>;

  /**
   * Closes the WebSocket and waits until the client has answered, or its time to do so is over. If it is closed or closing
   * already, that only is waited for. Messages that arrive meanwhile are dropped.
   *
   * @param code From 1000 to 1003, from 1007 to 1014, or from 3000 to 4999, which are yours.
   * @param reason At most 123 bytes of UTF-8, for those who look for errors.
   * @default 1000 (code), "" (reason)
   * @throws {RangeError} If `code` or `reason` is not one of those.
   * @throws {InvalidStateError} If the WebSocket is not accepted: use `reject`.
   * @throws {CancelledError} If the task is cancelled while it waits.
   */
  close(code?: number, reason?: string): Promise<void>;

  /**
   * Registers a function to be called once if the connection ends without a Close; at once, if it has ended so already.
   * There is no need for it in code that runs in the WebSocket's task, as that is cancelled.
   */
  onDisconnect(listener: (reason: Disconnect) => void): void;
}

/** What a server runs. */
export interface Application {
  /**
   * Answers one request, by calling `exchange.respond` and waiting for it. The server runs it as a Task of its own, which is cancelled
   * if the client leaves or the server shuts down; the request is over when the returned promise has settled and the
   * response has left. An error that it throws is reported by the server and answered with a bare 500 if nothing was
   * sent yet. An application that has an answer of its own for an error sends that and throws the error afterwards.
   */
  handle(exchange: Exchange): void | PromiseLike<void>;
  /**
   * Serves one WebSocket: answers by `accept` or `reject`, then receives and sends. The server runs it as a Task of its own,
   * which is cancelled if the client vanishes or the server shuts down. When the returned promise has settled, the WebSocket
   * is closed with 1000, or with 1011 if it failed; a `WebSocketClosed` that it does not catch is not a failure. If it has neither
   * accepted nor rejected, the answer is a bare 500.
   *
   * Without this method, a request for a WebSocket is an ordinary request.
   *
   * @default none
   * @example
   * import type { Application } from "pottle/http";
   * const echo: Application = {
   *   handle: (exchange) => exchange.respond(426, ["Upgrade", "websocket"]),
   *   async websocket(connection) {
   *     await connection.accept();
   *     for (;;) await connection.send(await connection.receive());
   *   },
   * };
   */
  websocket?(connection: WebSocketConnection): void | PromiseLike<void>;
  /** The functions to run before the first request and after the last one. */
  readonly lifespan?: Lifespan;
}
