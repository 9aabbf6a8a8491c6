import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { fixture } from "./_fixture.ts";
import { checkFloors } from "./floors.ts";

const lowerFloor = { "src/asyncio/index.ts": 'export { a } from "./a.ts";', "src/asyncio/a.ts": "export const a = 1;" };

function reasons(context: TestContext, contents: Record<string, string>): string[] {
  return checkFloors(fixture(context, contents)).map(({ file, line, reason }) => `${file}:${line}: ${reason}`);
}

test("checkFloors() accepts imports of a lower floor's face, of a file beside, and of types that form a cycle in core", (context) => {
  const found = reasons(context, {
    ...lowerFloor,
    "src/asyncio/core/b.ts": 'import "node:timers";\nimport type { C } from "./c.ts";\nexport type B = C;',
    "src/asyncio/core/c.ts":
      'import type { B } from "./b.ts";\nimport { a } from "../a.ts";\nexport type C = typeof a | B;',
    "src/web/index.ts": 'import { a } from "../asyncio/index.ts";\nimport "node:http";\nimport "some-package";',
    "src/web/index.test.ts": 'import { a } from "./index.ts";\nimport { x } from "../../test/x.ts";',
    "examples/hello/app.ts": 'import { a } from "pottle/asyncio";\nimport "./other.ts";',
  });
  assert.deepEqual(found, []);
});

const table: [string, string, string, RegExp][] = [
  [
    "an import upwards",
    "src/asyncio/b.ts",
    'import "../web/index.ts";',
    /go down only: asyncio \(0\) may not know web/,
  ],
  ["an import of the same height", "src/server/b.ts", 'import "../client/index.ts";', /go down only: server \(2\)/],
  ["an import past the face", "src/web/b.ts", '\nimport "../asyncio/a.ts";', /b\.ts:2: .* no public face of asyncio/],
  ["a type taken past the face", "src/web/b.ts", 'import type { A } from "../asyncio/a.ts";', /no public face/],
  ["a face imported from inside", "src/asyncio/b.ts", 'import "./index.ts";', /imported from above only/],
  ["a package on floor 0", "src/asyncio/b.ts", 'import "undici";', /floor 0 knows "node:" only, not "undici"/],
  ["a socket on floor 1", "src/http/b.ts", 'import "node:net";', /floor 1 opens no sockets/],
  ["the package's own name", "src/web/b.ts", 'import "pottle/asyncio";', /second copy/],
  ["a folder that is no floor", "src/cellar/b.ts", 'import "node:fs";', /"cellar" is no known floor/],
  ["a file outside src/", "src/web/b.ts", 'import "../../tools/x.ts";', /lies outside src/],
  ["an example that reaches into src/", "examples/a/b.ts", 'import "../../src/asyncio/index.ts";', /by name/],
  ["a cycle", "src/asyncio/b.ts", 'import "./b.ts";', /cycle: src\/asyncio\/b\.ts → src\/asyncio\/b\.ts/],
];

for (const [title, file, source, expected] of table) {
  test(`checkFloors() reports ${title}`, (context) => {
    const found = reasons(context, { ...lowerFloor, [file]: source });
    assert.equal(found.length, 1);
    assert.match(found[0] ?? "", expected);
  });
}

test("checkFloors() names the whole path of a longer cycle once", (context) => {
  const found = reasons(context, {
    "src/asyncio/a.ts": 'import "./b.ts";',
    "src/asyncio/b.ts": 'import "./c.ts";',
    "src/asyncio/c.ts": 'import "./a.ts";',
  });
  assert.equal(found.length, 1);
  assert.match(found[0] ?? "", /c\.ts:1: .*a\.ts → src\/asyncio\/b\.ts → src\/asyncio\/c\.ts → src\/asyncio\/a\.ts$/);
});
