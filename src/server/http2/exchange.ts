/**
 * An exchange over a stream of `node:http2`.
 *
 *     stream ── data ──> BytePipe ──> read()             full: the stream is paused, and its window closes
 *     respond() ──> respond + write + end ──> finish     the response has left
 *                                        └──> close      or there was no finish, as the stream was closed before it
 *
 * That a client takes its request back is told by "aborted" as long as the response has no end, and by the code at "finish"
 * or "close" after that; `writableFinished` is true in either case. What is reset with NO_ERROR after the end of its
 * response was written cannot be told from a response that has left. On Node 24 it says nothing at all, so its connection
 * looks after it.
 */

import type { ServerHttp2Stream } from "node:http2";
import type { Task } from "../../asyncio/index.ts";
import {
  BytePipe,
  ConnectionCut,
  type Disconnect,
  findHeader,
  type Peer,
  type RawHeaders,
  type RespondOptions,
  type ResponseAborted,
  type ResponseBody,
  type ResponsePlan,
  ServerExchange,
  type TlsFacts,
} from "../../http/index.ts";
import type { ListenedExchange } from "../listener.ts";
import { BodyPace } from "../body-pace.ts";
import { lateRequest, slowBody } from "../refusal.ts";
import { errorCode } from "./error-codes.ts";
import type { Http2Settings } from "./options.ts";
import { answerRefusal } from "./refuse.ts";
import type { Http2RequestHead } from "./request-head.ts";
import { checkSize, toFieldMap, toResponseHead } from "./response-head.ts";
import { own, readBody, type StreamOwner } from "./stream-owner.ts";

/** A piece of a response is written in slices of at most so many bytes, so that its progress can be seen. */
const sliceSize = 65_536;
/** So many looks at least must find a response standing still: a process that was busy has looked only once. */
const fewestLooks = 3;

/** What an exchange must know of its connection. */
export interface Http2ExchangeHost {
  /** The other end. */
  readonly peer: Peer | undefined;
  /** `https` if the socket is encrypted. */
  readonly scheme: "http" | "https";
  /** What TLS says of the connection. */
  readonly tls: TlsFacts | undefined;
  /** How many bytes of a body are read ahead. */
  readonly streamBuffer: number;
  /** Why the stream of an exchange was closed before its response had left. */
  reasonFor(exchange: Http2Exchange): Disconnect;
  /** A piece of a body has come. */
  received(bytes: number): void;
  /** A piece of a response was written. */
  wrote(bytes: number): void;
  /** An exchange is over. */
  remove(exchange: Http2Exchange): void;
}

/** An exchange over a stream of `node:http2`. */
export class Http2Exchange extends ServerExchange implements ListenedExchange, StreamOwner {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: RawHeaders;
  readonly httpVersion = "2";
  /** The task that serves it. Set by the server. */
  task: Task<void> | undefined;
  readonly #stream: ServerHttp2Stream;
  readonly #host: Http2ExchangeHost;
  readonly #body: BytePipe | undefined;
  #awaitsContinue: boolean;
  #trailers: RawHeaders | undefined;
  /** Whether the response has trailers, which Node must know before it begins. */
  #hasTrailers = false;
  /** What is left of the piece that is being written. */
  #rest: Uint8Array | undefined;
  #endsAfterRest = false;
  readonly #pace: BodyPace | undefined;
  #whyGivenUp = "";
  #progress = 0;
  #looksClosed = 0;
  #still: { readonly progress: number; readonly since: number; looks: number } | undefined;

  /**
   * @param stream One whose errors are listened to; each is followed by "close".
   * @param hasBody Whether a body follows the head.
   */
  constructor(stream: ServerHttp2Stream, head: Http2RequestHead, host: Http2ExchangeHost, hasBody: boolean) {
    super();
    this.method = head.method;
    this.target = head.target;
    this.rawHeaders = head.rawHeaders;
    this.#stream = stream;
    this.#host = host;
    this.#awaitsContinue = hasBody && findHeader(head.rawHeaders, "expect") !== undefined;
    this.#body = hasBody ? this.#readAhead() : undefined;
    this.#pace = hasBody ? new BodyPace() : undefined;
    own(stream, this);
  }

