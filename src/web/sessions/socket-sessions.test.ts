// Sessions, logins, flashes and limits in WebSockets.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, Event, InvalidStateError } from "../../asyncio/index.ts";
import { virtualTime } from "../../asyncio/testing/index.ts";
import { reportsOf } from "../app/_reports.fixture.ts";
import { Blueprint } from "../app/blueprint.ts";
import { Pottle } from "../app/pottle.ts";
import { csrf } from "../auth/csrf.ts";
import { csrfToken } from "../auth/csrf-token.ts";
import { currentUser, loginUser } from "../auth/current-user.ts";
import { bearerAuth } from "../auth/bearer-auth.ts";
import { cookieAuth } from "../auth/cookie-auth.ts";
import { loginRequired, requireLogin } from "../auth/login-required.ts";
import { basicAuthRequired } from "../auth/basic-auth-required.ts";
import { sessionAuth } from "../auth/session-auth.ts";
import { rateLimit, rateLimitExempt } from "../limits/rate-limit.ts";
import { makeResponse } from "../message/from-result.ts";
import type { HttpWebSocket } from "../websocket/http-web-socket.ts";
import { flash, getFlashedMessages } from "./flash.ts";
import { MemorySessionStore } from "./memory-store.ts";
import { session, sessions } from "./sessions.ts";

const secretKey = "secret";

const ways = {
  "in the cookie": () => ({ secretKey }),
  "in a store": () => ({ secretKey, store: new MemorySessionStore() }),
};

for (const [way, optionsOf] of Object.entries(ways)) {
  test(`session() of a WebSocket is read and changed before it is accepted, ${way}`, async () => {
    const app = new Pottle();
    sessions(app, optionsOf());
    app.websocket("/count", async (_, socket) => {
      const count = Number(session().get("count") ?? 0) + 1;
      session().set("count", count);
      await socket.send(String(count));
      assert.equal(session().get("count"), count);
    });
    app.get("/count", () => ({ count: session().get("count") ?? null }));
    const client = app.testClient();
    for (const wanted of ["1", "2"]) {
      await using socket = client.websocket("/count");
      assert.equal(await socket.receive(), wanted);
    }
    assert.deepEqual((await client.get("/count")).json(), { count: 2 });
  });

  test(`session() of a WebSocket that is refused is saved with the response, ${way}`, async () => {
    const app = new Pottle();
    sessions(app, optionsOf());
    app.websocket("/returned", () => {
      session().set("by", "returned");
      return makeResponse("", 400);
    });
    app.websocket("/rejected", async (_, socket) => {
      session().set("by", "rejected");
      await socket.reject(409);
      assert.throws(() => session().set("by", "later"), InvalidStateError);
    });
    app.websocket("/failed", () => {
      session().set("by", "failed");
      throw new Error("boom");
    });
    app.get("/", () => ({ by: session().get("by") ?? null }));
    for (const [path, status] of [
      ["returned", 400],
      ["rejected", 409],
      ["failed", 500],
    ] as const) {
      const client = app.testClient();
      await reportsOf(async () => {
        assert.equal((await client.websocket(`/${path}`).rejection()).status, status);
      });
      assert.deepEqual((await client.get("/")).json(), { by: path });
    }
  });

  test(`session() of a WebSocket cannot be changed once it was accepted, ${way}`, async () => {
    const app = new Pottle();
    sessions(app, optionsOf());
    const change = async (socket: HttpWebSocket): Promise<void> => {
      await socket.accept();
      for (const act of [
        () => session().set("a", 1),
        () => session().clear(),
        () => void (session().permanent = true),
        () => session().regenerate(),
        () => flash("late"),
        () => csrfToken(),
      ]) {
        assert.throws(act, {
          name: "InvalidStateError",
          message: "Cannot change the session as its WebSocket was accepted or refused: change it before that",
        });
      }
      await socket.send("checked");
    };
    app.websocket("/opened-late", (_, socket) => change(socket));
    app.websocket("/opened-early", (_, socket) => {
      session().get("a");
      return change(socket);
    });
    for (const path of ["/opened-late", "/opened-early"]) {
      await using socket = app.testClient().websocket(path);
      assert.equal(await socket.receive(), "checked");
    }
  });
}

test("session() of a WebSocket does without a cookie where it was not used", async () => {
  const app = new Pottle();
  sessions(app, { secretKey });
  app.websocket("/", (_, socket) => socket.send("x"));
  await using socket = app.testClient().websocket("/");
  assert.deepEqual((await socket.answer()).headers, []);
});

