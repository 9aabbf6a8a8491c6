import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { pottle, Program } from "../../../examples/_program.ts";

const repository = join(import.meta.dirname, "..", "..", "..");

function emptyFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "pottle-new-"));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function runNew(context: TestContext, cwd: string, args: readonly string[]): Promise<[number | string, string]> {
  const program = new Program(context, [pottle, "new", ...args], { cwd });
  const code = await program.ended;
  return [code, program.output];
}

test("pottle new makes an application that serves, and whose test, types and lint rules pass", async (context) => {
  const parent = emptyFolder(context);
  const [code, output] = await runNew(context, parent, ["shop"]);
  assert.equal(code, 0, output);
  assert.match(output, /cd shop\n {2}npm install\n {2}npm start/);
  const home = join(parent, "shop");
  mkdirSync(join(home, "node_modules"));
  symlinkSync(repository, join(home, "node_modules", "pottle"));
  symlinkSync(join(repository, "node_modules", "@types"), join(home, "node_modules", "@types"));
  const runTool = async (args: readonly string[]): Promise<void> => {
    const program = new Program(context, args, { cwd: home });
    assert.equal(await program.ended, 0, `${args.join(" ")}: ${program.output}`);
  };
  const tool = (name: string): string => join(repository, "node_modules", name);
  await runTool(["--test"]);
  await runTool([tool("typescript/bin/tsc")]);
  await runTool([tool("oxlint/bin/oxlint"), "--deny-warnings"]);
  const server = new Program(context, [pottle, "run", "app.ts", "--port", "0"], { cwd: home });
  const [url] = await server.printed(/http:\S+/);
  assert.match(await (await fetch(url)).text(), /<h1>Hello from shop<\/h1>/);
  await server.stop();
});

test("pottle new writes the versions that Pottle is developed with, and the place of Pottle that it is told", async (context) => {
  const parent = emptyFolder(context);
  await runNew(context, parent, ["shop", "--pottle", "file:../pottle.tgz"]);
  const read = (file: string): Record<string, Record<string, string>> =>
    JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, string>>;
  const { dependencies, devDependencies } = read(join(parent, "shop", "package.json"));
  assert.deepEqual(dependencies, { pottle: "file:../pottle.tgz" });
  const own = read(join(repository, "package.json"))["devDependencies"] ?? {};
  for (const [name, version] of Object.entries(devDependencies ?? {})) assert.equal(version, own[name]);
  const dockerfile = readFileSync(join(parent, "shop", "Dockerfile"), "utf8");
  assert.match(dockerfile, new RegExp(`^FROM node:${own["node"]?.split(".")[0]}-slim\n`));
  assert.match(
    dockerfile,
    /USER node\n[^]*CMD \["node_modules\/\.bin\/pottle", "run", "app\.ts", "--host", "0\.0\.0\.0"/,
  );
});

test("pottle new refuses a folder that is there, and leaves it as it was", async (context) => {
  const parent = emptyFolder(context);
  mkdirSync(join(parent, "shop"));
  const [code, output] = await runNew(context, parent, ["shop"]);
  assert.equal(code, 1);
  assert.match(output, /^Cannot make 'shop' as there is a file or a folder of that name/);
  assert.deepEqual(readdirSync(join(parent, "shop")), []);
});

for (const name of [
  "../shop",
  "Shop",
  "a b",
  "",
  ".hidden",
  "/tmp/x",
  "node_modules",
  "pottle",
  "x".repeat(300),
  "a\nb",
]) {
  test(`pottle new refuses the name ${JSON.stringify(name.slice(0, 20))}`, async (context) => {
    const parent = emptyFolder(context);
    const [code, output] = await runNew(context, parent, [name]);
    assert.equal(code, 2, output);
    assert.match(output, /^pottle new: /);
    assert.deepEqual(readdirSync(parent), []);
    assert(!existsSync(join(parent, "..", "shop")));
  });
}

test("pottle new needs one name", async (context) => {
  const parent = emptyFolder(context);
  assert.match((await runNew(context, parent, []))[1], /the name of the application is missing/);
  assert.match((await runNew(context, parent, ["a", "b"]))[1], /there is one name, not also 'b'/);
});
