/**
 * The server's side of an exchange: all that is the same on every server. To write a server is to extend it:
 *
 *     application ── respond() ──> start(head) ── write(piece)* ── end(piece)      what an engine implements
 *                                                     │ no room        │
 *                                              roomToWrite        leftWhole()      what it calls, once they come true
 *
 * One of three things ends an exchange, whichever comes first: the response has left, the connection has ended
 * (`disconnect`), or the server breaks the response off (`abort`). The last two come to the engine as `cut`.
 */

import { InvalidStateError, park, type Park, type Resource } from "../asyncio/index.ts";
import { wrongType } from "../base/refusal.ts";
import { showKind } from "../base/show.ts";
import type { Exchange, Peer, RawHeaders, RespondOptions, ResponseBody } from "./application.ts";
import { AlreadyRespondedError, type Disconnect, ResponseAborted } from "./errors.ts";
import { checkFields, checkTrailers, dismissBody, planResponse, type ResponsePlan } from "./response-plan.ts";
import { sendStream } from "./send-stream.ts";

const none: RawHeaders = [];
/** How many pieces of a stream are sent before whatever else the process does has its turn. */
const piecesPerTurn = 64;

const responseLeaving: Resource = { kind: "response", name: "to leave" };
const roomToWrite: Resource = { kind: "response", name: "room to write" };

/** An exchange as a server has it: what {@link serveExchange} runs. */
export abstract class ServerExchange implements Exchange {
  abstract readonly method: string;
  abstract readonly target: string;
  abstract readonly rawHeaders: RawHeaders;
  abstract readonly scheme: "http" | "https";
  abstract readonly httpVersion: string;
  abstract readonly peer: Peer | undefined;
  /** The client, as a trusted proxy has named it; for the access log. */
  client: Peer | undefined;
  readonly #startedAt: number = performance.now();
  #status: number | undefined;
  #responseHeaders: RawHeaders | undefined;
  #bytesSent = 0;
  #ended = false;
  #finished = false;
  #aborted: ResponseAborted | undefined;
  #disconnected: Disconnect | undefined;
  #listeners: ((reason: Disconnect) => void)[] | undefined;
  #leaving: Park<void> | undefined;
  #room: Park<void> | undefined;
  /** How many pieces of a stream were sent since others certainly had their turn. */
  #piecesInTurn = 0;

  /** The next piece of the request's body. */
  abstract read(): Promise<Uint8Array | undefined>;
  /** Sends the head of the response. A stream must not wait for its first piece if `flushes`. */
  protected abstract start(plan: ResponsePlan, flushes: boolean): void;
  /** Sends a piece of the body. Returns whether there is room for more; if not, calls `roomFreed` once there is. */
  protected abstract write(chunk: Uint8Array): boolean;
  /** Sends the last piece of the body, which may be empty, and calls `leftWhole` when all has left. */
  protected abstract end(chunk: string | Uint8Array, trailers: RawHeaders): void;
  /**
   * Lets go of the connection: reads fail with `reason`. A response that was broken off must not look whole to its client.
   */
  protected abstract cut(reason: Disconnect | ResponseAborted): void;

  get trailers(): RawHeaders {
    return none;
  }

  get responded(): boolean {
    return this.#status !== undefined;
  }

  /** The status of the response; `undefined` until there is one. */
  get status(): number | undefined {
    return this.#status ?? this.#disconnected?.status;
  }

  /** The headers of the response as they were given to the connection; empty until there is one. */
  get responseHeaders(): RawHeaders {
    return this.#responseHeaders ?? none;
  }

  /** How many bytes of the body were given to the connection. */
  get bytesSent(): number {
    return this.#bytesSent;
  }

  /** Whether the whole response was given to the connection. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether the whole response has left. */
  get finished(): boolean {
    return this.#finished;
  }

  /** How the connection ended before that; `undefined` if it did not. */
  get disconnected(): Disconnect | undefined {
    return this.#disconnected;
  }

  /** The age of the exchange in milliseconds. */
  get elapsed(): number {
    return performance.now() - this.#startedAt;
  }