  get scheme(): "http" | "https" {
    return this.#host.scheme;
  }

  get peer(): Peer | undefined {
    return this.#host.peer;
  }

  get tls(): TlsFacts | undefined {
    return this.#host.tls;
  }

  override get trailers(): RawHeaders {
    return this.#trailers ?? super.trailers;
  }

  /** Whether a part of the request is still to come. */
  get isArriving(): boolean {
    return this.#body?.isEnded === false;
  }

  /** Looks whether the stream has been closed for some time without having said so. */
  lookAtEnd(): boolean {
    this.#looksClosed = this.#stream.closed ? this.#looksClosed + 1 : 0;
    return this.#looksClosed >= fewestLooks;
  }

  async read(): Promise<Uint8Array | undefined> {
    this.throwIfOver();
    if (this.#awaitsContinue) this.#askForBody();
    return this.#body?.read();
  }

  override respond(status: number, headers: RawHeaders, body?: ResponseBody, options?: RespondOptions): Promise<void> {
    const trailers = options?.trailers;
    if (!this.responded) this.#hasTrailers = trailers !== undefined;
    const checked = trailers && { trailers: () => checkSize(trailers()) };
    return super.respond(status, headers, body, checked);
  }

  /** Looks how long data has waited to be sent while the client took none of it, in milliseconds. */
  lookAtWrites(now: number): number {
    const waits = this.ended || this.#stream.writableLength > 0;
    if (!waits) this.#still = undefined;
    else if (this.#still?.progress !== this.#progress) this.#still = { progress: this.#progress, since: now, looks: 0 };
    else this.#still.looks++;
    return this.#still === undefined || this.#still.looks < fewestLooks ? 0 : now - this.#still.since;
  }

  /** Looks whether the body is late or slow. Such a request is answered with 408, if it was not answered. */
  lookAtBody(now: number, { requestTimeout, minBodyRate }: Http2Settings): void {
    const isWanted = this.#body?.isFull === false && !this.#awaitsContinue;
    const isSlow = this.#pace?.look(now, isWanted, minBodyRate) === true;
    if (this.elapsed >= requestTimeout) this.#giveUp(lateRequest.reason);
    else if (isSlow) this.#giveUp(slowBody.reason);
  }

  /** @internal */
  streamAborted(): void {
    this.disconnect(this.#host.reasonFor(this));
  }

  /** @internal The stream of a HEAD finishes before there is a response, and that of one with trailers before them. */
  streamFinished(): void {
    if (this.ended && !this.#hasTrailers) this.streamClosed();
  }

  /** @internal */
  streamClosed(): void {
    const { aborted, rstCode } = this.#stream;
    if (this.ended && this.#rest === undefined && !aborted && rstCode === errorCode.none) this.#left();
    else this.streamAborted();
  }

  /** @internal */
  bodyArrived(chunk: Uint8Array): void {
    this.#host.received(chunk.byteLength);
    this.#pace?.add(chunk.byteLength);
    if (this.#body?.push(chunk) === false) this.#stream.pause();
  }

  /** @internal */
  trailersArrived(fields: RawHeaders): void {
    this.#trailers = fields;
  }

  /** @internal */
  bodyEnded(): void {
    this.#body?.end();
  }

  protected override start({ status, headers, body }: ResponsePlan, _flushes: boolean): void {
    const stream = this.#stream;
    // It was closed in a way that is told only later.
    if (stream.closed || stream.destroyed) this.streamAborted();
    this.throwIfOver();
    const endStream = isEmpty(body);
    this.#hasTrailers &&= !endStream;
    stream.respond(toResponseHead(status, headers), { endStream, waitForTrailers: this.#hasTrailers });
  }

  protected override inform(status: number, headers: RawHeaders): boolean {
    const stream = this.#stream;
    const fields = toFieldMap(headers);
    if (stream.closed || stream.destroyed) return false;
    stream.additionalHeaders({ ":status": status, ...fields });
    return true;
  }

  protected override write(chunk: Uint8Array): boolean {
    this.#host.wrote(chunk.byteLength);
    if (chunk.byteLength > sliceSize) {
      this.#rest = chunk;
      this.#writeSlice();
      return false;
    }
    const hasRoom = this.#stream.write(chunk, () => this.#progress++);
    if (!hasRoom) this.#stream.once("drain", () => this.roomFreed());
    return hasRoom;
  }

  protected override end(chunk: string | Uint8Array, trailers: RawHeaders): void {
    const stream = this.#stream;
    this.#host.wrote(chunk.length);
    if (this.#hasTrailers) this.#sendBehind(toFieldMap(trailers));
    if (chunk.length <= sliceSize) {
      // Of an empty piece that waits behind another stream, Node never says that it has left.
      if (!stream.writableEnded) stream.end(chunk.length === 0 ? undefined : chunk);
      // What is said of the end of a HEAD was said when it came.
      if (this.method === "HEAD") this.#refuseRest();
      return;
    }
    this.#rest = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    this.#endsAfterRest = true;
    this.#writeSlice();
  }

  protected override cut(reason: Disconnect | ResponseAborted): void {
    this.#rest = undefined;
    this.#body?.fail(reason);
    this.#host.remove(this);
    const stream = this.#stream;
    // Not at once: Node goes on with a stream after it has said that it was aborted.
    if (stream.closed) setImmediate(() => stream.destroy());
    else if (reason instanceof ConnectionCut && reason.status !== undefined) {
      answerRefusal(stream, { status: reason.status, reason: this.#whyGivenUp, method: this.method });
      // RST_STREAM with INTERNAL_ERROR. What close(code) does first is to send the end of the response, which makes it whole.
    } else stream.destroy(reason);
  }

  #giveUp(why: string): void {
    this.#whyGivenUp = why;
    this.disconnect(new ConnectionCut(this.peer, this.elapsed, why, this.responded ? undefined : 408));
  }

  // A client that has begun to send, or has its response, need not be told to.
  #askForBody(): void {
    this.#awaitsContinue = false;
    if (this.responded || this.#body === undefined || this.#body.size > 0 || this.#body.isEnded) return;
    this.#stream.additionalHeaders({ ":status": 100 });
  }

  /** Writes the next slice; the one after it once this one has left. */
  #writeSlice(): void {
    const rest = this.#rest;
    if (rest === undefined || this.#stream.destroyed) return;
    if (rest.byteLength > sliceSize) {
      this.#rest = rest.subarray(sliceSize);
      this.#stream.write(rest.subarray(0, sliceSize), () => this.#sliceLeft());
      return;
    }
    this.#rest = undefined;
    if (this.#endsAfterRest) this.#stream.end(rest);
    else this.#stream.write(rest, () => this.#pieceLeft());
  }

  #sliceLeft(): void {
    this.#progress++;
    this.#writeSlice();
  }

  #pieceLeft(): void {
    this.#progress++;
    this.roomFreed();
  }

  #left(): void {
    this.leftWhole();
    this.#host.remove(this);
    this.#refuseRest();
  }

  #sendBehind(trailers: Record<string, string[]>): void {
    this.#stream.once("wantTrailers", () => {
      this.#stream.sendTrailers(trailers);
      // Node sends them in an immediate of its own.
      setImmediate(() => this.#refuseRest());
    });
  }

  /** Tells the client to send no more of a body that is not wanted. */
  #refuseRest(): void {
    if (!this.isArriving) return;
    this.#body?.discard();
    // After what was written in this turn.
    setImmediate(() => this.#stream.close(errorCode.none));
  }

  #readAhead(): BytePipe {
    const stream = this.#stream;
    const { streamBuffer: bound } = this.#host;
    readBody(stream);
    return new BytePipe({ name: "request body", bound, onRoom: () => stream.resume() });
  }
}

function isEmpty(body: ResponsePlan["body"]): boolean {
  return body === undefined || body === "" || (body instanceof Uint8Array && body.byteLength === 0);
}
