import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePath, PathSyntaxError } from "./path-pattern.ts";

/** path → a piece of the reason. */
const wrong: [path: string, reason: string][] = [
  ["", "it must begin with '/'"],
  ["todos", "it must begin with '/'"],
  ["/a<b", "'<' is never closed"],
  ["/<a<b>", "'<' is never closed"],
  ["/a>b", "'>' has no '<' before it"],
  ["/<a>>", "'>' has no '<' before it"],
  ["/<itn:x>", 'must be one of string, int, float, path, uuid, any: current value is "itn"'],
  ["/<constructor:x>", "must be one of string"],
  ["/<>", "the name in '<>' must be an identifier"],
  ["/<int:>", "the name in '<int:>' must be an identifier"],
  ["/<1a>", "must be an identifier"],
  ["/<a-b>", "must be an identifier"],
  ["/<__proto__>", "must be an identifier"],
  ["/<a>/<int:a>", "the name 'a' is used twice"],
  ["/<int(mn=1):a>", "'int' as it has no argument 'mn'"],
  ["/<int(1):a>", "'int' as it has no argument '1'"],
  ["/<int(min=x):a>", `'int' as 'min' must be a number: current value is "x"`],
  ["/<int(signed=yes):a>", `'signed' must be true or false: current value is "yes"`],
  ["/<string(length=-1):a>", `'length' must be a whole number >= 0: current value is "-1"`],
  ["/<uuid(a):a>", "'uuid' as it has no argument 'a'"],
  ["/<any:a>", "needs items without slashes: current items are []"],
  ["/<any(a,,b):a>", 'current items are ["a","","b"]'],
  ["/<any(a/b):a>", 'current items are ["a/b"]'],
];

for (const [path, reason] of wrong) {
  test(`parsePath() refuses ${JSON.stringify(path)}`, () => {
    assert.throws(
      () => parsePath(path),
      (error: unknown) => {
        assert(error instanceof PathSyntaxError);
        assert(error.message.startsWith("Cannot read the path as "), error.message);
        assert(error.message.includes(reason), error.message);
        assert(error.message.endsWith(`: current value is ${JSON.stringify(path)}`), error.message);
        return true;
      },
    );
  });
}

test("parsePath() takes a path apart into text and parameters", () => {
  const pattern = parsePath("/a/<x>-<int:y>.txt").map((piece) => (typeof piece === "string" ? piece : [piece.name]));
  assert.deepEqual(pattern, ["/a/", ["x"], "-", ["y"], ".txt"]);
});
