/** A client that speaks HTTP/1.1 over a socket, as plainly as the cases need: it parses what a server may send, and no more. */

import { connect, type Socket } from "node:net";
import { once } from "node:events";
import type { ContractCall, ContractConnection, ContractRequest } from "./gateway-scene.ts";
import { BytePipe, findHeader, type ResponseHead } from "../src/http/index.ts";

/** Connects to a server. */
export async function connectRaw(host: string, port: number): Promise<RawConnection> {
  const socket = connect({ host, port, allowHalfOpen: true });
  await once(socket, "connect");
  return new RawConnection(socket);
}

/** A connection to a server. */
export class RawConnection implements ContractConnection {
  readonly #socket: Socket;
  readonly #input: Input;
  #last: Promise<unknown> = Promise.resolve();

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#input = new Input(socket);
    // A connection that the server resets is seen by who reads from it.
    socket.on("error", () => undefined);
  }

  /** Whether the server closed the connection, once everything it sent was read. */
  closed(): Promise<boolean> {
    return this.#input.ended();
  }

  /** Sends bytes as they are. */
  async write(bytes: string | Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.write(bytes, () => resolve()));
  }

  async request({ method, target, body }: ContractRequest): Promise<RawCall> {
    const length = typeof body === "number" ? body : body?.length;
    const framing = length === undefined ? "" : `Content-Length: ${length}\r\n`;
    const call = new RawCall(this, this.#input, method, this.#last);
    this.#last = call.over;
    const sent = this.write(
      `${method} ${target} HTTP/1.1\r\nHost: localhost\r\n${framing}\r\n${typeof body === "string" ? body : ""}`,
    );
    // A server that does not read holds the client back: who wants to know that all has left waits for the response.
    if (typeof body !== "string" || body.length <= 2 ** 20) await sent;
    return call;
  }

  leave(): void {
    this.#socket.destroy();
  }

  halfClose(): void {
    this.#socket.end();
  }
}

/** A request on a connection. Its response is read after those of the requests before it. */
export class RawCall implements ContractCall {
  /** Settles when its response was read to the end. */
  readonly over: Promise<unknown>;
  readonly #connection: RawConnection;
  readonly #head: Promise<ResponseHead>;
  readonly #body = new BytePipe({ name: "response", bound: Infinity });
  #wanted = Promise.withResolvers<void>();

  constructor(connection: RawConnection, input: Input, method: string, before: Promise<unknown>) {
    this.#connection = connection;
    this.#head = before.then(() => readHead(input));
    this.over = this.#head.then(async (head) => {
      await this.#wanted.promise;
      await readBody(input, method, head, this.#body);
    });
    // Both are seen by who reads.
    this.#head.catch(() => undefined);
    this.over.catch((error: unknown) => this.#body.fail(error as Error));
  }

  send(piece: Uint8Array): Promise<void> {
    return this.#connection.write(piece);
  }

  head(): Promise<ResponseHead> {
    return this.#head;
  }

  async read(): Promise<Uint8Array | undefined> {
    this.#wanted.resolve();
    return this.#body.read();
  }
}

async function readHead(input: Input): Promise<ResponseHead> {
  const [first = "", ...lines] = (await input.until("\r\n\r\n")).split("\r\n");
  const headers = lines.filter((line) => line !== "").flatMap((line) => line.split(/:\s*(.*)/s, 2));
  return { status: Number(first.split(" ")[1]), headers };
}

async function readBody(
  input: Input,
  method: string,
  { status, headers }: ResponseHead,
  body: BytePipe,
): Promise<void> {
  const length = findHeader(headers, "content-length");
  if (method === "HEAD" || status === 204 || status === 304) return body.end();
  if (findHeader(headers, "transfer-encoding") === "chunked") await readChunks(input, body);
  else await input.exactly(Number(length), body);
  body.end();
}

async function readChunks(input: Input, body: BytePipe): Promise<void> {
  for (;;) {
    const size = Number.parseInt(await input.until("\r\n"), 16);
    await input.exactly(size, body);
    await input.until("\r\n");
    if (size === 0) return;
  }
}

/** What a socket receives. It is read from the socket only as far as it is asked for. */
class Input {
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.pause();
  }

  async until(mark: string): Promise<string> {
    let at = this.#rest.indexOf(mark);
    while (at < 0) {
      this.#rest = Buffer.concat([this.#rest, await this.#more()]);
      at = this.#rest.indexOf(mark);
    }
    const text = this.#rest.toString("latin1", 0, at);
    this.#rest = this.#rest.subarray(at + mark.length);
    return text;
  }

  async exactly(length: number, into: BytePipe): Promise<void> {
    let left = length;
    while (left > 0) {
      const chunk = this.#rest.length > 0 ? this.#rest : await this.#more();
      into.push(chunk.subarray(0, left));
      this.#rest = chunk.subarray(left);
      left -= Math.min(left, chunk.length);
    }
  }

  async ended(): Promise<boolean> {
    if (this.#rest.length > 0) return false;
    return this.#more().then(
      (chunk) => {
        this.#rest = chunk;
        return false;
      },
      () => true,
    );
  }

  async #more(): Promise<Buffer> {
    for (;;) {
      const chunk = this.#socket.read() as Buffer | null;
      if (chunk !== null) return chunk;
      if (this.#socket.readableEnded || this.#socket.destroyed) throw new Error("The server closed the connection");
      await changed(this.#socket);
    }
  }
}

/** Waits until a socket may have something new. */
async function changed(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const listen = (): void => resolve();
  for (const event of ["readable", "end", "close"]) socket.once(event, listen);
  await promise;
  for (const event of ["readable", "end", "close"]) socket.off(event, listen);
}
