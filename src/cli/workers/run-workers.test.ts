import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, renameSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { pottle, Program } from "../../../examples/_program.ts";
import { ask, askAll, Load, Project, serving, untilGone } from "./project.fixture.ts";

const name = "pottle";

/** A server that does not end would be waited for without end. */
const bounded = { timeout: 60_000 };

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

test(
  "pottle run --workers 2 serves by two processes, and says so in one line when both listen",
  bounded,
  async (context) => {
    const [program, url] = await new Project(context).serve();
    assert.equal(countOf(program.output, /Serving/g), 1);
    assert.match(
      program.output,
      /^started 1\nstarted 2\nServing app\.ts with 2 workers \(Ctrl\+C to stop\) on http:\S+\n$/,
    );
    const all = await askAll(url);
    assert.deepEqual([...all.keys()].sort(), ["1", "2"]);
    program.signal("SIGTERM");
    assert.equal(await program.ended, 0);
    assert.equal(countOf(program.output, /^stopped [12]$/gm), 2);
    assert.equal(program.stderr, "");
  },
);

test(
  "pottle run --workers replaces one that ends, after longer and longer pauses, and the others serve",
  bounded,
  async (context) => {
    const [program, url] = await new Project(context).serve();
    const { pid } = (await askAll(url)).get("2")!;
    process.kill(pid, "SIGKILL");
    await program.printed(
      new RegExp(`^Worker 2 \\(pid ${pid}\\) was ended by SIGKILL: starting another in 100 ms$`, "m"),
    );
    const [, second] = await program.printed(/^Worker 2 \(pid (\d+)\) listens$/m);
    assert.equal((await askAll(url)).get("2")!.pid, Number(second));
    const from = program.output.length;
    process.kill(Number(second), "SIGTERM");
    await program.printed(
      new RegExp(`^Worker 2 \\(pid ${second}\\) ended with 0: starting another in 200 ms$`, "m"),
      from,
    );
    assert.equal(await ask(url), "one");
    await program.printed(/^Worker 2 \(pid \d+\) listens$/m, from);
  },
);

test(
  "pottle run --workers 1 serves again on the same port after its only worker has ended",
  bounded,
  async (context) => {
    const [program, url] = await new Project(context).serve("--workers", "1");
    await assert.rejects(ask(`${url}/exit/3`), { code: "ECONNRESET" });
    await program.printed(/^Worker 1 \(pid \d+\) ended with 3: starting another in 100 ms$/m);
    await program.printed(/^Worker 1 \(pid \d+\) listens$/m);
    assert.equal(await ask(url), "one");
  },
);

test(
  "pottle run --workers: when a worker is killed, only what it was about to answer fails",
  bounded,
  async (context) => {
    const [program, url] = await new Project(context).serve();
    const { pid } = (await askAll(url)).get("1")!;
    const clients = 16;
    const load = new Load(url, clients);
    await load.more(100);
    process.kill(pid, "SIGKILL");
    await program.printed(/^Worker 1 \(pid \d+\) listens$/m);
    while (load.failures.length < clients && (load.answers.get("one") ?? 0) < 400) await delay(5);
    await load[Symbol.asyncDispose]();
    // Each client ends with its first failure.
    assert.ok(load.failures.length < clients);
    for (const failure of load.failures) assert.match(failure.message, /ECONNRESET|socket hang up/);
  },
);

test(
  "pottle run --workers rolls on SIGHUP without losing a request, to the code that is on disk",
  bounded,
  async (context) => {
    const project = new Project(context);
    const [program, url] = await project.serve();
    const before = await askAll(url);
    {
      await using load = new Load(url, 16);
      for (const text of ["two", "three"]) {
        await load.more(100);
        project.write("text.ts", `export const text: string = "${text}";\n`);
        const from = program.output.length;
        program.signal("SIGHUP");
        await program.printed(/^SIGHUP: all workers are replaced$/m, from);
        await load.more(100);
      }
      await load[Symbol.asyncDispose]();
      assert.deepEqual(load.failures, []);
      assert.ok(load.answers.get("three")! >= 90);
    }
    for (const [number, { pid }] of await askAll(url)) assert.notEqual(pid, before.get(number)?.pid);
    const known =
      /^(?:\S+ GET \/\w* 200 \d+ B \d+ ms served|st(?:art|opp)ed [12]|SIGHUP: .*|Worker [12] \(pid \d+\) replaces pid \d+|Serving .*)$/;
    assert.deepEqual(
      program.output.split("\n").filter((line) => line !== "" && !known.test(line)),
      [],
    );
    assert.equal(program.stderr, "");
  },
);

