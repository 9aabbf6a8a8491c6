import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { Message, Reading } from "./_reading.ts";

/** A connection in memory: what was sent to the server, and whatever it answers. */
class Wire extends Duplex {
  readonly messages: IncomingMessage[] = [];
  readonly bodies = new Map<IncomingMessage, string>();
  isOver = false;
  fault: string | undefined;

  override _read(): void {}

  override _write(_chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    done();
  }
}

/** Reads requests by the parser of `node:http`, through a server over connections in memory. */
export class NodeReader {
  readonly #server: Server;

  constructor() {
    this.#server = createServer({ requireHostHeader: false, keepAliveTimeout: 0 });
    // Otherwise the end of the connection aborts requests before their bodies were told.
    Object.assign(this.#server, { httpAllowHalfOpen: true });
    this.#server.on("request", (request, response) => {
      const wire = note(request);
      request.on(
        "data",
        (piece: Buffer) => void wire.bodies.set(request, (wire.bodies.get(request) ?? "") + piece.toString("latin1")),
      );
      request.on("end", () => response.end());
      // A request that is cut is not complete, and that is all there is to know of it.
      request.on("error", () => undefined);
    });
    this.#server.on("checkExpectation", (request) => {
      note(request).isOver = true;
      request.socket.destroy();
    });
    this.#server.on("connect", (request, socket) => {
      note(request).isOver = true;
      socket.destroy();
    });
    this.#server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
      const wire = socket as unknown as Wire;
      wire.fault ??= error.code ?? error.message;
      // Bodies that were read before are told in the turns that come.
      setImmediate(() => socket.destroy());
    });
  }

  /** Reads Latin-1 text as one piece, then the end of the connection. */
  read(text: string): Promise<Reading> {
    const wire = new Wire();
    return new Promise((resolve) => {
      wire.on("close", () => resolve(readingOf(wire)));
      // Of a request that asks for an upgrade, the server forgets to close the connection if it ends in the body.
      wire.on("end", () => setImmediate(() => setImmediate(() => wire.destroy())));
      this.#server.emit("connection", wire as unknown as Socket);
      wire.push(Buffer.from(text, "latin1"));
      wire.push(null);
    });
  }
}

function note(request: IncomingMessage): Wire {
  const wire = request.socket as unknown as Wire;
  wire.messages.push(request);
  return wire;
}

function readingOf(wire: Wire): Reading {
  const messages = wire.messages.map((request): Message => ({
    method: request.method ?? "",
    target: request.url ?? "",
    version: request.httpVersion,
    headers: request.rawHeaders,
    body: wire.bodies.get(request) ?? "",
    trailers: request.rawTrailers,
    isComplete: request.complete,
  }));
  const isHalf = wire.fault === "HPE_INVALID_EOF_STATE";
  const outcome = wire.isOver ? "over" : isHalf ? "half" : wire.fault === undefined ? "idle" : "refused";
  return { messages, outcome, reason: wire.fault ?? "" };
}
