import assert from "node:assert/strict";
import { test } from "node:test";
import { Pottle, redirect } from "../index.ts";
import { basicAuthRequired, bearerAuth, currentUser, loginRequired } from "../auth/index.ts";

function makeApp(): Pottle {
  const app = new Pottle({}, { serverName: "example.com" });
  app.get("/facts", { name: "facts" }, (_, request) => ({
    host: request.headers.get("host") ?? null,
    scheme: request.scheme,
    version: request.httpVersion,
    url: app.urlFor("facts"),
    address: request.remoteAddress,
  }));
  app.get("/api", { subdomain: "api" }, () => "the API");
  app.get("/moved", () => redirect(app.urlFor("facts")));
  app.get("/secure", (_, request) =>
    request.scheme === "https" ? "secret" : redirect(`https://${request.headers.get("host")}/secure`),
  );
  app.get("/out", () => redirect("/elsewhere"));
  app.websocket("/facts", async (_, socket) => {
    await socket.sendJson([
      socket.scheme,
      socket.headers.get("host") ?? null,
      app.urlFor("facts"),
      socket.remoteAddress,
    ]);
  });
  return app;
}

const usual = { host: null, scheme: "http", version: "1.1", url: "/facts", address: "127.0.0.1" };

test("TestClient sends a request with host, scheme, version, base path and peer", async () => {
  const client = makeApp().testClient();
  assert.deepEqual((await client.get("/facts")).json(), usual);
  const options = {
    host: "shop.example.org:8080",
    scheme: "https",
    httpVersion: "2",
    basePath: "/app",
    peer: { address: "192.0.2.7", port: 5 },
  } as const;
  const wanted = {
    host: "shop.example.org:8080",
    scheme: "https",
    version: "2",
    url: "/app/facts",
    address: "192.0.2.7",
  };
  assert.deepEqual((await client.get("/facts", options)).json(), wanted);
  assert.deepEqual((await makeApp().testClient(options).get("/facts")).json(), wanted);
  await using socket = client.websocket("/facts", options);
  assert.deepEqual(await socket.receiveJson(), ["wss", "shop.example.org:8080", "/app/facts", "192.0.2.7"]);
  await using plain = client.websocket("/facts");
  assert.deepEqual(await plain.receiveJson(), ["ws", null, "/facts", "127.0.0.1"]);
});

test("TestClient asks a subdomain of the application's server name, or of 'host'", async () => {
  const app = makeApp();
  const client = app.testClient();
  assert.equal((await client.get("/api", { subdomain: "api" })).text(), "the API");
  assert.equal((await app.testClient({ subdomain: "api" }).get("/api")).text(), "the API");
  assert.equal((await client.get("/api")).status, 404);
  const { host } = (await client.get("/facts", { subdomain: "a", host: "b.test" })).json<{ host: string }>();
  assert.equal(host, "a.b.test");
  const nameless = new Pottle();
  nameless.get("/", (_, request) => request.headers.get("host") ?? "none");
  assert.equal((await nameless.testClient().get("/", { subdomain: "a" })).text(), "a.localhost");
  assert.equal((await nameless.testClient().get("/", { host: "a", headers: { Host: "b" } })).text(), "b");
});

test("TestClient keeps scheme, host and base path when it follows redirects", async () => {
  const client = makeApp().testClient({ followRedirects: true });
  const options = { host: "shop.test", scheme: "https", basePath: "/app" } as const;
  assert.deepEqual((await client.get("/moved", options)).json(), {
    ...usual,
    host: "shop.test",
    scheme: "https",
    url: "/app/facts",
  });
  assert.equal((await client.get("/secure", { host: "shop.test" })).text(), "secret");
  assert.equal(
    (await makeApp().testClient({ host: "shop.test", followRedirects: true }).get("/secure")).text(),
    "secret",
  );
  await assert.rejects(client.get("/out", options), /must lead below the base path, \/app/);
});

test("TestClient sends cookies to the paths below the base path", async () => {
  const app = new Pottle();
  app.get("/in", (_, request) => (request.cookies.has("a") ? "known" : "new"));
  app.get("/set", () => new Response("", { headers: { "Set-Cookie": "a=1; Path=/app" } }));
  const client = app.testClient({ basePath: "/app" });
  await client.get("/set");
  assert.equal((await client.get("/in")).text(), "known");
  assert.equal((await client.get("/in", { basePath: "" })).text(), "new");
});

test("TestClient says who it is by 'auth'", async () => {
  const app = new Pottle();
  const tokens = bearerAuth(app, { secretKey: "secret" });
  app.get(
    "/basic",
    basicAuthRequired({ username: "adä", password: "a:b" }, () => "in"),
  );
  app.get(
    "/bearer",
    loginRequired(() => currentUser()?.id ?? ""),
  );
  const client = app.testClient();
  assert.equal((await client.get("/basic")).status, 401);
  assert.equal((await client.get("/basic", { auth: { username: "adä", password: "a:b" } })).text(), "in");
  const auth = { token: tokens.createToken("ada") };
  assert.equal((await client.get("/bearer", { auth })).text(), "ada");
  assert.equal((await app.testClient({ auth }).get("/bearer")).text(), "ada");
  assert.equal((await app.testClient({ auth }).get("/bearer", { headers: { Authorization: "no" } })).status, 401);
});

test("TestClient refuses options that no connection has, and shows no password", async () => {
  const app = new Pottle();
  for (const [options, wanted] of [
    [{ scheme: "ftp" }, RangeError],
    [{ httpVersion: "3" }, RangeError],
    [{ host: 1 }, TypeError],
    [{ subdomain: null }, TypeError],
    [{ basePath: "app" }, TypeError],
    [{ basePath: "/app/" }, TypeError],
    [{ auth: "ada:secret" }, TypeError],
    [{ auth: null }, TypeError],
    [{ auth: { username: "a:b", password: "hidden" } }, TypeError],
  ] as const) {
    assert.throws(() => app.testClient(options as never), wanted);
    assert.throws(() => app.testClient().open("GET", "/", options as never), wanted);
    assert.throws(() => app.testClient().websocket("/", options as never), wanted);
  }
  assert.throws(
    () => app.testClient({ auth: { username: "a:b", password: "hidden" } }),
    (error: Error) => !error.message.includes("hidden"),
  );
});

test("TestClient sends each value of a header of its own that has several", async () => {
  const app = new Pottle();
  app.get("/", (_, request) => request.headers.getAll("x-a"));
  const client = app.testClient({
    headers: [
      ["X-A", "1"],
      ["x-a", "2"],
    ],
  });
  assert.deepEqual((await client.get("/")).json(), ["1", "2"]);
  assert.deepEqual((await client.get("/", { headers: { "x-A": "3" } })).json(), ["3"]);
});
