import assert from "node:assert/strict";
import { test } from "node:test";
import { enableDevelopment, isDevelopment } from "./development.ts";

test("isDevelopment() is false until enableDevelopment(), and after that was taken back", () => {
  assert.equal(isDevelopment(), false);
  const restore = enableDevelopment();
  assert.equal(isDevelopment(), true);
  restore();
  assert.equal(isDevelopment(), false);
});

test("enableDevelopment() does nothing where NODE_ENV is production", (context) => {
  const before = process.env["NODE_ENV"];
  context.after(() => {
    if (before === undefined) delete process.env["NODE_ENV"];
    else process.env["NODE_ENV"] = before;
  });
  process.env["NODE_ENV"] = "production";
  const restore = enableDevelopment();
  assert.equal(isDevelopment(), false);
  restore();
});
