import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { cases } from "./cases.ts";
import { missingFor } from "./requirements.ts";

const run = promisify(execFile);
const main = join(import.meta.dirname, "main.ts");
const plaintext = cases.find(({ id }) => id === "plaintext")!;
const episodes = cases.find(({ id }) => id === "crawl-episodes")!;

for (const one of [plaintext, episodes]) {
  const missing = await missingFor(one);
  const skip = missing.length > 0 && `this is missing: ${missing.join("; ")}`;

  test(`bench --quick --only ${one.id} measures all peers, and judges nothing`, { skip }, async () => {
    const { stdout } = await run(process.execPath, [main, "--quick", "--only", one.id], { timeout: 60_000 });
    const measured = stdout.split("\n").filter((line) => / \| [\d.]+ – [\d.]+ – /.test(line));
    for (const { title } of one.peers)
      assert.ok(
        measured.some((line) => line.includes(`| ${title} `)),
        title,
      );
    assert.match(stdout, /^Not judged: the counts were tiny/m);
  });
}

test("bench exits with 2 and says what it takes when an option makes no sense", async () => {
  await assert.rejects(run(process.execPath, [main, "--only", "plane"]), { code: 2, stderr: /--only CASES/ });
});
