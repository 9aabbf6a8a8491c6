/**
 * An exchange over HTTP/1.1. It frames what its application sends, and takes in what its client sends:
 *
 *     parser ── arrived(piece)* ── arrivedWhole()  ──> pipe ──> read()
 *     respond() ──> start ── write* ── end  ──> head and pieces, framed ──> Outlet (the connection)
 *
 * A plain response is one write: its head is kept until the body is there.
 */

import type { Task } from "../../asyncio/index.ts";
import {
  BytePipe,
  type Disconnect,
  findHeader,
  type Peer,
  phraseOf,
  type RawHeaders,
  ResponseAborted,
  type ResponsePlan,
  ServerExchange,
  takesTrailers,
  type TlsFacts,
} from "../../http/index.ts";
import type { ListenedExchange } from "../listener.ts";
import type { ParsedHead } from "./request-parser.ts";
import { formatHead, formatLines } from "./response-head.ts";
import { toChunk } from "./to-chunk.ts";

/** The connection, as an exchange on it knows it. */
export interface Outlet {
  readonly peer: Peer | undefined;
  readonly scheme: "http" | "https";
  readonly tls: TlsFacts | undefined;
  /** How many bytes of a body are read ahead. */
  readonly bodyBuffer: number;
  /** Whether the connection is closed after the response that begins now, whatever its client wants. */
  readonly isClosing: boolean;
  /** What tells a client of a connection that is kept for how long it is: header lines, or nothing. */
  readonly keepAliveLines: string;
  /** Sends text of one byte a character, and bytes behind it. Returns whether there is room for more. */
  send(text: string, bytes?: Uint8Array): boolean;
  /** Sends a piece of a stream, which leaves at the end of the turn. Returns whether there is room for more. */
  sendPiece(bytes: Uint8Array): boolean;
  /** All of a response was sent. */
  ended(exchange: Http1Exchange): void;
  /** There is room for more of a body again. */
  bodyWanted(): void;
  /** An exchange is over before its response has left. */
  remove(exchange: Http1Exchange): void;
  /** Closes the connection at once, for the reason `why`. */
  cut(why: string): void;
}

/** How a client knows where the body of a response ends. */
type Framing = "none" | "length" | "chunked" | "close";

/** An exchange over HTTP/1.1. */
export class Http1Exchange extends ServerExchange implements ListenedExchange {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: RawHeaders;
  readonly httpVersion: "1.0" | "1.1";
  task: Task<void> | undefined;
  readonly #outlet: Outlet;
  readonly #body: BytePipe | undefined;
  #awaitsContinue: boolean;
  #isArriving: boolean;
  #isLast: boolean;
  #framing: Framing = "none";
  #trailers: RawHeaders | undefined;
  /** How many bytes the body of a plain response has. */
  #length = 0;
  /** The head of a response whose body is not there yet. */
  #head = "";

  constructor(head: ParsedHead, outlet: Outlet) {
    super();
    this.method = head.method;
    this.target = head.target;
    this.rawHeaders = head.rawHeaders;
    this.httpVersion = head.httpVersion;
    this.#outlet = outlet;
    this.#awaitsContinue = head.awaitsContinue;
    this.#isLast = head.isLast;
    this.#isArriving = true;
    this.#body = head.bodyLength === 0 ? undefined : this.#makePipe();
  }

  get scheme(): "http" | "https" {
    return this.#outlet.scheme;
  }

  get tls(): TlsFacts | undefined {
    return this.#outlet.tls;
  }

  override get trailers(): RawHeaders {
    return this.#trailers ?? super.trailers;
  }

  get peer(): Peer | undefined {
    return this.#outlet.peer;
  }

  /** Whether a part of the request is still to come. */
  get isArriving(): boolean {
    return this.#isArriving;
  }

  /** Whether nothing that follows it on the connection is served. */
  get isLast(): boolean {
    return this.#isLast;
  }

  /** Whether as much of the body is there as is read ahead. */
  get isFull(): boolean {
    return this.#body?.isFull === true;
  }

