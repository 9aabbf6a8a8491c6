// A small repository in a temporary folder, for the tests of the tools.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";

/** The package.json of a repository with two floors. */
export const manifest: string = JSON.stringify({
  name: "pottle",
  type: "module",
  exports: {
    ".": { default: "./dist/web/index.js" },
    "./asyncio": { default: "./dist/asyncio/index.js" },
    "./package.json": "./package.json",
  },
});

/** Writes files into a new temporary folder, which is removed after the test; returns the folder. */
export function fixture(context: TestContext, contents: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "pottle-tools-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [file, text] of Object.entries({ "package.json": manifest, ...contents })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return folder;
}
