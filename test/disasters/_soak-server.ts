// The server of the soak: one view for each kind of request. Asked by its parent, it says what it holds.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { readdirSync } from "node:fs";
import { run, sleep } from "../../src/asyncio/index.ts";
import type { Application, Exchange, WebSocketConnection } from "../../src/http/index.ts";
import { type RunningServer, serve } from "../../src/server/index.ts";
import type { Figures } from "./_figures.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const large = Buffer.alloc(1_000_000, "large ");

async function* stream(): AsyncGenerator<string> {
  for (let i = 0; i < 5; i++) {
    yield `piece ${i}\n`;
    if (i % 2 === 0) await sleep(0);
  }
}

async function* events(): AsyncGenerator<string> {
  for (let i = 0; i < 3; i++) {
    yield `id: ${i}\ndata: {"n":${i}}\n\n`;
    await sleep(1);
  }
}

async function readAll(exchange: Exchange): Promise<void> {
  let length = 0;
  for (let piece = await exchange.read(); piece !== undefined; piece = await exchange.read())
    length += piece.byteLength;
  await exchange.respond(200, [], `${length} bytes`);
}

const views: Readonly<Record<string, (exchange: Exchange) => Promise<void>>> = {
  "/plain": (exchange) => exchange.respond(200, ["Content-Type", "text/plain"], "Hello"),
  "/json": (exchange) =>
    exchange.respond(
      200,
      ["Content-Type", "application/json"],
      JSON.stringify({ target: exchange.target, list: [1, 2] }),
    ),
  "/read": readAll,
  "/unread": (exchange) => exchange.respond(200, [], "not read"),
  "/stream": (exchange) => exchange.respond(200, [], stream()),
  "/events": (exchange) => exchange.respond(200, ["Content-Type", "text/event-stream"], events()),
  "/large": (exchange) => exchange.respond(200, [], large),
};

const app: Application = {
  handle: (exchange) => views[exchange.target]?.(exchange) ?? exchange.respond(404, [], "nothing there"),
  async websocket(connection: WebSocketConnection): Promise<void> {
    await connection.accept();
    for (;;) await connection.send(await connection.receive());
  },
};

function figuresOf(server: RunningServer): Figures {
  for (let i = 0; i < 4; i++) collectGarbage();
  const { heapUsed, rss } = process.memoryUsage();
  const handles: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
  const descriptors = process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
  const { user, system } = process.cpuUsage();
  return { heapUsed, rss, handles, descriptors, cpu: (user + system) / 1_000, ...server.statistics() };
}

await run(async () => {
  const server = await serve(app, { port: 0, drainTimeout: 0 });
  process.on("message", () => process.send!(figuresOf(server)));
  // A server whose load is gone is of no use.
  process.once("disconnect", () => process.exit());
  process.send!(server.address.port);
  await server.closed();
});
