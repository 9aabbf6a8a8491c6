import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { pottle, Program } from "../../../examples/_program.ts";
import { app, bounded, Project, serving } from "./project.fixture.ts";

/** Starts a program, and waits until it serves. */
async function serve(context: TestContext, project: Project): Promise<[program: Program, url: string]> {
  const program = project.run();
  const [, url = ""] = await program.printed(serving);
  return [program, url];
}

async function textOf(url: string): Promise<string> {
  return await (await fetch(url)).text();
}

/** Waits until a process is gone. */
async function untilGone(pid: number): Promise<void> {
  for (let i = 0; i < 1_000; i++) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await delay(20);
  }
  assert.fail(`The process ${pid} is still there`);
}

test("pottle run --reload starts again when an imported file changes, on the same port", bounded, async (context) => {
  const project = new Project(context);
  const [program, url] = await serve(context, project);
  assert.equal(await textOf(url), "one");
  const pid = Number(await textOf(`${url}/pid`));
  for (const text of ["two", "three"]) {
    const from = program.output.length;
    project.write("text.ts", `export const text: string = "${text}";\n`);
    await program.printed(/^stopped\ntext\.ts changed: starting again\n/m, from);
    const [, again] = await program.printed(serving, from);
    assert.equal(again, url);
    assert.equal(await textOf(url), text);
  }
  await untilGone(pid);
});

test("pottle run --reload waits for a change when a file cannot be loaded", bounded, async (context) => {
  const project = new Project(context);
  const [program, url] = await serve(context, project);
  project.write("app.ts", `${app} )`);
  await program.printed(
    /app\.ts changed: starting again\n[^]*has a syntax error[^]*ended with 1: waiting for a change/,
  );
  const from = program.output.length;
  project.write("app.ts", app);
  await program.printed(serving, from);
  assert.equal(await textOf(url), "one");
});

test("pottle run --reload waits for a file that is imported, and not yet there", bounded, async (context) => {
  const project = new Project(context);
  rmSync(join(project.folder, "text.ts"));
  const program = project.run();
  await program.printed(/imports text\.ts, which does not exist[^]*ended with 1: waiting for a change/);
  project.write("text.ts", `export const text: string = "late";\n`);
  await program.printed(/text\.ts changed: starting again/);
  const [, url = ""] = await program.printed(serving);
  assert.equal(await textOf(url), "late");
});

test(
  "pottle run --reload starts again when the TOML file changes, and waits when it has a mistake",
  bounded,
  async (context) => {
    const project = new Project(context);
    const env = { POTTLE_RELOAD: "true", POTTLE_PROT: "1" };
    const program = new Program(context, [pottle, "run", "app.ts", "--port", "0"], { cwd: project.folder, env });
    const [, url = ""] = await program.printed(serving);
    const port = new URL(url).port;
    let from = program.output.length;
    project.write("pottle.toml", `host = "127.0.0.2"\n`);
    await program.printed(
      new RegExp(`^pottle\\.toml changed: starting again\nServing .* on http://127\\.0\\.0\\.2:${port}\n`, "m"),
      from,
    );
    project.write("pottle.toml", `host = 127\n`);
    await program.printed(
      /pottle\.toml:1: the value of 'host' must be a text: current value is 127\n[^]*ended with 2: waiting for a change/,
      from,
    );
    from = program.output.length;
    rmSync(join(project.folder, "pottle.toml"));
    await program.printed(serving, from);
    assert.equal(await textOf(url), "one");
    // The watcher says it once, however often the application is started.
    assert.equal(program.stderr.match(/POTTLE_PROT/g)?.length, 1);
  },
);