test("pottle run --workers leaves the old workers running if a new one cannot start", bounded, async (context) => {
  const project = new Project(context);
  const [program, url] = await project.serve();
  const before = await askAll(url);
  project.write("text.ts", `export const text = (;\n`);
  const from = program.output.length;
  program.signal("SIGHUP");
  await program.printed(
    /^Worker 1 stays as it is, as a new one could not start:\nCannot run 'app\.ts' as text\.ts:1:22 has a syntax error: .*$/m,
    from,
  );
  assert.deepEqual(await askAll(url), before);
  project.write("text.ts", `export const text: string = "two";\n`);
  program.signal("SIGHUP");
  await program.printed(/^SIGHUP: all workers are replaced$/m, from);
  assert.equal(await ask(url), "two");
});

test("pottle run --workers loses no request by SIGTERM under load", bounded, async (context) => {
  const [program, url] = await new Project(context).serve();
  await using load = new Load(url, 16);
  await load.more(100);
  program.signal("SIGTERM");
  assert.equal(await program.ended, 0);
  await load[Symbol.asyncDispose]();
  // Each client ends when nobody listens any more; the system resets what it has connected and nobody has accepted.
  for (const failure of load.failures) assert.match(failure.code!, /^ECONN(?:REFUSED|RESET)$/);
  assert.equal(load.failures.length, 16);
  assert.equal(countOf(program.output, / GET /g), load.count);
  assert.equal(countOf(program.output, / GET \/ 200 \d+ B \d+ ms served$/gm), load.count);
});

test(
  "pottle run --workers replaces one that has served as many requests as it may, and loses none",
  bounded,
  async (context) => {
    const [program, url] = await new Project(context).serve("--max-requests", "60", "--max-requests-jitter", "20");
    const before = await askAll(url);
    await using load = new Load(url, 8);
    for (const [number, { pid }] of before) {
      const [, served] = await program.printed(
        new RegExp(`^Worker ${number} \\(pid \\d+\\) replaces pid ${pid}, which has served (\\d+) requests$`, "m"),
      );
      assert.ok(Number(served) >= 60 && Number(served) <= 80);
    }
    await load.more(50);
    await load[Symbol.asyncDispose]();
    assert.deepEqual(load.failures, []);
    program.signal("SIGTERM");
    assert.equal(await program.ended, 0);
  },
);

test(
  "pottle run --workers: the workers of a primary that was killed answer what they have, and end",
  bounded,
  async (context) => {
    const [program, url] = await new Project(context).serve();
    const workers = await askAll(url);
    const answer = ask(`${url}/slow`);
    await program.printed(/begun/);
    program.signal("SIGKILL");
    assert.equal(await answer, "slow");
    for (const { pid } of workers.values()) await untilGone(pid);
    await program.ended;
    assert.match(program.output, /cleaned up/);
    assert.equal(countOf(program.output, /^stopped [12]$/gm), 2);
  },
);

