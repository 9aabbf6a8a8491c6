import assert from "node:assert/strict";
import { test } from "node:test";
import { importsOf, type Import } from "./_imports.ts";

const table: [string, string, Import["kind"] | undefined][] = [
  ["a named import", 'import { a } from "./a.ts";', "static"],
  ["an import over several lines", 'import {\n  a,\n  b,\n} from "./a.ts";', "static"],
  ["a default import", 'import a from "./a.ts";', "static"],
  ["an import of types among values, which still runs the module", 'import { type A } from "./a.ts";', "static"],
  ["an import for its effects", 'import "./a.ts";', "static"],
  ["a re-export", 'export { a } from "./a.ts";', "static"],
  ["a re-export of everything", 'export * from "./a.ts";', "static"],
  ["an import of types", 'import type { A } from "./a.ts";', "type"],
  ["a re-export of types", 'export type { A } from "./a.ts";', "type"],
  ["a type taken from a module", 'let a: typeof import("./a.ts");', "type"],
  ["a dynamic import", 'const a = await import("./a.ts");', "lazy"],
  ["a worker's file", 'new Worker(new URL("./a.ts", import.meta.url));', "lazy"],
  ["an import in a doc comment", ' * import { a } from "./a.ts";', undefined],
  ["a dynamic import in a comment", '// see import("./a.ts")', undefined],
  ["an exported constant", 'export const a = "./a.ts";', undefined],
  ["an exported function before an import", 'export function f() {}\nimport { a } from "./a.ts";', "static"],
];

for (const [title, source, kind] of table) {
  test(`importsOf() reads ${title} as ${kind ?? "no import"}`, () => {
    assert.deepEqual(
      importsOf(source).map((entry) => entry.kind),
      kind ? [kind] : [],
    );
  });
}

test("importsOf() tells the line on which each import begins", () => {
  const source = 'import a from "./a.ts";\n\nimport {\n  b,\n} from "./b.ts";\nawait import("./c.ts");\n';
  assert.deepEqual(
    importsOf(source).map(({ specifier, line }) => [specifier, line]),
    [
      ["./a.ts", 1],
      ["./b.ts", 3],
      ["./c.ts", 6],
    ],
  );
});
