import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { pottle, Program } from "../../examples/_program.ts";

/** The end of what a session prints: standard output and error each by themselves, as their order is not theirs. */
interface Ending {
  readonly code: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

function start(context: TestContext, env: Readonly<Record<string, string>> = {}): Program {
  return new Program(context, [pottle, "repl"], { env: { POTTLE_STARTUP: "", ...env } });
}

/** Pipes lines into a session and waits for its end. */
async function converse(
  context: TestContext,
  input: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ending> {
  const program = start(context, env);
  program.typeLast(input);
  const code = await program.ended;
  return { code, stdout: program.stdout, stderr: program.stderr };
}

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "pottle-repl-"));
  context.after(() => rmSync(path, { recursive: true }));
  return path;
}

test("pottle repl ends with 0 after exit() (test_repl test_asyncio_repl_is_ok)", async (context) => {
  const { code, stdout, stderr } = await converse(context, "await asyncio.sleep(0)\nexit()\nconsole.log('after')\n");
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
});

test("pottle repl runs the startup file first (test_repl test_asyncio_repl_reaches_python_startup_script)", async (context) => {
  const file = join(folder(context), "startup.ts");
  writeFileSync(file, "console.log('from startup');\nconst answer: number = await sleep(1, 42);\nanswer;\n");
  const { code, stdout, stderr } = await converse(context, "answer\n", { POTTLE_STARTUP: file });
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "from startup\n42\n", stderr: "" });
});

test("pottle repl goes on when the startup file fails, or is missing", async (context) => {
  const place = folder(context);
  const file = join(place, "startup.ts");
  writeFileSync(file, "null.x");
  const failed = await converse(context, "1\n", { POTTLE_STARTUP: file });
  assert.equal(failed.stdout, "1\n");
  assert.match(
    failed.stderr,
    /^The startup file .*startup\.ts fails:\nUncaught TypeError: .*\n {4}at .*startup\.ts:1:\d+\n$/,
  );
  const missing = await converse(context, "1\n", { POTTLE_STARTUP: join(place, "none.ts") });
  assert.equal(missing.stdout, "1\n");
  assert.match(missing.stderr, /^Cannot run the startup file .*none\.ts: ENOENT/);
});

test("pottle repl shows the error of an import without frames of Node, and whole", async (context) => {
  const { stderr } = await converse(context, 'await import("nowhere-to-be-found")\n');
  assert.match(
    stderr,
    /^Uncaught Error \[ERR_MODULE_NOT_FOUND\]: Cannot find package 'nowhere-to-be-found' imported from .*\/ \{\n {2}code: 'ERR_MODULE_NOT_FOUND'\n\}\n$/,
  );
});

test("pottle repl keeps a context variable set on a line (test_repl test_toplevel_contextvars_sync)", async (context) => {
  const { stdout } = await converse(
    context,
    'const v = new ContextVar("v", "none")\nv.set("hi"); undefined\nv.get()\n',
  );
  assert.equal(stdout, "'hi'\n");
});

test("pottle repl keeps a context variable set in an awaited function (test_repl test_toplevel_contextvars_async)", async (context) => {
  const input = `const v = new ContextVar("v", "none")
async function set(value: string) { await sleep(1); v.set(value) }
await set("ha")
v.get()
await createTask(() => set("lost"))
v.get()
`;
  assert.equal((await converse(context, input)).stdout, "'ha'\n'ha'\n");
});

test("pottle repl stops a line at its first error, and goes on with the next (test_repl test_multiple_statements_fail_early)", async (context) => {
  const { code, stdout, stderr } = await converse(context, "null.x; console.log('after')\n'next'\n");
  assert.equal(stdout, "'next'\n");
  assert.equal(stderr, "Uncaught TypeError: Cannot read properties of null (reading 'x')\n    at <line 1>:1:6\n");
  assert.equal(code, 0);
});

