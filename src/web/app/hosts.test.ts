import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "../../server/index.ts";
import { Blueprint, Pottle } from "../index.ts";

/** The text of the answer to a request for a host. */
async function ask(app: Pottle, host: string, path: string = "/"): Promise<string | number> {
  const response = await app.testClient().get(path, { headers: { Host: host } });
  return response.status === 200 ? response.text() : response.status;
}

test("Pottle.get() with a host gives its parameters to the view, with their types", async () => {
  const app = new Pottle();
  app.get("/<int:n>", { host: "<tenant>.example.com" }, ({ tenant, n }) => `${tenant.toUpperCase()} ${n + 1}`);
  app.get("/<int:n>", ({ n }) => `any ${n}`);
  assert.equal(await ask(app, "acme.example.com:5000", "/1"), "ACME 2");
  assert.equal(await ask(app, "example.com", "/1"), "any 1");
});

test("Pottle.get() with a subdomain is for that name before the server name, whatever the port", async () => {
  const app = new Pottle(undefined, { serverName: "Example.com:5000" });
  app.get("/", { subdomain: "api" }, () => "api");
  app.get("/", { subdomain: "<tenant>" }, ({ tenant }) => tenant);
  app.get("/", { subdomain: "" }, () => "bare");
  app.get("/", () => "any");
  assert.equal(await ask(app, "api.example.com"), "api");
  assert.equal(await ask(app, "acme.example.com:80"), "acme");
  assert.equal(await ask(app, "example.com"), "bare");
  assert.equal(await ask(app, "127.0.0.1"), "any");
});

test("Pottle.get() refuses a subdomain without a server name, and a host beside a subdomain", () => {
  const app = new Pottle();
  assert.throws(() => app.get("/", { subdomain: "api" }, () => ""), {
    name: "SetupError",
    message: "Cannot route '/' to subdomain 'api' as the application has no 'serverName'",
  });
  assert.throws(() => app.get("/", { subdomain: "api", host: "x" }, () => ""), { name: "TypeError" });
  assert.throws(() => app.get("/", { host: 1 as never }, () => ""), { name: "TypeError" });
  assert.throws(() => app.get("/<a>", { host: "<a>.org" }, () => ""), { name: "PathSyntaxError" });
});

test("Blueprint with a host or a subdomain gives it to its routes and to blueprints in it", async () => {
  const tenant = new Blueprint("tenant", { subdomain: "<tenant>" });
  tenant.get("/", ({ tenant: name }) => `of ${name}`);
  tenant.get("/own", { host: "own.org" }, () => "own");
  const shop = new Blueprint("shop", { subdomain: "shop" });
  shop.get("/", () => "shop");
  const other = new Blueprint("other", { host: "other.org" });
  other.get("/", () => "other");
  const plain = new Blueprint("plain", { prefix: "/plain" });
  plain.get("/", () => "plain");
  for (const child of [shop, other, plain]) tenant.register(child);
  const app = new Pottle(undefined, { serverName: "example.com" });
  app.register(tenant);
  assert.equal(await ask(app, "acme.example.com"), "of acme");
  assert.equal(await ask(app, "own.org", "/own"), "own");
  assert.equal(await ask(app, "shop.acme.example.com"), "shop");
  assert.equal(await ask(app, "other.org"), "other");
  assert.equal(await ask(app, "acme.example.com", "/plain/"), "plain");
  assert.equal(await ask(app, "other.org", "/plain/"), 404);
});

test("Pottle.register() with a subdomain puts it in the place of the blueprint's own", async () => {
  const blueprint = new Blueprint("b", { subdomain: "old" });
  blueprint.get("/", () => "here");
  const app = new Pottle(undefined, { serverName: "example.com" });
  app.register(blueprint, { subdomain: "new" });
  assert.equal(await ask(app, "new.example.com"), "here");
  assert.equal(await ask(app, "old.example.com"), 404);
  for (const subdomain of ["<a>", "a/b"]) {
    assert.throws(() => new Pottle().register(new Blueprint("x"), { subdomain }), { name: "PathSyntaxError" });
  }
});

test("Blueprint refuses a host beside a subdomain", () => {
  assert.throws(() => new Blueprint("x", { host: "a", subdomain: "a" }), {
    name: "SetupError",
    message: "Cannot make blueprint 'x' as it has both 'host' and 'subdomain'",
  });
});

test("Pottle refuses a server name and a scheme that are none", () => {
  for (const serverName of ["", "a b", "http://x", "x/y", "a:b"]) {
    assert.throws(
      () => new Pottle(undefined, { serverName }),
      { name: "RangeError", message: /'serverName'/ },
      serverName,
    );
  }
  assert.throws(() => new Pottle(undefined, { preferredUrlScheme: "a b" }), { name: "RangeError" });
  assert.throws(() => new Pottle(undefined, { mergeSlashes: 1 as never }), { name: "TypeError" });
});

test("Pottle serves routes of hosts over sockets, and sends on within the host", async () => {
  const app = new Pottle();
  app.get("/x/", { host: "localhost" }, () => "here");
  await using server = await serve(app, { port: 0, host: "127.0.0.1" });
  const { port } = new URL(server.url);
  assert.equal((await fetch(`http://127.0.0.1:${port}/x/`)).status, 404);
  const moved = await fetch(`http://localhost:${port}/x?a=1`, { redirect: "manual" }).catch(() => undefined);
  if (moved !== undefined) assert.deepEqual([moved.status, moved.headers.get("location")], [308, "/x/?a=1"]);
});
