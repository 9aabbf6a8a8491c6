import assert from "node:assert/strict";
import { test } from "node:test";
import { Pottle } from "../app/pottle.ts";
import { MemorySessionStore } from "./memory-store.ts";
import { session, sessions } from "./sessions.ts";

const kinds: [where: string, store: MemorySessionStore | undefined][] = [
  ["in the cookie", undefined],
  ["in a store", new MemorySessionStore()],
];

for (const [where, store] of kinds) {
  function createApp(): Pottle {
    const app = new Pottle();
    sessions(app, { secretKey: "secret", ...(store && { store }) });
    app.get("/login", () => {
      session().set("user", "ada");
      return "x";
    });
    return app;
  }

  test(`session() ${where} is read by a WebSocket, and by a hook before it`, async () => {
    const app = createApp();
    const seen: unknown[] = [];
    app.beforeWebsocket(() => void seen.push(session().get("user")));
    app.websocket("/", (_, socket) => socket.send(String(session().get("user"))));
    const client = app.testClient();
    await client.get("/login");
    await using socket = client.websocket("/");
    assert.equal(await socket.receive(), "ada");
    assert.deepEqual(seen, ["ada"]);
    await using stranger = app.testClient({ useCookies: false }).websocket("/");
    assert.equal(await stranger.receive(), "undefined");
  });

  test(`session() ${where} cannot be changed by a WebSocket, not even before it is accepted`, async () => {
    const app = createApp();
    app.websocket("/", async (_, socket) => {
      assert.throws(() => session().set("user", "eve"), {
        name: "InvalidStateError",
        message: "Cannot change the session as a WebSocket can only read it",
      });
      await socket.send("x");
    });
    await using socket = app.testClient().websocket("/");
    assert.equal(await socket.receive(), "x");
  });
}
