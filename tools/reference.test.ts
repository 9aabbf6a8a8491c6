import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture } from "./_fixture.ts";
import { referenceFolder, referencePages, stalePages } from "./reference.ts";

const files = {
  "src/web/index.ts": '// The web.\n// Two lines.\n\nexport { wait } from "./wait.ts";\n',
  "src/asyncio/index.ts": `// Tasks that wait.

// waiting
export { wait, Wait } from "./wait.ts";

// types
export type { Options } from "./wait.ts";
`,
  "dist/web/index.d.ts": 'export { wait } from "../asyncio/wait.ts";',
  "dist/asyncio/index.d.ts": 'export { wait, Wait } from "./wait.ts";\nexport type { Options } from "./wait.ts";',
  "dist/asyncio/wait.d.ts": `/** Waits. Not for long. */
export declare function wait(options?: Options): void;
/** A wait. */
export declare class Wait {
    /** @param options - How. */
    constructor(options?: Options);
}
/** How to wait. */
export interface Options {
    /** How long. In milliseconds. @default 5 */
    readonly ms?: number;
}`,
};

test("referencePages() has a page for each face, and one with all names", (context) => {
  const pages = referencePages(fixture(context, files));
  assert.deepEqual([...pages.keys()], ["README.md", "pottle.md", "asyncio.md"]);
  assert.match(pages.get("pottle.md")!, /^# `pottle`\n\n<!--.*-->\n\nThe web\. Two lines\.\n\n### `wait`\n\nWaits\.\n/);
  const index = pages.get("README.md")!;
  assert.match(index, /The 4 names of the 2 faces/);
  assert.match(
    index,
    /\[`Wait`\]\(asyncio\.md#wait-1\) · \[`wait`\]\(asyncio\.md#wait\)|\[`wait`\]\(asyncio\.md#wait\)/,
  );
});

test("referencePages() groups names as the face does, and cuts comments of members to a sentence", (context) => {
  const page = referencePages(fixture(context, files)).get("asyncio.md")!;
  assert.equal(
    page.slice(page.indexOf("## ")),
    `## Waiting

### \`wait\`

Waits.

\`\`\`typescript
function wait(options?: Options): void;
\`\`\`

### \`Wait\`

A wait.

\`\`\`typescript
class Wait {
  constructor(options?: Options);
}
\`\`\`

## Types

### \`Options\`

How to wait.

\`\`\`typescript
interface Options {
  /** How long. @default 5 */
  readonly ms?: number;
}
\`\`\`
`,
  );
});

test("referencePages() refuses a name without a doc comment", (context) => {
  const bare = { ...files, "dist/asyncio/wait.d.ts": files["dist/asyncio/wait.d.ts"].replace("/** A wait. */", "") };
  assert.throws(
    () => referencePages(fixture(context, bare)),
    /Cannot describe Wait as its doc comment has no sentence/,
  );
});

test("stalePages() names pages that are old, missing, or no longer any face's", (context) => {
  const folder = fixture(context, files);
  mkdirSync(join(folder, referenceFolder), { recursive: true });
  for (const [name, text] of referencePages(folder)) writeFileSync(join(folder, referenceFolder, name), text);
  assert.deepEqual(stalePages(folder), []);
  writeFileSync(join(folder, referenceFolder, "asyncio.md"), "old");
  writeFileSync(join(folder, referenceFolder, "gone.md"), "");
  assert.deepEqual(stalePages(folder), ["asyncio.md", "gone.md"]);
});
