import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CookieJar, makeResponse, Pottle, redirect } from "../index.ts";

function makeApp(): Pottle {
  const app = new Pottle();
  app.get("/set", () =>
    makeResponse("").setCookie("a", "1").setCookie("b", "2", { path: "/deep" }).setCookie("gone", "x", { maxAge: 0 }),
  );
  app.get("/plain", () => makeResponse("", 200, { "Set-Cookie": "c=3" }));
  app.get("/deep/plain", () =>
    makeResponse("", 200, { "Set-Cookie": 'd="4 5"; Expires=Fri, 01 Jan 2100 00:00:00 GMT' }),
  );
  app.get("/old", () => makeResponse("", 200, { "Set-Cookie": "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT" }));
  app.get("/<path:path>", (_, request) => request.headers.get("cookie") ?? "none");
  app.websocket("/ws", async (_, socket) => socket.send(socket.headers.get("cookie") ?? "none"));
  return app;
}

test("TestClient keeps cookies, and sends them to their paths until they expire or are removed", async () => {
  const client = makeApp().testClient();
  const textOf = async (path: string, headers = {}): Promise<string> => (await client.get(path, { headers })).text();
  assert.equal(await textOf("/x"), "none");
  await client.get("/set");
  await client.get("/plain");
  await client.get("/deep/plain");
  assert.equal(await textOf("/x"), "a=1; c=3");
  assert.equal(await textOf("/deep"), 'b=2; d="4 5"; a=1; c=3');
  assert.equal(await textOf("/deeper"), "a=1; c=3");
  assert.equal(await textOf("/x", { Cookie: "a=own" }), "a=own; c=3");
  {
    await using socket = client.websocket("/ws");
    assert.equal(await socket.receive(), "a=1; c=3");
  }
  await client.get("/old");
  client.cookies.set("e", "5", "/x");
  client.cookies.delete("c");
  assert.equal(await textOf("/x"), "e=5");
  assert.deepEqual([client.cookies.get("b"), client.cookies.get("a"), client.cookies.size], ["2", undefined, 3]);
  client.cookies.clear();
  assert.equal(await textOf("/deep"), "none");
});

test("TestClient without useCookies keeps none", async () => {
  const client = makeApp().testClient({ useCookies: false });
  await client.get("/set");
  client.cookies.set("a", "1");
  assert.equal((await client.get("/x")).text(), "none");
});

test("TestClient follows redirects if it is told to", async () => {
  const app = new Pottle();
  app.get("/from", () => redirect("/login"));
  app.route("/login", { methods: ["GET", "POST"] }, () => redirect("to?x=1").setCookie("session", "s"));
  app.post("/keep", () => makeResponse("", 307, { Location: "/to" }));
  app.get("/loop", () => redirect("/loop"));
  app.get("/away", () => redirect("https://elsewhere.example/"));
  app.get("/nowhere", () => makeResponse("", 304));
  app.route("/to", { methods: ["GET", "POST"] }, async (_, request) => ({
    method: request.method,
    query: request.query,
    body: await request.text(),
    type: request.headers.get("content-type"),
    cookie: request.cookies.get("session"),
  }));
  const client = app.testClient({ followRedirects: true });
  assert.deepEqual((await client.get("/from?y=2")).json(), { method: "GET", query: "x=1", body: "", cookie: "s" });
  const posted = await client.post("/login", { json: { a: 1 }, query: { z: 1 } });
  assert.deepEqual(posted.json(), { method: "GET", query: "x=1", body: "", cookie: "s" });
  const kept = (await client.post("/keep", { body: "text" })).json<Record<string, unknown>>();
  assert.deepEqual([kept["method"], kept["body"]], ["POST", "text"]);
  assert.equal((await client.get("/from", { followRedirects: false })).status, 302);
  assert.equal((await client.get("/nowhere")).status, 304);
  assert.equal((await app.testClient().get("/from")).status, 302);
  await assert.rejects(client.get("/loop"), RangeError);
  await assert.rejects(client.get("/away"), TypeError);
  async function* stream(): AsyncGenerator<string> {
    yield "text";
  }
  await assert.rejects(client.post("/keep", { body: stream() }), TypeError);
});

test("CookieJar takes any Set-Cookie, and keeps one cookie of a name and a path", () => {
  const part = fc.oneof(
    fc.string(),
    fc.constantFrom("a=b", "__proto__=1", "; Path=/", "; Max-Age=", "; Expires=x", ";"),
  );
  fc.assert(
    fc.property(fc.array(fc.array(part).map((parts) => parts.join(""))), fc.string(), (lines, path) => {
      const jar = new CookieJar();
      jar.store(lines, `/${path}`);
      jar.store(lines, `/${path}`);
      assert(jar.size <= lines.length);
      jar.header(`/${path}`, new Set());
    }),
  );
});
