import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Mutation, mutations } from "../test/mutations/index.ts";
import { namesAnswered } from "./_conformance.ts";
import { fixture } from "./_fixture.ts";
import { neverFailed } from "./mutate.ts";
import { plant, Workshop } from "./_workshop.ts";
import { root } from "./_repository.ts";

const halve: Mutation = {
  file: "half.ts",
  mistake: "it doubles",
  find: "return value / 2;",
  put: "return value * 2;",
  tests: ["*.test.ts"],
};

const half = "export function half(value: number): number {\n  return (\n    value / 2\n  );\n}\n";

function withTest(assertion: string): Record<string, string> {
  const head = `import assert from "node:assert";\nimport { test } from "node:test";\nimport { half } from "./half.ts";\n`;
  return {
    "half.ts": half.replace(/\(\n\s*|\n\s*\)(?=;)/g, ""),
    "half.test.ts": `${head}test("half() halves (test_half)", () => ${assertion});\n`,
    "node_modules/empty": "",
  };
}

test("plant() plants every listed mistake, each in a place of its own", () => {
  for (const mutation of mutations) {
    const source = readFileSync(join(root, mutation.file), "utf8");
    assert.notEqual(plant(source, mutation), source);
  }
  assert.ok(mutations.length >= 60);
  assert.equal(new Set(mutations.map(({ file, mistake }) => `${file}: ${mistake}`)).size, mutations.length);
});

test("plant() finds a place however it is laid out, and refuses one that is not there, or twice", () => {
  assert.equal(plant("return value/2;", halve), "return value * 2;");
  assert.equal(plant("return value\n  / 2;", halve), "return value * 2;");
  assert.throws(() => plant("return value / 3;", halve), /"it doubles" in half.ts .* current value is 0/);
  assert.throws(() => plant("return value / 2; return value / 2;", halve), /current value is 2/);
});

test("Workshop.judge() says that a mistake was noticed, by which test, and takes it out again", async (context) => {
  const folder = fixture(context, withTest("assert.equal(half(4), 2)"));
  using workshop = new Workshop(folder);
  const verdict = await workshop.judge(halve, new Set());
  assert.deepEqual([verdict.result, verdict.failed], ["noticed", ["half() halves (test_half)"]]);
  assert.deepEqual((await workshop.test(halve.tests)).failed, []);
  assert.equal(readFileSync(join(folder, "half.ts"), "utf8").includes("*"), false);
});

test("Workshop.judge() says that a mistake was missed", async (context) => {
  using workshop = new Workshop(fixture(context, withTest("assert.equal(half(0), 0)")));
  assert.equal((await workshop.judge(halve, new Set())).result, "missed");
});

test("Workshop.judge() does not count a test that fails without the mistake", async (context) => {
  using workshop = new Workshop(fixture(context, withTest("assert.equal(half(4), 3)")));
  const known = new Set(["half() halves (test_half)"]);
  assert.equal((await workshop.judge(halve, known)).result, "missed");
});

test("Workshop.judge() says that a mistake cannot run at all", async (context) => {
  using workshop = new Workshop(fixture(context, withTest("assert.equal(half(4), 2)")));
  assert.equal((await workshop.judge({ ...halve, put: "return nothing;" }, new Set())).result, "broken");
});

test("neverFailed() gives the answers that no mistake made fail", () => {
  const verdict = { mutation: halve, result: "noticed", failed: ["half() halves (test_half, test_quarter)"] } as const;
  assert.deepEqual(neverFailed([verdict], ["test_half", "test_third"]), ["test_third"]);
});

test("namesAnswered() finds the names at the end of a test's name", () => {
  assert.deepEqual(namesAnswered("Lock.acquire() waits in line (test_acquire)"), ["test_acquire"]);
  assert.deepEqual(namesAnswered("sleep() sleeps (test_sleep, test_sleep_zero)"), ["test_sleep", "test_sleep_zero"]);
  assert.deepEqual(namesAnswered("sleep() has nothing to do with test_sleep"), []);
});
