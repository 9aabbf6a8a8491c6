/**
 * An exchange over `node:http`.
 *
 * Three things in it are not as one would write them at first:
 *
 * - The request's body is read from the beginning, into a bounded pipe, even if the application does not ask for it: a
 *   socket that is not read does not say that its client has left.
 * - The end of the connection is heard from the connection (`connection.ts`), never from the request's `close` or from
 *   its `signal`, which come when the body has been read, nor from the response alone.
 * - The response is one `writeHead` with a flat list and one `end` with the whole body, which is what `node:http` does
 *   fastest; nothing else is made unless it is needed.
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Task } from "../../asyncio/index.ts";
import {
  BytePipe,
  type Disconnect,
  findHeader,
  takesTrailers,
  type Peer,
  type RawHeaders,
  ResponseAborted,
  type ResponsePlan,
  ServerExchange,
} from "../../http/index.ts";
import type { Connection } from "./connection.ts";

/** What an exchange must know of its server. */
export interface NodeExchangeHost {
  /** How many bytes of a body are read ahead. */
  readonly bodyBuffer: number;
  /** How many bytes of a body are read and dropped after the response has left, before the connection is cut. */
  readonly discardLimit: number;
  /** Whether the server is about to stop, so that connections are not kept. */
  readonly draining: boolean;
}

/** How an exchange differs from the usual one. */
export interface NodeExchangeOptions {
  /** Whether the client waits for `100 Continue` before it sends the body. @default false */
  readonly awaitsContinue?: boolean;
  /** Whether the connection is closed after it. @default false */
  readonly isLast?: boolean;
}

/** An exchange over `node:http`. */
export class NodeExchange extends ServerExchange {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: RawHeaders;
  readonly scheme = "http";
  readonly httpVersion: string;
  /** The task that serves it. Set by the server. */
  task: Task<void> | undefined;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #connection: Connection;
  readonly #host: NodeExchangeHost;
  readonly #body: BytePipe | undefined;
  #awaitsContinue: boolean;
  #isLast: boolean;
  #discarded = 0;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    connection: Connection,
    host: NodeExchangeHost,
    { awaitsContinue = false, isLast = false }: NodeExchangeOptions = {},
  ) {
    super();
    this.method = request.method ?? "";
    this.target = request.url ?? "";
    this.rawHeaders = request.rawHeaders;
    this.httpVersion = request.httpVersion;
    this.#request = request;
    this.#response = response;
    this.#connection = connection;
    this.#host = host;
    this.#awaitsContinue = awaitsContinue;
    this.#isLast = isLast;
    this.#body = this.#readAhead();
    response.on("finish", () => this.#left());
    connection.add(this);
  }

  get peer(): Peer | undefined {
    return this.#connection.peer;
  }

  override get trailers(): RawHeaders {
    return this.#request.complete ? this.#request.rawTrailers : [];
  }

  /** Whether a part of the request is still to come. */
  get isArriving(): boolean {
    return !this.#request.complete;
  }

  async read(): Promise<Uint8Array | undefined> {
    this.throwIfOver();
    if (this.#awaitsContinue) this.#askForBody();
    return this.#body?.read();
  }

  protected override start({ status, headers }: ResponsePlan, flushes: boolean): void {
    this.#response.writeHead(status, this.#connectionHeaders(headers));
    // The client of a stream learns at once that there will be one.
    if (flushes) this.#response.flushHeaders();
  }

  protected override write(chunk: Uint8Array): boolean {
    const hasRoom = this.#response.write(chunk);
    if (!hasRoom) this.#response.once("drain", () => this.roomFreed());
    return hasRoom;
  }

  protected override inform(_status: number, headers: RawHeaders): boolean {
    if (this.httpVersion === "1.0") return false;
    const hints: Record<string, string[]> = {};
    for (let i = 0; i < headers.length; i += 2) (hints[headers[i]!.toLowerCase()] ??= []).push(headers[i + 1]!);
    if (hints["link"] === undefined) return false;
    this.#response.writeEarlyHints(hints);
    return true;
  }

  protected override end(chunk: string | Uint8Array, trailers: RawHeaders): void {
    if (trailers.length > 0 && takesTrailers(this.rawHeaders)) {
      const pairs: [string, string][] = [];
      for (let i = 0; i < trailers.length; i += 2) pairs.push([trailers[i]!, trailers[i + 1]!]);
      this.#response.addTrailers(pairs);
    }
    this.#response.end(chunk);
  }

  protected override cut(reason: Disconnect | ResponseAborted): void {
    this.#body?.fail(reason);
    if (reason instanceof ResponseAborted) this.#connection.cut("a response before it was broken off");
    else this.#connection.remove(this);
  }

  // A client that has begun to send, or has its response, need not be told to.
  #askForBody(): void {
    this.#awaitsContinue = false;
    if (this.responded || this.#body === undefined || this.#body.size > 0 || this.#body.isEnded) return;
    this.#response.writeContinue();
  }

  #connectionHeaders(headers: string[]): string[] {
    const own = findHeader(headers, "connection");
    if (own !== undefined) this.#isLast ||= /\bclose\b/i.test(own);
    else if (this.#isLast || this.#host.draining) {
      this.#isLast = true;
      headers.push("Connection", "close");
    }
    return headers;
  }

  #left(): void {
    this.leftWhole();
    this.#body?.discard();
    if (this.#isLast) this.#connection.closeWhenIdle();
    this.#connection.remove(this);
  }

  /** Begins to read the body, if there is one. */
  #readAhead(): BytePipe | undefined {
    const request = this.#request;
    if (!hasBody(this.rawHeaders)) return undefined;
    const pipe = new BytePipe({ name: "request body", bound: this.#host.bodyBuffer, onRoom: () => request.resume() });
    request.on("data", (chunk: Uint8Array) => this.#arrived(pipe, chunk));
    request.on("end", () => pipe.end());
    return pipe;
  }

  /** A body that is not wanted is read and dropped, so that the connection can be used again; but not for ever. */
  #arrived(pipe: BytePipe, chunk: Uint8Array): void {
    if (!pipe.push(chunk)) this.#request.pause();
    if (!this.finished) return;
    this.#discarded += chunk.byteLength;
    if (this.#discarded > this.#host.discardLimit) this.#connection.cut("the client goes on sending an unwanted body");
  }
}

/** Whether a request has a body. */
export function hasBody(headers: RawHeaders): boolean {
  const length = findHeader(headers, "content-length");
  return length === undefined ? findHeader(headers, "transfer-encoding") !== undefined : length !== "0";
}
