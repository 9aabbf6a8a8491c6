import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);
const main = join(import.meta.dirname, "query.ts");

test("bench of a query --quick measures cost and cancellation, and judges nothing", async () => {
  const { stdout } = await run(process.execPath, [main, "--quick", "--without-effect"], { timeout: 60_000 });
  const spread = "[\\d.]+ – [\\d.]+ – [\\d.]+";
  assert.match(stdout, new RegExp(`\\| Pottle, cancellation armed \\| ${spread} \\| ${spread} \\|`));
  assert.match(stdout, new RegExp(`\\| bare pg \\| ${spread} \\|`));
  assert.match(stdout, new RegExp(`\\| Pottle \\| ${spread} \\| ${spread} \\|`));
  assert.match(stdout, /^Not judged: the counts were tiny/m);
});

test("bench of a query exits with 2 when an option makes no sense", async () => {
  await assert.rejects(run(process.execPath, [main, "--rounds", "0"]), { code: 2, stderr: /--rounds must be/ });
});
