import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findHeader, MemoryExchange } from "../../http/index.ts";
import { Pottle } from "../index.ts";

test("Pottle with strictSlashes false answers with and without a slash, except routes that say otherwise", async () => {
  const app = new Pottle(undefined, { strictSlashes: false });
  app.get("/a", () => "a");
  app.get("/b/", { strictSlashes: true }, () => "b");
  const client = app.testClient();
  assert.equal((await client.get("/a/")).status, 200);
  const moved = await client.get("/b?x=1%20&y");
  assert.deepEqual([moved.status, moved.headers.get("location")], [308, "/b/?x=1%20&y"]);
});

test("Pottle with mergeSlashes false does not send on from paths with double slashes", async () => {
  const app = new Pottle(undefined, { mergeSlashes: false });
  app.get("/a/b", () => "");
  app.get("/c/d", { mergeSlashes: true }, () => "");
  const client = app.testClient();
  assert.equal((await client.get("/a//b")).status, 404);
  assert.equal((await client.get("/c//d")).status, 308);
});

test("Pottle with provideAutomaticOptions false answers OPTIONS with 405, except for routes that say otherwise", async () => {
  const app = new Pottle(undefined, { provideAutomaticOptions: false });
  app.get("/a", () => "");
  app.get("/b", { provideAutomaticOptions: true }, () => "");
  app.route("/c", { methods: ["OPTIONS"] }, () => "mine");
  const client = app.testClient();
  const a = await client.request("OPTIONS", "/a");
  assert.deepEqual([a.status, a.headers.get("allow")], [405, "GET, HEAD"]);
  const b = await client.request("OPTIONS", "/b");
  assert.deepEqual([b.status, b.text(), b.headers.get("allow")], [200, "", "GET, HEAD, OPTIONS"]);
  assert.equal((await client.request("OPTIONS", "/c")).text(), "mine");
});

test("Pottle answers a method that a path does not have with 405 and the methods of all its routes", async () => {
  const app = new Pottle();
  app.get("/x", () => "");
  app.put("/<s>", () => "");
  app.delete("/x", { host: "a.org" }, () => "");
  const response = await app.testClient().post("/x", { headers: { Host: "a.org" } });
  assert.deepEqual([response.status, response.headers.get("allow")], [405, "DELETE, GET, HEAD, OPTIONS, PUT"]);
});

test("Pottle gives defaults to the view, and sends on from a path that has them in it, with the query", async () => {
  const app = new Pottle();
  const list = ({ page }: { page: number }): object => ({ page });
  app.get("/foo/", { defaults: { page: 1 } }, list);
  app.get("/foo/<int:page>", list);
  app.get("/plain", { defaults: { kind: "x" } }, ({ kind }) => kind.toUpperCase());
  const client = app.testClient();
  assert.deepEqual((await client.get("/foo/")).json(), { page: 1 });
  const moved = await client.get("/foo/1?q=1");
  assert.deepEqual([moved.status, moved.headers.get("location")], [308, "/foo/?q=1"]);
  assert.equal((await client.get("/plain")).text(), "X");
  assert.throws(() => new Pottle().get("/", { defaults: 1 as never }, () => ""), { name: "TypeError" });
});

test("Pottle sends on under a mount to the path below it", async () => {
  const inner = new Pottle();
  const view = (): string => "";
  inner.get("/old", { alias: true }, view);
  inner.get("/new", view);
  const app = new Pottle();
  app.mount("/m", inner);
  const moved = await app.testClient().get("/m/old");
  assert.deepEqual([moved.status, moved.headers.get("location")], [308, "/m/new"]);
});

/** An application with routes of every kind. */
function fullApp(): Pottle {
  const app = new Pottle(undefined, { serverName: "example.com" });
  const view = (): string => "";
  app.get("/", view);
  app.get("/a/<int:n>/<s>/", view);
  app.get("/<a>-<b>-<float:c>", view);
  app.get("/<path:p>/x/<path:q>/", view);
  app.get("/d/", { defaults: { n: 1 }, name: "d" }, view);
  app.get("/d/<int:n>", { name: "d" }, view);
  app.get("/<s>", { host: "<a>-<b>.example.com" }, view);
  app.get("/<any(a, b.c):kind>/<uuid:u>", { subdomain: "<t>", strictSlashes: false }, view);
  return app;
}

test("Pottle answers any target, host and method without an error of its own", async () => {
  const app = fullApp();
  const piece = fc.constantFrom(
    "/",
    "a",
    "d",
    "x",
    "1",
    ".",
    "-",
    "%2F",
    "%2f",
    "%",
    "%00",
    "%FF",
    "é",
    "//",
    "..",
    "?",
    "#",
  );
  const target = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join("")}`);
  const host = fc.oneof(fc.constantFrom("example.com", "a-b.example.com", ""), fc.string({ unit: "binary" }));
  await fc.assert(
    fc.asyncProperty(
      target,
      host,
      fc.constantFrom("GET", "POST", "OPTIONS", "__proto__"),
      async (path, name, method) => {
        const exchange = new MemoryExchange({ method, target: path, rawHeaders: ["host", name] });
        await app.handle(exchange);
        const { status, headers } = await exchange.head();
        assert.ok([200, 308, 400, 404, 405].includes(status), `${status}`);
        const location = findHeader(headers, "location");
        if (status === 308) assert.match(location ?? "", /^\/(?!\/)[\x21-\x7e]*$/);
      },
    ),
    { numRuns: 300 },
  );
});

test("Pottle.get() refuses any text that is not a path by an error of its own kind", () => {
  const piece = fc.constantFrom(
    "/",
    "<",
    ">",
    ":",
    "(",
    ")",
    ",",
    "=",
    '"',
    "int",
    "any",
    "a",
    "1",
    " ",
    "__proto__",
    "é",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      const path = `/${pieces.join("")}`;
      try {
        new Pottle().get<string>(path, () => "");
      } catch (error) {
        assert.equal((error as Error).name, "PathSyntaxError", path);
      }
    }),
    { numRuns: 3_000 },
  );
});
