import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { buildPath } from "./build-path.ts";
import { decodePath } from "./decode-path.ts";
import { Router, type Match } from "./router.ts";

/** A router whose routes lead to their own paths. All answer GET. */
function routerOf(...paths: string[]): Router<string> {
  const router = new Router<string>();
  for (const path of paths) router.add({ path, methods: ["GET"], target: path });
  return router;
}

/** A match in short: the target and values, where it moved to, or the methods that it would have answered. */
function show(match: Match<string>): unknown {
  if (match.kind === "found") return [match.route.target, match.values];
  return match.kind === "moved" ? `moved to ${match.path}` : [...match.allowed].toSorted();
}

/** routes, path → outcome. */
const table: [routes: string[], path: string, outcome: unknown][] = [
  [["/"], "/", ["/", {}]],
  [["/"], "/a", []],
  [["/a"], "/a", ["/a", {}]],
  [["/a"], "/A", []],
  [["/a/b", "/a/<x>"], "/a/b", ["/a/b", {}]],
  [["/a/<x>", "/a/b"], "/a/b", ["/a/b", {}]],
  [["/a/<x>"], "/a/b", ["/a/<x>", { x: "b" }]],
  [["/a/<x>"], "/a/", []],
  [["/a/<x>"], "/a/b/c", []],
  [["/<x>/<y>"], "/1/2", ["/<x>/<y>", { x: "1", y: "2" }]],
  // The static edge comes first, and is left again if it leads nowhere.
  [["/a/b/c", "/a/<x>/d"], "/a/b/d", ["/a/<x>/d", { x: "b" }]],
  [["/a/b", "/<x>/c"], "/a/c", ["/<x>/c", { x: "a" }]],
  // Numbers come before texts, texts before paths, whatever was added first.
  [["/<path:p>", "/<s>", "/<int:n>"], "/7", ["/<int:n>", { n: 7 }]],
  [["/<path:p>", "/<s>", "/<int:n>"], "/x", ["/<s>", { s: "x" }]],
  [["/<path:p>", "/<s>", "/<int:n>"], "/x/y", ["/<path:p>", { p: "x/y" }]],
  // More static text comes first.
  [["/<x>", "/v<x>", "/v<x>.txt"], "/v1.txt", ["/v<x>.txt", { x: "1" }]],
  [["/<x>", "/v<x>"], "/v1", ["/v<x>", { x: "1" }]],
  [["/<a>-<b>"], "/1-2", ["/<a>-<b>", { a: "1", b: "2" }]],
  [["/<int:a>.<int:b>"], "/1.2", ["/<int:a>.<int:b>", { a: 1, b: 2 }]],
  // Converters.
  [["/<int:n>"], "/007", ["/<int:n>", { n: 7 }]],
  [["/<int:n>"], "/-7", []],
  [["/<int(signed=true):n>"], "/-7", ["/<int(signed=true):n>", { n: -7 }]],
  [["/<int(signed=true):n>"], "/-0", ["/<int(signed=true):n>", { n: 0 }]],
  [["/<int:n>"], "/9007199254740991", ["/<int:n>", { n: 9007199254740991 }]],
  [["/<int:n>"], "/9007199254740992", []],
  [["/<int:n>"], "/1.0", []],
  [["/<int:n>"], "/1e3", []],
  [["/<int(min=2, max=4):n>"], "/1", []],
  [["/<int(min=2, max=4):n>"], "/2", ["/<int(min=2, max=4):n>", { n: 2 }]],
  [["/<int(min=2, max=4):n>"], "/5", []],
  [["/<int(fixedDigits=3):n>"], "/007", ["/<int(fixedDigits=3):n>", { n: 7 }]],
  [["/<int(fixedDigits=3):n>"], "/7", []],
  [["/<float:x>"], "/1.5", ["/<float:x>", { x: 1.5 }]],
  [["/<float:x>"], "/1", []],
  [["/<float(signed=true):x>"], "/-0.5", ["/<float(signed=true):x>", { x: -0.5 }]],
  [["/<string(minlength=2, maxlength=3):s>"], "/a", []],
  [["/<string(minlength=2, maxlength=3):s>"], "/ab", ["/<string(minlength=2, maxlength=3):s>", { s: "ab" }]],
  [["/<string(minlength=2, maxlength=3):s>"], "/abcd", []],
  [["/<string(length=1):s>"], "/\u{1f600}", ["/<string(length=1):s>", { s: "\u{1f600}" }]],
  [['/<any(a,b,"c,d"):x>'], "/c,d", ['/<any(a,b,"c,d"):x>', { x: "c,d" }]],
  [["/<any(a,b):x>"], "/c", []],
  [["/<any(a.b):x>"], "/a-b", []],
  [
    ["/<uuid:u>"],
    "/A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11",
    ["/<uuid:u>", { u: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11" }],
  ],
  [["/<uuid:u>"], "/a0eebc99", []],
  // A converter that refuses a value leaves the path to the next route.
  [["/<int(max=9):n>", "/<s>"], "/10", ["/<s>", { s: "10" }]],
  // Paths.
  [["/f/<path:p>"], "/f/a/b.txt", ["/f/<path:p>", { p: "a/b.txt" }]],
  [["/f/<path:p>"], "/f/a/", ["/f/<path:p>", { p: "a/" }]],
  [["/f/<path:p>"], "/f/a//b", ["/f/<path:p>", { p: "a//b" }]],
  [["/f/<path:p>"], "/f/", []],
  [["/f/<path:p>/edit"], "/f/a/b/edit", ["/f/<path:p>/edit", { p: "a/b" }]],
  [["/f/<path:p>", "/f/<path:p>/edit"], "/f/a/edit", ["/f/<path:p>/edit", { p: "a" }]],
  [["/f/<path:p>/<int:n>"], "/f/a/b/3", ["/f/<path:p>/<int:n>", { p: "a/b", n: 3 }]],
  [["/f/<path:p>"], "/f/a\nb", ["/f/<path:p>", { p: "a\nb" }]],
  // The slash at the end.
  [["/x/"], "/x/", ["/x/", {}]],
  [["/x/"], "/x", "moved to /x/"],
  [["/x"], "/x/", []],
  [["/<s>/"], "/a", "moved to /a/"],
  [["/f/<path:p>/"], "/f/a/b", "moved to /f/a/b/"],
  [["/f/<path:p>/"], "/f/a/b/", ["/f/<path:p>/", { p: "a/b" }]],
  [["/x/", "/x"], "/x", ["/x", {}]],
  // Slashes that follow each other.
  [["/p/<path:x>"], "//p//x", "moved to /p/x"],
  [["/a/b"], "/a//b", "moved to /a/b"],
  [["/a/b/"], "/a//b", "moved to /a/b/"],
  [["/a/b"], "/a//c", []],
  [["/<path:p>/"], "//example.org", "moved to /example.org/"],
  // Names that an object has anyway.
  [["/<constructor>"], "/x", ["/<constructor>", { constructor: "x" }]],
];

for (const [routes, path, outcome] of table) {
  test(`Router of ${routes.join(" ")} given ${JSON.stringify(path)}`, () => {
    assert.deepEqual(show(routerOf(...routes).match("GET", path)), outcome);
  });
}

test("Router.match() collects the methods of every route that has the path", () => {
  const router = new Router<string>();
  router.add({ path: "/x", methods: ["GET"], target: "get" });
  router.add({ path: "/x", methods: ["PUT"], target: "put" });
  router.add({ path: "/<s>", methods: ["DELETE"], target: "delete" });
  assert.deepEqual(show(router.match("POST", "/x")), ["DELETE", "GET", "HEAD", "PUT"]);
  assert.deepEqual(show(router.match("DELETE", "/x")), ["delete", { s: "x" }]);
  assert.deepEqual(show(router.match("HEAD", "/x")), ["get", {}]);
});

test("Router.match() merges slashes also if the path as it is would answer other methods", () => {
  const router = routerOf("/<path:p>", "/x/<path:p>");
  router.add({ path: "/a/b", methods: ["POST"], target: "post" });
  router.add({ path: "/c/d", methods: ["PUT"], target: "put" });
  assert.equal(show(router.match("POST", "/a//b")), "moved to /a/b");
  assert.deepEqual(show(router.match("POST", "/c//d")), ["GET", "HEAD", "PUT"]);
});

test("Router.match() gives values in the order of the path", () => {
  const match = routerOf("/<c>/<path:a>/<b>").match("GET", "/1/2/3");
  assert.deepEqual(match.kind === "found" && Object.keys(match.values), ["c", "a", "b"]);
});

test("Router.match() does not move a request to a path that would not answer its method", () => {
  assert.deepEqual(show(routerOf("/x/").match("POST", "/x")), []);
});

test("Router.match() gives of two routes that match alike the one that was added first", () => {
  const router = new Router<string>();
  for (const target of ["first", "second"]) router.add({ path: "/<int:n>", methods: ["GET"], target });
  assert.deepEqual(show(router.match("GET", "/1")), ["first", { n: 1 }]);
});

test("Router.add() refuses methods that are no list of names", () => {
  const add = (methods: unknown) => () => routerOf().add({ path: "/", methods: methods as string[], target: "" });
  assert.throws(add("GET"), { name: "TypeError", message: /Cannot route '\/' as 'methods' must be a list.*"GET"/ });
  assert.throws(add([]), { name: "TypeError" });
  assert.throws(add(["get"]), { name: "TypeError" });
});

// What is built from values leads back to them, for every converter and any mixture of static text.

const parameters: Record<string, fc.Arbitrary<string | number>> = {
  string: fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !text.includes("/")),
  int: fc.maxSafeNat(),
  "int(signed=true)": fc.maxSafeInteger(),
  "float(signed=true)": fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  path: fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !text.startsWith("/")),
  uuid: fc.uuid(),
  'any(a,"b c",é)': fc.constantFrom("a", "b c", "é"),
};

