import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { noConverters } from "./converters.ts";
import { parseHost } from "./host-pattern.ts";
import { type Match, Router } from "./router.ts";

/** A router of routes that are written as `host|path`, and lead to what is written. */
function routerOf(...routes: string[]): Router<string> {
  const router = new Router<string>();
  for (const target of routes) {
    const [host = "", path = ""] = target.split("|");
    router.add({ path, methods: ["GET"], target, host: host === "" ? undefined : parseHost(host, noConverters) });
  }
  return router;
}

function show(match: Match<string>): unknown {
  if (match.kind === "found") return [match.route.target, match.values];
  return match.kind === "moved" ? `moved to ${match.path}` : [...match.allowed].toSorted();
}

/** routes, host, path → outcome. */
const table: [routes: string[], host: string | undefined, path: string, outcome: unknown][] = [
  [["a.org|/x"], "a.org", "/x", ["a.org|/x", {}]],
  [["a.org|/x"], "A.ORG", "/x", ["a.org|/x", {}]],
  [["A.org|/x"], "a.org:8000", "/x", ["A.org|/x", {}]],
  [["a.org|/x"], "b.org", "/x", []],
  [["a.org|/x"], undefined, "/x", []],
  [["a.org:8000|/x"], "a.org:8000", "/x", ["a.org:8000|/x", {}]],
  [["a.org:8000|/x"], "a.org", "/x", []],
  [["<t>.a.org|/<s>"], "acme.a.org", "/1", ["<t>.a.org|/<s>", { t: "acme", s: "1" }]],
  [["<t>.a.org|/x"], "a.b.a.org", "/x", []],
  [["<path:t>.a.org|/x"], "a.b.a.org", "/x", ["<path:t>.a.org|/x", { t: "a.b" }]],
  [["<t>.a.org|/x"], ".a.org", "/x", []],
  [["v<int:n>.a.org|/x"], "v7.a.org", "/x", ["v<int:n>.a.org|/x", { n: 7 }]],
  [["<a>.<b>|/x"], "x.org", "/x", ["<a>.<b>|/x", { a: "x", b: "org" }]],
  // A host with more text goes first, and a host before none, whatever was added first.
  [["<t>.a.org|/x", "www.a.org|/x"], "www.a.org", "/x", ["www.a.org|/x", {}]],
  [["|/x", "a.org|/x"], "a.org", "/x", ["a.org|/x", {}]],
  [["|/x", "a.org|/<s>"], "a.org", "/x", ["a.org|/<s>", { s: "x" }]],
  // If the routes of a host lead nowhere, the next are tried.
  [["|/x", "a.org|/y"], "a.org", "/x", ["|/x", {}]],
  [["<t>.a.org|/x", "www.a.org|/y"], "www.a.org", "/x", ["<t>.a.org|/x", { t: "www" }]],
  [["|/x/", "a.org|/y"], "a.org", "/x", "moved to /x/"],
  [["a.org|/x/y"], "a.org", "/x//y", "moved to /x/y"],
  [["[::1]:80|/x"], "[::1]:80", "/x", ["[::1]:80|/x", {}]],
];

for (const [routes, host, path, outcome] of table) {
  test(`Router of ${routes.join(" ")} given ${host} and ${path}`, () => {
    assert.deepEqual(show(routerOf(...routes).match("GET", path, host)), outcome);
  });
}

test("Router.match() collects the methods of the routes of all hosts that match", () => {
  const router = routerOf("|/x");
  router.add({ path: "/x", methods: ["PUT"], target: "", host: parseHost("a.org", noConverters) });
  router.add({ path: "/x", methods: ["PATCH"], target: "", host: parseHost("b.org", noConverters) });
  assert.deepEqual(show(router.match("POST", "/x", "a.org")), ["GET", "HEAD", "PUT"]);
});

test("Router.hasHosts says whether a route is for some hosts only", () => {
  assert.equal(routerOf("|/x").hasHosts, false);
  assert.equal(routerOf("|/x", "a.org|/x").hasHosts, true);
});

test("Router.add() refuses a name in host, path and defaults at once", () => {
  assert.throws(() => routerOf("<a>.org|/<a>"), { name: "PathSyntaxError", message: /the name 'a' is used twice/ });
  const router = new Router<string>();
  assert.throws(() => router.add({ path: "/<a>", methods: ["GET"], target: "", defaults: { a: 1 } }), {
    name: "PathSyntaxError",
  });
});

test("parseHost() refuses what is not a host", () => {
  for (const host of ["", "a b", "a/b", "a?b", "a#b", "x@a", "<a", "<a>.<a>", "<itn:a>.org"]) {
    assert.throws(() => parseHost(host, noConverters), { name: "PathSyntaxError" }, host);
  }
});

test("Router.match() survives any host", () => {
  const router = routerOf("<a>.<b>.<c>|/", "<path:x>.a.org:80|/", "<int:n>.org|/");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (host) => {
      assert.notEqual(router.match("GET", "/", host).kind, "moved");
    }),
  );
  assert.equal(router.match("GET", "/", ".".repeat(16_000)).kind, "missing");
});
