import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);
const main = join(import.meta.dirname, "mongodb.ts");

test("bench of MongoDB --quick measures each command, and judges nothing", async () => {
  const { stdout } = await run(process.execPath, [main, "--quick"], { timeout: 60_000 });
  const spread = "[\\d.]+ – [\\d.]+ – [\\d.]+";
  for (const command of ["find", "findOne", "insertOne", "updateOne"]) {
    assert.match(stdout, new RegExp(`^\\| ${command} \\| ${spread} \\| ${spread} \\| ${spread} \\|$`, "m"));
  }
  assert.match(stdout, /^Not judged: the counts were tiny/m);
});

test("bench of MongoDB exits with 2 when an option makes no sense", async () => {
  await assert.rejects(run(process.execPath, [main, "--rounds", "0"]), { code: 2, stderr: /--rounds must be/ });
});
