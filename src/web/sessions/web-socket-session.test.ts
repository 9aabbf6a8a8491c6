import assert from "node:assert/strict";
import { test } from "node:test";
import { gather } from "../../asyncio/index.ts";
import { redirect } from "../message/redirect.ts";
import { Pottle } from "../app/pottle.ts";
import { HeaderList } from "../../http/index.ts";
import type { TestWebSocket } from "../testing/test-web-socket.ts";
import { reportsOf } from "../app/_reports.fixture.ts";
import { flash } from "./flash.ts";
import { MemorySessionStore } from "./memory-store.ts";
import type { SessionOptions } from "./session-options.ts";
import { createSessionCookie, session, sessions } from "./sessions.ts";

const secretKey = "a key for tests that is long enough";

function appWith(options: Partial<SessionOptions> = {}): Pottle {
  const app = new Pottle(undefined, { development: false });
  sessions(app, { secretKey, ...options });
  app.get("/", () => Object.fromEntries(session()));
  return app;
}

/** What the session has for a client with the cookie that the answer to a WebSocket sets. */
async function sessionAfter(app: Pottle, socket: TestWebSocket): Promise<unknown> {
  const cookie = new HeaderList((await socket.answer()).headers).get("Set-Cookie");
  if (cookie === undefined) return undefined;
  return (await app.testClient().get("/", { headers: { Cookie: cookie.split(";")[0]! } })).json();
}

for (const [kind, options] of [
  ["a cookie", {}],
  ["a store", { store: new MemorySessionStore() }],
] as const) {
  test(`session() in ${kind} is saved with the answer to a WebSocket, be it accepted or refused`, async () => {
    const app = appWith(options);
    app.websocket("/accept", async (_, socket) => {
      session().set("a", 1);
      await socket.accept({ headers: { "X-Own": "yes" } });
    });
    app.websocket("/send", async (_, socket) => {
      session().set("a", 2);
      await gather(
        () => socket.send("x"),
        () => socket.receive(),
      );
    });
    app.websocket("/reject", async (_, socket) => {
      session().set("a", 3);
      await socket.reject(401);
    });
    app.websocket("/return", () => {
      flash("Log in first");
      return redirect("/login");
    });
    const client = app.testClient({ useCookies: false });
    for (const [path, status, values] of [
      ["/accept", 101, { a: 1 }],
      ["/send", 101, { a: 2 }],
      ["/reject", 401, { a: 3 }],
      ["/return", 302, { _flashes: [["message", "Log in first"]] }],
    ] as const) {
      const socket = client.websocket(path);
      if (path === "/send") await socket.send("y");
      const { status: answered, headers } = await socket.answer();
      assert.equal(answered, status, path);
      assert.equal(new HeaderList(headers).get("X-Own"), path === "/accept" ? "yes" : undefined);
      assert.deepEqual(await sessionAfter(app, socket), values, path);
      await socket.over();
    }
  });
}

test("session() of an outer application is saved with the answer to a WebSocket of a mounted one", async () => {
  const inner = new Pottle();
  inner.websocket("/accept", (_, socket) => socket.accept());
  inner.websocket("/reject", (_, socket) => socket.reject(401));
  const app = appWith();
  app.beforeWebsocket(() => void session().set("seen", true));
  app.mount("/inner", inner);
  for (const path of ["/inner/accept", "/inner/reject"]) {
    const socket = app.testClient({ useCookies: false }).websocket(path);
    assert.deepEqual(await sessionAfter(app, socket), { seen: true }, path);
    await socket.over();
  }
});

test("session() that is only read adds Vary to the answer to a WebSocket, and one that is not used adds nothing", async () => {
  const app = appWith();
  app.websocket("/read", async (_, socket) => {
    await socket.send(String(session().get("a")));
  });
  app.websocket("/not", async (_, socket) => {
    await socket.send("not used");
  });
  const headers = { Cookie: await createSessionCookie(app, { a: 1 }) };
  for (const [path, vary, message] of [
    ["/read", "Cookie", "1"],
    ["/not", undefined, "not used"],
  ] as const) {
    await using socket = app.testClient().websocket(path, { headers });
    assert.equal(await socket.receive(), message);
    const answer = new HeaderList((await socket.answer()).headers);
    assert.deepEqual([answer.get("Vary"), answer.get("Set-Cookie")], [vary, undefined]);
  }
});

test("session() that is changed after a WebSocket was accepted is an error", async () => {
  const app = appWith();
  app.websocket("/", async (_, socket) => {
    await socket.accept();
    try {
      session().set("a", 1);
    } catch (error) {
      await socket.send((error as Error).message);
    }
  });
  await using socket = app.testClient().websocket("/");
  assert.match(String(await socket.receive()), /Cannot change the session as its response has begun/);
});

test("session() that cannot be stored refuses the WebSocket with 500, and that is reported", async () => {
  const store = new MemorySessionStore();
  store.create = () => Promise.reject(new Error("the store is away"));
  const app = appWith({ store });
  app.websocket("/", async (_, socket) => {
    session().set("a", 1);
    await socket.accept();
  });
  const reports = await reportsOf(async () => {
    const socket = app.testClient().websocket("/");
    assert.equal((await socket.answer()).status, 500);
    assert.equal((await socket.over()).outcome.kind, "failed");
  });
  assert.equal(reports.length, 1);
  assert.match(String(reports[0]), /the store is away/);
});
