import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Blueprint } from "../app/blueprint.ts";
import { Pottle } from "../app/pottle.ts";
import { URLSafeTimedSerializer } from "../security/url-safe-timed-serializer.ts";
import { Browser } from "../sessions/browser.fixture.ts";
import { MemorySessionStore } from "../sessions/memory-store.ts";
import { createSessionCookie, session, sessions } from "../sessions/sessions.ts";
import { bearerAuth } from "./bearer-auth.ts";
import { cookieAuth } from "./cookie-auth.ts";
import { currentUser, loginUser, logoutUser } from "./current-user.ts";
import { loginRequired, requireLogin } from "./login-required.ts";
import { sessionAuth } from "./session-auth.ts";

const secretKey = "secret";

function addViews(app: Pottle): Pottle {
  app.post("/login/<user>", ({ user }) => {
    loginUser(user);
    return { id: currentUser()?.id };
  });
  app.post("/logout", () => {
    logoutUser();
    return { id: currentUser()?.id ?? null };
  });
  app.get("/who", () => ({ id: currentUser()?.id ?? null }));
  app.get(
    "/todos/<int:id>",
    loginRequired(function showTodo({ id }) {
      return { id: id + 1 };
    }),
  );
  app.post(
    "/todos/<int:id>",
    loginRequired(async ({ id }, request) => ({ id, method: request.method })),
  );
  return app;
}

const ways = {
  sessionAuth: (app: Pottle): void => {
    sessions(app, { secretKey });
    sessionAuth(app);
  },
  "sessionAuth with a store": (app: Pottle): void => {
    sessions(app, { secretKey, store: new MemorySessionStore() });
    sessionAuth(app);
  },
  cookieAuth: (app: Pottle): void => cookieAuth(app, { secretKey }),
};

for (const [way, setUp] of Object.entries(ways)) {
  test(`loginUser() and logoutUser() by ${way} last from request to request`, async () => {
    const app = new Pottle();
    setUp(app);
    const browser = new Browser(addViews(app));
    assert.deepEqual((await browser.get("/who")).json(), { id: null });
    assert.equal((await browser.get("/todos/1")).status, 401);
    assert.deepEqual((await browser.post("/login/ada")).json(), { id: "ada" });
    const who = await browser.get("/who");
    assert.deepEqual(who.json(), { id: "ada" });
    assert.equal(who.headers.get("vary"), "Cookie");
    assert.deepEqual((await browser.get("/todos/1")).json(), { id: 2 });
    assert.deepEqual((await browser.post("/todos/1")).json(), { id: 1, method: "POST" });
    assert.deepEqual((await browser.post("/login/eve")).json(), { id: "eve" });
    assert.deepEqual((await browser.post("/logout")).json(), { id: null });
    assert.deepEqual((await browser.get("/who")).json(), { id: null });
    assert.equal(browser.cookies.size, 0);
  });
}

test("loginUser() gives a session on the server a new id, and logoutUser() ends every copy of the cookie", async () => {
  const app = new Pottle();
  ways["sessionAuth with a store"](app);
  app.get("/visit", () => {
    session().set("seen", true);
    return "x";
  });
  const browser = new Browser(addViews(app));
  await browser.get("/visit");
  const fixed = `session=${browser.cookies.get("session")}`;
  await browser.post("/login/ada");
  assert.deepEqual((await browser.get("/who", { headers: { cookie: fixed } })).json(), { id: null });
  const copy = `session=${browser.cookies.get("session")}`;
  assert.deepEqual((await browser.get("/who", { headers: { cookie: copy } })).json(), { id: "ada" });
  await browser.post("/logout");
  assert.deepEqual((await browser.get("/who", { headers: { cookie: copy } })).json(), { id: null });
});

test("logoutUser() leaves nothing in a session on the server but what is set after it, under a new id", async () => {
  const app = new Pottle();
  ways["sessionAuth with a store"](app);
  app.post("/bye", () => {
    logoutUser();
    session().set("bye", true);
    return "x";
  });
  app.get("/bye", () => ({ bye: session().get("bye") ?? null }));
  const browser = new Browser(addViews(app));
  await browser.post("/login/ada");
  const copy = `session=${browser.cookies.get("session")}`;
  await browser.post("/bye");
  assert.deepEqual((await browser.get("/bye")).json(), { bye: true });
  assert.deepEqual((await browser.get("/bye", { headers: { cookie: copy } })).json(), { bye: null });
});

test("logoutUser() of a user who is not logged in sets no cookie", async () => {
  for (const setUp of Object.values(ways).slice(0, 2)) {
    const app = new Pottle();
    setUp(app);
    assert.equal((await new Browser(addViews(app)).post("/logout")).headers.has("set-cookie"), false);
  }
});

test("createSessionCookie() makes a login for a test", async () => {
  for (const setUp of Object.values(ways).slice(0, 2)) {
    const app = new Pottle();
    setUp(app);
    const client = addViews(app).testClient();
    const cookie = await createSessionCookie(app, { _user_id: "ada" });
    assert.deepEqual((await client.get("/who", { headers: { cookie } })).json(), { id: "ada" });
  }
  await assert.rejects(createSessionCookie(new Pottle(), {}), { name: "InvalidStateError" });
});

