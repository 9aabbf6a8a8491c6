import assert from "node:assert/strict";
import { test } from "node:test";
import { compileInput } from "./compile-input.ts";
import { hideOwnWarnings } from "./hide-own-warnings.ts";
import { IncompleteInputError } from "./parse-input.ts";

function compile(source: string): { body: string; names: readonly string[] } {
  using _ = hideOwnWarnings();
  const { code, names } = compileInput(source, (specifier) =>
    specifier === "pottle" ? "file:///pottle.js" : undefined,
  );
  const [, body = ""] = /^\(async \(__pottle\) => \{ with \(__pottle\.names\) \{ (.*)\n\} \}\)$/s.exec(code) ?? [];
  return { body: body.replace(/^\n/, ""), names };
}

for (const [source, body, names] of [
  ["1", "return { value: (1) }", []],
  ["f();", "return { value: (f()) };", []],
  ["1; 2 // two", "1; return { value: (2) } // two", []],
  ["await f()", "return { value: (await __pottle.wait((f()))) }", []],
  ["await await f", "return { value: (await __pottle.wait((await __pottle.wait((f))))) }", []],
  ["async () => await f", "return { value: (async () => await f) }", []],
  ["class A { async f() { await 1 } }", ";(A = class A { async f() { await 1 } });", ["A"]],
  ["const a = await f", ";(a = await __pottle.wait((f)));", ["a"]],
  ["const a: number = 1, b = 2;", ";(a         = 1, b = 2);;", ["a", "b"]],
  ["let a, b = 1", ";(a = undefined, b = 1);", ["a", "b"]],
  ["var a", ";(a);", ["a"]],
  ["const { a, b: [c = 1, ...d], ...e } = f", ";({ a, b: [c = 1, ...d], ...e } = f);", ["a", "c", "d", "e"]],
  ["for (const a of b) { let c = await a }", "for (const a of b) { let c = await __pottle.wait((a)) }", []],
  ["for await (const a of b) c", "for await (const a of __pottle.iterate((b))) c", []],
  ["using a = b", "using a = b", []],
  ["function f() {}", "__pottle.names.f = f; \nfunction f() {}", ["f"]],
  ["import 'a'", '{ const __module = await __pottle.wait(import("a")); }', []],
  [
    "import a, { b as c, 'd e' as f } from 'pottle'",
    '{ const __module = await __pottle.wait(import("file:///pottle.js")); a = __pottle.pick(__module, "default", "pottle"); c = __pottle.pick(__module, "b", "pottle"); f = __pottle.pick(__module, "d e", "pottle"); }',
    ["a", "c", "f"],
  ],
  ["import * as a from 'b'", '{ const __module = await __pottle.wait(import("b")); a = __module; }', ["a"]],
  [
    "import a from 'b' with { type: 'json' }",
    `{ const __module = await __pottle.wait(import("b", { with: { type: 'json' } })); a = __pottle.pick(__module, "default", "b"); }`,
    ["a"],
  ],
  ["() => import('pottle')", 'return { value: (() => import("file:///pottle.js")) }', []],
  ["{ a: 1 }", "return { value: (({ a: 1 }\n)) }", []],
  ["{ a: 1 };", "{ a: 1 };", []],
] as const) {
  test(`compileInput() compiles ${source}`, () => {
    assert.deepEqual(compile(source), { body, names });
  });
}

for (const source of [
  "f(",
  "function f(a: number) {",
  "`a",
  "/* a",
  "a.",
  "a +",
  "const",
  "if (a)",
  "[1,",
  "class A {\n  b: number = 1",
  "try { a() }",
  "type A = {",
  "import { a,",
]) {
  test(`compileInput() asks for more after ${JSON.stringify(source)}`, () => {
    assert.throws(() => compile(source), IncompleteInputError);
  });
}

for (const source of [
  "f(]",
  "1 1",
  "'a",
  "}",
  "let a; let a",
  "enum A {}",
  "export const a = 1",
  "const a",
  "f(1 1",
  "function f(a: number) { 1 1",
]) {
  test(`compileInput() refuses ${JSON.stringify(source)}`, () => {
    assert.throws(() => compile(source), SyntaxError);
  });
}