test("session() of a WebSocket is found in hooks, and in error handlers", async () => {
  const app = new Pottle();
  sessions(app, { secretKey, store: new MemorySessionStore() });
  const log: unknown[] = [];
  app.beforeWebsocket(() => void session().set("a", 1));
  app.afterWebsocket(() => void log.push(session().get("a")));
  app.teardownWebsocket(() => void log.push(session().get("a")));
  app.errorHandler(RangeError, () => makeResponse(String(session().get("a")), 400));
  app.websocket("/", () => {
    throw new RangeError("no");
  });
  const client = app.testClient();
  const socket = client.websocket("/");
  assert.equal((await socket.rejection()).text(), "1");
  await socket.over();
  assert.deepEqual(log, [1, 1]);
  assert.notEqual(client.cookies.get("session"), undefined);
});

test("session() that cannot be saved refuses its WebSocket with 500", async () => {
  class BrokenStore extends MemorySessionStore {
    override async create(): Promise<void> {
      throw new Error("no room");
    }
  }
  const app = new Pottle();
  sessions(app, { secretKey, store: new BrokenStore() });
  app.websocket("/", (_, socket) => {
    session().set("a", 1);
    return socket.send("x");
  });
  await reportsOf(async () => {
    const socket = app.testClient().websocket("/");
    const { status, headers, outcome } = await socket.rejection();
    assert.deepEqual([status, headers.get("set-cookie")], [500, undefined]);
    assert.equal(outcome.kind === "failed" && (outcome.error as Error).message, "no room");
  });
});

test(
  "HttpWebSocket is accepted once if tasks send and receive while its session is saved",
  virtualTime(async () => {
    const saved = new Event();
    class SlowStore extends MemorySessionStore {
      override async create(id: string, text: string, lifetime: number): Promise<void> {
        await saved.wait();
        await super.create(id, text, lifetime);
      }
    }
    const app = new Pottle();
    sessions(app, { secretKey, store: new SlowStore() });
    app.websocket("/", async (_, socket) => {
      session().set("a", 1);
      const received = createTask(() => socket.receive());
      const sent = createTask(() => socket.send("sent"));
      saved.set();
      await sent;
      await socket.send(await received);
    });
    await using socket = app.testClient().websocket("/");
    await socket.send("received");
    assert.equal(await socket.receive(), "sent");
    assert.equal(await socket.receive(), "received");
  }),
);

test("session() of an outer application and of a mounted one are both saved when a WebSocket is accepted", async () => {
  const inner = new Pottle();
  sessions(inner, { secretKey, cookieName: "inner" });
  inner.websocket("/", (_, socket) => {
    session().set("a", 1);
    return socket.send("x");
  });
  const outer = new Pottle();
  sessions(outer, { secretKey, cookieName: "outer" });
  outer.beforeWebsocket(() => void session().set("b", 2));
  outer.mount("/inner", inner);
  const client = outer.testClient();
  await using socket = client.websocket("/inner/");
  await socket.answer();
  assert.deepEqual(
    [client.cookies.get("inner") === undefined, client.cookies.get("outer") === undefined],
    [false, false],
  );
});

test("flash() before a WebSocket is accepted is shown by the next page", async () => {
  const app = new Pottle();
  sessions(app, { secretKey });
  app.websocket("/", async (_, socket) => {
    flash("welcome");
    await socket.accept({ headers: { "X-Own": "1" } });
  });
  app.get("/", () => ({ messages: getFlashedMessages() }));
  const client = app.testClient();
  await using socket = client.websocket("/");
  const names = (await socket.answer()).headers.filter((_, i) => i % 2 === 0);
  assert.deepEqual(names, ["X-Own", "Vary", "Set-Cookie"]);
  assert.deepEqual((await client.get("/")).json(), { messages: ["welcome"] });
});

const logins = {
  sessionAuth: (app: Pottle): void => {
    sessions(app, { secretKey });
    sessionAuth(app, { loginPath: "/login" });
  },
  "sessionAuth with a store": (app: Pottle): void => {
    sessions(app, { secretKey, store: new MemorySessionStore() });
    sessionAuth(app);
  },
  cookieAuth: (app: Pottle): void => cookieAuth(app, { secretKey }),
};

