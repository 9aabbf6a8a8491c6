import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture } from "./_fixture.ts";
import { checkTutorial, updatePages } from "./tutorial.ts";

test("the tutorial ends with the files of examples/flaskr", () => {
  assert.deepEqual(checkTutorial(), []);
});

const block = (language: string, code: string): string => `\`\`\`${language}\n${code}\`\`\`\n`;

test("checkTutorial() names what differs, and updatePages() puts the example's files into the last pages", (context) => {
  const folder = fixture(context, {
    "examples/flaskr/app.ts": "three();\n",
    "examples/flaskr/schema.sql": "SELECT 1;\n",
    "docs/tutorial/01.md": block("ts", "// app.ts\none();\n") + block("sql", "-- schema.sql\nSELECT 0;\n"),
    "docs/tutorial/07-deploy.md": `<!-- continues 01.md -->\n\n${block("ts", "// app.ts\ntwo();\n")}`,
  });
  assert.deepEqual(checkTutorial(folder), [
    "docs/tutorial/07-deploy.md shows other files than examples/flaskr has: node tools/tutorial.ts --update",
    "docs/tutorial/01.md shows other files than examples/flaskr has: node tools/tutorial.ts --update",
  ]);
  for (const [page, text] of updatePages(folder)) writeFileSync(join(folder, page), text);
  assert.deepEqual(checkTutorial(folder), []);
  assert.equal(
    readFileSync(join(folder, "docs/tutorial/01.md"), "utf8"),
    block("ts", "// app.ts\none();\n") + block("sql", "-- schema.sql\nSELECT 1;\n"),
  );
});

test("checkTutorial() names files that only one of the two has", (context) => {
  const page = { "docs/tutorial/07-deploy.md": block("ts", "// app.ts\n") };
  const more = fixture(context, { ...page, "examples/flaskr/app.ts": "", "examples/flaskr/blog.ts": "" });
  assert.deepEqual(checkTutorial(more), ["no page of the tutorial shows blog.ts of examples/flaskr"]);
  const less = fixture(context, { ...page, "examples/flaskr/blog.ts": "" });
  assert.deepEqual(checkTutorial(less), ["examples/flaskr has no app.ts, which the tutorial shows"]);
});
