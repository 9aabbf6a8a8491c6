// Servers for the tests of the client: well-behaved servers use node:http, hostile ones write to the socket directly.

import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createNetServer, type Server, type Socket } from "node:net";

/** The part of a test context that ends a server with its test. */
export interface Lifetime {
  after(fn: () => Promise<void> | void): void;
}

/** An HTTP server, and what it has received. */
export interface TestServer {
  /** `http://127.0.0.1:PORT/`. */
  readonly url: string;
  /** The open connections. */
  readonly sockets: ReadonlySet<Socket>;
  /** The number of connections so far. */
  readonly opened: number;
  /** The requested paths, if it is an HTTP server. */
  readonly asked: ReadonlySet<string>;
}

/** Makes a server listen until the test ends. */
export async function listen(context: Lifetime, server: Server): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const asked = new Set<string>();
  const seen = { url: "", sockets, opened: 0, asked };
  server.on("request", (request: IncomingMessage) => asked.add(request.url!));
  server.on("connection", (socket: Socket) => {
    seen.opened++;
    sockets.add(socket);
    socket.on("error", () => {}); // these tests make the client reset connections
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  seen.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return seen;
}

/** Serves HTTP until the test ends. */
export function serve(context: Lifetime, listener: RequestListener): Promise<TestServer> {
  return listen(context, createServer(listener));
}

/** Starts a server that answers every request with what `answer` writes to the socket. */
export function serveRaw(context: Lifetime, answer: (socket: Socket, asked: string) => void): Promise<TestServer> {
  const server = createNetServer((socket) => {
    socket.on("data", (bytes: Buffer) => answer(socket, bytes.toString("latin1")));
  });
  return listen(context, server);
}

/** The whole body of a request. */
export async function readAll(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** Answers with a JSON description of the request. */
export async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url, headers } = request;
  const body = await readAll(request);
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({ method, url, headers, body: body.toString() }));
}

/** The answer of {@link echo}. */
export interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Waits until `check` returns true, and calls it once a turn. If it never does, the test's own time limit ends the
 * wait.
 */
export async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setImmediate(resolve));
}
