import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../tools/_repository.ts";

const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  exports: Record<string, string | { readonly default: string }>;
};

for (const [subpath, target] of Object.entries(exports)) {
  if (typeof target === "string") continue;
  test(`dist/ of pottle${subpath.slice(1)}: functions and classes have the names that they are exported by`, async () => {
    const face = (await import(join(root, target.default))) as Record<string, unknown>;
    for (const [name, value] of Object.entries(face)) {
      if (typeof value === "function" && value.name !== "") assert.equal(value.name, name);
    }
  });
}
