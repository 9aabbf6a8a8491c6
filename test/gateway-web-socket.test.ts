import { once } from "node:events";
import { connect, createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { type Application, MemoryWebSocket, serveWebSocketConnection } from "../src/http/index.ts";
import { serve } from "../src/server/index.ts";
import { serveWebSocket } from "../src/server/websocket/serve-web-socket.ts";
import { WsClient } from "./gateway-web-socket-clients.ts";
import { testWebSockets } from "./gateway-web-socket-contract.ts";
import type { ContractSocket, SocketServerOptions } from "./gateway-web-socket-scene.ts";

for (const engine of ["pottle", "node:http"] as const)
  testWebSockets({
    name: engine,
    accepted: 101,
    async serve(app, { onAccess, closeTimeout, messageBuffer, cancelGrace }) {
      const own = { webSocketCloseTimeout: closeTimeout, bodyBuffer: messageBuffer };
      const server = await serve(app, { port: 0, engine, onAccess, cancelGrace, drainTimeout: 0, ...own });
      const { host, port } = server.address;
      return {
        open: (request) => WsClient.connect(`ws://${host}:${port}`, request),
        [Symbol.asyncDispose]: () => server.close(),
      };
    },
  });

testWebSockets({
  name: "HTTP/2",
  accepted: 200,
  async serve(app, options) {
    const server = serveStreams(app, options);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await once(session, "remoteSettings");
    return {
      open: (request) => WsClient.stream(session, request),
      async [Symbol.asyncDispose]() {
        session.destroy();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  },
});

testWebSockets({
  name: "pottle by HTTP/2",
  accepted: 200,
  async serve(app, { onAccess, closeTimeout, messageBuffer, cancelGrace }) {
    const own = { webSocketCloseTimeout: closeTimeout, bodyBuffer: messageBuffer };
    const server = await serve(app, { port: 0, onAccess, cancelGrace, drainTimeout: 0, ...own });
    const session = connect(server.url);
    await once(session, "remoteSettings");
    return {
      open: (request) => WsClient.stream(session, request),
      async [Symbol.asyncDispose]() {
        session.destroy();
        await server.close();
      },
    };
  },
});

testWebSockets({
  name: "in memory",
  accepted: 101,
  serve: async (app, options) => ({
    open: async ({ target = "/", subprotocols = [] }) => {
      const socket = new MemoryWebSocket({ target, subprotocols, ...options });
      void serveWebSocketConnection(app, socket.connection, options);
      return new MemoryClient(socket);
    },
    [Symbol.asyncDispose]: async () => undefined,
  }),
});

/** The least that a server of HTTP/2 does for a WebSocket. */
function serveStreams(app: Application, options: SocketServerOptions): Http2Server {
  const { onAccess, closeTimeout, messageBuffer, cancelGrace } = options;
  const server = createServer({ settings: { enableConnectProtocol: true } });
  const limits = { maxMessage: 2 ** 24, pingInterval: Infinity, deflate: false, closeTimeout, messageBuffer };
  server.on("stream", (socket: ServerHttp2Stream, fields) => {
    const { ":path": target = "/" } = fields;
    const own = Object.entries(fields).filter(([name]) => !name.startsWith(":"));
    const rawHeaders = own.flatMap(([name, value]) => [name, String(value)]);
    const head = { method: "CONNECT", target, httpVersion: "2.0", rawHeaders };
    const peer = { address: "127.0.0.1", port: 1 };
    const request = { head, socket, firstBytes: Buffer.alloc(0), scheme: "ws", peer } as const;
    serveWebSocket(app, request, { limits, cancelGrace, onAccess, onRefused: onAccess });
  });
  return server;
}

/** The memory's client, which stops to receive when it is paused. */
class MemoryClient implements ContractSocket {
  readonly #socket: MemoryWebSocket;

  constructor(socket: MemoryWebSocket) {
    this.#socket = socket;
  }

  head = (): ReturnType<ContractSocket["head"]> => this.#socket.head();
  send = (message: string | Uint8Array): Promise<void> => this.#socket.send(message);
  receive = (): Promise<string | Uint8Array> => this.#socket.receive();
  close = (code?: number, reason?: string): Promise<void> => this.#socket.close(code, reason);
  // It receives what it is asked to, and nothing before.
  pause(): void {}
  resume(): void {}
  vanish = (): void => this.#socket.disconnect();

  async body(): Promise<string> {
    let text = "";
    for (let chunk; (chunk = await this.#socket.download.read()) !== undefined;) text += Buffer.from(chunk).toString();
    return text;
  }
}
