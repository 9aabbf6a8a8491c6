import type { ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import {
  type AccessEntry,
  ClientDisconnected,
  type Peer,
  phraseOf,
  planResponse,
  type RawHeaders,
  type ResponsePlan,
  ServerExchange,
  type TlsFacts,
  toBytes,
} from "../../http/index.ts";
import { outside } from "../../asyncio/index.ts";
import type { RequestHead } from "../check-head.ts";
import { formatHead } from "../http1/response-head.ts";
import { toChunk } from "../http1/to-chunk.ts";
import { toResponseHead } from "../http2/response-head.ts";
import { lingerTime, refusedEntry } from "../refusal.ts";
import { tlsFactsOf } from "../listening/tls-facts.ts";
import { type HandshakeRefusal, isStream } from "./handshake.ts";

/** How many bytes are kept that a client sends before the WebSocket is accepted. */
const keptBytes = 65_536;

/** A request for a WebSocket, and the connection that it came by. */
export interface WebSocketRequest {
  /**
   * The head. Over HTTP/2 its version is `2.0`, its target the `:path`, and its headers have no pseudo-headers; its
   * `:protocol` was `websocket`.
   */
  readonly head: RequestHead;
  /** The connection, of which nothing but the head was read; over HTTP/2 the stream. Nothing else may read from it or write to it. */
  readonly socket: Duplex;
  /** What was read behind the head. */
  readonly firstBytes: Buffer;
  readonly scheme: "ws" | "wss";
  readonly peer: Peer | undefined;
}

/**
 * The request for a WebSocket as an exchange, on a connection of its own. Until it is answered, the connection is read, as
 * one that is not read does not say that its client has left; what arrives is kept, within a bound.
 */
export class HandshakeExchange extends ServerExchange {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: RawHeaders;
  readonly scheme: "http" | "https";
  readonly httpVersion: string;
  readonly peer: Peer | undefined;
  readonly #head: RequestHead;
  readonly #socket: Duplex;
  #kept: Buffer[];
  #size: number;
  #isChunked = false;
  #isAnswered = false;
  #isGivenAway = false;

  constructor({ head, socket, firstBytes, scheme, peer }: WebSocketRequest) {
    super();
    this.method = "GET";
    this.target = head.target;
    this.rawHeaders = head.rawHeaders;
    this.scheme = scheme === "wss" ? "https" : "http";
    this.httpVersion = head.httpVersion;
    this.peer = peer;
    this.#head = head;
    this.#socket = socket;
    this.#kept = [firstBytes];
    this.#size = firstBytes.byteLength;
    socket.on("data", this.#keep);
    socket.on("end", this.#leave);
    socket.on("close", this.#leave);
    // An error is followed by "close".
    socket.on("error", this.#leave);
    if (socket.destroyed || socket.readableEnded) this.#leave();
    else socket.resume();
  }

  /** What TLS says of the connection. That of a stream is not told: it never becomes an ordinary request. */
  get tls(): TlsFacts | undefined {
    const isSocket = this.scheme === "https" && !isStream(this.#head);
    return isSocket ? tlsFactsOf(this.#socket as TLSSocket) : undefined;
  }

  /** There is no body. */
  read(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** Sends the head that opens the WebSocket, and gives the connection away. Returns what has arrived. */
  switchProtocol(headers: RawHeaders): Buffer {
    if (isStream(this.#head)) this.#respond(200, headers);
    else this.#writeHead(101, ["Upgrade", "websocket", "Connection", "Upgrade", ...headers]);
    this.#isGivenAway = true;
    const kept = Buffer.concat(this.#kept);
    this.#kept = [];
    const socket = this.#socket;
    socket.off("data", this.#keep).off("end", this.#leave).off("close", this.#leave);
    return kept;
  }

  /** Answers in place of an application. Returns what the access log says of it. */
  refuse(refusal: HandshakeRefusal): AccessEntry {
    const { status, reason, headers = [] } = refusal;
    const body = `${phraseOf(status)}: ${reason}\n`;
    const own = ["Content-Type", "text/plain; charset=utf-8", ...headers];
    this.start(planResponse(this.method, status, own, body));
    this.end(body);
    const { method, target } = this;
    return refusedEntry({ ...refusal, method, target }, this.peer, Buffer.byteLength(body), this.elapsed);
  }

  protected override start({ status, headers, body, declaredLength }: ResponsePlan): void {
    this.#isAnswered = true;
    if (isStream(this.#head)) return this.#respond(status, headers);
    const kept: string[] = [];
    for (let i = 0; i < headers.length; i += 2)
      if (headers[i]?.toLowerCase() !== "connection") kept.push(headers[i] ?? "", headers[i + 1] ?? "");
    const isStreamed = typeof body !== "string" && !(body instanceof Uint8Array) && body !== undefined;
    this.#isChunked = isStreamed && declaredLength === undefined;
    if (this.#isChunked) kept.push("Transfer-Encoding", "chunked");
    this.#writeHead(status, kept, "Connection: close\r\n");
  }

  protected override write(chunk: Uint8Array): boolean {
    const socket = this.#socket;
    const hasRoom = socket.write(this.#isChunked ? toChunk(chunk) : chunk);
    if (!hasRoom) socket.once("drain", () => this.roomFreed());
    return hasRoom;
  }

  protected override end(chunk: string | Uint8Array): void {
    const bytes = this.#isChunked ? Buffer.from("0\r\n\r\n") : toBytes(chunk);
    const left = (): void => {
      if (this.#socket.writableFinished) this.leftWhole();
    };
    // An empty last piece would keep a stream of HTTP/2 from ending.
    if (bytes.byteLength === 0) this.#socket.end(left);
    else this.#socket.end(bytes, left);
    this.#linger();
  }

  protected override cut(): void {
    if (!this.#isGivenAway) this.#socket.destroy();
  }

  readonly #keep = (chunk: Buffer): void => {
    if (this.#isAnswered) return;
    this.#kept.push(chunk);
    this.#size += chunk.byteLength;
    if (this.#size > keptBytes) this.#socket.pause();
  };

  readonly #leave = (): void => {
    if (!this.#isGivenAway) this.disconnect(new ClientDisconnected(this.peer, this.elapsed));
  };

  // Read and dropped: a connection that is closed with unread bytes is reset, and its client may lose the answer.
  #linger(): void {
    this.#kept = [];
    this.#socket.resume();
    const timer = outside(setTimeout, () => this.#socket.destroy(), lingerTime);
    this.#socket.once("close", () => clearTimeout(timer));
  }

  #writeHead(status: number, headers: RawHeaders, lines = ""): void {
    this.#socket.write(formatHead(status, headers, lines), "latin1");
  }

  #respond(status: number, headers: RawHeaders): void {
    const stream = this.#socket as ServerHttp2Stream;
    // Its client has left, which "close" will tell in a moment.
    if (stream.closed || stream.destroyed) return;
    stream.respond(toResponseHead(status, headers));
  }
}