  /** Whether its client waits to be asked for the body. */
  get awaitsBody(): boolean {
    return this.#awaitsContinue;
  }

  /** A piece of the body has arrived. Returns whether there is room for more. */
  arrived(piece: Uint8Array): boolean {
    return this.#body!.push(piece);
  }

  /** The whole request has arrived. */
  arrivedWhole(trailers: RawHeaders): void {
    if (trailers.length > 0) this.#trailers = trailers;
    this.#isArriving = false;
    this.#body?.end();
  }

  /** The connection says that there is room again. */
  freeRoom(): void {
    this.roomFreed();
  }

  /** The connection says that the whole response has left. */
  left(): void {
    this.leftWhole();
  }

  async read(): Promise<Uint8Array | undefined> {
    this.throwIfOver();
    if (this.#awaitsContinue) this.#askForBody();
    return this.#body?.read();
  }

  protected override start(plan: ResponsePlan, flushes: boolean): void {
    const { status, headers } = plan;
    this.#framing = this.#framingOf(plan, flushes);
    // It is not known whether a client still sends a body that it was not asked for.
    this.#isLast ||= this.#outlet.isClosing || this.#framing === "close" || this.#isUnasked;
    const own = findHeader(headers, "connection");
    if (own !== undefined) this.#isLast ||= /\bclose\b/i.test(own);
    const head = formatHead(status, headers, own === undefined ? this.#connectionLines() : "");
    if (flushes) this.#outlet.send(head);
    else {
      this.#head = head;
      this.#length = plan.length ?? 0;
    }
  }

  protected override write(chunk: Uint8Array): boolean {
    return this.#outlet.sendPiece(this.#framing === "chunked" ? toChunk(chunk) : chunk);
  }

  protected override inform(status: number, headers: RawHeaders): boolean {
    if (this.httpVersion === "1.0") return false;
    this.#outlet.send(`HTTP/1.1 ${status} ${phraseOf(status)}\r\n${formatLines(headers)}\r\n`);
    return true;
  }

  protected override end(body: string | Uint8Array, trailers: RawHeaders): void {
    const head = this.#head;
    this.#head = "";
    if (this.#framing === "chunked") this.#outlet.send(`${head}0\r\n${this.#toLines(trailers)}\r\n`);
    else if (typeof body !== "string") this.#outlet.send(head, body);
    // As many bytes as characters: it is ASCII, and can leave with the head as it is.
    else if (body.length === this.#length) this.#outlet.send(head + body);
    else this.#outlet.send(head, Buffer.from(body));
    this.#body?.discard();
    this.#outlet.ended(this);
  }

  protected override cut(reason: Disconnect | ResponseAborted): void {
    this.#body?.fail(reason);
    if (reason instanceof ResponseAborted) this.#outlet.cut("a response before it was broken off");
    else this.#outlet.remove(this);
  }

  #toLines(trailers: RawHeaders): string {
    return trailers.length === 0 || !takesTrailers(this.rawHeaders) ? "" : formatLines(trailers);
  }

  get #isUnasked(): boolean {
    return this.#awaitsContinue && this.#body?.size === 0 && this.#isArriving;
  }

  // A client that has begun to send, or has its response, need not be told to.
  #askForBody(): void {
    const isUnasked = this.#isUnasked;
    this.#awaitsContinue = false;
    if (isUnasked && !this.responded) this.#outlet.send("HTTP/1.1 100 Continue\r\n\r\n");
  }

  #framingOf({ headers, body, declaredLength }: ResponsePlan, flushes: boolean): Framing {
    if (!flushes) return "none";
    if (declaredLength !== undefined) return "length";
    if (body === undefined || this.httpVersion === "1.0") return "close";
    headers.push("Transfer-Encoding", "chunked");
    return "chunked";
  }

  #connectionLines(): string {
    if (this.#isLast) return "Connection: close\r\n";
    return this.#outlet.keepAliveLines;
  }

  #makePipe(): BytePipe {
    const { bodyBuffer: bound } = this.#outlet;
    return new BytePipe({ name: "request body", bound, onRoom: () => this.#outlet.bodyWanted() });
  }
}
