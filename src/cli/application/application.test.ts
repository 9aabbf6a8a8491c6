import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { pottle, Program } from "../../../examples/_program.ts";

const repository = join(import.meta.dirname, "..", "..", "..");
const name = "pottle";

const program = `
import { Blueprint, CommandError, currentApp, g, Pottle } from "${name}";
const app = new Pottle(import.meta);
app.config.fromMapping({ TITLE: "Shop" });
app.get("/", { name: "home" }, () => "hello");
app.post("/todos/<int:id>", { name: "todo" }, () => "x");
app.websocket("/live", { name: "live" }, async () => {});
const admin = new Blueprint("admin", { prefix: "/admin" });
admin.get("/users", { name: "users" }, () => "x");
admin.cli.command("create", { arguments: ["name", "role?"] }, (_, args) => console.log("created", ...args));
app.register(admin);
app.onStart(() => console.log("started"));
app.onStop(() => console.log("stopped"));
app.every("0 3 * * *", () => console.log("cleaned"), { name: "cleanup", timeZone: "UTC", runOnStart: true });
app.cli.command("init-db", {
  description: "Creates the tables.",
  options: { drop: { type: "boolean", short: "d", description: "drop them before" }, size: { type: "number", default: 5 } },
}, ({ drop, size }) => {
  console.log(currentApp() === app, drop, size);
});
app.cli.command("code", () => 7);
app.cli.command("refuse", () => { throw new CommandError("The database is locked.", { exitCode: 3 }); });
app.cli.command("fail", () => { throw new Error("boom"); });
export default app;
`;

function write(context: TestContext): string {
  mkdirSync(join(repository, ".pottle"), { recursive: true });
  const folder = mkdtempSync(join(repository, ".pottle", "commands-"));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "app.ts"), program);
  return folder;
}

interface Ending {
  readonly code: number | string;
  readonly output: string;
}

async function runIn(context: TestContext, cwd: string, args: readonly string[], input = ""): Promise<Ending> {
  const child = new Program(context, [pottle, ...args], { cwd });
  child.type(input);
  const code = await child.ended;
  return { code, output: child.output };
}

for (const { args, code, output } of [
  { args: ["app.ts", "init-db"], code: 0, output: /^started\ntrue false 5\nstopped\n$/ },
  { args: ["app.ts", "init-db", "-d", "--size", "7"], code: 0, output: /^started\ntrue true 7\nstopped\n$/ },
  { args: ["app.ts:default", "admin", "create", "ada"], code: 0, output: /created ada/ },
  {
    args: ["app.ts", "admin", "create"],
    code: 2,
    output: /pottle app\.ts admin create: the argument NAME is missing\nTry/,
  },
  { args: ["app.ts", "admin", "create", "a", "b", "c"], code: 2, output: /there is no argument for 'c'/ },
  { args: ["app.ts", "init-db", "--size", "x"], code: 2, output: /--size must be a number, not 'x'/ },
  { args: ["app.ts", "init-db", "--colour"], code: 2, output: /unknown option '--colour'/ },
  { args: ["app.ts", "nothing"], code: 2, output: /pottle app\.ts: there is no command 'nothing'/ },
  { args: ["app.ts", "toString"], code: 2, output: /there is no command 'toString'/ },
  {
    args: ["app.ts"],
    code: 0,
    output: /^Usage: pottle app\.ts COMMAND[^]*admin …[^]*init-db {2}Creates the tables\.\n/,
  },
  {
    args: ["app.ts", "init-db", "--help"],
    code: 0,
    output: /^Usage: pottle app\.ts init-db \[options\][^]*-d, --drop +drop them before\n +--size N +\(default 5\)/,
  },
  { args: ["app.ts", "code"], code: 7, output: /stopped/ },
  { args: ["app.ts", "refuse"], code: 3, output: /^(?=[^]*The database is locked\.\n)[^]*stopped\n/ },
  { args: ["app.ts", "fail"], code: 1, output: /Cannot run 'fail' of app\.ts: Error: boom\n {4}at .*app\.ts:\d+/ },
  { args: ["missing.ts", "x"], code: 1, output: /^Cannot run 'missing\.ts' as / },
  {
    args: ["routes", "app.ts"],
    code: 0,
    output:
      /^Endpoint {5}Methods {4}Rule\nadmin\.users {2}GET {8}\/admin\/users\nhome {9}GET {8}\/\nlive {9}WebSocket {2}\/live\ntodo {9}POST {7}\/todos\/<int:id>\n$/,
  },
  {
    args: ["routes", "app.ts", "--sort", "match", "--all-methods"],
    code: 0,
    output: /Rule\nhome {9}GET, HEAD, OPTIONS {2}\/\ntodo/,
  },
  { args: ["routes", "app.ts", "--sort", "rule"], code: 0, output: /Rule\nhome[^]*admin\.users/ },
  {
    args: ["routes", "app.ts", "--sort", "size"],
    code: 2,
    output: /--sort must be one of endpoint, methods, rule, match/,
  },
  { args: ["routes"], code: 2, output: /the file of the application is missing/ },
  {
    args: ["tasks", "app.ts"],
    code: 0,
    output: /^Task {5}Schedule {7}Next run\ncleanup {2}0 3 \* \* \* UTC {2}\d{4}-\d\d-\d\dT03:00:00\.000Z\n$/,
  },
  { args: ["tasks", "app.ts", "--run", "cleanup"], code: 0, output: /^started\ncleaned\nstopped\n$/ },
  { args: ["tasks", "app.ts", "--run", "x"], code: 1, output: /there is none of that name: there are cleanup/ },
] as const) {
  test(`pottle ${args.join(" ")} ends with ${code}`, async (context) => {
    const ending = await runIn(context, write(context), args);
    assert.match(ending.output, output);
    assert.equal(ending.code, code);
  });
}

test("pottle routes --json prints data", async (context) => {
  const { output } = await runIn(context, write(context), ["routes", "app.ts", "--json", "--sort", "match"]);
  const [first] = JSON.parse(output) as unknown[];
  assert.deepEqual(first, { path: "/", name: "home", kind: "http", methods: ["GET"] });
});

test("pottle shell has the application, currentApp, g and config by name, and starts and stops it", async (context) => {
  const lines = ["currentApp() === app", "config.get('TITLE')", "g().x = 5", "await sleep(1, g().x)", "exit(4)"];
  const { code, output } = await runIn(context, write(context), ["shell", "app.ts"], `${lines.join("\n")}\n`);
  assert.match(output, /^started\n[^]*true[^]*'Shop'[^]*5[^]*5[^]*stopped\n$/);
  assert.equal(code, 4);
});
