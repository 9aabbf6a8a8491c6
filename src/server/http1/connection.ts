/**
 * A connection that speaks HTTP/1.1, and the request on it:
 *
 *     socket ── bytes ──> parser ── head, body, end ──> Http1Exchange ──> onExchange
 *                └── pending: what arrives behind a request that is not answered yet
 *
 * Requests are served one after the other, in the order in which they came. While one is served, what its client sends is
 * read on, up to a bound: a socket that is not read does not say that its client has left.
 *
 * The two directions end apart. A client that sends no more has left; what is on its way to it is still sent. After a
 * response that ends the connection, our half is closed first, and what still arrives is read and dropped for a while: a
 * socket that is closed with unread bytes is reset, and its client may lose the response.
 */

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import {
  ClientDisconnected,
  ConnectionCut,
  type Disconnect,
  findHeader,
  type Peer,
  type RawHeaders,
  type TlsFacts,
} from "../../http/index.ts";
import { noop } from "../../base/noop.ts";
import type { ListenerHooks } from "../listener.ts";
import { BodyPace } from "../body-pace.ts";
import { peerOf } from "../peer-of.ts";
import { formatRefusal, lateRequest, lingerTime, type Refusal, refusedEntry, slowBody } from "../refusal.ts";
import type { ServedConnection } from "../served-connection.ts";
import type { ServeSettings } from "../serve-options.ts";
import { asksForWebSocket, findHandshakeFault } from "../websocket/handshake.ts";
import type { ServedWebSocket } from "../websocket/serve-web-socket.ts";
import { WriteWatch } from "../write-watch.ts";
import { beginsHttp2 } from "./http2-preface.ts";
import { tlsFactsOf } from "../listening/tls-facts.ts";
import { Http1Exchange, type Outlet } from "./exchange.ts";
import { Input } from "./input.ts";
import { Output } from "./output.ts";
import { type ParsedHead, type ParserEvents, type ParserLimits, RequestParser } from "./request-parser.ts";

/** The time of a listener, in milliseconds. */
export interface Clock {
  /** The time of the last look. */
  readonly now: number;
  /** The time between two looks. */
  readonly pause: number;
}

/** What the connections of a listener share. */
export interface Http1Host {
  readonly hooks: ListenerHooks;
  /** Takes over a connection whose client speaks HTTP/2; its first bytes were given back to it. */
  readonly onHttp2: ((socket: Socket) => void) | undefined;
  readonly settings: ServeSettings;
  readonly clock: Clock;
  readonly limits: ParserLimits;
  /** How many bytes of an unwanted body are dropped. */
  readonly discardLimit: number;
  /** How many looks in a row must find a write stalled. */
  readonly looksPerWrite: number;
  /** What tells a client of a connection that is kept for how long it is: header lines. */
  readonly keepAliveLines: string;
}

/**
 * A time counts from the first look after its beginning. Asking the clock at the beginning would cost more; and what is
 * reckoned from the look before, which may be late, would cut the limit short.
 */
const fromNextLook = Infinity;

const endedEarly: Refusal = { status: 400, reason: "the request ends in its middle" };

/** A connection that speaks HTTP/1.1. */
export class Http1Connection implements ServedConnection, Outlet, ParserEvents {
  /** The other end. Asked for at once: a socket that is closed no longer knows it. */
  readonly peer: Peer | undefined;
  readonly scheme: "http" | "https";
  readonly #socket: Socket;
  readonly #host: Http1Host;
  readonly #parser: RequestParser;
  #writes: WriteWatch | undefined;
  /** The request that is served, until its response was sent and all of it has arrived. */
  #current: Http1Exchange | undefined;
  readonly #output: Output;
  readonly #input: Input;
  /** How fast the body of the current request arrives; nothing, if it has none. */
  #pace: BodyPace | undefined;
  #served = 0;
  /** Whether the connection is closed once the current request is over. */
  #isLast = false;
  #drains = false;
  #refusal: Refusal | undefined;
  #hasClientEnded = false;
  #whyCut = "the response before it was the last on the connection";
  /** The first look after the request that arrives began, or the connection became idle, or our half was closed. */
  #since: number;
  #hasEnded = false;
  /** The first bytes, while they may be the preface of HTTP/2. */
  #early: Buffer | undefined;
  #mayBeHttp2: boolean;
  /** The request for a WebSocket that was just parsed. */
  #upgrade: ParsedHead | undefined;
  #isUpgraded = false;
  #webSocket: ServedWebSocket | undefined;

