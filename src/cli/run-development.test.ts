import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { pottle, Program } from "../../examples/_program.ts";

const repository = join(import.meta.dirname, "..", "..");
const name = "pottle";

/** The page of an error, by an application that is run with `args`. */
async function pageOf(context: TestContext, args: readonly string[], nodeEnv: string): Promise<string> {
  mkdirSync(join(repository, ".pottle"), { recursive: true });
  const folder = mkdtempSync(join(repository, ".pottle", "development-"));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(
    join(folder, "app.ts"),
    `import { Pottle } from "${name}";
const app = new Pottle(import.meta);
app.get("/", () => { throw new Error("no such luck") });
export default app;
if (import.meta.main) await app.run({ port: 0 });
`,
  );
  const program = new Program(context, args, { cwd: folder, env: { NODE_ENV: nodeEnv } });
  const [url] = await program.printed(/http:\/\/[\w.:]+/);
  return await (await fetch(url)).text();
}

for (const [what, args] of [
  ["pottle run", [pottle, "run", "app.ts", "--port", "0"]],
  ["app.run()", ["app.ts"]],
] as const) {
  test(`${what} shows an error with its source in development`, async (context) => {
    const page = await pageOf(context, args, "");
    assert.match(page, /<h1>Error: no such luck<\/h1>/);
    assert.match(page, /<span class="here"> +3 {2}app\.get/);
  });

  test(`${what} shows nothing of it in production`, async (context) => {
    const page = await pageOf(context, args, "production");
    assert.match(page, /Something went wrong on the server/);
    assert.doesNotMatch(page, /no such luck/);
  });
}
