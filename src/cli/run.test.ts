import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { pottle, Program, type ProgramOptions, serve } from "../../examples/_program.ts";

const repository = join(import.meta.dirname, "..", "..");

/** Writes a program into a folder of its own, within the package so that it can import it by name; returns its path. */
function write(context: TestContext, code: string): string {
  mkdirSync(join(repository, ".pottle"), { recursive: true });
  const folder = mkdtempSync(join(repository, ".pottle", "run-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "app.ts");
  writeFileSync(file, code);
  return file;
}

const name = "pottle";
const views = `
import { Pottle } from "${name}";
import { sleep } from "${name}/asyncio";
const app = new Pottle(import.meta);
app.get("/", () => "hello");
app.get("/fails", () => { throw new Error("no such luck") });
app.get("/slow", async () => {
  console.log("begun");
  try { await sleep(600); return "slow"; } finally { await sleep(20); console.log("cleaned up"); }
});
app.get("/stubborn", async () => {
  console.log("begun");
  try { await sleep(60_000); } finally { console.log("cleaning"); await sleep(60_000); }
  return "";
});
app.get("/blocks", () => { const end = Date.now() + 300; while (Date.now() < end); return ""; });
app.onStop(() => console.log("stopped"));
`;
const app = `${views} export default app;`;

/** Runs the command to its end. */
async function runToEnd(
  context: TestContext,
  args: readonly string[],
  options?: ProgramOptions,
): Promise<{ code: number | string; output: string }> {
  const program = new Program(context, [pottle, ...args], options);
  const code = await program.ended;
  return { code, output: program.output };
}

test("pottle run serves the default export, and prints its address last and a line for each request", async (context) => {
  const [program, url] = await serve(context, write(context, app));
  assert.match(program.output, /^Serving .*app\.ts .* on http:\/\/127\.0\.0\.1:\d+\n$/);
  assert.equal(await (await fetch(url)).text(), "hello");
  await program.printed(/^127\.0\.0\.1:\d+ GET \/ 200 5 B \d+ ms served$/m);
  assert.equal((await fetch(`${url}/fails`)).status, 500);
  await program.printed(/^127\.0\.0\.1:\d+ GET \/fails 500 \d+ B \d+ ms failed: Error: no such luck$/m);
  await program.printed(/Error: no such luck\n {4}at .*app\.ts:6/);
});

test("pottle run serves an export by its name", async (context) => {
  const [, url] = await serve(context, `${write(context, `${views} export { app as api };`)}:api`);
  assert.equal(await (await fetch(url)).text(), "hello");
});

test("pottle run takes the address that it is given", async (context) => {
  const program = new Program(context, [pottle, "run", write(context, app), "--host", "127.0.0.2", "--port", "0"]);
  const [url] = await program.printed(/http:\/\/127\.0\.0\.2:\d+/);
  assert.equal((await fetch(url)).status, 200);
});

const unusable: Readonly<Record<string, readonly [code: string, suffix: string, message: RegExp]>> = {
  "exports something else": [
    "export default 5; export function start() {}",
    "",
    /its default export is not a Pottle application: it exports default \(number\), start \(function\)$/m,
  ],
  "exports nothing": ["console.log(1)", "", /its default export is missing: it exports nothing$/m],
  "exports its application by another name": [
    `${views} export { app };`,
    "",
    /its default export is missing: it exports app \(an application\); try '.*app\.ts:app'$/m,
  ],
  "has no such export": [
    app,
    ":api",
    /Cannot run '.*app\.ts:api' as its export 'api' is missing: it exports default \(an application\); try '.*app\.ts'$/m,
  ],
  throws: [
    "function boom() {\n  throw new RangeError('boom');\n}\nboom();",
    "",
    /Cannot run '.*' as importing it fails: RangeError: boom\n {4}at boom \(.*app\.ts:2:9\)\n/,
  ],
  "does not parse": ["const = 1;", "", /importing it fails: .*app\.ts:1\nconst = 1;/],
  "imports what is not there": ["import 'nowhere-to-be-found';", "", /Cannot find package 'nowhere-to-be-found'/],
};

for (const [what, [code, suffix, message]] of Object.entries(unusable)) {
  test(`pottle run says what is wrong with a file that ${what}, and exits with 1`, async (context) => {
    const ended = await runToEnd(context, ["run", write(context, code) + suffix, "--port", "0"]);
    assert.match(ended.output, message);
    assert.equal(ended.code, 1);
  });
}

test("pottle run says where it looked for a file that is missing, and exits with 1", async (context) => {
  const { code, output } = await runToEnd(context, ["run", "nowhere.ts"]);
  assert.equal(
    output,
    `Cannot run 'nowhere.ts' as there is no such file: looked for ${join(process.cwd(), "nowhere.ts")}\n`,
  );
  assert.equal(code, 1);
});

/** Takes a port for the time of the test: the one given, unless it is taken already, or any. */
async function takePort(context: TestContext, port = 0): Promise<number> {
  const server = createServer();
  const closed = once(server, "close");
  server.on("error", () => server.emit("close"));
  server.listen({ host: "127.0.0.1", port });
  await Promise.race([once(server, "listening"), closed]);
  context.after(() => server.close());
  return (server.address() as AddressInfo | null)?.port ?? port;
}

test("pottle run names the port that it was asked for when it is taken, and exits with 1", async (context) => {
  const port = await takePort(context);
  const { code, output } = await runToEnd(context, ["run", write(context, app), "--port", String(port)]);
  assert.match(
    output,
    new RegExp(`Cannot listen on 127\\.0\\.0\\.1 as the port is in use: current port is ${port}\n$`),
  );
  assert.equal(code, 1);
});

test("pottle run takes the next free port when 5000 is taken and was not asked for", async (context) => {
  await takePort(context, 5000);
  const program = new Program(context, [pottle, "run", write(context, app)]);
  const [, announced, served] = await program.printed(
    /^Port 5000 is in use: taking (\d+)\nServing .* on http:\/\/127\.0\.0\.1:(\d+)\n/,
  );
  assert.equal(announced, served);
  assert.ok(Number(served) > 5000);
});

test("pottle run ends with 0 after SIGTERM, when running requests have ended", async (context) => {
  const [program, url] = await serve(context, write(context, app));
  const answer = fetch(`${url}/slow`);
  await program.printed(/begun/);
  program.signal("SIGTERM");
  assert.equal(await (await answer).text(), "slow");
  assert.equal(await program.ended, 0);
  assert.match(program.output, /cleaned up\n.*GET \/slow 200 .* served\nstopped\n$/);
});

test("pottle run ends although the program has left something that nobody owns", async (context) => {
  const [program] = await serve(context, write(context, `${app} setInterval(() => {}, 1_000);`));
  program.signal("SIGTERM");
  assert.equal(await program.ended, 0);
});

test("pottle run ends with 130 after Ctrl+C, when running requests have cleaned up, also if it comes twice at once", async (context) => {
  const [program, url] = await serve(context, write(context, app));
  const answer = fetch(`${url}/slow`);
  await program.printed(/begun/);
  program.signal("SIGINT");
  await delay(10);
  program.signal("SIGINT");
  assert.equal((await answer).status, 503);
  assert.equal(await program.ended, 130);
  assert.match(program.output, /cleaned up\n.*GET \/slow 503 .* cancelled: .*\nstopped\n$/);
});

test("pottle run ends at once by a second Ctrl+C", async (context) => {
  const [program, url] = await serve(context, write(context, app));
  const answer = assert.rejects(fetch(`${url}/stubborn`));
  await program.printed(/begun/);
  program.signal("SIGINT");
  await program.printed(/cleaning/);
  await delay(200);
  const start = performance.now();
  program.signal("SIGINT");
  assert.equal(await program.ended, 130);
  assert.ok(performance.now() - start < 1_000);
  await answer;
});

test("pottle run can be interrupted while it imports, and names the import that it leaves", async (context) => {
  const file = write(context, "console.log('begun'); await new Promise(() => {});");
  const program = new Program(context, [pottle, "run", file]);
  await program.printed(/begun/);
  program.signal("SIGINT");
  assert.equal(await program.ended, 130);
  assert.match(program.output, /still pending at the end: the import of .*app\.ts/);
});

for (const [how, args, env] of [
  ["--debug", ["--debug"], {}],
  ["POTTLE_DEBUG=1", [], { POTTLE_DEBUG: "1" }],
] as const) {
  test(`pottle run reports what goes wrong with ${how}`, async (context) => {
    const program = new Program(context, [pottle, "run", write(context, app), "--port", "0", ...args], { env });
    const [url] = await program.printed(/http:\S+/);
    await fetch(`${url}/blocks`);
    await program.printed(/GET \/blocks took 3\d\d ms and blocked every other task/);
  });
}

const misuses: Readonly<Record<string, RegExp>> = {
  "": /^Usage: pottle <command>/,
  "--verbose": /^pottle: unknown option '--verbose'\nTry 'pottle --help'\.\n$/,
  serve: /^pottle: unknown command 'serve'\nTry 'pottle --help'\.\n$/,
  toString: /^pottle: unknown command 'toString'/,
  run: /^pottle run: the FILE to run is missing\nTry 'pottle run --help'\.\n$/,
  "run a.ts b.ts": /^pottle run: there is one FILE to run, not also 'b\.ts'\n/,
  "run a.ts --prot 1": /^pottle run: unknown option '--prot'\n/,
  "run a.ts --port": /^pottle run: option '--port <value>' argument missing\n/,
  "run a.ts --port=x":
    /^pottle run: the value of '--port' must be a whole number from 0 to 65535: current value is 'x'\n/,
  "run a.ts --port=65536": /current value is '65536'/,
  "run a.ts --host=": /^pottle run: the value of '--host' is empty\n/,
  "repl a.ts": /^pottle repl: there is nothing to name after it: current value is 'a\.ts'\n/,
};

for (const [line, message] of Object.entries(misuses)) {
  test(`pottle exits with 2 and says why for: pottle ${line}`, async (context) => {
    const { code, output } = await runToEnd(
      context,
      line.split(" ").filter((word) => word !== ""),
    );
    assert.match(output, message);
    assert.equal(code, 2);
  });
}

for (const [line, text] of [
  ["--help", /^Usage: pottle <command>/],
  ["-h", /^Usage: pottle <command>/],
  ["run --help", /^Usage: pottle run FILE/],
  ["repl -h", /^Usage: pottle repl/],
  ["--version", /^\d+\.\d+\.\d+\n$/],
  ["-V", /^\d+\.\d+\.\d+\n$/],
] as const) {
  test(`pottle answers ${line}`, async (context) => {
    const { code, output } = await runToEnd(context, line.split(" "));
    assert.match(output, text);
    assert.equal(code, 0);
  });
}
