import assert from "node:assert/strict";
import { test } from "node:test";
import { Event } from "../../asyncio/index.ts";
import type { AccessEntry } from "../access-entry.ts";
import type { Application, WebSocketConnection } from "../application.ts";
import { MemoryWebSocket } from "./memory-web-socket.ts";
import { passWebSocket } from "./pass-web-socket.ts";
import { serveWebSocketConnection } from "./serve-web-socket-connection.ts";
import { wrapApplications } from "./wrap-applications.ts";
import { type WebSocketView, WrappedWebSocket } from "./wrapped-web-socket.ts";

/** Takes WebSockets, and hands them to an application that does not, under another view. */
function around(inner: Application, view?: WebSocketView): Application {
  return {
    handle: (exchange) => inner.handle(exchange),
    websocket: (connection) =>
      passWebSocket(inner, view === undefined ? connection : new WrappedWebSocket(connection, view)),
  };
}

test("passWebSocket() calls the application's own websocket(), as a method", async () => {
  class App implements Application {
    readonly #greeting = "hello";

    handle(): void {}

    async websocket(connection: WebSocketConnection): Promise<void> {
      await connection.accept();
      await connection.send(this.#greeting);
    }
  }
  const socket = new MemoryWebSocket({ target: "/" });
  void serveWebSocketConnection(around(new App()), socket.connection);
  assert.equal(await socket.receive(), "hello");
});

test("passWebSocket() gives an application without websocket() an ordinary request, seen as the wrappers show it", async () => {
  const seen: unknown[] = [];
  const inner: Application = {
    async handle(exchange) {
      const { method, target, scheme, peer, basePath, rawHeaders } = exchange;
      seen.push({ method, target, scheme, peer, basePath, rawHeaders }, await exchange.read());
      await exchange.respond(200, ["X-Own", "yes"], "an ordinary answer");
    },
  };
  const peer = { address: "203.0.113.9", port: 7 };
  const view = { target: "/b", scheme: "wss", peer, basePath: "/a", rawHeaders: ["Host", "example.com"] } as const;
  const entries: AccessEntry[] = [];
  const socket = new MemoryWebSocket({ target: "/a/b" });
  const onAccess = (entry: AccessEntry): void => void entries.push(entry);
  await Promise.all([
    serveWebSocketConnection(around(inner, view), socket.connection, { onAccess }),
    (async () => {
      assert.equal((await socket.head()).status, 200);
      assert.equal(Buffer.from((await socket.download.read())!).toString(), "an ordinary answer");
    })(),
  ]);
  assert.deepEqual(seen, [{ method: "GET", ...view, scheme: "https" }, undefined]);
  assert.deepEqual(
    entries.map(({ target, status, bytes, outcome }) => [target, status, bytes, outcome.kind]),
    [["/a/b", 200, 18, "served"]],
  );
});

for (const [what, handle, status] of [
  ["fails", () => Promise.reject(new RangeError("no luck")), 500],
  ["returns without an answer", () => undefined, 500],
] as [string, Application["handle"], number][]) {
  test(`passWebSocket() has the server answer where the ordinary request ${what}`, async () => {
    const socket = new MemoryWebSocket({ target: "/" });
    const errors: unknown[] = [];
    const onError = (error: unknown): void => void errors.push(error);
    const task = serveWebSocketConnection(around({ handle }, { target: "/x" }), socket.connection, { onError });
    assert.equal((await socket.head()).status, status);
    socket.download.discard();
    await task;
    assert.equal(errors.length, 1);
  });
}

test("passWebSocket() cancels the ordinary request of a client that leaves", async () => {
  const running = new Event();
  const socket = new MemoryWebSocket({ target: "/" });
  const inner: Application = {
    async handle() {
      running.set();
      await new Event().wait();
    },
  };
  const task = serveWebSocketConnection(around(inner, { target: "/x" }), socket.connection);
  await running.wait();
  socket.disconnect();
  await assert.rejects(task, { name: "CancelledError" });
});

test("passWebSocket() answers 501 where an ordinary 200 would open the WebSocket", async () => {
  class OverHttp2 extends WrappedWebSocket {
    override get httpVersion(): string {
      return "2.0";
    }
  }
  const inner: Application = { handle: () => assert.fail("it is not asked") };
  const app: Application = {
    ...inner,
    websocket: (connection) => passWebSocket(inner, new OverHttp2(connection, {})),
  };
  const socket = new MemoryWebSocket({ target: "/" });
  void serveWebSocketConnection(app, socket.connection);
  assert.equal((await socket.head()).status, 501);
});

test("wrapApplications() takes WebSockets as long as one of the applications does", () => {
  const one: Application = { handle: () => undefined };
  const other: Application = { handle: () => undefined };
  const wrapper = { handle: () => undefined, websocket: () => undefined };
  const wrapped = wrapApplications([wrapApplications([one, other], wrapper)], wrapper);
  assert.ok(wrapped.websocket === undefined);
  assert.ok(!("lifespan" in wrapped));
  other.websocket = () => undefined;
  assert.ok(wrapped.websocket !== undefined);
  delete other.websocket;
  assert.ok(wrapped.websocket === undefined);
});