const asyncio = "pottle/asyncio";
const conversations: Readonly<Record<string, readonly [input: string, stdout: string, stderr: RegExp]>> = {
  "leaves the platform's globals to others": [
    "Event === globalThis.Event\nconst process = 1; globalThis.process.version.length > 1",
    "false\ntrue\n",
    /^$/,
  ],
  "imports the Pottle that it runs on": [
    `import { gather as g } from "${asyncio}"; g === gather\n(await import("${asyncio}")).gather === g`,
    "true\ntrue\n",
    /^$/,
  ],
  "imports from where it runs": [
    'import manifest from "./package.json" with { type: "json" }; manifest.name',
    "'pottle'\n",
    /^$/,
  ],
  "goes on over several lines": ["function f(\n  x: number,\n) {\n\n  return `${x}\n!`\n}\nf(\n1)", "'1\\n!'\n", /^$/],
  "ends tasks that are left": [
    "createTask(async () => { try { await sleep(60_000) } finally { console.log('cleaned up') } }); await sleep(1)",
    "cleaned up\n",
    /^$/,
  ],
  "ends by .exit": [".exit\n1", "", /^$/],
  "shows an input that ends too early": ["f(1,", "", /^Uncaught SyntaxError: Unexpected end of input\n$/],
  "shows a promise that fails and nobody awaits": [
    "void Promise.reject(new Error('lost')); await sleep(1)\n2",
    "2\n",
    /^Uncaught Error: lost\n {4}at <line 1>:1:\d+\n$/,
  ],
  "shows a timer that fails": ["void setTimeout(() => null.x); await sleep(5)\n2", "2\n", /^Uncaught TypeError: /],
  "shows a task that fails and nobody awaits": [
    "void createTask(() => null.x)\n2",
    "2\n",
    /Task Task-\d+ failed and nobody awaited it: TypeError/,
  ],
  "does not run within a session": [
    "await run(async () => 1)\n2",
    "2\n",
    /^Uncaught InvalidStateError: Cannot run a program as one is running/,
  ],
};

for (const [what, [input, stdout, stderr]] of Object.entries(conversations)) {
  test(`pottle repl ${what}`, async (context) => {
    const ending = await converse(context, `${input}\n`);
    assert.match(ending.stderr, stderr);
    assert.equal(ending.stdout, stdout);
    assert.equal(ending.code, 0);
  });
}

test("pottle repl ends with the code that exit() is given", async (context) => {
  assert.equal((await converse(context, "exit(3)\n")).code, 3);
});

const interruptible: Readonly<Record<string, string>> = {
  "a sleep": "await sleep(1); console.log('begun'); await sleep(60_000)",
  "a promise that is not ours": "await sleep(1); console.log('begun'); await new Promise(() => {})",
  "code that never awaits": "console.log('begun'); for (;;);",
  "code that prints and never awaits": "for (;;) console.log('begun')",
  "a for await over a stream that is not ours":
    'import { on, EventEmitter } from "node:events"; await sleep(1); console.log("begun"); for await (const x of on(new EventEmitter(), "x")) x',
  "a gather":
    "await sleep(1); console.log('begun'); await gather(() => sleep(60_000), () => new Promise(() => {}), () => sleep(60_000)).catch((error) => { throw error })",
};

for (const [what, line] of Object.entries(interruptible)) {
  test(`pottle repl cancels a line by Ctrl+C and keeps the session: ${what}`, async (context) => {
    const program = start(context);
    program.type(`const kept = 1\n${line}\n`);
    await program.printed(/begun\n/);
    program.signal("SIGINT");
    await program.printed(/KeyboardInterrupt\n/);
    program.typeLast("kept\n");
    assert.equal(await program.ended, 0);
    assert.match(program.stdout, /\n1\n$/);
  });
}

test("pottle repl waits for a cancelled line to clean up, and leaves it at the second Ctrl+C", async (context) => {
  const program = start(context);
  program.type(`async function f() {
  try { await sleep(1); console.log("begun"); await sleep(60_000) }
  finally { await sleep(50); console.log("cleaned up"); await new Promise(() => {}) }
}
await f(); console.log("never")
`);
  await program.printed(/begun\n/);
  program.signal("SIGINT");
  await program.printed(/cleaned up\n/);
  assert.doesNotMatch(program.output, /KeyboardInterrupt/);
  program.signal("SIGINT");
  await program.printed(/KeyboardInterrupt\n/);
  program.typeLast("");
  assert.equal(await program.ended, 0);
  assert.doesNotMatch(program.output, /never/);
});

