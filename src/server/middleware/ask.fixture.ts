import {
  type Application,
  type Exchange,
  MemoryExchange,
  type MemoryRequestHead,
  MemoryWebSocket,
  type MemoryWebSocketOptions,
  serveExchange,
  type ServeExchangeOptions,
  serveWebSocketConnection,
  type WebSocketConnection,
} from "../../http/index.ts";

/** An answer, as its client has read it. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
}

/** Sends one request without a body to `application`. */
export async function ask(application: Application, head: MemoryRequestHead): Promise<Answer> {
  const exchange = new MemoryExchange(head);
  exchange.upload.end();
  const served = serveExchange(application, exchange);
  const { status, headers } = await exchange.head();
  let body = "";
  for (let chunk = await exchange.download.read(); chunk !== undefined; chunk = await exchange.download.read())
    body += Buffer.from(chunk).toString();
  await served;
  return { status, headers, body };
}

/**
 * Asks `application` for a WebSocket. The body of the answer is the first message, or that of the rejection; the WebSocket
 * is over then.
 */
export async function askForWebSocket(
  application: Application,
  options: MemoryWebSocketOptions,
  serveOptions: ServeExchangeOptions = {},
): Promise<Answer> {
  const socket = new MemoryWebSocket(options);
  const served = serveWebSocketConnection(application, socket.connection, serveOptions);
  const { status, headers } = await socket.head();
  let body = status === 101 ? String(await socket.receive()) : "";
  if (status !== 101) {
    for (let chunk = await socket.download.read(); chunk !== undefined; chunk = await socket.download.read())
      body += Buffer.from(chunk).toString();
  }
  await served;
  return { status, headers, body };
}

/** An application that answers with what it sees of the request. */
export function mirror(name = "mirror"): Application {
  return { handle: (exchange) => exchange.respond(200, [], JSON.stringify({ name, ...seen(exchange) })) };
}

/** An application that sends what it sees of the request for a WebSocket, as the only message; {@link mirror} otherwise. */
export function socketMirror(name = "mirror"): Application {
  return {
    ...mirror(name),
    async websocket(connection) {
      await connection.accept();
      await connection.send(JSON.stringify({ name, isWebSocket: true, ...seen(connection) }));
    },
  };
}

function seen(request: Exchange | WebSocketConnection): Record<string, unknown> {
  const { target, scheme, peer, basePath, rawHeaders } = request;
  const host = rawHeaders[rawHeaders.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === "host") + 1];
  return { target, scheme, peer, basePath, host };
}
