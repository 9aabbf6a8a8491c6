import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { AccessLog } from "./access-log.ts";
import { ErrorLog } from "./error-log.ts";

test("logs listen to SIGUSR2 by one listener as long as one of them writes to a file", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "pottle-log-"));
  context.after(() => rmSync(folder, { recursive: true }));
  // The test runner may have one of its own.
  const others = process.listenerCount("SIGUSR2");
  const counts: number[] = [];
  const note = (): void => void counts.push(process.listenerCount("SIGUSR2") - others);
  const toFunction = new AccessLog({ to: () => undefined });
  note();
  const accessLog = new AccessLog({ to: join(folder, "access.log") });
  const errorLog = new ErrorLog({ to: join(folder, "error.log") });
  note();
  await accessLog.close();
  note();
  await errorLog.close();
  await toFunction.close();
  note();
  assert.deepEqual(counts, [0, 1, 1, 0]);
});