test("cookieAuth() sets a cookie that only HTTPS carries, in quart-auth's format", async () => {
  const app = new Pottle();
  cookieAuth(app, { secretKey });
  const browser = new Browser(addViews(app));
  const { headers } = await browser.post("/login/ada");
  assert.match(
    headers.get("set-cookie") ?? "",
    /^QUART_AUTH=[\w.-]+; Max-Age=31536000; Secure; HttpOnly; Path=\/; SameSite=Lax$/,
  );
  const serializer = new URLSafeTimedSerializer(secretKey, { salt: "quart auth salt", digest: "sha512" });
  assert.equal(serializer.loads(browser.cookies.get("QUART_AUTH")!), "ada");
});

test("cookieAuth() of several names are kept apart", async () => {
  const app = new Pottle();
  cookieAuth(app, { secretKey, cookieName: "one", salt: "one" });
  cookieAuth(app, { secretKey, cookieName: "two", salt: "two" });
  const browser = new Browser(addViews(app));
  browser.cookies.set("two", new URLSafeTimedSerializer(secretKey, { salt: "two", digest: "sha512" }).dumps("bob"));
  assert.deepEqual((await browser.get("/who")).json(), { id: "bob" });
  await browser.post("/login/ada");
  assert.deepEqual((await browser.get("/who")).json(), { id: "ada" });
  await browser.post("/logout");
  assert.equal(browser.cookies.size, 0);
});

test("bearerAuth() takes its own tokens until they are too old, and no others", async ({ mock }) => {
  mock.timers.enable({ apis: ["Date"], now: 1_700_000_000_000 });
  const app = new Pottle();
  const old = bearerAuth(new Pottle(), { secretKey: "old" });
  const tokens = bearerAuth(app, { secretKey, secretKeyFallbacks: ["old"], lifetime: 60_000 });
  const retired = bearerAuth(new Pottle(), { secretKey: "older" });
  const client = addViews(app).testClient();
  const ask = async (authorization: string): Promise<unknown> =>
    (await client.get("/who", { headers: { authorization } })).json<{ id: unknown }>().id;
  const token = tokens.createToken("ada");
  assert.equal(await ask(`Bearer ${token}`), "ada");
  assert.equal(await ask(`bearer  ${token} `), "ada");
  assert.equal(await ask(`Bearer ${old.createToken("bob")}`), "bob");
  for (const header of [
    `Basic ${token}`,
    token,
    `Bearer ${token}x`,
    `Bearer ${retired.createToken("eve")}`,
    "Bearer",
    "",
  ]) {
    assert.equal(await ask(header), null, header);
  }
  mock.timers.setTime(1_700_000_061_000);
  assert.equal(await ask(`Bearer ${token}`), null);
  assert.throws(() => tokens.createToken(""), TypeError);
});

test("currentUser() is never trusted from a changed token or cookie", async () => {
  const app = new Pottle();
  const tokens = bearerAuth(app, { secretKey });
  cookieAuth(app, { secretKey });
  const client = addViews(app).testClient();
  const valid = tokens.createToken("ada");
  const changed = fc.oneof(
    fc.nat(valid.length - 1).map((length) => valid.slice(0, length)),
    fc
      .tuple(fc.nat(valid.length - 1), fc.constantFrom("A", ".", "-", "", "="))
      .map(([at, text]) => valid.slice(0, at) + text + valid.slice(at + 1)),
    fc.string({ unit: "grapheme-ascii" }).map((text) => text.replace(/[^\x21-\x7e]|;/g, "")),
    fc.constant("x".repeat(8_000)),
  );
  await fc.assert(
    fc.asyncProperty(changed, async (text) => {
      if (text.replaceAll('"', "") === valid) return;
      const headers = { authorization: `Bearer ${text}`, cookie: `QUART_AUTH=${text}` };
      const response = await client.get("/who", { headers });
      assert.deepEqual(response.json(), { id: null });
    }),
    { numRuns: 150 },
  );
});

test("loginRequired() answers with the challenges of the application", async () => {
  const app = new Pottle();
  bearerAuth(app, { secretKey, realm: 'the "api"' });
  cookieAuth(app, { secretKey });
  const { status, headers } = await addViews(app).testClient().get("/todos/1");
  assert.equal(status, 401);
  assert.deepEqual(headers.getAll("www-authenticate"), [
    String.raw`Bearer realm="the \"api\""`,
    'Cookie realm="login"',
  ]);
});

