import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { type Match, Router } from "./router.ts";
import type { RouteDefinition } from "./create-route.ts";

type Part = Partial<RouteDefinition<string>> & { path: string };

/** A router whose routes are all of one view. */
function routerOf(...parts: Part[]): Router<string> {
  const router = new Router<string>();
  for (const part of parts) router.add({ methods: ["GET"], target: part.path, key: "view", ...part });
  return router;
}

function show(match: Match<string>): unknown {
  if (match.kind === "found") return [match.route.target, match.values];
  return match.kind === "moved" ? `moved to ${match.path}` : [...match.allowed].toSorted();
}

const paged: Part[] = [{ path: "/foo/", defaults: { page: 1 } }, { path: "/foo/<int:page>" }];

test("Router.match() gives the defaults of a route, and sends on from a path that has them in it", () => {
  for (const router of [routerOf(...paged), routerOf(...paged.toReversed())]) {
    assert.deepEqual(show(router.match("GET", "/foo/")), ["/foo/", { page: 1 }]);
    assert.deepEqual(show(router.match("GET", "/foo/1")), "moved to /foo/");
    assert.deepEqual(show(router.match("GET", "/foo/01")), "moved to /foo/");
    assert.deepEqual(show(router.match("GET", "/foo/2")), ["/foo/<int:page>", { page: 2 }]);
    assert.deepEqual(show(router.match("GET", "/foo")), "moved to /foo/");
  }
});

test("Router.match() sends on to defaults with the other values in the path, decoded", () => {
  const router = routerOf({ path: "/<s>/", defaults: { page: 1 } }, { path: "/<s>/<int:page>" });
  assert.deepEqual(show(router.match("GET", "/a%b é/1")), "moved to /a%b é/");
  assert.deepEqual(show(router.match("GET", "/a/2")), ["/<s>/<int:page>", { s: "a", page: 2 }]);
});

test("Router.match() does not send on to another view, other methods, other arguments, or a route that is never matched", () => {
  const others: Partial<RouteDefinition<string>>[] = [
    { key: "other" },
    { methods: ["POST"] },
    { defaults: { page: 1, size: 2 } },
    { defaults: { page: "1" } },
    { buildOnly: true },
  ];
  for (const other of others) {
    const router = routerOf({ path: "/foo/", defaults: { page: 1 }, ...other }, { path: "/foo/<int:page>" });
    assert.deepEqual(show(router.match("GET", "/foo/1")), ["/foo/<int:page>", { page: 1 }]);
  }
});

test("Router.match() sends on from the more general of several routes with defaults to the most particular", () => {
  const router = routerOf(
    { path: "/", defaults: { page: 1, size: 10 } },
    { path: "/<int:page>", defaults: { size: 10 } },
    { path: "/<int:page>/<int:size>" },
  );
  assert.deepEqual(show(router.match("GET", "/1/10")), "moved to /");
  assert.deepEqual(show(router.match("GET", "/1")), "moved to /");
  assert.deepEqual(show(router.match("GET", "/2/10")), "moved to /2");
  assert.deepEqual(show(router.match("GET", "/2/20")), ["/<int:page>/<int:size>", { page: 2, size: 20 }]);
});

test("Router.match() sends on from an alias, and answers one that has no other route", () => {
  const router = routerOf({ path: "/old/<int:id>", alias: true }, { path: "/new/<int:id>" });
  assert.deepEqual(show(router.match("GET", "/old/7")), "moved to /new/7");
  assert.deepEqual(show(router.match("GET", "/new/7")), ["/new/<int:id>", { id: 7 }]);
  const alone = routerOf({ path: "/old", alias: true }, { path: "/x/<a>" });
  assert.deepEqual(show(alone.match("GET", "/old")), ["/old", {}]);
  const same = routerOf({ path: "/x", alias: true }, { path: "/x" });
  assert.deepEqual(show(same.match("GET", "/x")), ["/x", {}]);
});

test("Router.match() does not find a route for building only", () => {
  const router = routerOf({ path: "/x", buildOnly: true });
  assert.deepEqual(show(router.match("GET", "/x")), []);
  assert.equal(router.routes.length, 1);
});

test("Router.match() does not merge slashes for a route that says so", () => {
  const router = routerOf(
    { path: "/a/b", mergeSlashes: false },
    { path: "/c/d/", mergeSlashes: false },
    { path: "/e/f" },
  );
  assert.deepEqual(show(router.match("GET", "/a//b")), []);
  assert.deepEqual(show(router.match("GET", "/c//d")), []);
  assert.deepEqual(show(router.match("GET", "/e//f")), "moved to /e/f");
});

test("Router.match() says whether OPTIONS is answered for the path", () => {
  const router = routerOf({ path: "/a", provideAutomaticOptions: false }, { path: "/b" });
  router.add({ path: "/a/<s>", methods: ["PUT"], target: "", provideAutomaticOptions: false });
  router.add({ path: "/a/b", methods: ["GET"], target: "" });
  const answers = (path: string): boolean => {
    const match = router.match("OPTIONS", path);
    return match.kind === "missing" && match.answersOptions;
  };
  assert.deepEqual(["/a", "/b", "/a/x", "/a/b", "/none"].map(answers), [false, true, false, true, false]);
});

/** Counts the expressions and tables that a search looks at. */
function countSteps(router: Router<string>, path: string, { mock }: TestContext): number {
  const exec = mock.method(RegExp.prototype, "exec");
  const get = mock.method(Map.prototype, "get");
  const match = router.match("GET", path);
  const steps = exec.mock.callCount() + get.mock.callCount();
  mock.restoreAll();
  assert.equal(match.kind, "found");
  return steps;
}

test("Router.match() looks at no more for a thousand routes than for ten", (context) => {
  const steps = [10, 1_000].map((count) => {
    const router = new Router<string>();
    for (let n = 0; n < count; n++) {
      for (const path of [`/static${n}`, `/items${n}/<int:id>`, `/users/<int:id>/part${n}`]) {
        router.add({ path, methods: ["GET"], target: path });
      }
    }
    return ["/static7", "/items7/1", "/users/1/part7"].map((path) => countSteps(router, path, context));
  });
  assert.deepEqual(steps[0], steps[1]);
  assert.deepEqual(steps[0]?.[0], 1);
});
