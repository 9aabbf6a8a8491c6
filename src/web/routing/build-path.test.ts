import assert from "node:assert/strict";
import { test } from "node:test";
import { buildPath, BuildError, canBuild, type UrlValues } from "./build-path.ts";
import { parsePath } from "./path-pattern.ts";

const table: [path: string, values: UrlValues, url: string][] = [
  ["/", {}, "/"],
  ["/s/<s>", { s: "a b" }, "/s/a%20b"],
  ["/s/<s>", { s: "é%" }, "/s/%C3%A9%25"],
  ["/s/<s>", { s: "!$&'()*+,:;=@" }, "/s/!$&'()*+,:;=@"],
  ["/s/<s>", { s: '?#[]"\\' }, "/s/%3F%23%5B%5D%22%5C"],
  ["/p/<path:p>", { p: "a/b c" }, "/p/a/b%20c"],
  ["/<int(fixedDigits=3):n>", { n: 7 }, "/007"],
  ["/<int(fixedDigits=3, signed=true):n>", { n: -7 }, "/-007"],
  ["/<float:x>", { x: 5 }, "/5.0"],
  ["/<float:x>", { x: 1.5e-7 }, "/0.00000015"],
  ["/<float:x>", { x: 1.25e21 }, "/1250000000000000000000.0"],
  ["/föö", {}, "/f%C3%B6%C3%B6"],
  ["/", { q: "x y", z: [1, 2], gone: null, also: undefined }, "/?q=x+y&z=1&z=2"],
  ["/<s>", { s: "a", q: "&=#" }, "/a?q=%26%3D%23"],
];

for (const [path, values, url] of table) {
  test(`buildPath() of ${path} and ${JSON.stringify(values)}`, () =>
    assert.equal(buildPath(parsePath(path), values), url));
}

const refused: [path: string, values: UrlValues, current: string][] = [
  ["/<s>", { s: "a/b" }, '"a/b"'],
  ["/<s>", { s: "" }, '""'],
  ["/<s>", { s: "\ud800" }, '"\\ud800"'],
  ["/<path:s>", { s: "/a" }, '"/a"'],
  ["/<int:s>", { s: -1 }, "-1"],
  ["/<int:s>", { s: 1.5 }, "1.5"],
  ["/<int:s>", { s: "1" }, '"1"'],
  ["/<int(max=3):s>", { s: 4 }, "4"],
  ["/<int(fixedDigits=2):s>", { s: 100 }, "100"],
  ["/<int:s>", { s: 2 ** 53 }, "9007199254740992"],
  ["/<float:s>", { s: NaN }, "NaN"],
  ["/<float:s>", { s: Infinity }, "Infinity"],
  ["/<any(a,b):s>", { s: "c" }, '"c"'],
  ["/<uuid:s>", { s: "1" }, '"1"'],
  ["/<s>", {}, "undefined"],
];

for (const [path, values, current] of refused) {
  test(`buildPath() refuses ${JSON.stringify(values)} for ${path}`, () => {
    assert.throws(
      () => buildPath(parsePath(path), values),
      (error: unknown) => {
        assert(error instanceof BuildError);
        assert.equal(
          error.message,
          `Cannot build a URL as 's' must be a value for '${path.slice(1)}': current value is ${current}`,
        );
        return true;
      },
    );
  });
}

test("canBuild() wants a value for each parameter, and none that an object has anyway", () => {
  assert.equal(canBuild(parsePath("/<a>/<b>"), { a: 1, b: 2 }), true);
  assert.equal(canBuild(parsePath("/<a>/<b>"), { a: 1 }), false);
  assert.equal(canBuild(parsePath("/<constructor>"), {}), false);
});