const segment = fc.oneof(
  fc
    .string({ unit: "grapheme", minLength: 1 })
    .map((text) => text.replace(/[<>/]/g, "_"))
    .map((text) => ({ text })),
  fc
    .constantFrom(...Object.keys(parameters))
    .chain((kind) => (parameters[kind] ?? fc.nat()).map((value) => ({ kind, value }))),
);

test("Router.match() gives back what buildPath() was given", () => {
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 4 }), (segments) => {
      const kinds = segments.filter((one) => "kind" in one);
      // Where one path follows another the slash between them may be cut elsewhere.
      fc.pre(kinds.filter(({ kind }) => kind === "path").length < 2);
      const path = `/${segments.map((one, at) => ("text" in one ? one.text : `<${one.kind}:p${at}>`)).join("/")}`;
      const values = Object.fromEntries(segments.flatMap((one, at) => ("kind" in one ? [[`p${at}`, one.value]] : [])));
      const router = routerOf(path);
      const url = buildPath(router.routes[0]?.pattern ?? [], values);
      assert.match(url, /^[\x21-\x7e]+$/);
      assert.deepEqual(show(router.match("GET", decodePath(url))), [path, values]);
    }),
    { numRuns: 1_000 },
  );
});

test("Router.match() survives any path", () => {
  const router = routerOf("/", "/a/<int:n>/<s>", "/<path:p>/x/", "/<s>-<float:f>", "/<uuid:u>");
  fc.assert(
    fc.property(fc.array(fc.constantFrom("/", "a", "1", ".", "-", "x", "é", "\n")), (pieces) => {
      const match = router.match("GET", `/${pieces.join("")}`);
      // Where a request is sent on to must be found, and must stay on this server.
      if (match.kind === "moved") {
        assert.equal(router.match("GET", match.path).kind, "found");
        assert.doesNotMatch(match.path, /^\/\//);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("Router finds a route for which the slash at the end does not count with and without it", () => {
  const router = new Router<string>();
  for (const path of ["/", "/a", "/b/", "/<int:n>", "/p/<path:p>", "/q/<path:p>/", "/<x>/y/"]) {
    router.add({ path, methods: ["GET"], target: path, strictSlashes: false });
  }
  const found: [path: string, target: unknown, values: object][] = [
    ["/", "/", {}],
    ["/a", "/a", {}],
    ["/a/", "/a", {}],
    ["/b", "/b/", {}],
    ["/b/", "/b/", {}],
    ["/7", "/<int:n>", { n: 7 }],
    ["/7/", "/<int:n>", { n: 7 }],
    ["/p/1/2", "/p/<path:p>", { p: "1/2" }],
    ["/p/1/2/", "/p/<path:p>", { p: "1/2/" }],
    ["/q/1/2", "/q/<path:p>/", { p: "1/2" }],
    ["/q/1/2/", "/q/<path:p>/", { p: "1/2" }],
    ["/z/y", "/<x>/y/", { x: "z" }],
    ["/z/y/", "/<x>/y/", { x: "z" }],
  ];
  for (const [path, target, values] of found) {
    assert.deepEqual(show(router.match("GET", path)), [target, values], path);
  }
  assert.deepEqual(show(router.match("POST", "/a/")), ["GET", "HEAD"]);
  assert.equal(router.routes.length, 7);
});
