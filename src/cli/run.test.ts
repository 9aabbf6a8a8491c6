import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { dirname, join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { pottle, Program, type ProgramOptions, serve } from "../../examples/_program.ts";

const repository = join(import.meta.dirname, "..", "..");

/** Writes files into a folder of their own, within the package so that they can import it by name; returns its path. */
function writeFiles(context: TestContext, files: Readonly<Record<string, string>>): string {
  mkdirSync(join(repository, ".pottle"), { recursive: true });
  const folder = mkdtempSync(join(repository, ".pottle", "run-"));
  context.after(() => rmSync(folder, { recursive: true }));
  for (const [name, code] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), code);
  }
  return folder;
}

/** Writes a program into a folder of its own; returns its path. */
function write(context: TestContext, code: string): string {
  return join(writeFiles(context, { "app.ts": code }), "app.ts");
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

test("pottle run takes options from a TOML file, from variables and from flags, and tells a variable that is misspelled", async (context) => {
  const toml = 'host = "127.0.0.2"\nport = 1\nheaders_timeout = "200ms"';
  const folder = writeFiles(context, { "app.ts": app, "pottle.toml": toml });
  const env = { POTTLE_PORT: "2", POTTLE_PROT: "3" };
  const program = new Program(context, [pottle, "run", "app.ts", "--port", "0"], { cwd: folder, env });
  const [, port] = await program.printed(/http:\/\/127\.0\.0\.2:(\d+)/);
  assert.equal(
    program.stderr,
    "pottle run: the environment variable POTTLE_PROT is ignored: did you mean POTTLE_PORT?\n",
  );
  const socket = connect(Number(port), "127.0.0.2");
  socket.write("GET / HTTP/1.1\r\n");
  assert.match(await textOf(socket), /^HTTP\/1\.1 408 /);
});

test("pottle run --trusted-proxies believes what these proxies say of their clients, as the access log shows", async (context) => {
  const code = `${views}
app.get("/who", (_, request) => {
  const { peer, headers } = request;
  return \`\${peer.address} \${headers.get("host")} \${app.urlFor("/who")}\`;
});
export default app;`;
  const folder = writeFiles(context, { "app.ts": code, "pottle.toml": "proxy_hops = 2" });
  const args = [pottle, "run", "app.ts", "--port", "0", "--trusted-proxies", "10.0.0.0/8,127.0.0.1"];
  const program = new Program(context, args, { cwd: folder });
  const [url] = await program.printed(/http:\/\/[\w.:]+/);
  const headers = { "X-Forwarded-For": "6.6.6.6, 203.0.113.9, 10.1.1.1", "X-Forwarded-Host": "example.com" };
  const answer = await fetch(`${url}/who`, { headers: { ...headers, "X-Forwarded-Prefix": "/app" } });
  assert.equal(await answer.text(), "203.0.113.9 example.com /app/who");
  await program.printed(/^203\.0\.113\.9 GET \/who 200 /m);
});

test("pottle run refuses proxies that are not addresses, and hops without proxies", async (context) => {
  const file = write(context, app);
  const notAddress = await runToEnd(context, ["run", file, "--port", "0", "--trusted-proxies", "localhost"]);
  assert.match(notAddress.output, /'trustedProxies' must have addresses, .* or 'unix': current value is "localhost"/);
  assert.equal(notAddress.code, 1);
  const hopsOnly = await runToEnd(context, ["run", file, "--port", "0", "--proxy-hops", "2"]);
  assert.match(hopsOnly.output, /'proxyHops' needs 'trustedProxies', which is not set: current value is 2/);
  assert.equal(hopsOnly.code, 1);
});

test("pottle run --print-config prints what is in force, and runs nothing", async (context) => {
  const folder = writeFiles(context, { "app.ts": "console.log('run')", "pottle.toml": "port = 81" });
  const env = { POTTLE_DRAIN_TIMEOUT: "1500ms" };
  const { code, output } = await runToEnd(context, ["run", "app.ts", "--print-config"], { cwd: folder, env });
  assert.match(output, /^# app\.ts runs with these settings\. The file is pottle\.toml\.\n/);
  assert.match(output, /^port = 81 +# pottle\.toml:1$/m);
  assert.match(output, /^drain_timeout = "1500ms" +# POTTLE_DRAIN_TIMEOUT$/m);
  assert.doesNotMatch(output, /^run$/m);
  assert.equal(code, 0);
});

test("pottle run names the line of a mistake in a TOML file, and exits with 2", async (context) => {
  const folder = writeFiles(context, { "app.ts": app, "pottle.toml": "port = 0\ndrain_timeout = 5s" });
  const { code, output } = await runToEnd(context, ["run", "app.ts"], { cwd: folder });
  assert.equal(
    output,
    `pottle run: pottle.toml:2:18: a value with a unit is a text: write 'drain_timeout = "5s"'\nTry 'pottle run --help'.\n`,
  );
  assert.equal(code, 2);
});

/** A file, or several of which the first is run, that cannot be run; `error` is the whole output, in its folder. */
interface Unusable {
  readonly files: Readonly<Record<string, string>>;
  readonly suffix?: string;
  readonly error: string;
}

const unusable: Readonly<Record<string, Unusable>> = {
  "exports something else": {
    files: { "app.ts": "export default 5; export function start() {}" },
    error: `Cannot run 'app.ts' as its default export is not a Pottle application: it exports default (number), start (function)`,
  },
  "exports a class": {
    files: { "app.ts": "export default class App {}" },
    error: `Cannot run 'app.ts' as its default export is not a Pottle application: it exports default (class)`,
  },
  "exports nothing": {
    files: { "app.ts": "export {};" },
    error: `Cannot run 'app.ts' as its default export is missing: it exports nothing`,
  },
  "exports its application by another name": {
    files: { "app.ts": `${views} export { app };` },
    error: `Cannot run 'app.ts' as its default export is missing: it exports app (an application); try 'app.ts:app'`,
  },
  "exports a factory by another name": {
    files: { "app.ts": `export function createApp() {}` },
    error: `Cannot run 'app.ts' as its default export is missing: it exports createApp (function); try 'app.ts:createApp'`,
  },
  "has no such export": {
    files: { "app.ts": app },
    suffix: ":api",
    error: `Cannot run 'app.ts:api' as its export 'api' is missing: it exports default (an application); try 'app.ts'`,
  },
  "has a default function that makes no application": {
    files: { "app.ts": "export default function () {}" },
    error: `Cannot run 'app.ts' as its default export is a function that returns undefined: it must return a Pottle application`,
  },
  "has a factory that makes no application": {
    files: { "app.ts": "export async function createApp() { return [1]; }" },
    suffix: ":createApp",
    error: `Cannot run 'app.ts:createApp' as its export 'createApp' is a function that returns Array: it must return a Pottle application`,
  },
  "has a factory that throws": {
    files: { "app.ts": "export async function createApp() {\n  throw new RangeError('boom');\n}" },
    suffix: ":createApp",
    error: `Cannot run 'app.ts:createApp' as calling its export 'createApp' fails: RangeError: boom\n    at createApp (FILE/app.ts:2:9)`,
  },
  throws: {
    files: { "app.ts": "function boom() {\n  throw new RangeError('boom');\n}\nboom();" },
    error: `Cannot run 'app.ts' as importing it fails: RangeError: boom\n    at boom (FILE/app.ts:2:9)\n    at FILE/app.ts:4:1`,
  },
  "throws an error with a cause and properties": {
    files: {
      "app.ts": "throw Object.assign(new Error('outer', { cause: new Error('inner') }), { code: 'E_BOOM' });",
    },
    error: `Cannot run 'app.ts' as importing it fails: Error: outer\n    at FILE/app.ts:1:21 {\n  code: 'E_BOOM',\n  [cause]: Error: inner\n      at FILE/app.ts:1:49\n}`,
  },
  "throws no Error": {
    files: { "app.ts": "throw undefined;" },
    error: `Cannot run 'app.ts' as importing it throws undefined, which is not an Error`,
  },
  "uses Pottle in a wrong way": {
    files: { "app.ts": `import { Pottle } from "${name}";\nnew Pottle(import.meta).get("nope", () => "");` },
    error: `Cannot run 'app.ts' as importing it fails: PathSyntaxError: Cannot read the path as it must begin with '/': current value is "nope"\n    at FILE/app.ts:2:25`,
  },
  "serves itself": {
    files: { "app.ts": `import { Pottle } from "${name}";\nawait new Pottle(import.meta).run({ port: 0 });` },
    error: `Cannot run 'app.ts' as importing it fails: InvalidStateError: Cannot run a program as one is running: await it instead\n    at FILE/app.ts:2:31\nLet a file that 'pottle run' serves run itself only as a program: if (import.meta.main) await app.run();`,
  },
  "is TypeScript that does not parse": {
    files: { "app.ts": "const a: number = 1;\n\tconst = 1;" },
    error: `Cannot run 'app.ts' as app.ts:2:8 has a syntax error: Unexpected token \`=\`. Expected yield, an identifier, [ or {\n    \tconst = 1;\n    \t      ^`,
  },
  "imports JavaScript that does not parse": {
    files: { "app.ts": `import "./b.js";`, "b.js": `import "./c.js";`, "c.js": "let a = 1;\nlet b = (;" },
    error: `Cannot run 'app.ts' as c.js:2:10 has a syntax error: Unexpected token ';'\n    let b = (;\n             ^`,
  },
  "is CommonJS that does not parse": {
    files: { "app.cjs": "const a = (;" },
    error: `Cannot run 'app.cjs' as app.cjs:1:12 has a syntax error: Unexpected token ';'\n    const a = (;\n               ^`,
  },
  "is TypeScript that Node cannot run": {
    files: { "app.ts": "enum A { B }" },
    error: `Cannot run 'app.ts' as app.ts:1:1 has a syntax error: TypeScript enum is not supported in strip-only mode: Node only removes types, so write it in JavaScript\n    enum A { B }\n    ^`,
  },
  "parses JSON that is none": {
    files: { "app.ts": `JSON.parse("{");` },
    error: `Cannot run 'app.ts' as importing it fails: SyntaxError: Expected property name or '}' in JSON at position 1 (line 1 column 2)\n    at FILE/app.ts:1:6`,
  },
  "imports a name that is not exported": {
    files: { "app.ts": `import { nothing } from "${name}";` },
    error: `Cannot run 'app.ts' as app.ts:1:10 imports 'nothing', which '${name}' does not export\n    import { nothing } from "${name}";\n             ^`,
  },
  "imports a package that is missing": {
    files: { "app.ts": "import 'nowhere-to-be-found';" },
    error: `Cannot run 'app.ts' as app.ts imports the package 'nowhere-to-be-found', which is not installed: run "npm install nowhere-to-be-found"`,
  },
  "imports a file that is missing": {
    files: { "app.ts": "import './none.ts';" },
    error: `Cannot run 'app.ts' as app.ts imports none.ts, which does not exist: looked for FOLDER/none.ts`,
  },
  "imports a file by half its name": {
    files: { "app.ts": "import './b';", "b.ts": "" },
    error: `Cannot run 'app.ts' as app.ts imports b, which does not exist: its name is b.ts`,
  },
  "imports TypeScript by the name of its JavaScript": {
    files: { "app.ts": "import './b.js';", "b.ts": "" },
    error: `Cannot run 'app.ts' as app.ts imports b.js, which does not exist: its name is b.ts`,
  },
  "imports a directory": {
    files: { "app.ts": "import './b';", "b/index.ts": "" },
    error: `Cannot run 'app.ts' as app.ts imports the directory b: name a file in it, such as b/index.ts`,
  },
  "imports data without its type": {
    files: { "app.ts": "import './data.json';", "data.json": "{}" },
    error: `Cannot run 'app.ts' as data.json is imported without its type: write 'with { type: "json" }' behind its name`,
  },
  "imports a style sheet": {
    files: { "app.ts": "import './style.css';", "style.css": "" },
    error: `Cannot run 'app.ts' as it imports style.css, and Node does not run files that end with .css`,
  },
  "is text": {
    files: { "README.md": "# Read me" },
    error: `Cannot run 'README.md' as Node does not run files that end with .md: name one that ends with .ts or .js`,
  },
  "is a page with tags": {
    files: { "app.tsx": "<div/>" },
    error: `Cannot run 'app.tsx' as Node does not run files that end with .tsx: compile it to JavaScript first`,
  },
  "is data": {
    files: { "data.json": "{}" },
    error: `Cannot run 'data.json' as it is data, not a program: name the file that exports the application`,
  },
  "fails when it starts": {
    files: {
      "app.ts": `import { Pottle } from "${name}";\nconst app = new Pottle(import.meta);\napp.onStart(() => {\n  throw new Error("no such luck");\n});\nexport default app;`,
    },
    error: `Cannot serve 'app.ts' as starting it fails: Error: no such luck\n    at FILE/app.ts:4:9`,
  },
};

for (const [what, { files, suffix = "", error }] of Object.entries(unusable)) {
  test(`pottle run says what is wrong with a file that ${what}, and exits with 1`, async (context) => {
    const folder = writeFiles(context, files);
    const target = Object.keys(files)[0]! + suffix;
    const { code, output } = await runToEnd(context, ["run", target, "--port", "0"], { cwd: folder });
    const expected = error.replaceAll("FILE", pathToFileURL(folder).href).replaceAll("FOLDER", folder);
    assert.equal(output, `${expected}\n`);
    assert.equal(code, 1);
  });
}

test("pottle run --debug shows an error of the application in full", async (context) => {
  const file = write(context, "throw new Error('boom');");
  const { code, output } = await runToEnd(context, ["run", file, "--port", "0", "--debug"]);
  assert.match(
    output,
    /importing it fails: Error: boom\n {4}at .*app\.ts:1:7\nIn full: Error: boom\n(.*\n)* +at .*node:internal/,
  );
  assert.equal(code, 1);
});

test("pottle run says that the application failed as it stopped, and exits with 1", async (context) => {
  const [program] = await serve(context, write(context, `${app} app.onStop(() => { throw new Error("stuck"); });`));
  program.signal("SIGTERM");
  assert.equal(await program.ended, 1);
  assert.match(program.stderr, /^Cannot stop '.*app\.ts' as it should be: Error: stuck\n {4}at .*app\.ts:\d+:\d+\n$/);
});

for (const [path, reason] of [
  ["nowhere.ts", `there is no such file: looked for ${join(process.cwd(), "nowhere.ts")}`],
  ["src", "it is a directory: name a file in it, such as src/app.ts"],
  ["/dev/null", "it is not a file: looked for /dev/null"],
] as const) {
  test(`pottle run says what is wrong with ${path}, and exits with 1`, async (context) => {
    const { code, output } = await runToEnd(context, ["run", path]);
    assert.equal(output, `Cannot run '${path}' as ${reason}\n`);
    assert.equal(code, 1);
  });
}

for (const [how, code] of [
  ["at once", "export function createApp() { return app; }"],
  ["in a promise", "export async function createApp() { await sleep(5); return app; }"],
] as const) {
  test(`pottle run calls a factory that makes the application ${how}`, async (context) => {
    const [program, url] = await serve(context, `${write(context, `${views} ${code}`)}:createApp`);
    assert.match(program.output, /^Serving .*app\.ts:createApp /);
    assert.equal(await (await fetch(url)).text(), "hello");
  });
}

test("pottle run calls a default export that is a function", async (context) => {
  const [, url] = await serve(context, write(context, `${views} export default () => app;`));
  assert.equal(await (await fetch(url)).text(), "hello");
});

test("pottle run can be interrupted while a factory waits, which cleans up", async (context) => {
  const factory = `export async function createApp() {
    console.log("begun");
    try { await sleep(60_000); } finally { await sleep(20); console.log("cleaned up"); }
  }`;
  const program = new Program(context, [pottle, "run", `${write(context, `${views} ${factory}`)}:createApp`]);
  await program.printed(/begun/);
  program.signal("SIGINT");
  assert.equal(await program.ended, 130);
  assert.equal(program.output, "begun\ncleaned up\n");
});

/** The text that an application on a socket answers. */
async function askSocket(socketPath: string): Promise<string> {
  const request = get({ socketPath, path: "/", agent: false });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return await textOf(response);
}

test("pottle run --host unix:/path serves on a socket, replaces a stale one, and removes it", async (context) => {
  const file = write(context, app);
  const socket = join(dirname(file), "app.sock");
  const args = [pottle, "run", file, "--host", `unix:${socket}`];
  const killed = new Program(context, args);
  await killed.printed(/^Serving /);
  killed.signal("SIGKILL");
  await killed.ended;
  assert.ok(existsSync(socket));

  const program = new Program(context, args);
  await program.printed(new RegExp(`^Serving .* on unix:${socket}\n`));
  assert.equal(await askSocket(socket), "hello");
  await program.printed(/^- GET \/ 200 5 B \d+ ms served$/m);
  program.signal("SIGTERM");
  assert.equal(await program.ended, 0);
  assert.ok(!existsSync(socket));
});

test("pottle run --host unix:/path takes no socket that is in use, and no other file", async (context) => {
  const file = write(context, app);
  const socket = join(dirname(file), "app.sock");
  const program = new Program(context, [pottle, "run", file, "--host", `unix:${socket}`]);
  await program.printed(/^Serving /);
  for (const path of [socket, file]) {
    const { code, output } = await runToEnd(context, ["run", file, "--host", `unix:${path}`]);
    assert.equal(
      output,
      `stopped\nCannot listen on unix:${path} as another program listens there, or the file is not a socket\n`,
    );
    assert.equal(code, 1);
  }
  assert.equal(await askSocket(socket), "hello");
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
    new RegExp(
      `Cannot listen on 127\\.0\\.0\\.1 as the port is in use: current port is ${port}\nEnd the program that uses it, or choose another port by --port; 0 is any free one\\.\n$`,
    ),
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
    await program.printed(/GET \/blocks took \d{3,} ms and blocked every other task/);
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
  "run a.ts --port=1 --port=2": /^pottle run: the option '--port' is given twice: '--port=1', '--port=2'\nTry /,
  "run a.ts -c none.toml":
    /^pottle run: cannot read the file none\.toml that '--config' names: there is no such file\n/,
  "run a.ts --port": /^pottle run: option '--port <value>' argument missing\n/,
  "run a.ts --port=x":
    /^pottle run: the value of '--port' must be a whole number from 0 to 65535: current value is 'x'\n/,
  "run a.ts --port=65536": /current value is '65536'/,
  "run a.ts --host=unix:": /^pottle run: the path of the socket is missing in '--host unix:'\n/,
  "run a.ts --host=unix:/tmp/a --port=1": /^pottle run: a socket has no port: leave '--port' out\n/,
  "run a.ts --host=": /^pottle run: the value of '--host' is empty\n/,
  "run a.ts --reload=yes": /^pottle run: option '--reload' does not take an argument\n/,
  "run a.ts --workers 0":
    /^pottle run: the value of '--workers' must be 'auto' or a whole number from 1 to 1024: current value is '0'\n/,
  "run a.ts --workers many": /current value is 'many'/,
  "run a.ts --workers 2 --reload":
    /^pottle run: '--reload' serves with one process, not with 2: leave out '--reload' or '--workers'\n/,
  "run a.ts --workers 1 --max-requests 0":
    /^pottle run: the value of '--max-requests' must be a whole number from 1 on, or infinity: current value is '0'\n/,
  "run a.ts --workers 1 --max-requests-jitter 5": /^pottle run: '--max-requests-jitter' needs '--max-requests'/,
  "run a.ts --max-requests 5": /^pottle run: '--max-requests' needs '--workers': add '--workers 1' or more\n/,
  "run a.ts --pid-file a": /^pottle run: '--pid-file' needs '--workers'/,
  "run a.ts --workers 1 --pid-file=": /^pottle run: the value of '--pid-file' is empty\n/,
  "ps a": /^pottle ps: PID must be the number of a process: current value is 'a'\n/,
  "ps 1 2": /^pottle ps: there is one PID, not also '2'\n/,
  "ps --limit 0": /^pottle ps: the value of '--limit' must be a whole number from 1 to 9999999: current value is '0'\n/,
  "ps --tree": /^pottle ps: unknown option '--tree'\n/,
  pstree: /^pottle pstree: the PID of a process is missing: 'pottle ps' lists them\n/,
  "pstree 0": /^pottle pstree: PID must be the number of a process: current value is '0'\n/,
  "pstree 1 --by name": /^pottle pstree: the value of '--by' must be 'owner' or 'awaiter': current value is 'name'\n/,
  "repl --verbose": /^pottle repl: unknown option '--verbose'\n/,
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
