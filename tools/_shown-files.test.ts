import assert from "node:assert/strict";
import { test } from "node:test";
import { shownFiles } from "./_shown-files.ts";

const pages: Readonly<Record<string, string>> = {
  "docs/1.md":
    "```ts\n// app.ts      run it: node app.ts\none();\n```\n\n```html\n<!-- templates/a.html -->\n<p></p>\n```\n" +
    "```sql\n-- schema.sql\nSELECT 1;\n```\n```css\n/* static/style.css */\np {}\n```\n```sh\n# no name\n```\n",
  "docs/2.md": "# Two\n\n<!-- continues 1.md -->\n\n```ts\n// app.ts\ntwo();\n```\n\n```ts\nnoName();\n```\n",
};

test("shownFiles() finds the blocks that begin with a name, in any language", () => {
  assert.deepEqual(Object.fromEntries(shownFiles("docs/1.md", (page) => pages[page]!)), {
    "app.ts": "// app.ts      run it: node app.ts\none();\n",
    "templates/a.html": "<p></p>\n",
    "schema.sql": "SELECT 1;\n",
    "static/style.css": "p {}\n",
  });
});

test("shownFiles() goes on with the files of the page before", () => {
  const files = shownFiles("docs/2.md", (page) => pages[page]!);
  assert.deepEqual([...files.keys()], ["app.ts", "templates/a.html", "schema.sql", "static/style.css"]);
  assert.equal(files.get("app.ts"), "// app.ts\ntwo();\n");
});
