import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { pottle, Program } from "../../examples/_program.ts";

const repository = join(import.meta.dirname, "..", "..");
// `script` of util-linux gives a program a terminal.
const hasTerminals = spawnSync("script", ["--version"]).stdout?.includes("util-linux") ?? false;
const skip = hasTerminals ? false : "no script of util-linux";

/** Runs `pottle run` with a program at a terminal, and waits until it serves. */
async function serveAtTerminal(context: TestContext, code: string): Promise<Program> {
  mkdirSync(join(repository, ".pottle"), { recursive: true });
  const folder = mkdtempSync(join(repository, ".pottle", "keys-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "app.ts");
  const name = "pottle";
  writeFileSync(
    file,
    `import { Pottle } from "${name}"; import { createTask, Lock, sleep } from "${name}/asyncio";
const app = new Pottle(import.meta);\n${code}\nexport default app;`,
  );
  const command = `exec '${process.execPath}' '${pottle}' run '${file}' --port 0`;
  const program = new Program(context, ["-qec", command, "/dev/null"], {
    command: "script",
    env: { TERM: "xterm", SHELL: "/bin/sh" },
  });
  await program.printed(/http:\/\/[\d.:]+/);
  return program;
}

test(
  "t at the terminal of a server prints the tree of tasks, and Ctrl+C ends it as ever",
  { skip },
  async (context) => {
    const program = await serveAtTerminal(
      context,
      `app.onStart(() => {
      const lock = new Lock({ name: "ledger" });
      for (const name of ["keeper", "seeker"]) createTask(() => lock.with(() => sleep(60_000)), { name });
    });`,
    );
    assert.match(program.output, /t for the tree of tasks/);
    program.type("t");
    await program.printed(/seeker \(\d+\): Lock ledger, [\d.]+ m?s, held by keeper \(\d+\)/);
    program.type("\r");
    program.type("\x03");
    assert.equal(await program.ended, 130);
  },
);

test("t is given up, in one line, when the program reads the terminal itself", { skip }, async (context) => {
  const program = await serveAtTerminal(
    context,
    `app.onStart(() => { setTimeout(() => process.stdin.on("data", (text) => console.log("got", String(text).trim())), 100); });`,
  );
  await program.printed(/The program reads the terminal itself, so the key 't' does not print/);
  const seen = program.output.length;
  // The terminal is as it was: what is typed is the program's, line by line.
  program.type("t\r");
  await program.printed(/got t/, seen);
  assert.doesNotMatch(program.output.slice(seen), /process/);
  program.type("\x03");
  assert.equal(await program.ended, 130);
});

test("t is not offered to a program that has begun to read the terminal", { skip }, async (context) => {
  const program = await serveAtTerminal(context, `process.stdin.on("data", () => {});`);
  await program.printed(/The program reads the terminal itself/);
  assert.doesNotMatch(program.output, /t for the tree of tasks/);
  program.type("\x03");
  assert.equal(await program.ended, 130);
});
