import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { fixture } from "./_fixture.ts";
import { checkLinks } from "./links.ts";

function found(context: TestContext, contents: Readonly<Record<string, string>>): string[] {
  return checkLinks(fixture(context, contents)).map(({ file, line, reason }) => `${file}:${line}: ${reason}`);
}

test("checkLinks() accepts links to files, folders, headings and other sites", (context) => {
  const violations = found(context, {
    "README.md": "[docs](docs/README.md), [web](docs/web.md#what-a-view-returns), [site](https://example.com/x.md)",
    "docs/README.md": "# Docs\n\n[web](web.md) [top](#docs) [again](web.md#again-1) [folder](../docs)",
    "docs/web.md": "# Web\n\n## What a `view` returns\n\n## Again\n\n## Again\n\n[up](README.md)",
  });
  assert.deepEqual(violations, []);
});

const table: [title: string, contents: Record<string, string>, expected: string[]][] = [
  ["a link to a file that is not there", { "README.md": "# A\n\n[b](b.md)" }, ["README.md:3: b.md leads nowhere"]],
  [
    "a picture that is not there, in HTML",
    { "README.md": '<img src="a.png" alt="a">' },
    ["README.md:1: a.png leads nowhere"],
  ],
  [
    "a link to a heading that is not there",
    { "README.md": "# A\n\n[a](#a) [b](#b)" },
    ['README.md:3: #b leads nowhere: README.md has no heading "b"'],
  ],
  ["a link that leaves the repository", { "README.md": "[x](../x)" }, ["README.md:1: ../x leads nowhere"]],
  [
    "a page that the index does not list",
    { "docs/README.md": "[a](a.md)", "docs/a.md": "[b](b.md)", "docs/b.md": "" },
    ["docs/b.md:1: docs/README.md does not list this page"],
  ],
  [
    "a page below the index that no link leads to",
    { "docs/README.md": "[a](course/a.md)", "docs/course/a.md": "", "docs/course/b.md": "" },
    ["docs/course/b.md:1: no link leads here from docs/README.md"],
  ],
  [
    "a picture that no page shows",
    { "docs/images/a.png": "", "docs/images/b.png": "", "README.md": '<source srcset="docs/images/a.png">' },
    ["docs/images/b.png:1: no page shows this picture"],
  ],
];
for (const [title, contents, expected] of table) {
  test(`checkLinks() reports ${title}`, (context) => {
    assert.deepEqual(found(context, contents), expected);
  });
}

test("checkLinks() does not read code", (context) => {
  assert.deepEqual(found(context, { "README.md": "`[a](b)`\n\n```md\n# H\n[a](b)\n```\n" }), []);
});