test("loginRequired() sends browsers to the login page, with where they were going", async () => {
  const app = new Pottle();
  cookieAuth(app, { secretKey, loginPath: "/login" });
  const outer = new Pottle();
  outer.mount("/in ner", addViews(app));
  const own = addViews(new Pottle());
  cookieAuth(own, { secretKey, loginPath: "/login?x=1" });
  for (const [target, method, path, status, location] of [
    [app, "GET", "/todos/1?a=b&c=//evil", 302, "/login?next=%2Ftodos%2F1%3Fa%3Db%26c%3D%2F%2Fevil"],
    [app, "POST", "/todos/1", 303, "/login"],
    [own, "GET", "/todos/1", 302, "/login?x=1&next=%2Ftodos%2F1"],
    [outer, "GET", "/in%20ner/todos/1", 302, "/login?next=%2Fin%2520ner%2Ftodos%2F1"],
  ] as const) {
    const response = await target.testClient().request(method, path);
    assert.equal(response.status, status);
    assert.equal(response.headers.get("location"), location);
  }
  const api = await app.testClient().get("/todos/1", { headers: { authorization: "Bearer x" } });
  assert.equal(api.status, 401);
});

test("loginRequired() around the login page itself is a 401, not a redirect for ever", async () => {
  const app = new Pottle();
  cookieAuth(app, { secretKey, loginPath: "/login?x=1" });
  app.get(
    "/login",
    loginRequired(() => "x"),
  );
  assert.equal((await app.testClient().get("/login?x=1&next=%2F")).status, 401);
});

test("loginRequired() keeps the name of a view, for urlFor()", () => {
  assert.equal(addViews(new Pottle()).urlFor("showTodo", { id: 7 }), "/todos/7");
});

test("requireLogin() protects a blueprint", async () => {
  const app = new Pottle();
  const tokens = bearerAuth(app, { secretKey });
  const admin = new Blueprint("admin", { prefix: "/admin" });
  admin.beforeRequest(() => requireLogin());
  admin.get("/", () => "x");
  app.register(admin);
  const client = app.testClient();
  assert.equal((await client.get("/admin/")).status, 401);
  const headers = { authorization: `Bearer ${tokens.createToken("ada")}` };
  assert.equal((await client.get("/admin/", { headers })).status, 200);
});

test("currentUser(), loginUser() and logoutUser() without authentication are clear errors", async () => {
  assert.throws(() => currentUser(), { name: "InvalidStateError" });
  const app = new Pottle();
  const bearer = new Pottle();
  bearerAuth(bearer, { secretKey });
  app.get("/", () => {
    assert.throws(() => currentUser(), /^InvalidStateError: Cannot use currentUser\(\) as its application must have/);
    assert.throws(() => loginUser("ada"), /^InvalidStateError/);
    assert.throws(() => logoutUser(), /^InvalidStateError/);
    return "x";
  });
  bearer.get("/", () => {
    assert.throws(() => loginUser("ada"), /^InvalidStateError: Cannot log a user in/);
    assert.throws(() => loginUser(""), TypeError);
    assert.throws(() => loginUser(7 as never), TypeError);
    return "x";
  });
  for (const one of [app, bearer]) assert.equal((await one.testClient().get("/")).status, 200);
});

test("loginUser() by cookieAuth() after the response has begun is a clear error", async () => {
  const app = new Pottle();
  cookieAuth(app, { secretKey });
  app.get("/", () =>
    (async function* () {
      yield "x";
      assert.throws(() => loginUser("ada"), { name: "InvalidStateError" });
      yield "y";
    })(),
  );
  assert.equal((await app.testClient().get("/")).text(), "xy");
});

for (const setUp of [
  () => sessionAuth(1 as never),
  () => sessionAuth(new Blueprint("x") as never),
  () => sessionAuth(new Pottle(), { loginPath: "//evil.example" }),
  () => sessionAuth(new Pottle(), { loginPath: "login" }),
  () => sessionAuth(new Pottle(), { realm: "a\nb" }),
  () => cookieAuth(new Pottle(), { secretKey, cookieName: "a b" }),
  () => cookieAuth(new Pottle(), { secretKey, sameSite: "none", secure: false }),
  () => bearerAuth(new Pottle(), { secretKey: 1 as never }),
  () => loginRequired(1 as never),
]) {
  test(`authentication refuses ${String(setUp).slice(6)}`, () => {
    assert.throws(setUp, { name: "TypeError" });
  });
}

test("bearerAuth() refuses an empty key and a lifetime that is out of range", () => {
  assert.throws(() => bearerAuth(new Pottle(), { secretKey: "" }), RangeError);
  assert.throws(() => bearerAuth(new Pottle(), { secretKey, lifetime: 1 }), RangeError);
});

test("bearerAuth() and cookieAuth() of one key do not take what the other has signed, which may be valid for longer", async () => {
  const app = new Pottle();
  const tokens = bearerAuth(app, { secretKey, lifetime: 60_000 });
  cookieAuth(app, { secretKey });
  const browser = new Browser(addViews(app));
  await browser.post("/login/ada");
  const client = app.testClient();
  for (const headers of [
    { cookie: `QUART_AUTH=${tokens.createToken("ada")}` },
    { authorization: `Bearer ${browser.cookies.get("QUART_AUTH")}` },
  ]) {
    assert.deepEqual((await client.get("/who", { headers })).json(), { id: null });
  }
});
