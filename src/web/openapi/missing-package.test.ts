import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";

const repository = join(import.meta.dirname, "..", "..", "..");

/** A copy of the sources with none of the packages that are optional. */
function copySources(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "pottle-bare-"));
  context.after(() => rmSync(folder, { recursive: true }));
  cpSync(join(repository, "src"), join(folder, "src"), { recursive: true });
  cpSync(join(repository, "package.json"), join(folder, "package.json"));
  mkdirSync(join(folder, "node_modules"));
  for (const name of ["@fastify", "ws", "undici", "valibot"]) {
    symlinkSync(join(repository, "node_modules", name), join(folder, "node_modules", name), "dir");
  }
  return folder;
}

const program = `
const { Pottle } = await import("./src/web/index.ts");
const { addOpenapi, openapi } = await import("./src/web/openapi/index.ts");
const v = await import("valibot");
const app = new Pottle();
app.post("/", { body: v.object({}) }, () => "");
try {
  addOpenapi(app, { title: "x", version: "1" });
} catch (error) {
  console.log(error.name + ": " + error.message);
}
addOpenapi(app, { title: "x", version: "1", docs: false });
await openapi(app, { title: "x", version: "1", onWarning: (message) => console.log(message) });
`;

test("addOpenapi() and openapi() say which package is missing", async (context) => {
  const args = ["--input-type=module", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: copySources(context) });
  assert.deepEqual(stdout.trim().split("\n"), [
    "MissingSwaggerUIError: Cannot serve the documentation page as the package 'swagger-ui-dist' is not installed: run 'npm install swagger-ui-dist', or set the option 'docs' to false",
    "The schema of 'body' of POST / is not in the document: Cannot make JSON Schema of a schema of 'valibot' as it does not implement Standard JSON Schema: install '@valibot/to-json-schema'",
  ]);
});