for (const [signal, code, status] of [
  ["SIGTERM", 0, "200"],
  ["SIGINT", 130, "503"],
] as const) {
  test(
    `pottle run --workers ends with ${code} when ${signal} reaches all its processes, and again the workers`,
    bounded,
    async (context) => {
      const [program, url] = await new Project(context).serve();
      const workers = await askAll(url);
      const { primary } = workers.get("1")!;
      const answer = ask(`${url}/slow`);
      await program.printed(/begun/);
      process.kill(-primary, signal);
      await delay(150);
      for (const { pid } of workers.values()) if (isAlive(pid)) process.kill(pid, signal);
      await answer;
      assert.equal(await program.ended, code);
      assert.equal(countOf(program.output, /^cleaned up$/gm), 1);
      assert.match(program.output, new RegExp(`GET /slow ${status} `));
      assert.equal(countOf(program.output, /^stopped [12]$/gm), 2);
      assert.equal(program.stderr, "");
    },
  );
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("pottle run --workers ends everything at once by a second signal", bounded, async (context) => {
  const project = new Project(context);
  const [program, url] = await project.serve("--pid-file", "app.pid");
  const workers = await askAll(url);
  const answer = assert.rejects(ask(`${url}/stubborn`));
  await program.printed(/begun/);
  program.signal("SIGINT");
  await program.printed(/cleaning/);
  await delay(150);
  program.signal("SIGINT");
  assert.equal(await program.ended, 130);
  await answer;
  for (const { pid } of workers.values()) await untilGone(pid);
  assert.ok(!existsSync(join(project.folder, "app.pid")));
});

for (const [what, code, error] of [
  [
    "throws",
    `throw new Error("no database");`,
    /^Cannot run 'app\.ts' as importing it fails: Error: no database\n {4}at .*app\.ts:1:7\n$/,
  ],
  ["ends its process", `process.exit(3);`, /^Worker 1 \(pid \d+\) ended with 3 before it listened\n$/],
] as const) {
  test(
    `pottle run --workers gives up, and says why once, if the application ${what} when it is loaded`,
    bounded,
    async (context) => {
      const project = new Project(context);
      project.write("app.ts", code);
      const program = project.start();
      assert.equal(await program.ended, 1);
      assert.match(program.output, error);
    },
  );
}

for (const [signal, code] of [
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const) {
  test(
    `pottle run --workers ends with ${code} by ${signal} while the first worker starts`,
    bounded,
    async (context) => {
      const project = new Project(context);
      project.write(
        "app.ts",
        `import { sleep } from "${name}/asyncio";
export default async function createApp() {
  console.log("begun");
  try { await sleep(60_000); } finally { await sleep(20); console.log("cleaned up"); }
}`,
      );
      const program = project.start();
      await program.printed(/begun/);
      program.signal(signal);
      assert.equal(await program.ended, code);
      assert.equal(program.output, "begun\ncleaned up\n");
    },
  );
}

test("pottle run --workers exits with 1 if a worker fails as it stops", bounded, async (context) => {
  const project = new Project(context);
  project.write(
    "app.ts",
    `${project.read("app.ts")} app.onStop(() => { if (number === "2") throw new Error("stuck"); });`,
  );
  const [program] = await project.serve();
  program.signal("SIGTERM");
  assert.equal(await program.ended, 1);
  assert.match(program.stderr, /^Cannot stop 'app\.ts' as it should be: Error: stuck\n {4}at .*app\.ts:\d+:\d+\n$/);
});

test("pottle run --workers says once that its port is taken", bounded, async (context) => {
  const other = createServer().listen({ host: "127.0.0.1", port: 0 });
  await once(other, "listening");
  context.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  const program = new Project(context).start("--port", String(port));
  assert.equal(await program.ended, 1);
  assert.equal(
    program.stderr.split("\n")[0],
    `Cannot listen on 127.0.0.1 as the port is in use: current port is ${port}`,
  );
  assert.equal(countOf(program.output, /in use/g), 1);
});

test(
  "pottle run --workers serves on a Unix socket, in place of a stale one, and removes it and its pid file",
  bounded,
  async (context) => {
    const project = new Project(context);
    const socketPath = join(project.folder, "app.sock");
    const start = (): Program =>
      new Program(
        context,
        [pottle, "run", "app.ts", "--workers", "2", "--host", `unix:${socketPath}`, "--pid-file", "app.pid"],
        {
          cwd: project.folder,
        },
      );
    const askSocket = async (path: string): Promise<string> => {
      const [response] = (await once(get({ socketPath, path, agent: false }), "response")) as [IncomingMessage];
      return await textOf(response);
    };
    const killed = start();
    await killed.printed(serving);
    killed.signal("SIGKILL");
    await killed.ended;
    assert.ok(existsSync(socketPath));

    const program = start();
    await program.printed(serving);
    const { primary } = JSON.parse(await askSocket("/who")) as { primary: number };
    assert.equal(project.read("app.pid"), `${primary}\n`);
    program.signal("SIGHUP");
    await program.printed(/^SIGHUP: all workers are replaced$/m);
    assert.equal(await askSocket("/"), "one");
    program.signal("SIGTERM");
    assert.equal(await program.ended, 0);
    assert.ok(!existsSync(socketPath));
    assert.ok(!existsSync(join(project.folder, "app.pid")));
  },
);

test("pottle run --workers ends if its pid file cannot be written", bounded, async (context) => {
  const program = new Project(context).start("--pid-file", "none/app.pid");
  assert.equal(await program.ended, 1);
  assert.equal(program.stderr, "Cannot write the process id to 'none/app.pid' as its folder does not exist\n");
});

const hasTerminals = spawnSync("script", ["--version"]).stdout?.includes("util-linux") ?? false;

test(
  "pottle run --workers ends with its terminal, whose SIGHUP does not roll the workers",
  { ...bounded, skip: hasTerminals ? false : "no script of util-linux" },
  async (context) => {
    const project = new Project(context);
    const command = `exec '${process.execPath}' '${pottle}' run app.ts --workers 2 --port 0`;
    const terminal = new Program(context, ["-qec", command, "/dev/null"], {
      command: "script",
      cwd: project.folder,
      env: { SHELL: "/bin/sh" },
    });
    const [url] = await terminal.printed(/http:\/\/[\d.:]+/);
    const workers = await askAll(url);
    terminal.signal("SIGKILL");
    for (const { pid } of workers.values()) await untilGone(pid);
    await untilGone(workers.get("1")!.primary);
  },
);

test("pottle run --workers has each worker open its log files anew at SIGUSR2", bounded, async (context) => {
  const project = new Project(context);
  const [program, url] = await project.serve("--access-log", "combined", "--access-log-file", "access.log");
  await askAll(url);
  await untilLogged(project, "access.log");
  renameSync(join(project.folder, "access.log"), join(project.folder, "access.log.1"));
  program.signal("SIGUSR2");
  while (!existsSync(join(project.folder, "access.log"))) await delay(10);
  await askAll(url);
  await untilLogged(project, "access.log");
  program.signal("SIGTERM");
  assert.equal(await program.ended, 0);
  assert.equal(program.stderr, "");
});

async function untilLogged(project: Project, file: string): Promise<void> {
  while (project.read(file) === "") await delay(10);
}