test("pottle repl runs the finally of the line itself, when a promise that is not ours is interrupted", async (context) => {
  const program = start(context);
  program.type(
    `try { await sleep(1); console.log("begun"); await new Promise(() => {}) } finally { console.log("cleaned up") }\n`,
  );
  await program.printed(/begun\n/);
  program.signal("SIGINT");
  await program.printed(/KeyboardInterrupt\n/);
  assert.match(program.stdout, /cleaned up\n$/);
});

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  test(`pottle repl that reads from a pipe ends by ${signal} with ${code} when no line runs, and its tasks clean up`, async (context) => {
    const program = start(context);
    program.type(
      'const t = createTask(async () => { try { await sleep(60_000) } finally { await sleep(1); console.log("over") } }); await sleep(1)\n"up"\n',
    );
    await program.printed(/'up'\n/);
    program.signal(signal);
    assert.equal(await program.ended, code);
    assert.match(program.stdout, /over\n$/);
  });
}

test("pottle repl ends by SIGTERM with 143 while a line runs, and the line cleans up", async (context) => {
  const program = start(context);
  program.type("try { await sleep(1); console.log('begun'); await sleep(60_000) } finally { console.log('over') }\n");
  await program.printed(/begun\n/);
  program.signal("SIGTERM");
  assert.equal(await program.ended, 143);
  assert.equal(program.output, "begun\nover\n");
});

// `script` of util-linux gives a program a terminal.
const hasTerminals = spawnSync("script", ["--version"]).stdout?.includes("util-linux") ?? false;

function startAtTerminal(context: TestContext, env: Readonly<Record<string, string>>): Program {
  const command = `exec '${process.execPath}' '${pottle}' repl`;
  return new Program(context, ["-qec", command, "/dev/null"], {
    command: "script",
    env: { POTTLE_STARTUP: "", TERM: "xterm", SHELL: "/bin/sh", ...env },
  });
}

test(
  "pottle repl at a terminal: Ctrl+C, history, completion, several lines, Ctrl+D",
  { skip: hasTerminals ? false : "no script of util-linux" },
  async (context) => {
    const history = join(folder(context), "history");
    const program = startAtTerminal(context, { POTTLE_REPL_HISTORY: history });
    let seen = 0;
    const say = async (typed: string, answer: RegExp): Promise<void> => {
      program.type(typed);
      const match = await program.printed(answer, seen);
      seen += match.index + match[0].length;
    };
    await say("", /await directly[^]*>>> /);
    await say("await sleep(1); console.log('begun'); await sleep(10_000\r", /\.\.\. /);
    await say(", 'never')\r", /begun\r\n/);
    program.type("\x03");
    await say("", /KeyboardInterrupt\r\n[^]*>>> /);
    await say("half a li\x03", /\^C\r\n[^]*>>> /);
    await say("asyncio.slee", /asyncio\.slee/);
    await say("\t", /p/);
    await say("(1, 'tabbed')\r", /Promise/);
    await say("await _\r", /'tabbed'/);
    await say("\x1b[A\r", /'tabbed'/);
    await say("void setTimeout(() => { throw new Error('late') }, 1)\r", /Uncaught Error: late[^]*>>> /);
    await say("\x04", /\r\n/);
    assert.equal(await program.ended, 0);
    const lines = readFileSync(history, "utf8").split("\n");
    assert.deepEqual(lines.slice(0, 4), [
      "await sleep(1); console.log('begun'); await sleep(10_000",
      ", 'never')",
      "asyncio.sleep(1, 'tabbed')",
      "await _",
    ]);

    const next = startAtTerminal(context, { POTTLE_REPL_HISTORY: history });
    await next.printed(/>>> /);
    next.type("\x1b[A\x1b[A\r");
    await next.printed(/await _/);
    next.type("exit(4)\r");
    assert.equal(await next.ended, 4);
  },
);

test("pottle repl keeps no history of what comes from a pipe", async (context) => {
  const history = join(folder(context), "history");
  await converse(context, "1\n", { POTTLE_REPL_HISTORY: history });
  assert.equal(existsSync(history), false);
});
