import assert from "node:assert/strict";
import { test } from "node:test";
import { docSnippets, markdownSnippets } from "./_snippets.ts";

test("markdownSnippets() finds the ts blocks, their lines, and which are not to be run", () => {
  const markdown = "# A\n\n```ts\na();\nb();\n```\n\n```sh\nnpm test\n```\n\n- x\n\n  ```ts no-run\n  c();\n  ```\n";
  assert.deepEqual(markdownSnippets("a.md", markdown), [
    { file: "a.md", line: 4, code: "a();\nb();\n", noRun: false },
    { file: "a.md", line: 15, code: "c();\n", noRun: true },
  ]);
});

test("docSnippets() finds bare code up to the next tag, with its line", () => {
  const source = "const x = 1;\n/**\n * Prose.\n *\n * @example\n * a();\n *   b();\n * @see c\n */\nexport {};\n";
  assert.deepEqual(docSnippets("a.ts", source), [{ file: "a.ts", line: 6, code: "a();\n  b();\n", noRun: false }]);
});

test("docSnippets() finds code at the end of a comment", () => {
  const source = "/**\n * @example\n * a();\n */\n";
  assert.deepEqual(docSnippets("a.ts", source), [{ file: "a.ts", line: 3, code: "a();\n", noRun: false }]);
});

test("docSnippets() takes only the blocks of an example that has some", () => {
  const source =
    "  /**\n   * @example Prose.\n   * ```ts no-run\n   * a();\n   * ```\n   * @example\n   * b();\n   */\n";
  assert.deepEqual(docSnippets("a.ts", source), [
    { file: "a.ts", line: 4, code: "a();\n", noRun: true },
    { file: "a.ts", line: 7, code: "b();\n", noRun: false },
  ]);
});

test("docSnippets() passes over code outside of examples", () => {
  assert.deepEqual(docSnippets("a.ts", "/** Prose. */\n// @example\n// a();\n/* @example */\n"), []);
});
