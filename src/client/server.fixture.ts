// Servers for the tests of the client: well-behaved ones by node:http, hostile ones by hand.

import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createNetServer, type Server, type Socket } from "node:net";

/** What ends a server with its test. */
export interface Lifetime {
  after(fn: () => Promise<void> | void): void;
}

/** A server of HTTP, and what it has seen. */
export interface TestServer {
  /** `http://127.0.0.1:PORT/`. */
  readonly url: string;
  /** The connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  /** How many connections there have been. */
  readonly opened: number;
  /** The paths that a server of HTTP was asked for. */
  readonly asked: ReadonlySet<string>;
}

/** Has a server listen until the test is over. */
export async function listen(context: Lifetime, server: Server): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const asked = new Set<string>();
  const seen = { url: "", sockets, opened: 0, asked };
  server.on("request", (request: IncomingMessage) => asked.add(request.url!));
  server.on("connection", (socket: Socket) => {
    seen.opened++;
    sockets.add(socket);
    socket.on("error", () => {}); // a client that resets is what these tests are about
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

/** Serves HTTP until the test is over. */
export function serve(context: Lifetime, listener: RequestListener): Promise<TestServer> {
  return listen(context, createServer(listener));
}

/** Answers whatever is asked with what `answer` writes on the bare connection. */
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

/** Answers with what was asked, as JSON. */
export async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url, headers } = request;
  const body = await readAll(request);
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({ method, url, headers, body: body.toString() }));
}

/** What {@link echo} answers. */
export interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Resolves once `check` holds, looking once a turn; the test's own time limit ends it otherwise. */
export async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setImmediate(resolve));
}
