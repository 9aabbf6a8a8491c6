import type { Socket } from "node:net";
import { type AccessEntry, ClientDisconnected, ConnectionCut, type Disconnect, type Peer } from "../../http/index.ts";
import { noop } from "../../base/noop.ts";
import type { ListenedExchange } from "../listener.ts";
import type { ServedWebSocket } from "../websocket/serve-web-socket.ts";
import { peerOf } from "../peer-of.ts";
import {
  type ClientError,
  endedEarly,
  formatRefusal,
  lingerTime,
  type Refusal,
  refusalOf,
  refusedEntry,
} from "../refusal.ts";
import { WriteWatch } from "../write-watch.ts";

/** An exchange, as its connection knows it. */
export interface CarriedExchange extends ListenedExchange {
  /** Whether a part of the request is still to come. */
  readonly isArriving: boolean;
}

/**
 * A connection and the exchanges on it that are not over: several, if the client sends requests without waiting.
 *
 * It is the connection that knows of the client's leaving. A response does not: one that waits behind another has no
 * socket yet, and the request's own `close` only says that its body was read.
 *
 * What the parser refuses is answered here, behind the responses to the requests before it: those are whole, and what
 * follows them does not change that.
 */
export class Connection {
  /** The other end. Asked for at once: a socket that is closed no longer knows it. */
  readonly peer: Peer | undefined;
  readonly #socket: Socket;
  readonly #onRefused: (entry: AccessEntry) => void;
  readonly #writes: WriteWatch;
  // A list, as there is hardly ever more than one.
  readonly #exchanges: CarriedExchange[] = [];
  /** The last request, whose body may still arrive. */
  #latest: CarriedExchange | undefined;
  #closesWhenIdle = false;
  #refusal: Refusal | undefined;
  #onIdle: (() => void) | undefined;
  #hasClientEnded = false;
  #isUpgraded = false;
  #webSocket: ServedWebSocket | undefined;
  #whyCut = "the response before it was the last on the connection";
  #idleSince: number = performance.now();
  #readWhenIdle = 0;

