/** The clients of the soak. Each kind of request knows how it is answered, and how a client leaves it early. */

import { Agent, type IncomingMessage, request } from "node:http";
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";

/** How many requests a connection of HTTP/2 is used for. */
const requestsPerSession = 100;

/** A request: its kind, and whether its client leaves early. */
export type Ask = (port: number, leaves: boolean) => Promise<void>;

/** What clients keep between requests. */
export class SoakClients {
  readonly #agent: Agent = new Agent({ keepAlive: true });
  #sessions: Session[] = [];

  /** The kinds, and how many of a hundred requests are of each. */
  readonly kinds: readonly (readonly [name: string, share: number, ask: Ask])[] = [
    ["plain", 28, (port, leaves) => this.#http(port, "/plain", leaves, "Hello")],
    ["JSON", 15, (port, leaves) => this.#http(port, "/json", leaves, '{"target":"/json","list":[1,2]}')],
    ["POST that is read", 10, (port, leaves) => this.#http(port, "/read", leaves, "20000 bytes", 20_000)],
    ["POST that is not read", 6, (port, leaves) => this.#http(port, "/unread", leaves, "not read", 20_000)],
    [
      "stream",
      8,
      (port, leaves) => this.#http(port, "/stream", leaves, "piece 0\npiece 1\npiece 2\npiece 3\npiece 4\n"),
    ],
    ["SSE", 5, (port, leaves) => this.#http(port, "/events", leaves, /^(?:id: \d\ndata: \{"n":\d\}\n\n){3}$/)],
    ["large", 1, (port, leaves) => this.#http(port, "/large", leaves, /^large (?:large )+/)],
    ["error", 7, (port, leaves) => malformed(port, leaves)],
    ["WebSocket", 5, (port, leaves) => webSocket(port, leaves)],
    ["HTTP/2", 15, (port, leaves) => this.#http2(port, leaves)],
  ];

  /** Closes what is kept, so that the server has no client. */
  rest(): void {
    this.#agent.destroy();
    for (const { session } of this.#sessions.splice(0)) session.destroy();
  }

  #http(port: number, path: string, leaves: boolean, expected: string | RegExp, length = 0): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const options = { host: "127.0.0.1", port, path, agent: this.#agent, method: length > 0 ? "POST" : "GET" };
    const outgoing = request({ ...options, ...(length > 0 && { headers: { "Content-Length": length } }) });
    outgoing.once("error", (error) => (leaves ? resolve() : reject(error)));
    outgoing.once("close", resolve);
    outgoing.once("response", (response) => {
      if (leaves) outgoing.destroy();
      else
        void bodyOf(response)
          .then((body) => check(path, body, expected))
          .then(resolve, reject);
    });
    if (length > 0 && leaves) {
      outgoing.write("x".repeat(length / 2), () => outgoing.destroy());
    } else outgoing.end(length > 0 ? "x".repeat(length) : undefined);
    return promise;
  }

  #http2(port: number, leaves: boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stream = this.#session(port).request("/json");
    let body = "";
    stream.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    stream.once("error", (error) => (leaves ? resolve() : reject(error)));
    if (leaves) stream.once("response", () => stream.close());
    stream.once("close", () => {
      if (leaves) resolve();
      else check("HTTP/2", body, '{"target":"/json","list":[1,2]}').then(resolve, reject);
    });
    return promise;
  }

  #session(port: number): Session {
    const kept = this.#sessions.at(-1);
    if (kept !== undefined && kept.uses < requestsPerSession && !kept.session.destroyed) return kept;
    const session = new Session(port);
    this.#sessions = this.#sessions.filter(({ session: { destroyed } }) => !destroyed);
    this.#sessions.push(session);
    return session;
  }
}

/** A connection of HTTP/2, which closes after so many requests. */
class Session {
  readonly session: ClientHttp2Session;
  uses = 0;
  #running = 0;

  constructor(port: number) {
    // What it fails with fails its streams as well.
    this.session = connectHttp2(`http://127.0.0.1:${port}`).on("error", () => undefined);
  }

  request(path: string): ClientHttp2Stream {
    this.uses++;
    this.#running++;
    return this.session.request({ ":path": path }).once("close", () => {
      this.#running--;
      if (this.#running === 0 && this.uses >= requestsPerSession) this.session.close();
    });
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of response.setEncoding("latin1")) body += chunk as string;
  return body;
}

async function check(what: string, body: string, expected: string | RegExp): Promise<void> {
  const isRight = typeof expected === "string" ? body === expected : expected.test(body);
  if (!isRight) throw new Error(`${what} was answered with '${body.slice(0, 200)}'`);
}

/** What is refused before there is a request. */
const wrong = [
  "GET / HTTP/1.1\r\n\r\n",
  "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
  "no HTTP at all\r\n\r\n",
  `GET /${"x".repeat(9_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
];

let wrongs = 0;

function malformed(port: number, leaves: boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.setEncoding("latin1").on("data", (text: string) => (answer += text));
  socket.once("error", (error) => (leaves ? resolve() : reject(error)));
  socket.once("close", () => {
    if (leaves || /^HTTP\/1\.1 4\d\d /.test(answer)) resolve();
    else reject(new Error(`What is no request was answered with '${answer}'`));
  });
  const text = wrong[wrongs++ % wrong.length]!;
  if (leaves) socket.write(text.slice(0, 10), () => socket.resetAndDestroy());
  else socket.end(text);
  return promise;
}

function webSocket(port: number, leaves: boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  let echoes = 0;
  socket.addEventListener("open", () => socket.send("0"));
  socket.addEventListener("message", ({ data }) => {
    if (data !== String(echoes)) reject(new Error(`WebSocket was answered with '${String(data)}'`));
    echoes++;
    if (echoes === 3) socket.close(1_000);
    else socket.send(String(echoes));
    if (leaves) socket.close(3_000);
  });
  socket.addEventListener("error", () => reject(new Error("The WebSocket has failed")));
  socket.addEventListener("close", ({ code }) => {
    if (leaves || code === 1_000) resolve();
    else reject(new Error(`The WebSocket was closed with ${code}`));
  });
  return promise;
}