  constructor(socket: Socket, host: Http1Host, scheme: "http" | "https") {
    this.peer = peerOf(socket);
    this.scheme = scheme;
    this.#socket = socket;
    this.#host = host;
    this.#mayBeHttp2 = scheme === "http" && host.onHttp2 !== undefined;
    this.#parser = new RequestParser(this, host.limits);
    this.#input = new Input(socket, this.#parser, { bodyBuffer: this.bodyBuffer, discardLimit: host.discardLimit });
    this.#output = new Output(socket);
    this.#since = fromNextLook;
    socket.on("data", this.#received).on("drain", this.#drained);
    // An error is followed by "close".
    socket.on("error", noop);
    socket.on("end", this.#halfClosed).on("close", this.#closed);
  }

  // Leaves the socket to others.
  #detach(): void {
    const socket = this.#socket;
    socket.off("data", this.#received).off("drain", this.#drained);
    socket.off("end", this.#halfClosed).off("close", this.#closed);
  }

  // What the listener asks of it.

  closeWhenIdle(): void {
    if (this.#webSocket !== undefined) return this.#webSocket.closeWhenIdle();
    this.#drains = true;
    this.#proceed();
  }

  cancel(reason: Error): void {
    this.#current?.task?.cancel(reason);
    for (const exchange of this.#output.leaving) exchange.task?.cancel(reason);
    this.#webSocket?.cancel(reason);
  }

  cut(why: string): void {
    this.#whyCut = why;
    this.#webSocket?.cut(why);
    this.#socket.destroy();
    this.#disconnectAll((exchange) => this.#cutting(exchange));
  }

  look(): void {
    const { clock, settings, looksPerWrite } = this.#host;
    const { writeTimeout } = settings;
    if (writeTimeout !== Infinity && this.#output.isWaiting) {
      this.#writes ??= new WriteWatch(this.#socket);
      if (this.#writes.look() >= looksPerWrite)
        return this.cut(`the client took nothing of the response for ${writeTimeout} ms`);
    }
    if (this.#since === fromNextLook) this.#since = clock.now;
    else if (!this.#isUpgraded) this.#lookAtTime(clock.now - this.#since);
  }

  #lookAtTime(elapsed: number): void {
    const { headersTimeout, requestTimeout, keepAliveTimeout } = this.#host.settings;
    if (this.#hasEnded) {
      if (elapsed > lingerTime && this.#socket.writableLength === 0) this.#socket.destroy();
    } else if (this.#refusal !== undefined) {
      // It waits for the response before it.
    } else if (this.#current !== undefined) {
      if (this.#current.isArriving) this.#lookAtBody(this.#current, elapsed > requestTimeout);
    } else if (this.#parser.position === "head" || this.#served === 0) {
      if (elapsed > headersTimeout) this.#refuse(lateRequest);
    } else if (elapsed > keepAliveTimeout && !this.#output.isWaiting) this.#socket.destroy();
  }

  // A body that the application does not read is late, but not slow.
  #lookAtBody(exchange: Http1Exchange, isLate: boolean): void {
    const { clock, settings } = this.#host;
    const isWanted = !exchange.isFull && !exchange.awaitsBody;
    const isSlow = this.#pace?.look(clock.now, isWanted, settings.minBodyRate) === true;
    if (isLate) this.#failBody(exchange, lateRequest);
    else if (isSlow) this.#failBody(exchange, slowBody);
  }

  // What an exchange asks of it.

  get tls(): TlsFacts | undefined {
    return this.scheme === "https" ? tlsFactsOf(this.#socket as TLSSocket) : undefined;
  }

  get bodyBuffer(): number {
    return this.#host.settings.bodyBuffer;
  }

  get keepAliveLines(): string {
    return this.#host.keepAliveLines;
  }

  get isClosing(): boolean {
    return this.#isLast || this.#drains || this.#refusal !== undefined || this.#host.hooks.isDraining();
  }

  send(text: string, bytes?: Uint8Array): boolean {
    return this.#output.send(text, bytes, this.#gathers);
  }

  sendPiece(bytes: Uint8Array): boolean {
    return this.#output.send("", bytes, true);
  }

  // Whether another request is at hand, whose response can leave with that of this one.
  get #gathers(): boolean {
    return this.#input.isFeeding || this.#input.isPending;
  }

  ended(exchange: Http1Exchange): void {
    if (exchange.isLast) this.#isLast = true;
    this.#output.ended(exchange, this.#gathers);
    if (!exchange.isArriving) this.#currentOver();
    else if (this.#isLast) this.#endHalf();
    else this.#socket.resume();
  }

  bodyWanted(): void {
    this.#input.resume();
  }

  remove(exchange: Http1Exchange): void {
    this.#output.remove(exchange);
    if (this.#current !== exchange) return;
    // It is not known whether its client has seen a part of the response.
    this.#isLast = true;
    this.#currentOver();
  }

  // What the parser tells it.

  onHead(head: ParsedHead): void {
    this.#served++;
    if (this.#asksForWebSocket(head)) return this.#beginUpgrade(head);
    if (this.#served >= this.#host.settings.maxRequestsPerConnection) this.#isLast = true;
    const exchange = new Http1Exchange(head, this);
    this.#current = exchange;
    this.#input.forgetDiscarded();
    this.#pace = head.bodyLength === 0 ? undefined : new BodyPace();
    this.#host.hooks.onExchange(exchange);
  }

  onBody(piece: Buffer): void {
    const exchange = this.#current;
    if (exchange === undefined) return;
    this.#pace?.add(piece.byteLength);
    if (!exchange.arrived(piece)) this.#socket.pause();
    if (!exchange.ended) return;
    if (this.#input.discard(piece.byteLength)) this.#endHalf();
  }

  onEnd(trailers: RawHeaders): void {
    const exchange = this.#current;
    if (exchange === undefined) return;
    exchange.arrivedWhole(trailers);
    if (!exchange.ended || this.#isLast) this.#parser.pause();
    if (exchange.ended) this.#currentOver();
  }

  onFault(refusal: Refusal): void {
    if (this.#current?.isArriving === true) this.#failBody(this.#current, refusal);
    else this.#refuse(refusal);
  }

  // Reading.

  readonly #received = (chunk: Buffer): void => {
    if (this.#served === 0 && this.#mayBeHttp2) return this.#receivedFirst(chunk);
    this.#take(chunk);
  };

  // The first bytes of a connection that is not encrypted tell whether its client speaks HTTP/2.
  #receivedFirst(chunk: Buffer): void {
    const early = this.#early === undefined ? chunk : Buffer.concat([this.#early, chunk]);
    const answer = beginsHttp2(early);
    this.#early = answer === "maybe" ? early : undefined;
    if (answer === "maybe") return;
    this.#mayBeHttp2 = false;
    if (answer === "no") return this.#take(early);
    this.#detach();
    this.#socket.pause();
    this.#socket.unshift(early);
    this.#host.onHttp2!(this.#socket);
  }

  #take(chunk: Buffer): void {
    const isOver = this.#hasEnded || this.#refusal !== undefined;
    if (isOver || (this.#isLast && this.#isHeld)) return this.#drop(chunk);
    if (this.#input.isPending || this.#isHeld) return this.#input.hold(chunk);
    this.#feed(chunk);
    this.#proceed();
  }

  // A request has arrived, and is not answered.
  get #isHeld(): boolean {
    return this.#current !== undefined && !this.#current.isArriving;
  }

  #feed(chunk: Buffer): void {
    if (this.#parser.position === "idle") this.#since = fromNextLook;
    const taken = this.#input.feed(chunk);
    if (this.#upgrade !== undefined) return this.#handOver(this.#upgrade, chunk.subarray(taken));
    if (taken === chunk.byteLength) {
      if (!this.#input.isPending) this.#output.flush();
    } else if (!this.#hasEnded && !this.#isLast && this.#refusal === undefined) {
      this.#input.unshift(chunk.subarray(taken));
    }
  }

  // It is read all the same: a socket that is not read does not say that its client has left.
  #drop(chunk: Buffer): void {
    if (this.#input.discard(chunk.byteLength)) this.cut("the client goes on sending a body that is not wanted");
  }

  // WebSockets.

  #asksForWebSocket({ method, target, httpVersion, rawHeaders, upgrade }: ParsedHead): boolean {
    if (upgrade === undefined && findHeader(rawHeaders, "upgrade") === undefined) return false;
    return this.#host.hooks.takesWebSockets() && asksForWebSocket({ method, target, httpVersion, rawHeaders });
  }

  // Only whether it is an upgrade is checked here. The code that serves the WebSocket checks the rest.
  #beginUpgrade(head: ParsedHead): void {
    this.#parser.pause();
    if (head.bodyLength === 0 && head.upgrade !== undefined) this.#upgrade = head;
    else this.#refuse({ ...findHandshakeFault(head)!, method: head.method, target: head.target });
  }

  #handOver(head: ParsedHead, rest: Buffer): void {
    const firstBytes = this.#input.takeAll(rest);
    this.#upgrade = undefined;
    this.#isUpgraded = true;
    this.#output.flush();
    this.#detach();
    const { peer, scheme } = this;
    const request = {
      head,
      socket: this.#socket,
      firstBytes,
      scheme: scheme === "https" ? "wss" : "ws",
      peer,
    } as const;
    this.#webSocket = this.#host.hooks.onWebSocket(request);
  }

  // Going on.

  #currentOver(): void {
    this.#current = undefined;
    this.#since = fromNextLook;
    this.#proceed();
  }

  /** Goes on to what waits for the current request to be over. */
  #proceed(): void {
    if (this.#input.isFeeding) return;
    while (this.#current === undefined && !this.#hasEnded && !this.#isUpgraded && !this.#socket.destroyed) {
      if (this.#refusal !== undefined) return this.#answer(this.#refusal);
      if (this.#isLast) return this.#endHalf();
      const chunk = this.#input.next();
      if (chunk !== undefined) this.#feed(chunk);
      else {
        if (this.#drains) this.#endHalf();
        return;
      }
    }
  }

  /** Closes our half behind what was sent; the client closes its own, or is given up after a while. */
  #endHalf(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#since = fromNextLook;
    this.#input.forget();
    this.#output.flush();
    this.#socket.end();
    this.#socket.resume();
  }

  #refuse(refusal: Refusal): void {
    if (this.#refusal !== undefined || this.#isLast || this.#hasEnded) return;
    this.#refusal = refusal;
    this.#input.forget();
    this.#proceed();
  }

  /** Answers in place of the application. */
  #answer(refusal: Refusal): void {
    const { head, body } = formatRefusal(refusal);
    const milliseconds = Math.max(0, this.#host.clock.now - this.#since);
    this.send(head + body);
    this.#endHalf();
    if (refusal.isLogged !== true)
      this.#host.hooks.onRefused(refusedEntry(refusal, this.peer, body.length, milliseconds));
  }

  /** The body of a request is malformed or late. */
  #failBody(exchange: Http1Exchange, refusal: Refusal): void {
    if (exchange.ended) return this.#endHalf();
    const { status, reason } = refusal;
    const { method, target, responded, elapsed } = exchange;
    if (responded) this.#isLast = true;
    else this.#refusal ??= { ...refusal, method, target, isLogged: true };
    exchange.disconnect(new ConnectionCut(this.peer, elapsed, reason, responded ? undefined : status));
    this.#proceed();
  }

  // Ending.

  // A client that has sent its FIN has left: nothing more is sent to it but what is on its way.
  readonly #halfClosed = (): void => {
    this.#hasClientEnded = true;
    const isInHead = this.#current === undefined && this.#parser.position === "head";
    if (this.#early !== undefined) return this.#refuse(endedEarly);
    if (isInHead && this.#refusal === undefined && !this.#isLast) this.#refuse(endedEarly);
    this.#input.forget();
    const current = this.#current;
    this.#isLast = true;
    if (current !== undefined && !current.ended) current.disconnect(this.#left(current));
    this.#current = undefined;
    this.#proceed();
  };

  readonly #closed = (hadError: boolean): void => {
    this.#hasEnded = true;
    this.#input.forget();
    const isLeaving = hadError || this.#hasClientEnded;
    this.#disconnectAll((exchange) => (isLeaving ? this.#left(exchange) : this.#cutting(exchange)));
  };

  readonly #drained = (): void => this.#current?.freeRoom();

  #disconnectAll(reasonFor: (exchange: Http1Exchange) => Disconnect): void {
    const all = [...this.#output.leaving];
    if (this.#current !== undefined) all.push(this.#current);
    for (const exchange of all) exchange.disconnect(reasonFor(exchange));
  }

  #left({ elapsed }: Http1Exchange): Disconnect {
    return new ClientDisconnected(this.peer, elapsed);
  }

  #cutting({ elapsed }: Http1Exchange): Disconnect {
    return new ConnectionCut(this.peer, elapsed, this.#whyCut);
  }
}
