import type { ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import type WebSocket from "ws";
import { outside } from "../../asyncio/index.ts";
import { type Acceptance, ConnectionCut, ServerWebSocket } from "../../http/index.ts";
import { clampTimeout } from "../../base/platform-timer.ts";
import { errorCode } from "../http2/error-codes.ts";
import { acceptKey, isStream, subprotocolsOf, valuesOf } from "./handshake.ts";
import type { HandshakeExchange, WebSocketRequest } from "./handshake-exchange.ts";
import { Heartbeat } from "./heartbeat.ts";
import { type Agreement, agreeOnDeflate, takeOver } from "./ws.ts";

/** The limits of a WebSocket. */
export interface WebSocketLimits {
  /** From how many bytes of messages that were not received yet the client is held back. */
  readonly messageBuffer: number;
  /** The largest message, in bytes; `Infinity` for no limit. */
  readonly maxMessage: number;
  /** How many milliseconds there are between two pings; `Infinity` for none. */
  readonly pingInterval: number;
  /** How many milliseconds the client has to answer a Close, and the application to notice one. */
  readonly closeTimeout: number;
  /** Whether messages are compressed if the client offers it. */
  readonly deflate: boolean;
}

/** The state of `ws` in which messages can be sent. */
const open = 1;

/** How many messages are sent before whatever else the process does has its turn. */
const messagesPerTurn = 64;

/** The codes of a Close for what the client did wrong, by the codes of the errors of `ws`. */
const faults: Readonly<Record<string, number>> = {
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
};

/**
 * A WebSocket on any duplex, with the frames of `ws`.
 *
 * What ends it is told once: a Close of the client, or what the client does wrong, or the end of the connection without
 * either. When the first two are told, `ws` has answered them with a Close; it then ends the connection by itself.
 */
export class DuplexWebSocket extends ServerWebSocket {
  declare readonly handshake: HandshakeExchange;
  readonly scheme: "ws" | "wss";
  protected readonly acceptedStatus: number;
  readonly #request: WebSocketRequest;
  readonly #socket: Duplex;
  readonly #limits: WebSocketLimits;
  readonly #agreement: Agreement | undefined;
  #end: WebSocket | undefined;
  #heartbeat: Heartbeat | undefined;
  /** How many messages were given to `ws` and have not left. */
  #leaving = 0;
  /** How many messages were sent since others certainly had their turn. */
  #messagesInTurn = 0;
  /** The Close that waits for them, so that its time limit begins when it has left. */
  #lastWords: readonly [code: number, reason: string] | undefined;
  #isFaulty = false;
  /** Whether the client's Close has arrived: `ws` answers it, or it is the answer. */
  #isAnswered = false;

  /** @throws {Error} If the client's offer of a compression is malformed. */
  constructor(request: WebSocketRequest, handshake: HandshakeExchange, limits: WebSocketLimits) {
    super(handshake, subprotocolsOf(request.head), limits);
    this.scheme = request.scheme;
    this.acceptedStatus = isStream(request.head) ? 200 : 101;
    this.#request = request;
    this.#socket = request.socket;
    this.#limits = limits;
    const offers = valuesOf(request.head.rawHeaders, "sec-websocket-extensions");
    if (limits.deflate && offers.length > 0)
      this.#agreement = agreeOnDeflate(offers.join(","), payloadLimit(limits.maxMessage));
  }

  /** Cuts the connection, for the reason `why`. */
  cutOff(why: string): void {
    this.disconnect(new ConnectionCut(this.peer, this.elapsed, why));
    this.#socket.destroy();
  }

  protected get isWritable(): boolean {
    return this.#end?.readyState === open;
  }

  protected get hasRoom(): boolean {
    if (this.#messagesInTurn >= messagesPerTurn) return false;
    return (this.#end?.bufferedAmount ?? 0) < this.#socket.writableHighWaterMark;
  }

  protected override open(acceptance: Acceptance): void {
    const firstBytes = this.handshake.switchProtocol(this.#answer(acceptance));
    // Outside the task: timers and streams that `ws` makes are those of the connection.
    outside(() => this.#takeOver(firstBytes));
  }

  protected override transmit(message: string | Uint8Array): void {
    this.#leaving++;
    this.#messagesInTurn++;
    // While its client keeps up, the system takes each at once: an application that waits for nothing else would never stop.
    if (this.#messagesInTurn === messagesPerTurn) setImmediate(() => this.#nextTurn());
    // Bytes are copied: the application may use them for something else once they are sent.
    const data = typeof message === "string" ? message : Buffer.from(message);
    outside(() => this.#end?.send(data, { binary: typeof message !== "string" }, this.#left));
  }

  #nextTurn(): void {
    this.#messagesInTurn = 0;
    this.roomFreed();
  }

  protected override startClose(code: number, reason: string): void {
    this.#lastWords = [code, reason];
    this.#closeIfAllLeft();
  }

  protected override cut(): void {
    this.#heartbeat?.stop();
    // `ws` has sent a Close to a client that did something wrong, and ends the connection when its time is over.
    if (!this.#isFaulty) this.#socket.destroy();
  }

  protected override pause(): void {
    this.#heartbeat?.answered();
    this.#end?.pause();
  }

  protected override resume(): void {
    this.#end?.resume();
  }

  #answer({ subprotocol, headers }: Acceptance): string[] {
    // Over HTTP/2 there is no need of it. Node's own WebSocket sends a key there as well, and wants it answered.
    const accept = acceptKey(this.#request.head);
    const answer = accept === undefined ? [] : ["Sec-WebSocket-Accept", accept];
    if (subprotocol !== undefined) answer.push("Sec-WebSocket-Protocol", subprotocol);
    if (this.#agreement !== undefined) answer.push("Sec-WebSocket-Extensions", this.#agreement.header);
    return [...answer, ...headers];
  }

  #takeOver(firstBytes: Buffer): void {
    const { maxMessage, pingInterval, closeTimeout } = this.#limits;
    const options = { maxPayload: payloadLimit(maxMessage), closeTimeout: clampTimeout(closeTimeout) };
    this.#end = takeOver(this.#socket, firstBytes, options, this.#agreement?.deflate, {
      onMessage: (message) => this.arrived(message),
      onClose: (code, reason) => {
        this.#isAnswered = true;
        if (isStream(this.#request.head)) closeBehindEnd(this.#socket as ServerHttp2Stream);
        this.#closed(code, reason);
      },
      onFault: (error) => this.#failed(error),
      onEnd: () => this.#ended(),
    });
    if (pingInterval !== Infinity) this.#startHeartbeat(clampTimeout(pingInterval));
    this.#socket.resume();
  }

  #startHeartbeat(interval: number): void {
    const heartbeat = new Heartbeat(interval, {
      ping: (left) => this.#ping(left),
      onLost: () => this.cutOff(`the client answered no ping for ${interval} ms`),
    });
    this.#heartbeat = heartbeat;
    this.#socket.on("data", heartbeat.answered);
  }

  #ping(left: () => void): void {
    const end = this.#end;
    if (end?.readyState !== open) return;
    // A connection that is not read is pinged too, as that finds out whether it was reset; but no answer is awaited.
    end.ping(undefined, false, () => {
      if (!end.isPaused) left();
    });
  }

  readonly #left = (): void => {
    this.#leaving--;
    this.#closeIfAllLeft();
    this.roomFreed();
  };

  #closeIfAllLeft(): void {
    const last = this.#lastWords;
    if (last === undefined || this.#leaving > 0) return;
    this.#lastWords = undefined;
    this.#heartbeat?.stop();
    outside(() => this.#end?.close(...last));
  }

  #failed(error: Error & { readonly code?: string }): void {
    const { code = "" } = error;
    this.#isFaulty = true;
    const fault = faults[code] ?? (code.startsWith("WS_ERR") ? 1002 : 1007);
    this.disconnect(
      new ConnectionCut(this.peer, this.elapsed, `the client sent what it may not: ${error.message}`),
      fault,
    );
  }

  // A client that ends its half without a Close has vanished: there is nothing more to say to it.
  #ended(): void {
    if (this.#isAnswered) return;
    this.#closed(1006, "");
    this.#socket.destroy();
  }

  #closed(code: number, reason: string): void {
    this.#heartbeat?.stop();
    this.closed(code, reason);
  }
}

/**
 * Closes a stream once our half has ended. Over HTTP/1.1 the end of one half makes the client end the other, because the
 * socket has no other use; a client of HTTP/2 may leave its half open, and `ws` would wait for it until the close timeout.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-8.1
 */
function closeBehindEnd(stream: ServerHttp2Stream): void {
  // In an immediate: the last frame is sent at the end of this turn.
  stream.once("finish", () => setImmediate(() => stream.close(errorCode.none)));
}

/** The limit as `ws` has it: 0 for none. */
function payloadLimit(bytes: number): number {
  return bytes === Infinity ? 0 : bytes;
}
