/**
 * A connection of HTTP/2, and the exchanges on it.
 *
 *     socket ── performServerHandshake ── session ──┬── stream ──> findFault ── Http2Exchange ──> onExchange
 *                                                   ├── CONNECT ──> onUpgrade
 *                                                   └── fault ──> answerRefusal ──> onRefused
 *
 * Why `http2.performServerHandshake` and not a server that is given sockets by `emit("connection", socket)`: it is public
 * API of Node 24 and 26, it makes nothing but the session, and a server that never listens would look at `alpnProtocol`,
 * set time limits and answer unknown protocols, all of which is decided by then.
 *
 * What `node:http2` guards by itself, on Node 24 and 26, tried with frames by hand: more than eight CONTINUATION; more than
 * 1,000 malformed heads or empty DATA; 1,000 PING or SETTINGS that come faster than they are answered; 1,000 frames of no
 * meaning (PRIORITY, unknown types) at once; streams beyond the limit; heads beyond theirs; 1,000 resets and 33 a second
 * more. What it does not guard, we do: the same floods, if they come more slowly, WINDOW_UPDATE, tiny DATA and refused heads
 * without end, which `overhead-watch.ts` counts; clients that take nothing, send nothing or send too slowly; and a session
 * whose client does not close it, which Node waits for.
 *
 * A session is destroyed from `setImmediate` only, never in the middle of what it reads: Node 24 leaves the streams half made
 * that are read after that.
 */

