// The tutorial builds examples/flaskr: at its end its reader has the files of the example, to the byte.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { files, root } from "../tools/_repository.ts";
import { shownFiles } from "../tools/_shown-files.ts";

const example = "examples/flaskr";
const lastPage = "docs/tutorial/07-deploy.md";

/** The test in Chromium needs a package of its own, so the example only has it. */
const exampleOnly = new Set(["app.test.ts"]);

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

test("the tutorial ends with the files of examples/flaskr", () => {
  const shown = shownFiles(lastPage, read);
  const names = files([`${example}/**/*.{ts,html,css,sql}`]).map((file) => file.slice(example.length + 1));
  assert.deepEqual([...shown.keys()].toSorted(), names.filter((name) => !exampleOnly.has(name)).toSorted());
  for (const [name, text] of shown) {
    // The first line of a program is its name.
    const content = name.endsWith(".ts") ? text.slice(text.indexOf("\n") + 1) : text;
    assert.equal(content, read(join(example, name)), `docs/tutorial and ${example} differ in ${name}`);
  }
});