  constructor(socket: Socket, onRefused: (entry: AccessEntry) => void) {
    this.peer = peerOf(socket);
    this.#socket = socket;
    this.#onRefused = onRefused;
    this.#writes = new WriteWatch(socket);
    // Node's own listener goes when a socket is taken over. An error is followed by "close".
    socket.on("error", noop);
    socket.on("end", () => {
      if (!this.#isUpgraded) this.#halfClosed();
    });
    socket.on("close", (hadError) => {
      if (!this.#isUpgraded) this.#closed(hadError);
    });
  }

  /** Whether a request was refused, so that nothing behind it is served. */
  get isRefusing(): boolean {
    return this.#refusal !== undefined;
  }

  /** An exchange begins. */
  add(exchange: CarriedExchange): void {
    this.#exchanges.push(exchange);
    this.#latest = exchange;
  }

  /** An exchange is over. */
  remove(exchange: CarriedExchange): void {
    const index = this.#exchanges.indexOf(exchange);
    if (index >= 0) this.#exchanges.splice(index, 1);
    // An idle connection keeps nothing of its last request alive.
    if (this.#latest === exchange && !exchange.isArriving) this.#latest = undefined;
    this.#proceed();
  }

  /** Leaves the connection to a WebSocket; to none, if its request was refused and the connection is about to be closed. */
  upgrade(webSocket: ServedWebSocket | undefined): void {
    this.#isUpgraded = true;
    this.#webSocket = webSocket;
  }

  /** Closes the connection as soon as no exchange is on it, what was written included. A WebSocket is closed with 1001. */
  closeWhenIdle(): void {
    if (this.#isUpgraded) return this.#webSocket?.closeWhenIdle();
    this.#closesWhenIdle = true;
    this.#proceed();
  }

  /** Closes a connection that was kept for another request, unless that one is arriving. */
  closeIfUnused(): void {
    if (this.#isUpgraded) return;
    if (this.#exchanges.length === 0 && this.#socket.bytesRead === this.#readWhenIdle) this.#socket.destroy();
  }

  /** Cancels the requests on it. */
  cancel(reason: Error): void {
    this.#webSocket?.cancel(reason);
    for (const exchange of this.#exchanges) exchange.task?.cancel(reason);
  }

  /** Closes the connection at once, for the reason `why`, which the requests on it are cancelled with. */
  cut(why: string): void {
    this.#whyCut = why;
    this.#webSocket?.cut(why);
    this.#socket.destroy();
    this.#disconnect((exchange) => this.#cutting(exchange));
  }

  /** Cuts the connection if `looks` looks in a row have found that its client takes nothing of what is sent to it. */
  cutIfStalled(looks: number, limit: number): void {
    if (this.#writes.look() < looks) return;
    this.cut(`the client took nothing of the response for ${limit} ms`);
  }

  /** Calls `next` once no exchange is on the connection; never, if it is closed by then. */
  whenIdle(next: () => void): void {
    this.#onIdle = next;
    this.#proceed();
  }

  /** Answers in place of the application, once what came before is answered. Nothing that follows is served. */
  refuse(refusal: Refusal): void {
    if (this.#refusal !== undefined || this.#closesWhenIdle) return;
    this.#refusal = refusal;
    this.#proceed();
  }

  /** Something is wrong with what the client sent, or with the socket. */
  fail(error: ClientError): void {
    const refusal = refusalOf(error);
    if (refusal === undefined) return void this.#socket.destroy(error);
    // What follows a request that says it is the last one.
    if (error.code === "HPE_CLOSED_CONNECTION") return;
    const isLeaving = error.code === endedEarly;
    if (this.#latest?.isArriving === true) this.#failBody(this.#latest, isLeaving ? undefined : refusal);
    else if (isLeaving && this.#exchanges.length > 0) this.closeWhenIdle();
    else this.refuse(refusal);
  }

  /** The body of a request is malformed or late, or its client has left, which `#halfClosed` tells it. */
  #failBody(exchange: CarriedExchange, refusal: Refusal | undefined): void {
    this.#latest = undefined;
    if (refusal === undefined || exchange.ended) return this.closeWhenIdle();
    const { status, reason } = refusal;
    const { method, target, responded, elapsed } = exchange;
    if (responded) this.#closesWhenIdle = true;
    else this.#refusal ??= { ...refusal, method, target, isLogged: true };
    exchange.disconnect(new ConnectionCut(this.peer, elapsed, reason, responded ? undefined : status));
  }

  /** Goes on to what waits for the last exchange to be over. */
  #proceed(): void {
    if (this.#exchanges.length > 0 || this.#socket.destroyed) return;
    this.#readWhenIdle = this.#socket.bytesRead;
    if (this.#refusal !== undefined) this.#answer(this.#refusal);
    else if (this.#closesWhenIdle) this.#socket.destroySoon();
    else this.#callNext();
    this.#idleSince = performance.now();
  }

  #callNext(): void {
    const next = this.#onIdle;
    this.#onIdle = undefined;
    next?.();
  }

  #answer(refusal: Refusal): void {
    if (this.#socket.writableEnded) return;
    const { head, body } = formatRefusal(refusal);
    this.#socket.end(head + body);
    const timer = setTimeout(() => this.#socket.destroy(), lingerTime);
    this.#socket.once("close", () => clearTimeout(timer));
    if (refusal.isLogged === true) return;
    this.#onRefused(refusedEntry(refusal, this.peer, body.length, performance.now() - this.#idleSince));
  }

  // A client that has sent its FIN has left: node:http sends nothing more to it but what is on its way.
  #halfClosed(): void {
    this.#hasClientEnded = true;
    // First, so that nothing new begins when the last exchange is gone.
    this.#closesWhenIdle = true;
    // A response that waits behind one that will never come is not on its way, even if it is whole.
    let isOnItsWay = true;
    this.#disconnect((exchange) => {
      isOnItsWay &&= exchange.ended;
      return isOnItsWay ? undefined : this.#leaving(exchange);
    });
    this.#proceed();
  }

  #closed(hadError: boolean): void {
    const isLeaving = hadError || this.#hasClientEnded;
    this.#disconnect((exchange) => (isLeaving ? this.#leaving(exchange) : this.#cutting(exchange)));
  }

  #leaving({ elapsed }: CarriedExchange): Disconnect {
    return new ClientDisconnected(this.peer, elapsed);
  }

  #cutting({ elapsed }: CarriedExchange): Disconnect {
    return new ConnectionCut(this.peer, elapsed, this.#whyCut);
  }

  #disconnect(reasonFor: (exchange: CarriedExchange) => Disconnect | undefined): void {
    for (const exchange of this.#exchanges.slice()) {
      const reason = reasonFor(exchange);
      if (reason !== undefined) exchange.disconnect(reason);
    }
  }
}
