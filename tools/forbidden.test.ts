import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { fixture } from "./_fixture.ts";
import { checkForbidden, type Rule, RULES } from "./forbidden.ts";

const rules = RULES.map((rule) => ({ ...rule, allowed: {} }));

function reasons(context: TestContext, contents: Record<string, string>, checked: readonly Rule[] = rules): string[] {
  return checkForbidden(fixture(context, contents), checked).map(
    ({ file, line, reason }) => `${file}:${line}: ${reason}`,
  );
}

const table: [string, string, string, RegExp][] = [
  [
    "planted faults",
    "src/asyncio/a.ts",
    "\nif (schedule.hasFault(1)) return;",
    /a\.ts:2: planted faults: test sabotage/,
  ],
  ["a process-wide key", "src/web/a.ts", 'const key = Symbol.for("pottle.x");', /ask ambient\(\)/],
  ["a key in a text that is evaluated", "src/web/a.ts", "\"globalThis[Symbol.for('pottle.x')]\";", /ask ambient\(\)/],
  ["a refusal by hand", "src/web/a.ts", "throw new TypeError(`Cannot x as y: current value is ${v}`);", /one form/],
  ["a copy of show()", "src/web/a.ts", "function show(value: unknown): string {", /live in src\/base/],
  ["a copy of the longest timeout", "src/web/a.ts", "Math.min(ms, 2 ** 31 - 1)", /live in src\/base/],
  ["a variable of a module", "src/asyncio/a.ts", "let count = 0;", /ask ambient\(\) for a slot/],
  ["a registry of a module", "src/asyncio/a.ts", "const seen: WeakSet<object> = new WeakSet();", /ask ambient/],
  ["a list of a module", "src/asyncio/a.ts", "const clocks: TimerQueue[] = [];", /ask ambient/],
  ["shift() on an array", "src/http/a.ts", "const chunk = chunks.shift(); // the first", /ring-buffer/],
  ["an error that is dropped", "src/http/a.ts", "try { f(); } catch {}", /an error reaches/],
  ["an error that is dropped by name", "src/http/a.ts", "try { f(); } catch (error) {}", /an error reaches/],
  ["`any` as a type", "src/http/a.ts", "function f(value: any): void {", /say `unknown`/],
  ["`any` as a cast", "src/http/a.ts", "return (value as any);", /say `unknown`/],
  ["`any` as an argument", "src/http/a.ts", "const all = new Map<any, string>();", /Map|unknown/],
  ["a person in the ground floor", "src/base/a.ts", "const a = 1; // whoever asks", /say caller/],
  ["a person in asyncio", "src/asyncio/core/a.ts", "/** Nobody waits. */", /say caller/],
];
for (const [title, file, source, expected] of table) {
  test(`checkForbidden() reports ${title}`, (context) => {
    const found = reasons(context, { [file]: source });
    assert.equal(found.length, 1);
    assert.match(found[0] ?? "", expected);
  });
}

test("checkForbidden() passes over comments for code, code for comments, tests, and what only looks alike", (context) => {
  const found = reasons(context, {
    "src/asyncio/a.ts": '// chunks.shift(), hasFault and Symbol.for("pottle.x") were here\nconst nobody = "whoever";',
    "src/http/a.ts":
      'const any = 1;\n/** any: of them */\nconst url = "http://any"; // as any other\ntry { f(); } catch {',
    "src/asyncio/b.ts": "const words: ReadonlySet<string> = new Set(['a']);\n  let count = 0;",
    "src/http/a.test.ts": "chunks.shift();",
    "src/http/a.fixture.ts": "chunks.shift();",
    "src/web/a.ts": "// nobody looks at comments there yet",
    "tools/a.ts": "chunks.shift();",
  });
  assert.deepEqual(found, []);
});

const rule: Rule = { name: "a word", pattern: /\bword\b/, in: "code", under: "src/", reason: "say it", allowed: {} };

test("checkForbidden() accepts allowed files, and files of allowed folders", (context) => {
  const allowed = { "src/web/a.ts": "known", "src/http/": "known" };
  const contents = { "src/web/a.ts": "word;", "src/http/deep/a.ts": "word;", "src/web/a.ts.ts": "word;" };
  assert.deepEqual(reasons(context, contents, [{ ...rule, allowed }]), ["src/web/a.ts.ts:1: a word: say it"]);
});

test("checkForbidden() reports an allowance that nothing needs any more", (context) => {
  const found = reasons(context, { "src/web/a.ts": "other;" }, [{ ...rule, allowed: { "src/web/a.ts": "known" } }]);
  assert.equal(found.length, 1);
  assert.match(found[0] ?? "", /src\/web\/a\.ts is allowed a word and needs it no more/);
});
