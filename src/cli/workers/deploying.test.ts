// Runs the examples of docs/deploying.md as they stand there, but for their paths and ports.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { pottle, Program } from "../../../examples/_program.ts";
import { ask, Load, Project, serving } from "./project.fixture.ts";

const page = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "deploying.md"), "utf8");

/** The one block of the page in a language. */
function blockOf(language: string): string {
  const [block, ...others] = [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm"))];
  assert.equal(others.length, 0);
  return block![1]!;
}

/** Starts the application by the command of the unit for systemd, its socket in the folder of the application. */
async function startUnit(context: TestContext, project: Project): Promise<Program> {
  const [, command = ""] = /^ExecStart=\/usr\/bin\/node node_modules\/pottle\/bin\/pottle\.cjs (.+)$/m.exec(
    blockOf("ini"),
  )!;
  const args = command.replace("/run/todo", project.folder).replace("auto", "2").split(" ");
  const program = new Program(context, [pottle, ...args], { cwd: project.folder, env: { NODE_ENV: "production" } });
  await program.printed(serving);
  return program;
}

/** A port that was free a moment ago. */
async function findPort(): Promise<number> {
  const server = createServer().listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

const hasNginx = spawnSync("nginx", ["-v"]).status === 0;

test(
  "the nginx of docs/deploying.md passes requests on to the workers of its unit, and loses none when they are replaced",
  { timeout: 60_000, skip: hasNginx ? false : "no nginx" },
  async (context) => {
    const project = new Project(context);
    const program = await startUnit(context, project);
    const port = await findPort();
    const site = blockOf("nginx")
      .replace("listen 80;", `listen 127.0.0.1:${port};`)
      .replace("/run/todo", project.folder);
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((each) => `${each}_temp_path ${each};`);
    project.write(
      "nginx.conf",
      `daemon off; master_process off; pid nginx.pid; error_log stderr; events {}
http { access_log off; ${temporary.join(" ")}\n${site}}`,
    );
    const proxy = new Program(context, ["-p", project.folder, "-c", "nginx.conf", "-e", "stderr"], {
      command: "nginx",
    });
    const url = `http://127.0.0.1:${port}`;
    while ((await ask(url).catch(() => "")) !== "one") await delay(10);
    await using load = new Load(url, 8);
    await load.more(100);
    project.write("text.ts", `export const text: string = "two";\n`);
    program.signal("SIGHUP");
    await program.printed(/^SIGHUP: all workers are replaced$/m);
    await load.more(100);
    await load[Symbol.asyncDispose]();
    assert.deepEqual(load.failures, []);
    assert.deepEqual([...load.answers.keys()], ["one", "two"]);
    program.signal("SIGTERM");
    assert.equal(await program.ended, 0);
    proxy.signal("SIGQUIT");
    assert.equal(await proxy.ended, 0);
    assert.equal(proxy.stderr, "");
  },
);

test(
  "the unit of docs/deploying.md starts the application with options that there are",
  { timeout: 60_000 },
  async (context) => {
    const project = new Project(context);
    const program = await startUnit(context, project);
    assert.match(program.output, /^Serving app\.ts with 2 workers .* on unix:.*\/app\.sock$/m);
    program.signal("SIGTERM");
    assert.equal(await program.ended, 0);
  },
);
