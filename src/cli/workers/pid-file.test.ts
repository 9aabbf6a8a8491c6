import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { PidFile, PidFileError } from "./pid-file.ts";

function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "pottle-pid-"));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("PidFile holds the process id until it is disposed, and replaces what an earlier process left", (context) => {
  const path = join(temporaryFolder(context), "app.pid");
  writeFileSync(path, "1\n");
  const listeners = process.listenerCount("exit");
  {
    using file = new PidFile(path);
    assert.ok(file);
    assert.equal(readFileSync(path, "utf8"), `${process.pid}\n`);
  }
  assert.ok(!existsSync(path));
  assert.equal(process.listenerCount("exit"), listeners);
});

test("PidFile leaves a file that another process has taken over, and does not mind one that is gone", (context) => {
  const path = join(temporaryFolder(context), "app.pid");
  new PidFile(path)[Symbol.dispose]();
  const file = new PidFile(path);
  writeFileSync(path, "1\n");
  file[Symbol.dispose]();
  assert.equal(readFileSync(path, "utf8"), "1\n");
  const gone = new PidFile(path);
  rmSync(path);
  gone[Symbol.dispose]();
});

test("PidFile says why it cannot be written", (context) => {
  const folder = temporaryFolder(context);
  for (const [path, reason] of [
    [join(folder, "none", "app.pid"), "its folder does not exist"],
    [folder, "it is a folder"],
  ] as const) {
    assert.throws(() => new PidFile(path), {
      name: "PidFileError",
      message: `Cannot write the process id to '${path}' as ${reason}`,
    });
  }
  assert.ok(new PidFileError("app.pid", new Error("no space")).message.endsWith("the system refuses it (no space)"));
});
