import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { pottle, Program } from "../../examples/_program.ts";
import type { RemoteSnapshot } from "../inspect/index.ts";

const repository = join(import.meta.dirname, "..", "..");
const name = "pottle";

/** A program that is to be looked into, in a process of its own, once it has said that it is ready. */
async function start(context: TestContext, code: string, options: readonly string[] = []): Promise<Target> {
  mkdirSync(join(repository, ".pottle"), { recursive: true });
  const folder = mkdtempSync(join(repository, ".pottle", "ps-"));
  const file = join(folder, "program.ts");
  writeFileSync(file, code);
  // A port of its own: tests run beside each other, and Node takes 9229 for all.
  const port = await freePort();
  const child = spawn(process.execPath, [`--inspect-port=${port}`, ...options, file], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  context.after(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });
  const target = new Target(child, file, port);
  await target.printed(/ready/);
  return target;
}

class Target {
  readonly file: string;
  readonly port: number;
  output = "";
  readonly #child: ChildProcess;

  constructor(child: ChildProcess, file: string, port: number) {
    this.#child = child;
    this.file = file;
    this.port = port;
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding("utf8").on("data", (text: string) => (this.output += text));
  }

  get pid(): string {
    return String(this.#child.pid);
  }

  async printed(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.output))
      await Promise.race([once(this.#child.stdout!, "data"), once(this.#child.stderr!, "data")]);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function runPottle(context: TestContext, ...args: string[]): Promise<{ code: unknown; output: string }> {
  const program = new Program(context, [pottle, ...args]);
  return { code: await program.ended, output: program.output };
}

const mark = Math.floor(Math.random() * 1e9);
const planted = `
import { createTask, Lock, run, sleep } from "${name}/asyncio";
const lock = new Lock({ name: "ledger-${mark}" });
await run(async () => {
  createTask(() => lock.with(() => sleep(60_000)), { name: "keeper-${mark}" });
  createTask(() => lock.with(() => sleep(60_000)), { name: "seeker-${mark}" });
  await sleep(20);
  console.log("ready");
  MORE
  await sleep(60_000);
});
function parse(ms = 30_000) {
  const end = Date.now() + ms;
  for (let sum = 0; Date.now() < end; ) sum += Math.sqrt(sum);
}`;
const held = new RegExp(
  `seeker-${mark} \\(\\d+\\): Lock ledger-${mark}, [\\d.]+ m?s, held by keeper-${mark} \\(\\d+\\)`,
);

test("pottle pstree shows who waits on what in another process, and closes its inspector again", async (context) => {
  const target = await start(context, planted.replace("MORE", ""));
  const { code, output } = await runPottle(context, "pstree", target.pid);
  assert.equal(code, 0, output);
  assert.match(output, held);
  assert.match(output, new RegExp(`process ${target.pid}, up [\\d.]+ m?s\\n3 tasks: 3 waiting\\n`));
  await target.printed(/Debugger ending/);
  await assert.rejects(fetch(`http://127.0.0.1:${target.port}/json/list`));
});

test("pottle pstree looks into a process whose event loop is busy, and shows the line that keeps it busy", async (context) => {
  const target = await start(
    context,
    planted.replace("MORE", `createTask(async function work() { parse(); }, { name: "import" });`),
  );
  const { code, output } = await runPottle(context, "pstree", target.pid);
  assert.equal(code, 0, output);
  assert.match(output, held);
  assert.match(
    output,
    /The event loop is busy: task import \(\d+\) keeps everything else from going on\n {2}at parse \(file:.*program\.ts:\d+:\d+\)\n {2}at work \(/,
  );
});

test("pottle pstree looks into a process that three look into at once", async (context) => {
  const target = await start(context, planted.replace("MORE", ""));
  const looks = await Promise.all([1, 2, 3].map(() => runPottle(context, "pstree", target.pid)));
  for (const { code, output } of looks) {
    assert.equal(code, 0, output);
    assert.match(output, held);
  }
});

test(
  "pottle pstree says so of a process that is stopped",
  { skip: process.platform === "linux" ? false : "stopped processes are told apart on Linux only" },
  async (context) => {
    const target = await start(context, planted.replace("MORE", ""));
    process.kill(Number(target.pid), "SIGSTOP");
    const { code, output } = await runPottle(context, "pstree", target.pid);
    process.kill(Number(target.pid), "SIGCONT");
    assert.equal(code, 1);
    assert.equal(
      output.trim(),
      `Cannot look into process ${target.pid} as it is stopped: 'kill -CONT ${target.pid}' has it go on`,
    );
  },
);

test("pottle pstree closes the inspector of a process also when that was busy, and has it stay closed", async (context) => {
  const busy = `
    const { existsSync } = process.getBuiltinModule("node:fs");
    setImmediate(function parseAll() {
      while (!existsSync(import.meta.filename + ".go")) parse(10);
      setTimeout(() => console.log("later"), 1_000);
    });`;
  const target = await start(context, planted.replace("MORE", busy));
  const { output } = await runPottle(context, "pstree", target.pid);
  assert.match(output, /The event loop is busy: .*\n(?: {2}at .*\n)* {2}at (?:Immediate\.)?parseAll /);
  writeFileSync(`${target.file}.go`, "");
  await target.printed(/later/);
  await assert.rejects(fetch(`http://127.0.0.1:${target.port}/json/list`));
  assert.equal(target.output.match(/Debugger listening/g)!.length, 1);
});

test("pottle pstree names a deadlock of another process", async (context) => {
  const cross = `
    const [left, right] = [new Lock({ name: "left" }), new Lock({ name: "right" })];
    createTask(() => left.with(async () => { await sleep(1); await right.acquire(); }), { name: "A" });
    createTask(() => right.with(async () => { await sleep(1); await left.acquire(); }), { name: "B" });
    await sleep(20); console.log("crossed");`;
  const target = await start(context, planted.replace("MORE", cross));
  await target.printed(/crossed/);
  const { output } = await runPottle(context, "pstree", target.pid);
  assert.match(
    output,
    /Deadlock: A \(\d+\) waits for Lock right, [\d.]+ m?s, held by B \(\d+\); B \(\d+\) waits for Lock left, [\d.]+ m?s, held by A/,
  );
});

test("pottle pstree --by awaiter shows who waits for whom in another process", async (context) => {
  const chain = `const child = createTask(() => sleep(60_000), { name: "child-${mark}" });
    createTask(async () => await child, { name: "parent-${mark}" }); await sleep(20); console.log("chained");`;
  const target = await start(context, planted.replace("MORE", chain));
  await target.printed(/chained/);
  const { code, output } = await runPottle(context, "pstree", target.pid, "--by", "awaiter");
  assert.equal(code, 0, output);
  assert.match(
    output,
    new RegExp(`^parent-${mark} \\(\\d+\\): task child.*\\n└─ child-${mark} \\(\\d+\\): sleep`, "m"),
  );
});

test("pottle ps shows the tasks of another process as a table, and as data", async (context) => {
  const target = await start(context, planted.replace("MORE", ""));
  const { output } = await runPottle(context, "ps", target.pid);
  assert.match(output, /\ntask +name +state +waits for +since +held by\n/);
  assert.match(
    output,
    new RegExp(`\\n\\d+ +seeker-${mark} +waiting +Lock ledger-${mark} +[\\d.]+ m?s +keeper-${mark} \\(\\d+\\)\\n`),
  );
  const { output: json } = await runPottle(context, "ps", target.pid, "--json");
  const snapshot = JSON.parse(json) as RemoteSnapshot;
  assert.deepEqual(snapshot.counts, { running: 0, waiting: 3, stopping: 0, stuck: 0 });
  assert.equal(String(snapshot.pid), target.pid);
});

test("pottle ps lists the processes that run Pottle", async (context) => {
  const target = await start(context, planted.replace("MORE", ""));
  const { code, output } = await runPottle(context, "ps");
  assert.equal(code, 0);
  assert.match(output, /^pid +up +program +in\n/);
  assert.match(output, new RegExp(`^${target.pid} +[\\d.]+ m?s +${target.file} +${process.cwd()}$`, "m"));
});

test("pottle pstree leaves an inspector open that was open before", async (context) => {
  const target = await start(context, planted.replace("MORE", ""), ["--inspect"]);
  const { code, output } = await runPottle(context, "pstree", target.pid);
  assert.equal(code, 0, output);
  assert.match(output, held);
  assert.equal((await fetch(`http://127.0.0.1:${target.port}/json/list`)).status, 200);
});

for (const [what, code, options, message] of [
  ["has not loaded Pottle", `console.log("ready"); setTimeout(() => {}, 60_000);`, [], /as it has not loaded Pottle$/m],
  [
    "opens no inspector",
    `console.log("ready"); setTimeout(() => {}, 60_000);`,
    ["--disable-sigusr1"],
    /as it opens no inspector by SIGUSR1: it was started with --disable-sigusr1$/m,
  ],
  [
    "handles the signal itself",
    `process.on("SIGUSR1", () => console.log("mine")); console.log("ready"); setTimeout(() => {}, 60_000);`,
    [],
    /as it did not open its inspector within 4000 ms: it may handle SIGUSR1 itself, or be in a call that nothing can interrupt$/m,
  ],
] as const) {
  test(`pottle pstree says so of a process that ${what}, and leaves it alive`, async (context) => {
    const target = await start(context, code, options);
    const { code: exitCode, output } = await runPottle(context, "pstree", target.pid);
    assert.equal(exitCode, 1);
    assert.match(output, message);
    process.kill(Number(target.pid), 0);
  });
}

test("pottle pstree names who has the port that the inspector would take", async (context) => {
  const target = await start(context, planted.replace("MORE", ""));
  const blocker = createServer().listen(target.port, "127.0.0.1");
  context.after(() => blocker.close());
  await once(blocker, "listening");
  const { code, output } = await runPottle(context, "pstree", target.pid);
  assert.equal(code, 1);
  assert.match(
    output,
    new RegExp(`as port ${target.port}, on which its inspector would listen, is in use by process ${process.pid}:`),
  );
  assert.equal(target.output, "ready\n");
});

test("pottle pstree does not signal a process that is not of Node, and names its program", async (context) => {
  const child = spawn("sleep", ["60"]);
  context.after(() => child.kill("SIGKILL"));
  await once(child, "spawn");
  const { code, output } = await runPottle(context, "pstree", String(child.pid));
  assert.equal(code, 1);
  assert.match(output, /^Cannot look into process \d+ as it is not a Node process: it runs \/\S+\n$/);
  assert.equal(child.signalCode, null);
});

test("pottle pstree says that there is no such process", async (context) => {
  const { code, output } = await runPottle(context, "pstree", "4194305");
  assert.deepEqual([code, output], [1, "Cannot look into process 4194305 as there is no such process\n"]);
});

for (const [line, message] of [
  [
    "pstree",
    /^pottle pstree: the PID of a process is missing: 'pottle ps' lists them\nTry 'pottle pstree --help'\.\n$/,
  ],
  ["pstree 1 2", /^pottle pstree: there is one PID, not also '2'\n/],
  ["pstree 5 --by name", /^pottle pstree: the value of '--by' must be 'owner' or 'awaiter': current value is 'name'\n/],
  ["pstree x", /^pottle pstree: PID must be the number of a process: current value is 'x'\n/],
  ["ps 0", /^pottle ps: PID must be the number of a process: current value is '0'\n/],
  [
    "ps 5 --limit 0",
    /^pottle ps: the value of '--limit' must be a whole number from 1 to 9999999: current value is '0'\n/,
  ],
] as const) {
  test(`pottle exits with 2 and says why for: pottle ${line}`, async (context) => {
    const { code, output } = await runPottle(context, ...line.split(" "));
    assert.match(output, message);
    assert.equal(code, 2);
  });
}
