import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, InvalidStateError, sleep } from "../../asyncio/index.ts";
import { currentApp, g, Pottle, request, websocket } from "../index.ts";
import { cookieAuth, csrf, csrfToken, currentUser, loginUser, sessionAuth } from "../auth/index.ts";
import { flash, getFlashedMessages, MemorySessionStore, session, sessions } from "../sessions/index.ts";

const secretKey = "secret";

test("TestResponse.inContext() shows a test what the request has left", async () => {
  const app = new Pottle();
  sessions(app, { secretKey });
  app.beforeRequest(() => void (g()["before"] = 1));
  app.get("/<name>", async ({ name }) => {
    await sleep(1);
    g()["name"] = name;
    session().set("name", name);
    return name;
  });
  const client = app.testClient();
  const [one, two] = await Promise.all([client.get("/one"), client.get("/two")]);
  const look = () => [g()["before"], g()["name"], session().get("name"), request().path, currentApp() === app];
  assert.deepEqual(await one.inContext(look), [1, "one", "one", "/one", true]);
  assert.deepEqual(await two.inContext(async () => (await sleep(1), look())), [1, "two", "two", "/two", true]);
  assert.throws(() => g(), InvalidStateError);
  await assert.rejects(
    one.inContext(() => void session().set("late", 1)),
    InvalidStateError,
  );
  await assert.rejects(one.inContext("g" as never), TypeError);
  await assert.rejects(
    one.inContext(() => {
      throw new RangeError("mine");
    }),
    RangeError,
  );
});

test("TestResponse.inContext() works for an error page, and leaves the test's own context alone", async () => {
  const app = new Pottle();
  app.beforeRequest(() => void (g()["seen"] = true));
  const client = app.testClient();
  await createTask(async () => {
    const response = await client.get("/none");
    assert.equal(await response.inContext(() => g()["seen"]), true);
    assert.throws(() => g(), InvalidStateError);
  });
});

test("TestResponse.inContext() refuses where no application has set a context", async () => {
  const app = new Pottle();
  app.use((inner) => ({
    handle: (exchange) => (exchange.target === "/" ? exchange.respond(200, [], "x") : inner.handle(exchange)),
  }));
  app.get("/in", () => (g()["a"] = "1") as string);
  const client = app.testClient();
  await assert.rejects(
    (await client.get("/")).inContext(() => g()),
    InvalidStateError,
  );
  assert.equal(await (await client.get("/in")).inContext(() => g()["a"]), "1");
});

test("TestWebSocket.inContext() shows a test what the WebSocket has left, even one that was refused", async () => {
  const app = new Pottle();
  sessions(app, { secretKey });
  app.websocket("/", async (_, socket) => {
    g()["a"] = 1;
    session().set("b", 2);
    await socket.send("x");
  });
  app.websocket("/no", () => {
    g()["a"] = 3;
  });
  const client = app.testClient();
  const socket = client.websocket("/");
  await socket.receive();
  const look = () => [g()["a"], session().get("b"), websocket().path];
  assert.deepEqual(await socket.inContext(look), [1, 2, "/"]);
  const refused = await client.websocket("/no").rejection();
  assert.equal(refused.status, 403);
  assert.deepEqual(await refused.inContext(() => g()["a"]), 3);
});

const ways = {
  "in the cookie": () => ({ secretKey }),
  "in a store": () => ({ secretKey, store: new MemorySessionStore() }),
};

for (const [way, optionsOf] of Object.entries(ways)) {
  test(`TestClient.sessionTransaction() changes the session that the client has, ${way}`, async () => {
    const app = new Pottle();
    sessions(app, optionsOf());
    app.get("/", () => ({ n: session().get("n") ?? null }));
    app.post("/", () => {
      session().set("n", Number(session().get("n")) + 1);
      return "";
    });
    const client = app.testClient();
    assert.equal(await client.sessionTransaction(async (it) => it.set("n", 1).get("n")), 1);
    await client.post("/");
    assert.deepEqual((await client.get("/")).json(), { n: 2 });
    await client.sessionTransaction((it) => {
      assert.equal(it.get("n"), 2);
      it.set("n", 5);
    });
    assert.deepEqual((await client.get("/")).json(), { n: 5 });
    await client.sessionTransaction((it) => it.clear());
    assert.equal(client.cookies.get("session"), undefined);
    assert.deepEqual((await client.get("/")).json(), { n: null });
  });

  test(`TestClient.sessionTransaction() saves nothing if the function throws, ${way}`, async () => {
    const app = new Pottle();
    sessions(app, optionsOf());
    app.get("/", () => ({ n: session().get("n") ?? null }));
    const client = app.testClient();
    await client.sessionTransaction((it) => void it.set("n", 1));
    const failing = client.sessionTransaction((it) => {
      it.set("n", 2);
      throw new RangeError("mine");
    });
    await assert.rejects(failing, RangeError);
    assert.deepEqual((await client.get("/")).json(), { n: 1 });
    assert.throws(() => session(), InvalidStateError);
  });

  test(`TestClient.sessionTransaction() logs a user in, flashes, and makes a token, ${way}`, async () => {
    const app = new Pottle();
    sessions(app, optionsOf());
    sessionAuth(app);
    csrf(app);
    app.get("/", () => ({ user: currentUser()?.id ?? null, messages: getFlashedMessages() }));
    app.post("/", () => "posted");
    const client = app.testClient();
    const token = await client.sessionTransaction(() => {
      loginUser("ada");
      flash("hello");
      return csrfToken();
    });
    assert.deepEqual((await client.get("/")).json(), { user: "ada", messages: ["hello"] });
    assert.equal((await client.post("/", { headers: { "X-CSRFToken": token } })).text(), "posted");
  });
}

test("TestClient.sessionTransaction() logs in with a cookie of its own too", async () => {
  const app = new Pottle();
  sessions(app, { secretKey });
  cookieAuth(app, { secretKey });
  app.get("/", () => currentUser()?.id ?? "nobody");
  const client = app.testClient();
  await client.sessionTransaction(() => loginUser("ada"));
  assert.equal((await client.get("/")).text(), "ada");
});

test("TestClient.sessionTransaction() works below the path of the cookie", async () => {
  const app = new Pottle();
  sessions(app, { secretKey, path: "/shop" });
  app.get("/shop/", () => ({ n: session().get("n") ?? null }));
  const client = app.testClient();
  await client.sessionTransaction((it) => void it.set("n", 1), "/shop/");
  await client.sessionTransaction((it) => void it.set("n", Number(it.get("n")) + 1), "/shop/");
  assert.deepEqual((await client.get("/shop/")).json(), { n: 2 });
});

test("TestClient.sessionTransaction() refuses where there is no session to change", async () => {
  const bare = new Pottle();
  await assert.rejects(
    bare.testClient().sessionTransaction(() => {}),
    { name: "InvalidStateError", message: /call sessions\(app, …\) first/ },
  );
  const app = new Pottle();
  sessions(app, { secretKey });
  await assert.rejects(
    app.testClient({ useCookies: false }).sessionTransaction(() => {}),
    /must keep cookies/,
  );
  await assert.rejects(app.testClient().sessionTransaction(1 as never), TypeError);
});