  respond(status: number, headers: RawHeaders, body: ResponseBody = "", options?: RespondOptions): Promise<void> {
    try {
      if (this.#status !== undefined) throw new AlreadyRespondedError(this, this.#status);
      const plan = planResponse(this.method, status, headers, body);
      if (options?.trailers !== undefined) requireStream(body);
      this.throwIfOver();
      this.#status = status;
      this.#responseHeaders = plan.headers;
      return this.#send(plan, body, options?.trailers);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  sendEarlyHints(headers: RawHeaders): boolean {
    checkFields(headers);
    if (this.#status !== undefined || this.#isOver) return false;
    return this.inform(103, headers);
  }

  /** Sends an informational response. Returns whether it could. @default it cannot */
  protected inform(_status: number, _headers: RawHeaders): boolean {
    return false;
  }

  /** Waits until the response has left. As a wait of the request's task it can be cancelled. */
  finish(): Promise<void> {
    if (this.#finished) return Promise.resolve();
    const failure = this.#disconnected ?? this.#aborted;
    if (failure !== undefined) return Promise.reject(failure);
    if (this.#leaving?.isWaiting) return Promise.reject(busy());
    return park<void>(responseLeaving, (wait) => {
      this.#leaving = wait;
    });
  }

  /** Breaks the connection off, if the response has not left. */
  abort(): void {
    if (this.#isOver) return;
    this.#aborted = new ResponseAborted(this.method, this.target);
    this.#letGo(this.#aborted);
  }

  onDisconnect(listener: (reason: Disconnect) => void): void {
    if (this.#disconnected === undefined) (this.#listeners ??= []).push(listener);
    else listener(this.#disconnected);
  }

  /** Tells that the connection has ended. After the response has left, or was broken off, nothing hears of it. */
  disconnect(reason: Disconnect): void {
    if (this.#isOver) return;
    this.#disconnected = reason;
    const listeners = this.#listeners ?? [];
    this.#listeners = undefined;
    for (const listener of listeners) listener(reason);
    this.#letGo(reason);
  }

  /** Throws what ended the exchange before its response had left. */
  protected throwIfOver(): void {
    const failure = this.#disconnected ?? this.#aborted;
    if (failure !== undefined) throw failure;
  }

  /** The engine says that there is room again. */
  protected roomFreed(): void {
    this.#room?.wake();
  }

  /** The engine says that the whole response has left. */
  protected leftWhole(): void {
    if (this.#isOver) return;
    this.#finished = true;
    this.#leaving?.wake();
  }

  get #isOver(): boolean {
    return this.#finished || this.#disconnected !== undefined || this.#aborted !== undefined;
  }

  #letGo(reason: Disconnect | ResponseAborted): void {
    this.cut(reason);
    this.#leaving?.fail(reason);
    this.#room?.fail(reason);
  }

  #send(plan: ResponsePlan, body: ResponseBody, trailers?: () => RawHeaders): Promise<void> {
    const fixed = plan.body ?? "";
    if (typeof fixed !== "string" && !(fixed instanceof Uint8Array)) return this.#stream(fixed, plan, trailers);
    this.start(plan, false);
    this.#end(fixed, none, plan.length);
    return plan.body === undefined ? this.#finishWithout(body) : this.finish();
  }

  async #finishWithout(body: ResponseBody): Promise<void> {
    await dismissBody(body);
    await this.finish();
  }

  async #stream(
    body: AsyncIterable<string | Uint8Array>,
    plan: ResponsePlan,
    trailers?: () => RawHeaders,
  ): Promise<void> {
    this.start(plan, true);
    await sendStream(body, plan.declaredLength, (chunk) => this.#write(chunk));
    this.#end("", trailers === undefined ? none : checkTrailers(trailers()));
    await this.finish();
  }

  #write(chunk: Uint8Array): Promise<void> | undefined {
    this.throwIfOver();
    this.#bytesSent += chunk.byteLength;
    const hasRoom = this.write(chunk);
    this.#piecesInTurn++;
    if (this.#piecesInTurn >= piecesPerTurn && this.takesTurns) return this.#untilTurn(hasRoom);
    return hasRoom ? undefined : this.#untilRoom();
  }

  /**
   * Whether a stream that never waits would let nothing else run: while its client keeps up, the system takes each piece of it
   * at once. @default true
   */
  protected get takesTurns(): boolean {
    return true;
  }

  // A wait like that for room, so that the end of the connection ends it as well.
  async #untilTurn(hasRoom: boolean): Promise<void> {
    if (!hasRoom) await this.#untilRoom();
    const turn = this.#untilRoom();
    setImmediate(() => {
      this.#piecesInTurn = 0;
      this.roomFreed();
    });
    await turn;
  }

  #untilRoom(): Promise<void> {
    if (this.#room?.isWaiting) return Promise.reject(busy());
    return park<void>(roomToWrite, (wait) => {
      this.#room = wait;
    });
  }

  #end(body: string | Uint8Array, trailers: RawHeaders, length = 0): void {
    this.throwIfOver();
    this.#ended = true;
    this.#bytesSent += length;
    this.end(body, trailers);
  }
}

function requireStream(body: ResponseBody): void {
  if (typeof body !== "string" && !(body instanceof Uint8Array)) return;
  throw wrongType("respond", "a body with trailers must be an async iterable", body, showKind);
}

function busy(): InvalidStateError {
  return new InvalidStateError("Cannot wait for the response as another task is waiting for it");
}
