/** A client by Node's own HTTP/2, as the cases of the gateway's contract need it. */

import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectSession } from "node:http2";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { toBytes, type ResponseHead } from "../../src/http/index.ts";
import type { ContractCall, ContractConnection, ContractRequest } from "../gateway-scene.ts";
import { cert } from "./_listener.ts";

/** Connects to a server. */
export async function connectHttp2(port: number, isSecure = false, ca: string = cert): Promise<Http2Client> {
  const host = "127.0.0.1";
  const socket = isSecure
    ? connectTls({ host, port, ca, servername: "localhost", ALPNProtocols: ["h2"] })
    : connect({ host, port });
  await once(socket, isSecure ? "secureConnect" : "connect");
  const session = connectSession(`${isSecure ? "https" : "http"}://localhost`, { createConnection: () => socket });
  // What goes wrong with it is seen by who reads.
  session.on("error", () => undefined);
  await once(session, "remoteSettings");
  return new Http2Client(socket, session);
}

/** A connection to a server. */
export class Http2Client implements ContractConnection {
  readonly session: ClientHttp2Session;
  readonly #socket: Socket;

  constructor(socket: Socket, session: ClientHttp2Session) {
    this.#socket = socket;
    this.session = session;
  }

  async request({ method, target, body }: ContractRequest): Promise<Http2Call> {
    const length = typeof body === "number" ? body : body?.length;
    const headers = {
      ":method": method,
      ":path": target,
      ...(length !== undefined && { "content-length": String(length) }),
    };
    const stream = this.session.request(headers, { endStream: length === undefined || length === 0 });
    const call = new Http2Call(stream, typeof body === "number" ? body : 0);
    if (typeof body === "string" && body !== "") stream.end(body);
    return call;
  }

  leave(): void {
    this.#socket.destroy();
  }

  halfClose(): void {
    this.#socket.end();
  }
}

/** A request on a connection. */
export class Http2Call implements ContractCall {
  readonly stream: ClientHttp2Stream;
  readonly #head: Promise<ResponseHead>;
  #left: number;
  #error: Error | undefined;

  constructor(stream: ClientHttp2Stream, length: number) {
    this.stream = stream;
    this.#left = length;
    stream.on("error", (error) => {
      this.#error = error;
    });
    this.#head = once(stream, "response").then(([headers]: Record<string, string | number | string[]>[]) =>
      toHead(headers ?? {}),
    );
    // Seen by who reads.
    this.#head.catch(() => undefined);
  }

  async send(piece: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.stream.write(piece, () => resolve()));
    this.#left -= piece.byteLength;
    if (this.#left <= 0) this.stream.end();
  }

  head(): Promise<ResponseHead> {
    return this.#head;
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.stream.read() as Uint8Array | null;
      if (chunk !== null) return toBytes(chunk);
      if (this.#error !== undefined) throw this.#error;
      if (this.stream.rstCode !== 0) throw new Error(`reset by ${this.stream.rstCode}`);
      if (this.stream.readableEnded || this.stream.destroyed) return undefined;
      await changed(this.stream);
    }
  }
}

// The contract's cases look for names as the application wrote them.
function toHead(headers: Record<string, string | number | string[]>): ResponseHead {
  const list = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(":") ? [] : [name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase()), String(value)],
  );
  return { status: Number(headers[":status"]), headers: list };
}

/** Waits until a stream may have something new. */
async function changed(stream: ClientHttp2Stream): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const listen = (): void => resolve();
  const events = ["readable", "end", "close", "error", "aborted"];
  for (const event of events) stream.once(event, listen);
  await promise;
  for (const event of events) stream.off(event, listen);
}
