import assert from "node:assert/strict";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { fixture } from "./_fixture.ts";
import { runProcess, startProcess } from "./_process.ts";
import { root } from "./_repository.ts";

const OLD_SYNTAX = ["bin/pottle.cjs", "bin/ensure-node.cjs", "tools/with-node.cjs"];

/** A stand-in for a newer Node: it tells what it was asked to run, then does what the test needs. */
function newerNode(folder: string, script: string): void {
  const program = join(folder, "node_modules", "node", "bin", "node");
  mkdirSync(dirname(program), { recursive: true });
  writeFileSync(join(folder, "node_modules", "node", "package.json"), '{ "version": "99.1.0" }');
  writeFileSync(program, `#!/bin/sh\necho "asked for $*"\n${script}\n`);
  chmodSync(program, 0o755);
}

/** The package with its launcher, needing a Node that is newer than every one there is. */
function packageNeeding(context: TestContext, engine: string): string {
  const folder = fixture(context, { "package.json": JSON.stringify({ engines: { node: engine } }) });
  for (const file of [...OLD_SYNTAX, "bin/load.cjs"]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    copyFileSync(join(root, file), join(folder, file));
  }
  return folder;
}

for (const file of OLD_SYNTAX) {
  test(`${file} parses on any Node: it has nothing that is younger than ES5`, () => {
    const code = readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*|"[^"]*"|'[^']*'/g, '""');
    assert.doesNotMatch(code, /=>|`|\b(?:const|let|class|async|await|import|of)\b|\.\.\.|\*\*|\?\.|\?\?|,\s*\)/);
  });
}

test("pottle names the Node that it needs and the one that runs, in two lines, and exits with 1", async (context) => {
  const folder = packageNeeding(context, ">=99");
  const { code, output } = await runProcess(process.execPath, ["bin/pottle.cjs", "run"], { cwd: folder });
  assert.equal(code, 1);
  assert.deepEqual(output.split("\n"), [
    `Pottle needs Node.js 99 or newer: this is Node.js ${process.versions.node} (${process.execPath}).`,
    'Install one from https://nodejs.org, or put one beside your project: run "npm install --save-dev node".',
    "",
  ]);
});

test("pottle says what to do when the package node lies there without its program", async (context) => {
  const folder = packageNeeding(context, ">=99");
  mkdirSync(join(folder, "node_modules", "node"), { recursive: true });
  writeFileSync(join(folder, "node_modules", "node", "package.json"), '{ "version": "99.0.0" }');
  const { code, output } = await runProcess(process.execPath, ["bin/pottle.cjs"], { cwd: folder });
  assert.equal(code, 1);
  assert.match(output, /install scripts are off: run "npm rebuild node --ignore-scripts=false" there\.\n$/);
});

test("pottle runs again on the package node that lies beside the project, and ends as that one did", async (context) => {
  const folder = packageNeeding(context, ">=99");
  newerNode(folder, "exit 7");
  const { code, output } = await runProcess(process.execPath, ["bin/pottle.cjs", "run", "app.ts"], { cwd: folder });
  assert.equal(code, 7);
  assert.equal(output, `asked for ${join(folder, "bin", "pottle.cjs")} run app.ts\n`);
});

test("pottle ends by the signal that ended the Node it runs on", async (context) => {
  const folder = packageNeeding(context, ">=99");
  newerNode(folder, "kill -KILL $$");
  const { code } = await runProcess(process.execPath, ["bin/pottle.cjs"], { cwd: folder });
  assert.equal(code, null);
});

test("pottle passes over a package node that is too old itself", async (context) => {
  const folder = packageNeeding(context, ">=100");
  newerNode(folder, "exit 7");
  const { code, output } = await runProcess(process.execPath, ["bin/pottle.cjs"], { cwd: folder });
  assert.equal(code, 1);
  assert.match(output, /^Pottle needs Node\.js 100 or newer/);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`pottle hands a ${signal} on to the Node that it runs on`, async (context) => {
    const folder = packageNeeding(context, ">=99");
    const name = signal.slice(3);
    // A shell that has just been told of a signal would not look at it while it waits for a pipe.
    newerNode(folder, `trap 'echo got ${name}; exit 5' ${name}\necho ready\nwhile :; do sleep 0.05; done`);
    const launcher = startProcess(process.execPath, ["bin/pottle.cjs"], { cwd: folder, limit: 10_000 });
    context.after(() => launcher.kill());
    await launcher.printed(/ready/);
    launcher.signal(signal);
    const { code, output } = await launcher.ended;
    assert.equal(code, 5);
    assert.match(output, new RegExp(`got ${name}`));
  });
}

test("pottle says so when it has not been built", async (context) => {
  const folder = packageNeeding(context, ">=24");
  const { code, output } = await runProcess(process.execPath, ["bin/pottle.cjs"], { cwd: folder });
  assert.equal(code, 1);
  assert.match(output, /Cannot start pottle as it has not been built: run "npm run build" in /);
});

test("with-node.cjs runs a tool with its arguments", async (context) => {
  const folder = packageNeeding(context, ">=24");
  writeFileSync(join(folder, "tool.ts"), "console.log(process.argv.slice(1) satisfies string[]);");
  const { output } = await runProcess(process.execPath, ["tools/with-node.cjs", "tool.ts", "--a"], { cwd: folder });
  assert.equal(output, `[ '${join(folder, "tool.ts")}', '--a' ]\n`);
});