import type { ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { noop } from "../../base/noop.ts";
import {
  ClientDisconnected,
  ConnectionCut,
  type Disconnect,
  findHeader,
  type Peer,
  type TlsFacts,
} from "../../http/index.ts";
import type { ListenerHooks } from "../listener.ts";
import { tlsFactsOf } from "../listening/tls-facts.ts";
import { peerOf } from "../peer-of.ts";
import { lingerTime, type Refusal, refusedEntry } from "../refusal.ts";
import type { ServedConnection } from "../served-connection.ts";
import { errorCode } from "./error-codes.ts";
import { Http2Exchange, type Http2ExchangeHost } from "./exchange.ts";
import type { Http2Settings } from "./options.ts";
import { OverheadWatch } from "./overhead-watch.ts";
import { answerRefusal } from "./refuse.ts";
import { findFault, type Http2RequestHead, readRequestHead } from "./request-head.ts";

/** The bit that says that a head is the whole request. */
const endStream = 1;
/** How much of a body Node holds itself before it closes the window, in bytes: a buffer of its own and a frame. */
const nodeBuffer = 65_536 + 16_384;
/** The memory that a session needs besides that of its streams, in bytes. */
const sessionMemory = 10_000_000;

const badMethod: Refusal = { status: 501, reason: "CONNECT is for proxies" };
const badProtocol: Refusal = { status: 501, reason: "the only protocol on a stream here is websocket" };
const badExpectation: Refusal = { status: 417, reason: "the only Expect here is 100-continue" };

/** What a connection tells its listener. */
export interface Http2Hooks extends Pick<ListenerHooks, "onExchange" | "onRefused" | "isDraining"> {
  /**
   * Called with each stream whose client wants to speak another protocol on it, by an extended CONNECT. It is to answer the
   * stream, whose errors are listened to; what it returns is told what happens to the connection. While the stream is open the connection is not idle. Clients are told that they may
   * ask only if there is this hook.
   * @see https://www.rfc-editor.org/rfc/rfc8441
   */
  readonly onUpgrade?: (
    stream: ServerHttp2Stream,
    head: Http2RequestHead,
    connection: Pick<Http2Connection, "peer" | "scheme">,
  ) => Upgraded | undefined;
}

/** What speaks another protocol on a stream. */
export type Upgraded = Omit<ServedConnection, "look">;

/** A connection of HTTP/2. */
export class Http2Connection implements ServedConnection, Http2ExchangeHost {
  readonly peer: Peer | undefined;
  readonly scheme: "http" | "https";
  readonly streamBuffer: number;
  readonly #socket: Socket;
  readonly #settings: Http2Settings;
  readonly #hooks: Http2Hooks;
  readonly #session: ServerHttp2Session;
  readonly #overhead: OverheadWatch;
  readonly #exchanges = new Set<Http2Exchange>();
  readonly #upgrades = new Map<ServerHttp2Stream, Upgraded | undefined>();
  #requests = 0;
  #idleSince: number = performance.now();
  #isClosing = false;
  #hasClientLeft = false;
  #whyCut: string | undefined;
  #lingering: NodeJS.Timeout | undefined;

  /**
   * @param socket One on which the client speaks HTTP/2, from its preface on. What was read of it was given back by
   *   `unshift`, and no other code reads it.
   */
  constructor(socket: Socket, settings: Http2Settings, hooks: Http2Hooks) {
    this.peer = peerOf(socket);
    this.scheme = "encrypted" in socket ? "https" : "http";
    this.streamBuffer = settings.streamBuffer;
    this.#socket = socket;
    this.#settings = settings;
    this.#hooks = hooks;
    this.#overhead = new OverheadWatch(settings, socket.bytesRead);
    // Before the session's own listeners: what they make of it is not to be taken for an end of the responses.
    socket.on("error", () => this.#clientLeft());
    socket.on("end", () => this.#halfClosed());
    socket.on("close", () => this.#closed());
    this.#session = handshake(socket, settings, hooks);
    this.#session.on("stream", (stream, _headers, flags, fields) => this.#requested(stream, flags, fields));
    this.#session.on("goaway", (code) => this.#goingAway(code));
    this.#session.on("error", (error) => this.#failed(error));
  }

  closeWhenIdle(): void {
    if (this.#isClosing || this.#whyCut !== undefined) return;
    this.#isClosing = true;
    for (const upgraded of this.#upgrades.values()) upgraded?.closeWhenIdle();
    this.#session.close();
    this.#lingerIfIdle();
  }

  cancel(reason: Error): void {
    for (const exchange of this.#exchanges) exchange.task?.cancel(reason);
    for (const upgraded of this.#upgrades.values()) upgraded?.cancel(reason);
  }

  cut(why: string): void {
    this.#cut(why, errorCode.none);
  }

  look(): void {
    if (this.#whyCut !== undefined) return;
    if (this.#session.destroyed) return this.#linger();
    const now = performance.now();
    const arriving = [...this.#exchanges].filter((exchange) => exchange.isArriving);
    if (this.#sendsTooMuch(arriving.length)) return this.#calm("the client sends too much that is no request");
    for (const exchange of arriving) exchange.lookAtBody(now, this.#settings);
    for (const exchange of this.#exchanges) this.#lookAtResponse(exchange, now);
    if (this.#isIdle) this.#lookAtIdle(now);
  }

  /** @internal Why the stream of an exchange was closed before its response had left. */
  reasonFor({ elapsed }: Http2Exchange): Disconnect {
    const isBroken = !this.#hasClientLeft && this.#session.destroyed;
    const why = this.#whyCut ?? (isBroken ? "the client does not keep to HTTP/2" : undefined);
    return why === undefined ? new ClientDisconnected(this.peer, elapsed) : new ConnectionCut(this.peer, elapsed, why);
  }

  /** @internal A piece of a body has come. */
  received(bytes: number): void {
    this.#overhead.usePiece(bytes);
  }

  /** @internal A piece of a response was written. */
  wrote(bytes: number): void {
    this.#overhead.use(bytes);
  }

  /** @internal An exchange is over. */
  remove(exchange: Http2Exchange): void {
    if (this.#exchanges.delete(exchange)) this.#proceed();
  }

  /** @internal What TLS says of the connection. */
  get tls(): TlsFacts | undefined {
    return this.scheme === "https" ? tlsFactsOf(this.#socket as TLSSocket) : undefined;
  }

  get #isIdle(): boolean {
    return this.#exchanges.size === 0 && this.#upgrades.size === 0;
  }

  #requested(stream: ServerHttp2Stream, flags: number, fields: readonly string[]): void {
    const head = readRequestHead(fields);
    this.#overhead.use(head.size);
    this.#requests++;
    stream.on("error", noop);
    if (this.#whyCut !== undefined) return void stream.destroy();
    // Closed by what came with its head.
    if (stream.closed || stream.destroyed) return;
    if (this.#requests >= this.#settings.maxRequestsPerConnection || this.#hooks.isDraining()) this.closeWhenIdle();
    if (head.method === "CONNECT") return this.#connectAsked(stream, head);
    const fault = findFault(head) ?? expectationFault(head);
    if (fault !== undefined) return this.#refuse(stream, head, fault);
    const exchange = new Http2Exchange(stream, head, this, (flags & endStream) === 0);
    this.#exchanges.add(exchange);
    this.#hooks.onExchange(exchange);
  }

  #connectAsked(stream: ServerHttp2Stream, head: Http2RequestHead): void {
    const { onUpgrade } = this.#hooks;
    if (head.protocol === undefined || onUpgrade === undefined) return this.#refuse(stream, head, badMethod);
    if (head.protocol !== "websocket") return this.#refuse(stream, head, badProtocol);
    stream.once("close", () => {
      // What came since the last look: at the next one nothing tells any more that it was spoken on the stream.
      this.#overhead.ignore(this.#socket.bytesRead);
      this.#upgrades.delete(stream);
      this.#proceed();
    });
    this.#upgrades.set(stream, onUpgrade(stream, head, this));
  }

  #refuse(stream: ServerHttp2Stream, { method, target }: Http2RequestHead, refusal: Refusal): void {
    const named = { ...refusal, method, target };
    const bytes = answerRefusal(stream, named);
    this.#idleSince = performance.now();
    this.#hooks.onRefused(refusedEntry(named, this.peer, bytes, 0));
  }

  #refuseConnection(reason: string): void {
    const milliseconds = performance.now() - this.#idleSince;
    this.#hooks.onRefused(refusedEntry({ status: undefined, reason }, this.peer, 0, milliseconds));
  }

  /** @param arriving How many bodies may be held back. */
  #sendsTooMuch(arriving: number): boolean {
    const { bytesRead } = this.#socket;
    // The stream of an upgrade is read by other code, and may contain anything. So there is nothing to limit.
    if (this.#upgrades.size > 0) this.#overhead.ignore(bytesRead);
    return this.#overhead.look(bytesRead, arriving * (this.streamBuffer + nodeBuffer));
  }

  #lookAtResponse(exchange: Http2Exchange, now: number): void {
    const { writeTimeout } = this.#settings;
    if (exchange.lookAtEnd()) return exchange.disconnect(this.reasonFor(exchange));
    if (exchange.lookAtWrites(now) < writeTimeout) return;
    const why = `the client took nothing of the response for ${writeTimeout} ms`;
    exchange.disconnect(new ConnectionCut(this.peer, exchange.elapsed, why));
  }

  #lookAtIdle(now: number): void {
    const { keepAliveTimeout, headersTimeout } = this.#settings;
    if (now - this.#idleSince >= (this.#requests === 0 ? headersTimeout : keepAliveTimeout)) this.closeWhenIdle();
  }

  /** Goes on to what waits for the last exchange to be over. */
  #proceed(): void {
    if (!this.#isIdle) return;
    this.#idleSince = performance.now();
    this.#lingerIfIdle();
  }

  #lingerIfIdle(): void {
    if (this.#isClosing && this.#isIdle) this.#linger();
  }

  /** Node waits until the client has taken what was written and closed its end. We do not wait for ever. */
  #linger(): void {
    if (this.#socket.destroyed) return;
    this.#lingering ??= setTimeout(() => this.#socket.destroy(), lingerTime);
  }

  #goingAway(code: number): void {
    if (code !== errorCode.none) this.#hasClientLeft = true;
    // The session closes itself.
    this.#isClosing = true;
    this.#lingerIfIdle();
  }

  #failed(error: Error): void {
    if (this.#whyCut === undefined && !this.#hasClientLeft) this.#refuseConnection(`not HTTP/2 (${error.message})`);
  }

  #calm(why: string): void {
    this.#refuseConnection(why);
    this.#cut(why, errorCode.calm);
  }

  #cut(why: string, code: number): void {
    if (this.#whyCut !== undefined) return;
    this.#whyCut = why;
    for (const upgraded of this.#upgrades.values()) upgraded?.cut(why);
    for (const exchange of this.#exchanges) exchange.disconnect(this.reasonFor(exchange));
    setImmediate(() => {
      this.#session.destroy(code === errorCode.none ? undefined : new Error(why), code);
      setImmediate(() => this.#socket.destroy());
    });
  }

  #clientLeft(): void {
    // Otherwise it was this side that ended the connection.
    if (!this.#session.destroyed) this.#hasClientLeft = true;
    for (const exchange of this.#exchanges) exchange.disconnect(this.reasonFor(exchange));
  }

  // A client that has sent its FIN has left: it can make room for nothing that is still to be sent.
  #halfClosed(): void {
    this.#clientLeft();
    setImmediate(() => this.#session.destroy());
    this.#linger();
  }

  #closed(): void {
    clearTimeout(this.#lingering);
    this.#clientLeft();
  }
}

function handshake(socket: Socket, settings: Http2Settings, hooks: Http2Hooks): ServerHttp2Session {
  const { maxConcurrentStreams, maxHeaderListSize, streamBuffer, resetBurst, resetRate } = settings;
  const http2 = process.getBuiltinModule("node:http2");
  return http2.performServerHandshake(socket, {
    // Several values of a header that should have one are sent as the application gave them, as by HTTP/1.1.
    strictSingleValueFields: false,
    // Each takes 32 bytes of the list, which has its own limit. Browsers send each cookie by itself.
    maxHeaderListPairs: 2_000,
    // Node counts in megabytes.
    maxSessionMemory: Math.ceil((sessionMemory + maxConcurrentStreams * (streamBuffer + maxHeaderListSize)) / 1e6),
    streamResetBurst: resetBurst,
    streamResetRate: resetRate,
    settings: {
      maxConcurrentStreams,
      maxHeaderListSize,
      initialWindowSize: streamBuffer,
      enablePush: false,
      enableConnectProtocol: hooks.onUpgrade !== undefined,
    },
  });
}

function expectationFault({ rawHeaders }: Http2RequestHead): Refusal | undefined {
  const expect = findHeader(rawHeaders, "expect");
  return expect === undefined || /^100-continue$/i.test(expect) ? undefined : badExpectation;
}
