import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { pottle, Program } from "../../examples/_program.ts";

const repository = join(import.meta.dirname, "..", "..");
const name = "pottle";
const described = `
import { Pottle } from "${name}";
import { addOpenapi } from "${name}/openapi";
import { z } from "zod";
const app = new Pottle(import.meta);
app.get("/todos/<int:id>", { query: z.object({ page: z.coerce.number() }) }, ({ id }) => ({ id }));
addOpenapi(app, { title: "Todos", version: "1.2.3", docs: false });
export default app;
export const plain = new Pottle(import.meta);
plain.get("/", () => "");
`;

interface Document {
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: object;
}

/** Writes the application into a folder within the package, so that it can import it by name; returns the folder. */
function write(context: TestContext): string {
  mkdirSync(join(repository, ".pottle"), { recursive: true });
  const folder = mkdtempSync(join(repository, ".pottle", "openapi-"));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "app.ts"), described);
  return folder;
}

async function run(context: TestContext, ...args: string[]): Promise<{ code: number | string; output: string }> {
  const program = new Program(context, [pottle, "openapi", ...args]);
  const code = await program.ended;
  return { code, output: program.output };
}

test("pottle openapi prints the document of addOpenapi(), or of an application without it", async (context) => {
  const file = join(write(context), "app.ts");
  const first = await run(context, file);
  assert.equal(first.code, 0, first.output);
  const document = JSON.parse(first.output) as Document;
  assert.deepEqual(document.info, { title: "Todos", version: "1.2.3" });
  assert.deepEqual(Object.keys(document.paths), ["/todos/{id}"]);
  const second = await run(context, `${file}:plain`, "--title", "Plain", "--api-version", "2");
  assert.deepEqual((JSON.parse(second.output) as Document).info, { title: "Plain", version: "2" });
});

test("pottle openapi --output says in one line that it cannot write", async (context) => {
  const folder = write(context);
  const output = join(folder, "none", "openapi.json");
  const { code, output: said } = await run(context, join(folder, "app.ts"), "--output", output);
  assert.deepEqual([code, said], [1, `pottle openapi: cannot write '${output}' (ENOENT)\n`]);
});

test("pottle openapi --output writes a file", async (context) => {
  const folder = write(context);
  const output = join(folder, "openapi.json");
  assert.deepEqual(await run(context, join(folder, "app.ts"), "--output", output), { code: 0, output: "" });
  assert.equal((JSON.parse(readFileSync(output, "utf8")) as Document).info.title, "Todos");
});

test("pottle openapi refuses a command line without a file, and a file without an application", async (context) => {
  assert.deepEqual(await run(context), {
    code: 2,
    output:
      "pottle openapi: the file of the application is missing: 'pottle openapi app.ts'\nTry 'pottle openapi --help'.\n",
  });
  assert.equal((await run(context, "a.ts", "b.ts")).code, 2);
  const missing = await run(context, "missing.ts");
  assert.equal(missing.code, 1);
  assert.match(missing.output, /^Cannot run 'missing\.ts' as /);
  assert.match((await run(context, "--help")).output, /^Usage: pottle openapi FILE/);
});
