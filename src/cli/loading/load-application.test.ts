import assert from "node:assert/strict";
import { test } from "node:test";
import { splitTarget } from "./load-application.ts";

for (const [target, file, name] of [
  ["app.ts", "app.ts", "default"],
  ["app.ts:api", "app.ts", "api"],
  ["./a/b.js:$x_1", "./a/b.js", "$x_1"],
  ["C:\\work\\app.ts", "C:\\work\\app.ts", "default"],
  ["C:\\work\\app.ts:api", "C:\\work\\app.ts", "api"],
  ["app.ts:", "app.ts:", "default"],
  [":api", ":api", "default"],
] as const) {
  test(`splitTarget() takes ${target} for ${name} of ${file}`, () => {
    assert.deepEqual(splitTarget(target), { file, name });
  });
}