for (const [way, setUp] of Object.entries(logins)) {
  test(`loginRequired() lets only users open a WebSocket, by ${way}`, async () => {
    const app = new Pottle();
    setUp(app);
    app.post("/login", () => {
      loginUser("ada");
      return "";
    });
    let calls = 0;
    app.websocket(
      "/rooms/<int:id>",
      loginRequired(async ({ id }, socket) => {
        calls++;
        await socket.send(`${currentUser()?.id} in ${id + 1}`);
        assert.equal(currentUser()?.id, "ada");
      }),
    );
    const client = app.testClient();
    const refused = await client.websocket("/rooms/1").rejection();
    assert.deepEqual([refused.status, refused.headers.get("www-authenticate")], [401, 'Cookie realm="login"']);
    assert.equal(calls, 0);
    await client.post("/login");
    await using socket = client.websocket("/rooms/1");
    assert.equal(await socket.receive(), "ada in 2");
  });

  test(`loginUser() in a WebSocket lasts if it is not accepted yet, by ${way}`, async () => {
    const app = new Pottle();
    setUp(app);
    app.websocket("/early", async (_, socket) => {
      loginUser("ada");
      await socket.send("x");
      assert.throws(() => loginUser("bob"), InvalidStateError);
      assert.equal(currentUser()?.id, "ada");
    });
    app.get("/who", () => currentUser()?.id ?? "nobody");
    const client = app.testClient();
    {
      await using socket = client.websocket("/early");
      assert.equal(await socket.receive(), "x");
    }
    assert.equal((await client.get("/who")).text(), "ada");
  });
}

test("requireLogin() and basicAuthRequired() refuse WebSockets with 401", async () => {
  const app = new Pottle();
  const tokens = bearerAuth(app, { secretKey });
  const inner = new Blueprint("inner", { prefix: "/inner" });
  inner.beforeWebsocket(() => requireLogin());
  inner.websocket("/", (_, socket) => socket.send(currentUser()?.id ?? ""));
  app.register(inner);
  const credentials = { username: "ada", password: "x" };
  app.websocket(
    "/basic",
    basicAuthRequired(credentials, (_, socket: HttpWebSocket) => socket.send("basic")),
  );
  const client = app.testClient();
  assert.equal((await client.websocket("/inner/").rejection()).status, 401);
  assert.equal((await client.websocket("/basic").rejection()).status, 401);
  const headers = { Authorization: `Bearer ${tokens.createToken("ada")}` };
  await using inside = client.websocket("/inner/", { headers });
  assert.equal(await inside.receive(), "ada");
  await using basic = client.websocket("/basic", { headers: { Authorization: `Basic ${btoa("ada:x")}` } });
  assert.equal(await basic.receive(), "basic");
});

test("csrf() leaves WebSockets to the check of their origin", async () => {
  const app = new Pottle();
  sessions(app, { secretKey });
  csrf(app);
  app.websocket("/", (_, socket) => socket.send("x"));
  const ask = (origin: string) => app.testClient().websocket("/", { headers: { Host: "a.example", Origin: origin } });
  assert.equal((await ask("https://evil.example").rejection()).status, 403);
  await using socket = ask("https://a.example");
  assert.equal(await socket.receive(), "x");
});

test("rateLimit() counts WebSockets before they are accepted, and says what is left", async () => {
  const app = new Pottle();
  app.beforeWebsocket(rateLimit(1, 60_000));
  app.websocket("/", (_, socket) => socket.send("x"));
  app.websocket(
    "/free",
    rateLimitExempt((_: object, socket: HttpWebSocket) => socket.send("free")),
  );
  const client = app.testClient();
  await using first = client.websocket("/");
  const { headers } = await first.answer();
  assert.deepEqual(headers.slice(0, 4), ["RateLimit-Limit", "1", "RateLimit-Remaining", "0"]);
  const refused = await client.websocket("/").rejection();
  assert.deepEqual([refused.status, refused.headers.get("retry-after")], [429, "60"]);
  await using free = client.websocket("/free");
  assert.equal(await free.receive(), "free");
});

test("rateLimit().wrap() limits a view of WebSockets", async () => {
  const app = new Pottle();
  app.websocket(
    "/",
    rateLimit(1, 60_000).wrap((_: object, socket: HttpWebSocket) => socket.send("x")),
  );
  const client = app.testClient();
  await using first = client.websocket("/");
  assert.equal(await first.receive(), "x");
  assert.equal((await client.websocket("/").rejection()).status, 429);
});

test("TestWebSocket keeps the cookies of its answer for the client", async () => {
  const app = new Pottle();
  app.websocket("/in", async (_, socket) => {
    await socket.accept({ headers: { "Set-Cookie": ["a=1; Path=/", "b=2"] } });
  });
  app.get("/", (_, request) => request.cookies.get("a") ?? "none");
  const client = app.testClient();
  await using socket = client.websocket("/in");
  await socket.answer();
  assert.equal((await client.get("/")).text(), "1");
  const other = app.testClient({ useCookies: false });
  await using forgotten = other.websocket("/in");
  await forgotten.answer();
  assert.equal(other.cookies.size, 0);
});
