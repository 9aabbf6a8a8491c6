/**
 * The server's side of a WebSocket: all that is the same on every server. To write a server is to extend it:
 *
 *                      ┌── reject() ──> the handshake is answered as any request is
 *     handshake ───────┤
 *     (ServerExchange) └── accept() ──> open() ── transmit(message)* ── startClose()      what an engine implements
 *                                         │ arrived(message)*  │ roomFreed()  │ closed()  what it calls
 *                                         └ pause(), resume()
 *
 * A WebSocket ends in one of two ways:
 *
 * - It is *closed*: either side has sent a Close. `receive()` hands over what came before it, then throws `WebSocketClosed`.
 *   The task goes on, as it may still work on what it has received.
 * - It is *disconnected*: the client vanished, or the server cut the connection. The task is cancelled at once.
 *
 * Code that only sends is not told of a Close by `receive()`. It is told by its next `send()`; and if it neither sends nor
 * receives for a while, the WebSocket is taken as disconnected, so that nothing works for a client that is gone.
 */

import { Event, InvalidStateError, outside, type Resource, WaitQueue } from "../../asyncio/index.ts";
import { startTimer } from "../../base/platform-timer.ts";
import { outOfRange, wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import type { AcceptOptions, Peer, RawHeaders, ResponseBody, WebSocketConnection } from "../application.ts";
import { AlreadyRespondedError, ClientDisconnected, type Disconnect, WebSocketClosed } from "../errors.ts";
import type { ServerExchange } from "../server-exchange.ts";
import { type Acceptance, checkAccept } from "./check-accept.ts";
import { checkClose } from "./check-close.ts";
import { type Message, MessageQueue, sizeOf } from "./message-queue.ts";

/** What a {@link ServerWebSocket} is told when it is made. */
export interface ServerWebSocketOptions {
  /**
   * From how many bytes of messages that were not received yet the client is held back.
   * @default 2_097_152
   */
  readonly messageBuffer?: number;
  /**
   * After how many milliseconds code is cancelled that neither sends nor receives once the client has closed the WebSocket.
   * `Infinity` lifts the limit.
   * @default 10_000
   */
  readonly closeTimeout?: number;
}

/** The codes that a server closes with by itself: the application has returned, the server ends, the application failed. */
const normalClosure = 1000;
const goingAway = 1001;
const internalError = 1011;
/** No Close was received. */
const abnormalClosure = 1006;

const roomToSend: Resource = { kind: "WebSocket", name: "room to send" };

/** A WebSocket as a server has it: what {@link serveWebSocketConnection} runs. */
export abstract class ServerWebSocket implements WebSocketConnection {
  /** The request for it, as an exchange: to be answered if it is not accepted. */
  readonly handshake: ServerExchange;
  readonly subprotocols: readonly string[];
  readonly #closeTimeout: number;
  readonly #incoming: MessageQueue;
  readonly #senders = new WaitQueue();
  readonly #over = new Event({ name: "WebSocket closed" });
  #state: "opening" | "open" | "closing" | "closed" = "opening";
  #close: WebSocketClosed | undefined;
  #isPaused = false;
  #isGoingAway = false;
  #bytesSent = 0;
  #untold: NodeJS.Timeout | undefined;

  constructor(handshake: ServerExchange, subprotocols: readonly string[], options: ServerWebSocketOptions = {}) {
    const { messageBuffer = 2 ** 21, closeTimeout = 10_000 } = options;
    this.handshake = handshake;
    this.subprotocols = subprotocols;
    this.#closeTimeout = closeTimeout;
    this.#incoming = new MessageQueue({ bound: messageBuffer, onRoom: () => this.#resume() });
  }

  /** `wss` if the connection is encrypted. */
  abstract readonly scheme: "ws" | "wss";
  /** The status that says that a WebSocket is accepted: 101, or 200 over HTTP/2. */
  protected abstract readonly acceptedStatus: number;
  /** Whether messages can be sent: the client has not ended its half of the connection, as far as is known. */
  protected abstract readonly isWritable: boolean;
  /** Whether the buffer of the connection is below its mark. */
  protected abstract readonly hasRoom: boolean;
  /** Answers the handshake. From then on it calls `arrived` with each message, and `closed` at the end. */
  protected abstract open(acceptance: Acceptance): void;
  /** Sends a message, and calls `roomFreed` when the connection has taken it. Bytes are not kept. */
  protected abstract transmit(message: Message): void;
  /** Sends a Close behind what was sent, and calls `closed` when the client has answered, or its time is over. */
  protected abstract startClose(code: number, reason: string): void;
  /** Ends the connection at once, and calls nothing any more. */
  protected abstract cut(): void;
  /** Reads nothing more from the client, until `resume`. */
  protected abstract pause(): void;
  /** Goes on reading. */
  protected abstract resume(): void;

  get method(): string {
    return this.handshake.method;
  }

  get target(): string {
    return this.handshake.target;
  }

  get rawHeaders(): RawHeaders {
    return this.handshake.rawHeaders;
  }

  get httpVersion(): string {
    return this.handshake.httpVersion;
  }

  get peer(): Peer | undefined {
    return this.handshake.peer;
  }

  /** The client, as a trusted proxy has named it; for the access log. */
  get client(): Peer | undefined {
    return this.handshake.client;
  }

  set client(client: Peer | undefined) {
    this.handshake.client = client;
  }

  get responded(): boolean {
    return this.#isAccepted || this.handshake.responded;
  }

  get closeCode(): number | undefined {
    return this.#close?.code;
  }

  /** The status of the answer; `undefined` until there is one. */
  get status(): number | undefined {
    return this.#isAccepted ? this.acceptedStatus : this.handshake.status;
  }

  /** How many bytes of messages, or of the body of a rejection, were given to the connection. */
  get bytesSent(): number {
    return this.#isAccepted ? this.#bytesSent : this.handshake.bytesSent;
  }

  /** Whether it is closed; of a rejection, whether all of it was given to the connection. */
  get ended(): boolean {
    return this.#isAccepted ? this.#state === "closed" : this.handshake.ended;
  }

  /** Whether it is closed, with a Close; of a rejection, whether all of it has left. */
  get finished(): boolean {
    return this.#isAccepted ? this.#state === "closed" && this.disconnected === undefined : this.handshake.finished;
  }

  /** How the connection ended without a Close; `undefined` if it did not. */
  get disconnected(): Disconnect | undefined {
    return this.handshake.disconnected;
  }

  /** The age of the request in milliseconds. */
  get elapsed(): number {
    return this.handshake.elapsed;
  }

  async accept(options: AcceptOptions = {}): Promise<void> {
    this.#requireUnanswered();
    const acceptance = checkAccept(options, this.subprotocols);
    if (this.disconnected !== undefined) throw this.disconnected;
    this.#state = "open";
    this.open(acceptance);
    if (this.#isGoingAway) this.#startClosing(goingAway);
  }

  async reject(status: number, headers: RawHeaders = [], body?: ResponseBody): Promise<void> {
    // Over HTTP/2 a status from 200 to 299 accepts.
    if (!Number.isInteger(status) || status < 300 || status > 599)
      throw outOfRange("reject the WebSocket", "'status' must be a whole number from 300 to 599", status);
    await this.respond(status, headers, body);
  }

  /** Answers as any request is answered. */
  async respond(status: number, headers: RawHeaders, body?: ResponseBody): Promise<void> {
    this.#requireUnanswered();
    await this.handshake.respond(status, headers, body);
  }

  async receive(): Promise<Message> {
    this.#requireAccepted("receive a message");
    const message = await this.#incoming.take();
    if (message === undefined) throw this.#tell();
    this.#untold?.refresh();
    return message;
  }

  async send(message: Message): Promise<void> {
    if (typeof message !== "string" && !(message instanceof Uint8Array))
      throw wrongType("send the message", "it must be a string or bytes", message, showKind);
    this.#requireAccepted("send a message");
    if (this.#state !== "open" || !this.isWritable) throw await this.#whyClosed();
    if (this.#senders.size > 0 || !this.hasRoom) await this.#senders.wait(roomToSend, { payload: message });
    else this.#transmit(message);
  }

  async close(code: number = normalClosure, reason = ""): Promise<void> {
    checkClose(code, reason);
    this.#requireAccepted("close the WebSocket");
    this.#startClosing(code, reason);
    await this.#over.wait();
    if (this.disconnected !== undefined) throw this.disconnected;
  }

  onDisconnect(listener: (reason: Disconnect) => void): void {
    this.handshake.onDisconnect(listener);
  }

  /** Waits until it is over: a rejection has left, or the WebSocket, which is closed with 1000, is closed. */
  async finish(): Promise<void> {
    if (this.#isAccepted) await this.close();
    else await this.handshake.finish();
  }

  /** Closes it with 1011, without waiting; breaks a rejection off. */
  abort(): void {
    if (this.#isAccepted) this.#startClosing(internalError);
    else this.handshake.abort();
  }

  /** Closes it with 1001, without waiting: now, or as soon as it is accepted. */
  goAway(): void {
    this.#isGoingAway = true;
    if (this.#isAccepted) this.#startClosing(goingAway);
  }

  /** The application is done with it, so that nothing of it need be told of the end any more. */
  settle(): void {
    clearTimeout(this.#untold);
    this.#untold = undefined;
  }

  /**
   * Tells that the connection has ended without a Close of the client, and cuts it. Nothing hears of it after a Close.
   *
   * @param code The code that says why.
   * @default 1006 (code)
   */
  disconnect(reason: Disconnect, code: number = abnormalClosure): void {
    if (this.#state === "closed") return;
    if (this.#isAccepted) this.#close ??= new WebSocketClosed(code);
    this.#disconnect(reason);
  }

  /** The engine has read a message. */
  protected arrived(message: Message): void {
    // After a Close that the application has sent, messages are not received.
    if (this.#state !== "open" || this.#incoming.push(message) || this.#isPaused) return;
    this.#isPaused = true;
    this.pause();
  }

  /** The engine says that the connection has taken something. */
  protected roomFreed(): void {
    while (this.#state === "open" && this.isWritable && this.hasRoom) {
      const { first } = this.#senders;
      if (first === undefined) return;
      this.#transmit(first.payload as Message);
      this.#senders.serve();
    }
  }

  /** The engine says that the client's Close has arrived, and was answered; or, with 1006, that the connection has ended without one. */
  protected closed(code: number, reason: string): void {
    if (this.#state === "closed") return;
    const isByClient = this.#close === undefined;
    if (isByClient && code === abnormalClosure)
      return this.disconnect(new ClientDisconnected(this.peer, this.elapsed), code);
    this.#close ??= new WebSocketClosed(code, reason);
    this.#state = "closed";
    this.#incoming.end();
    if (isByClient && this.#closeTimeout !== Infinity) this.#watchUntold();
    this.#senders.failAll(() => this.#tell());
    this.#over.set();
  }

  get #isAccepted(): boolean {
    return this.#state !== "opening";
  }

  #requireUnanswered(): void {
    const { status } = this;
    if (this.responded && status !== undefined) throw new AlreadyRespondedError(this, status);
  }

  #requireAccepted(action: string): void {
    if (this.#isAccepted) return;
    throw new InvalidStateError(`Cannot ${action} as the WebSocket was not accepted: call accept() first`);
  }

  #transmit(message: Message): void {
    this.#bytesSent += sizeOf(message);
    this.transmit(message);
  }

  #startClosing(code: number, reason = ""): void {
    // If the client has ended its half, it will be told how.
    if (this.#state !== "open" || !this.isWritable) return;
    this.#state = "closing";
    this.#close = new WebSocketClosed(code, reason);
    this.#senders.failAll(() => this.#tell());
    // The client's answer stands behind what was not read yet.
    this.#resume();
    this.startClose(code, reason);
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.resume();
  }

  // A client that has ended its half has vanished, or its Close will be read in a moment.
  async #whyClosed(): Promise<Error> {
    if (this.#close === undefined) await this.#over.wait();
    return this.#tell();
  }

  /** What code is told that sends or receives after the end. */
  #tell(): Error {
    this.settle();
    if (this.disconnected !== undefined) return this.disconnected;
    return new WebSocketClosed(this.#close?.code ?? abnormalClosure, this.#close?.reason);
  }

  #watchUntold(): void {
    const giveUp = (): void => this.#disconnect(new ClientDisconnected(this.peer, this.elapsed));
    this.#untold = startTimer(outside, this.#closeTimeout, giveUp);
  }

  #disconnect(reason: Disconnect): void {
    const wasOpen = this.#isAccepted;
    if (wasOpen) this.#state = "closed";
    this.settle();
    // First, so that the task is cancelled before one of its waits fails.
    this.handshake.disconnect(reason);
    if (!wasOpen) return;
    this.#incoming.fail(reason);
    this.#senders.failAll(() => reason);
    this.#over.set();
    this.cut();
  }
}
