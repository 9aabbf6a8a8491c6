import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const folder = join(import.meta.dirname, "..");
const isCode = (line: string): boolean => !/^\s*(?:\/\/.*|\/\*\*.*\*\/)?\s*$/.test(line);

/** Lines that are neither blank nor a comment. */
function countLines(pattern: string): number {
  const lines = globSync(pattern, { cwd: folder }).flatMap((file) =>
    readFileSync(join(folder, file), "utf8").split("\n"),
  );
  return lines.filter(isCode).length;
}

test("flaskr is shorter than Flask's, by as much as its README says", () => {
  const [code, pages] = [countLines("*.ts"), countLines("templates/**/*.html")];
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  assert.match(readme, new RegExp(`\\b${code} lines of code\\b.*\\b${pages} of pages\\b`));
  assert.ok(code < 209 && pages < 106, `${code} lines of code, ${pages} of pages`);
});
