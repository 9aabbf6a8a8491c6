import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type CharacterSet, run } from "./_atoms.ts";
import { toForm } from "./_form.ts";
import { matchLinear } from "./_linear-match.ts";
import { parametersOf, parsePath, type PathPattern } from "./path-pattern.ts";
import { Router } from "./router.ts";

/** The regular expression of a pattern, which backtracks. */
function toExpression(pattern: PathPattern): RegExp {
  const escape = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const source = pattern.map((piece) => (typeof piece === "string" ? escape(piece) : `(${piece.converter.pattern})`));
  return new RegExp(`^${source.join("")}$`, "su");
}

const converterKind = fc.constantFrom(
  "string",
  "string(length=2)",
  "string(minlength=2, maxlength=3)",
  "int",
  "int(fixed_digits=2)",
  "int(signed=true)",
  "float",
  "path",
  "any(a, ab, -)",
);
const staticText = fc.string({ unit: fc.constantFrom("a", "b", "1", "-", ".", "\u{1f600}"), maxLength: 2 });

const pattern = fc
  .array(fc.tuple(converterKind, staticText), { minLength: 2, maxLength: 4 })
  .map((pieces) => `/${pieces.map(([kind, after], index) => `<${kind}:p${index}>${after}`).join("")}`);

test("toForm() takes a text with several parameters apart as the regular expression would", () => {
  const candidate = fc.string({ unit: fc.constantFrom("a", "b", "1", "-", ".", "/", "\u{1f600}", "\n"), maxLength: 9 });
  fc.assert(
    fc.property(pattern, candidate, (path, rest) => {
      const parsed = parsePath(path);
      assert.ok(parametersOf(parsed).length > 1);
      const groups = toExpression(parsed).exec(`/${rest}`);
      assert.deepEqual(toForm(parsed)(`/${rest}`), groups && [...groups]);
    }),
    { numRuns: 5_000 },
  );
});

/** Counts how often it is asked whether a character is in a set, where `count` texts are separated by `-`. */
function countSteps(count: number, text: string): number {
  let steps = 0;
  const set: CharacterSet = {
    source: "[^/]",
    has: (character) => {
      steps++;
      return character !== "/";
    },
  };
  const atoms = Array.from({ length: count }, (_, parameter) => [
    { atom: run(set, 1), parameter },
    { atom: { texts: ["-"] }, parameter: -1 },
  ]);
  matchLinear([...atoms.flat(), { atom: { texts: ["x"] }, parameter: -1 }], count, text);
  return steps;
}

test("matchLinear() takes steps in proportion to the text and to the parameters", () => {
  assert.equal(countSteps(3, "-".repeat(1_000)), 3_000);
  assert.equal(countSteps(3, "-".repeat(10_000)), 30_000);
  assert.equal(countSteps(6, "-".repeat(10_000)), 60_000);
  // One that matches is gone through a second time.
  assert.equal(countSteps(3, `${"-".repeat(9_999)}x`) <= 60_000, true);
});

test("Router.match() answers a long path of separators at once", () => {
  const router = new Router<string>();
  for (const path of ["/<a>-<b>-<c>-<d>-<e>x", "/<path:a>/<path:b>/<path:c>/y", "/<int:a>1<int:b>1<int:c>x"]) {
    router.add({ path, methods: ["GET"], target: path });
  }
  for (const path of [`/${"-".repeat(16_000)}`, `/${"a/".repeat(8_000)}`, `/${"1".repeat(16_000)}`]) {
    assert.equal(router.match("GET", path).kind, "missing");
  }
});
