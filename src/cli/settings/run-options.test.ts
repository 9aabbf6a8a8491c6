import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { docsPage, docsSample, docsTable, sampleIn, tableIn } from "./docs-table.fixture.ts";
import { help } from "./help.ts";
import { flagOf, keyOf, variableOf } from "./option-names.ts";
import type { OptionEntry, OptionTable } from "./option-table.ts";
import { resolveValues } from "./resolve-values.ts";
import { runOptions } from "./run-options.ts";

const entries = Object.entries<OptionEntry>(runOptions);

test("runOptions names a bound that is an option, and no text that would be broken over lines", () => {
  for (const [name, { atMost, does, choices, kind }] of entries) {
    if (atMost !== undefined) assert.ok(atMost in runOptions, name);
    assert.doesNotMatch(does, /^[A-Z]|\n|\||\.$/, name);
    assert.equal(choices !== undefined, kind === "choice", name);
  }
});

test("runOptions has no two options with the same spelling, nor one that the command has for something else", () => {
  const taken = [...entries.map(([name]) => flagOf(name)), "--config", "--print-config", "--help"];
  assert.equal(new Set(taken).size, taken.length);
});

test("An option has a flag, a variable and a key, each spelled in its own way", () => {
  assert.deepEqual(
    [flagOf, variableOf, keyOf].map((spell) => spell("keepAliveTimeout")),
    ["--keep-alive-timeout", "POTTLE_KEEP_ALIVE_TIMEOUT", "keep_alive_timeout"],
  );
  assert.equal(keyOf("http2"), "http2");
});

test("docs/configuration.md has the table of all options, and what --print-config prints", () => {
  const update = "If it is right so, run: node src/cli/settings/docs-table.fixture.ts --update";
  const page = readFileSync(docsPage, "utf8");
  assert.equal(tableIn(page), docsTable(), update);
  assert.equal(sampleIn(page), docsSample(page), update);
});

test("help() has a line for each option, with its default, and no line above 120 characters", () => {
  const text = help();
  for (const [name] of entries) assert.match(text, new RegExp(`^  ${flagOf(name)}\\b`, "m"));
  assert.match(text, /^ {2}--port PORT +the port to listen on; .* \(default 5000, or the next free one\)$/m);
  assert.match(text, /\(default 30s, or that of\n +--request-timeout if it is less\)/);
  assert.match(text, /^ {2}--reload {2,}start .* changes$/m);
  assert.ok(text.split("\n").every((line) => line.length <= 120));
});

/** Adding one option is adding one entry: the type of its value follows. */
test("OptionValues gives each option the type of its kind", () => {
  const table = {
    one: { kind: "choice", for: "command", does: "a choice", default: "a", choices: ["a", "b"] },
    two: { kind: "list", for: "command", does: "a list" },
  } as const satisfies OptionTable;
  const { values } = resolveValues(table, []);
  const [one, two]: ["a" | "b", readonly string[] | undefined] = [values.one, values.two];
  assert.deepEqual([one, two], ["a", undefined]);
});
