import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { cases, type JinjaCase, refusedCases } from "./jinja-cases.fixture.ts";
import { JinjaEngine } from "./jinja-engine.ts";

const python = `
import json, sys, jinja2
results = []
for case in json.load(sys.stdin):
    env = jinja2.Environment(
        loader=jinja2.DictLoader(case["files"]),
        autoescape=lambda name: name is None or name.endswith((".html", ".htm", ".xml", ".xhtml", ".svg")),
        extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])
    try:
        results.append({"text": env.get_template("main.html").render(case["values"])})
    except Exception as error:
        results.append({"error": type(error).__name__})
json.dump(results, sys.stdout)
`;

interface Result {
  readonly text?: string;
  readonly error?: string;
}

function filesOf({ source }: JinjaCase): Readonly<Record<string, string>> {
  return typeof source === "string" ? { "main.html": source } : source;
}

function askJinja(all: readonly JinjaCase[]): readonly Result[] {
  const input = JSON.stringify(all.map((one) => ({ files: filesOf(one), values: one.values ?? {} })));
  const { status, stdout, stderr } = spawnSync("python3", ["-c", python], { input, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Result[];
}

const root = mkdtempSync(join(tmpdir(), "pottle-jinja-"));
after(() => rmSync(root, { recursive: true, force: true }));

async function render(one: JinjaCase): Promise<string> {
  const folder = mkdtempSync(join(root, "case-"));
  for (const [name, source] of Object.entries(filesOf(one))) writeFileSync(join(folder, name), source);
  const engine = new JinjaEngine({ folders: [folder], filters: new Map(), tests: new Map(), autoReload: false });
  return engine.render(["main.html"], structuredClone(one.values ?? {}));
}

const hasJinja = spawnSync("python3", ["-c", "import jinja2"]).status === 0;

describe("JinjaEngine", { skip: hasJinja ? false : "skipped: no python3-jinja2" }, () => {
  const expected = hasJinja ? askJinja([...cases, ...refusedCases]) : [];

  for (const [i, one] of cases.entries()) {
    test(`JinjaEngine renders as Jinja does: ${JSON.stringify(one.source)}`, async () => {
      const { text, error } = expected[i]!;
      assert.equal(error, undefined);
      // Python's floats keep their fraction, and its JSON has blanks.
      assert.equal(normalize(await render(one)), normalize(text!));
    });
  }

  for (const [i, one] of refusedCases.entries()) {
    test(`JinjaEngine refuses what Jinja refuses: ${JSON.stringify(one.source)}`, async () => {
      assert.notEqual(expected[cases.length + i]!.error, undefined);
      await assert.rejects(render(one), /^Template\w+: Cannot (?:read|render|find) template /);
    });
  }
});

function normalize(text: string): string {
  return text
    .replace(/\b(\d+)\.0\b/g, "$1")
    .replace(/(?<=[[,]) (?=null|true)/g, "")
    .replace(/\((?=[\d&'])([^()]*?),?\)/g, "[$1]");
}
