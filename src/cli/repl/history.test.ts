import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { appendHistory, historyFile, historySize, readHistory } from "./history.ts";

function path(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "pottle-history-"));
  context.after(() => rmSync(folder, { recursive: true }));
  return join(folder, "history");
}

test("historyFile() is in the home folder, unless the environment names another or none", () => {
  assert.equal(historyFile({}), join(homedir(), ".pottle_repl_history"));
  assert.equal(historyFile({ POTTLE_REPL_HISTORY: "/somewhere" }), "/somewhere");
  assert.equal(historyFile({ POTTLE_REPL_HISTORY: "" }), undefined);
});

test("readHistory() gives what appendHistory() added, the newest first, each once in a row", (context) => {
  const file = path(context);
  for (const line of ["one", "two", "two", "one"]) appendHistory(file, line);
  assert.deepEqual(readHistory(file), ["one", "two", "one"]);
});

test("readHistory() gives nothing if there is no file, and not more than can be reached", (context) => {
  const file = path(context);
  assert.deepEqual(readHistory(file), []);
  writeFileSync(file, Array.from({ length: historySize + 5 }, (_, index) => `${index}\n`).join(""));
  assert.equal(readHistory(file).length, historySize);
  assert.equal(readHistory(file)[0], String(historySize + 4));
});

test("readHistory() throws when there is a file that it cannot read", () => {
  assert.throws(() => readHistory(tmpdir()), { code: "EISDIR" });
});

test("appendHistory() lets nobody else read it", (context) => {
  const file = path(context);
  appendHistory(file, "password");
  assert.equal(statSync(file).mode & 0o777, 0o600);
});
