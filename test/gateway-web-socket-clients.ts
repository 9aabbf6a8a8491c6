/** Clients by `ws`, over a socket and over a stream of HTTP/2, whose connection is at hand to be cut. */

import { once } from "node:events";
import type { ClientRequest } from "node:http";
import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import type { Duplex, Readable } from "node:stream";
import { WebSocket } from "ws";
import { Event } from "../src/asyncio/index.ts";
import { type ResponseHead, WebSocketClosed } from "../src/http/index.ts";
import type { ContractSocket, Message, SocketRequest } from "./gateway-web-socket-scene.ts";

interface ClientEnd extends WebSocket {
  setSocket(socket: Duplex, head: Buffer, options: object): void;
}

/** A client's WebSocket by `ws`. */
export class WsClient implements ContractSocket {
  readonly #head = Promise.withResolvers<ResponseHead>();
  readonly #messages: Message[] = [];
  readonly #changed = new Event();
  #socket: WebSocket | undefined;
  #connection: Duplex | undefined;
  #response: Readable | undefined;
  #close: WebSocketClosed | undefined;

  /** Asks for a WebSocket over a socket. */
  static async connect(url: string, { target = "/", subprotocols = [] }: SocketRequest): Promise<WsClient> {
    const client = new WsClient();
    const socket = new WebSocket(url + target, [...subprotocols], { perMessageDeflate: false });
    const connection = Promise.withResolvers<Duplex>();
    socket.on("unexpected-response", (request, response) => {
      client.#response = response;
      client.#head.resolve({ status: response.statusCode ?? 0, headers: response.rawHeaders });
    });
    socket.on("upgrade", (response) =>
      client.#head.resolve({ status: response.statusCode ?? 0, headers: response.rawHeaders }),
    );
    client.#watch(socket);
    // The request, before it is answered.
    const { _req: request } = socket as unknown as { _req: ClientRequest };
    request.on("socket", (it) => connection.resolve(it));
    client.#connection = await connection.promise;
    return client;
  }

  /** Asks for a WebSocket over HTTP/2. */
  static async stream(
    session: ClientHttp2Session,
    { target = "/", subprotocols = [] }: SocketRequest,
  ): Promise<WsClient> {
    const client = new WsClient();
    const headers = { ":method": "CONNECT", ":protocol": "websocket", ":path": target, "sec-websocket-version": "13" };
    const offer = subprotocols.length === 0 ? {} : { "sec-websocket-protocol": subprotocols.join(", ") };
    const stream = session.request({ ...headers, ...offer }, { endStream: false });
    client.#connection = stream;
    client.#streamed(stream);
    return client;
  }

  head(): Promise<ResponseHead> {
    return this.#head.promise;
  }

  async body(): Promise<string> {
    await this.head();
    let text = "";
    for await (const chunk of this.#response ?? []) text += String(chunk);
    return text;
  }

  async send(message: Message): Promise<void> {
    await this.#opened();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket?.send(message, () => resolve());
    await promise;
  }

  async receive(): Promise<Message> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.#close !== undefined) throw this.#close;
      this.#changed.clear();
      await this.#changed.wait();
    }
  }

  async close(code: number = 1000, reason?: string): Promise<void> {
    await this.#opened();
    this.#socket?.close(code, reason);
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  vanish(): void {
    this.#connection?.destroy();
  }

  /** Sends bytes as they are. */
  write(bytes: Uint8Array): void {
    this.#connection?.write(bytes);
  }

  async #opened(): Promise<void> {
    await this.head();
    if (this.#socket?.readyState === WebSocket.CONNECTING) await once(this.#socket, "open");
  }

  #streamed(stream: ClientHttp2Stream): void {
    stream.on("error", (error) => this.#head.reject(error));
    stream.on("response", (fields) => {
      const headers = Object.entries(fields).flatMap(([name, value]) => [name, String(value)]);
      this.#response = stream;
      if (fields[":status"] === 200) {
        const socket = new (WebSocket as unknown as new (...options: unknown[]) => ClientEnd)(null, undefined, {
          closeTimeout: 30_000,
        });
        Object.assign(socket, { _isServer: false });
        this.#watch(socket);
        socket.setSocket(stream, Buffer.alloc(0), { maxPayload: 0 });
      }
      this.#head.resolve({ status: fields[":status"] ?? 0, headers });
    });
  }

  #watch(socket: WebSocket): void {
    this.#socket = socket;
    // The head may never be asked for.
    this.#head.promise.catch(() => undefined);
    socket.on("message", (data: Buffer, isBinary) => {
      this.#messages.push(isBinary ? data : data.toString());
      this.#changed.set();
    });
    socket.on("error", (error) => this.#head.reject(error));
    socket.on("close", (code, reason) => {
      this.#close = new WebSocketClosed(code, reason.toString());
      this.#changed.set();
    });
  }
}
