import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { toForm } from "./_form.ts";
import { parametersOf, parsePath, type PathPattern } from "./path-pattern.ts";
import { Router } from "./router.ts";

/** The regular expression of a pattern, which backtracks. */
function toExpression(pattern: PathPattern): RegExp {
  const escape = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const source = pattern.map((piece) => (typeof piece === "string" ? escape(piece) : `(${piece.converter.pattern})`));
  return new RegExp(`^${source.join("")}$`, "su");
}

const parameter = fc.constantFrom(
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
const text = fc.string({ unit: fc.constantFrom("a", "b", "1", "-", ".", "\u{1f600}"), maxLength: 2 });

const pattern = fc
  .array(fc.tuple(parameter, text), { minLength: 2, maxLength: 4 })
  .map((pieces) => `/${pieces.map(([kind, after], index) => `<${kind}:p${index}>${after}`).join("")}`);

test("toForm() takes a text with several parameters apart as the regular expression would", () => {
  const candidate = fc.string({ unit: fc.constantFrom("a", "b", "1", "-", ".", "/", "\u{1f600}", "\n"), maxLength: 9 });
  fc.assert(
    fc.property(pattern, candidate, (path, rest) => {
      const parsed = parsePath(path);
      assert.ok(parametersOf(parsed).length > 1);
      assert.deepEqual(toForm(parsed)(`/${rest}`), toExpression(parsed).exec(`/${rest}`)?.slice(1));
    }),
    { numRuns: 5_000 },
  );
});

/** Counts how often it is asked whether a character is in a set. */
function countSteps(path: string, text: string): number {
  const form = toForm(parsePath(path));
  const { includes } = String.prototype;
  let steps = 0;
  String.prototype.includes = function (...args): boolean {
    steps++;
    return includes.apply(this, args);
  };
  try {
    form(text);
  } finally {
    String.prototype.includes = includes;
  }
  return steps;
}

test("toForm() takes steps in proportion to the text, however many parameters there are", () => {
  for (const path of ["/<a>-<b>-<c>x", "/<path:a>/<path:b>/y", "/<a>a<b>a<c>a<d>b"]) {
    const [short, long] = [200, 2_000].map((count) => countSteps(path, `/${"a-/".repeat(count)}`));
    assert.ok(
      short !== undefined && short > 0 && long !== undefined && long <= short * 11,
      `${path}: ${short}, ${long}`,
    );
  }
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
