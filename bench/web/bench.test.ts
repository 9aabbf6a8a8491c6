import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { rows } from "./rows.ts";

const run = promisify(execFile);
const main = join(import.meta.dirname, "main.ts");
const skip = existsSync("/proc/self/stat") ? false : "no /proc";

test(
  "bench:web --quick asks Pottle for every row, without the servers of others, and judges nothing",
  { skip },
  async () => {
    const args = [main, "--quick", "--peers", "bare,pottle"];
    const { stdout } = await run(process.execPath, args, { timeout: 60_000 });
    for (const { title } of rows) assert.ok(stdout.includes(title), title);
    const measured = stdout.split("\n").filter((line) => line.startsWith("| Pottle "));
    const leftOut = stdout.split("\n").filter((line) => line.startsWith("Left out: "));
    assert.equal(measured.length + leftOut.length, rows.length);
    assert.match(stdout, /^Not judged: there were a few requests only/m);
  },
);

test("bench:web exits with 2 and says what it takes when an option makes no sense", async () => {
  for (const option of [["--only", "plane"], ["--rounds", "0"], ["--slow"]]) {
    await assert.rejects(run(process.execPath, [main, ...option]), { code: 2, stderr: /--only ROWS/ });
  }
});