test(
  "pottle run --reload cuts requests that go on, however long they may while nothing changes",
  bounded,
  async (context) => {
    const project = new Project(context);
    project.write("pottle.toml", `drain_timeout = "1h"\n`);
    const [program, url] = await serve(context, project);
    const slow = fetch(`${url}/slow`).then(
      (response) => response.status,
      () => "cut",
    );
    await fetch(url);
    project.write("text.ts", `export const text: string = "two";\n`);
    await program.printed(/starting again\nServing/);
    assert.ok([503, "cut"].includes(await slow));
    assert.doesNotMatch(program.output, /killing its process/);
  },
);

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 0],
] as const) {
  test(`pottle run --reload ends both processes by ${signal}, with ${code}`, bounded, async (context) => {
    const [program, url] = await serve(context, new Project(context));
    const pid = Number(await textOf(`${url}/pid`));
    program.signal(signal);
    assert.equal(await program.ended, code);
    assert.match(program.output, /^stopped$/m);
    assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
  });

  test(
    `pottle run --reload ends by ${signal}, with ${code}, also while it waits for a change`,
    bounded,
    async (context) => {
      const project = new Project(context);
      project.write("text.ts", "nonsense(");
      const program = project.run();
      await program.printed(/waiting for a change/);
      program.signal(signal);
      assert.equal(await program.ended, code);
    },
  );
}

test("pottle run --reload ends as the application does when that is ended by itself", bounded, async (context) => {
  const [program, url] = await serve(context, new Project(context));
  process.kill(Number(await textOf(`${url}/pid`)), "SIGINT");
  assert.equal(await program.ended, 130);
});

test("pottle run --reload leaves no process behind when it is killed", bounded, async (context) => {
  const [program, url] = await serve(context, new Project(context));
  const pid = Number(await textOf(`${url}/pid`));
  program.signal("SIGKILL");
  await program.ended;
  await untilGone(pid);
});

test("pottle run --reload ends where there is no such file", bounded, async (context) => {
  const program = new Program(context, [pottle, "run", "none.ts", "--reload", "--port", "0"]);
  assert.equal(await program.ended, 1);
  assert.match(program.output, /there is no such file/);
});

/** Two ways to keep the event loop busy for ever: in a view, and at the top of a file. */
const blocked: Readonly<Record<string, (project: Project, program: Program) => Promise<number>>> = {
  "a view": async (_, program) => {
    const [, url = ""] = await program.printed(serving);
    // Nothing answers: the request ends with the process.
    fetch(`${url}/blocks`).catch(() => undefined);
    return await pidOfBlocked(program, 0);
  },
  "a file that it imports": async (project, program) => {
    await program.printed(serving);
    const from = program.output.length;
    project.write("text.ts", `console.log("blocking", process.pid);\nfor (;;);\nexport const text: string = "";\n`);
    return await pidOfBlocked(program, from);
  },
};

async function pidOfBlocked(program: Program, from: number): Promise<number> {
  const [, pid] = await program.printed(/^blocking (\d+)$/m, from);
  return Number(pid);
}

for (const [where, block] of Object.entries(blocked)) {
  test(`pottle run --reload replaces an application that is blocked in ${where}`, bounded, async (context) => {
    const project = new Project(context);
    const program = project.run();
    const pid = await block(project, program);
    const from = program.output.length;
    project.write("text.ts", `export const text: string = "two";\n`);
    await program.printed(new RegExp(`its event loop is blocked: killing its process ${pid}\n`), from);
    const [, url = ""] = await program.printed(serving, from);
    assert.equal(await textOf(url), "two");
  });

  test(`pottle run --reload ends by Ctrl+C an application that is blocked in ${where}`, bounded, async (context) => {
    const project = new Project(context);
    const program = project.run();
    const pid = await block(project, program);
    program.signal("SIGINT");
    assert.equal(await program.ended, 130);
    assert.match(program.output, new RegExp(`its event loop is blocked: killing its process ${pid}\n`));
    assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
  });

  test(
    `pottle run --reload, killed, leaves no application behind that is blocked in ${where}`,
    bounded,
    async (context) => {
      const project = new Project(context);
      const program = project.run();
      const pid = await block(project, program);
      program.signal("SIGKILL");
      await untilGone(pid);
    },
  );
}

test("pottle run --reload serves on a socket, again after a change", bounded, async (context) => {
  const project = new Project(context);
  const socket = `unix:${join(project.folder, "app.sock")}`;
  const args = [pottle, "run", "app.ts", "--reload", "--host", socket];
  const program = new Program(context, args, { cwd: project.folder });
  await program.printed(new RegExp(`Serving .* on ${socket}\n`));
  const from = program.output.length;
  project.write("text.ts", `export const text: string = "two";\n`);
  await program.printed(new RegExp(`text\\.ts changed: starting again\nServing .* on ${socket}\n`), from);
  program.signal("SIGINT");
  assert.equal(await program.ended, 130);
});
