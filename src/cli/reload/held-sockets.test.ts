import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import type { Program } from "../../../examples/_program.ts";
import { run } from "../../asyncio/index.ts";
import { first as certificate } from "../../base/certificates.fixture.ts";
import { type Answer, ask, Asking, connectTo, isRefusal, type Target } from "./clients.fixture.ts";
import { HeldSockets } from "./held-sockets.ts";
import { app, bounded, Project, textFile } from "./project.fixture.ts";

/** A file that is loaded only once the file `go` exists. */
function slowFile(text: string): string {
  return `
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
console.log("loading");
while (!existsSync(new URL("./go", import.meta.url))) await delay(5);
${textFile(text)}`;
}

/** A way to say where the application listens. */
interface Way {
  readonly args: (project: Project) => readonly string[];
  /** Where clients find it, once it has printed where it is served. */
  readonly targets: (printed: string) => readonly Target[];
}

const portOf = (printed: string, index: number): number => Number([...printed.matchAll(/:(\d+)\b/g)][index]![1]);
const local = (printed: string, index = 0): Target => ({ host: "127.0.0.1", port: portOf(printed, index) });

const ways: Readonly<Record<string, Way>> = {
  "a port": { args: () => ["--port", "0"], targets: (printed) => [local(printed)] },
  "the port of a name": {
    args: () => ["--host", "localhost", "--port", "0"],
    targets: (printed) => [{ ...local(printed), host: "localhost" }],
  },
  "a Unix socket": {
    args: ({ folder }) => ["--host", `unix:${join(folder, "app.sock")}`],
    targets: (printed) => [{ socketPath: /unix:(\S+)/.exec(printed)![1]! }],
  },
  "several places, with TLS and without": {
    args: (project) => {
      project.write("cert.pem", certificate.cert);
      project.write("key.pem", certificate.key);
      const files = ["--cert-file", "cert.pem", "--key-file", "key.pem"];
      return ["--bind", `127.0.0.1:0,http://[::1]:0,unix:${join(project.folder, "app.sock")}`, ...files];
    },
    targets: (printed) => [
      { ...local(printed), isSecure: true },
      { host: "::1", port: portOf(printed.replace("[::1]", "ip6"), 1) },
      { socketPath: /unix:([^\s,]+)/.exec(printed)![1]!, isSecure: true },
    ],
  },
};

async function serve(program: Program, from = 0): Promise<string> {
  return (await program.printed(/Serving app\.ts .* on (.*)\n/, from))[1]!;
}

for (const [where, { args, targets }] of Object.entries(ways)) {
  test(`pottle run --reload refuses no client of ${where} while the program is replaced`, bounded, async (context) => {
    const project = new Project(context);
    const program = project.run(args(project));
    const printed = await serve(program);
    const places = targets(printed);
    const asking = places.map((target) => new Asking(context, target));
    for (const text of ["two", "three"]) {
      const from = program.output.length;
      project.write("text.ts", slowFile(text));
      await program.printed(/^loading$/m, from);
      // The old program is gone, and the new one does not listen.
      const waiting = places.map(ask);
      for (const target of places) (await connectTo(target)).destroy();
      project.write("go", "");
      assert.deepEqual(
        (await Promise.all(waiting)).map(({ body }) => body),
        places.map(() => text),
      );
      assert.equal(await serve(program, from), printed);
      project.write("text.ts", textFile("between"));
      await serve(program, program.output.indexOf("changed", from));
    }
    await Promise.all(asking.map((each) => each.stop()));
    for (const { refusals, answers } of asking) {
      assert.equal(refusals, 0);
      assert.ok(answers.length > 2);
    }
    program.signal("SIGINT");
    assert.equal(await program.ended, 130);
    assert.equal(existsSync(join(project.folder, "app.sock")), false);
  });
}

test("pottle run --reload has clients of a blocked program answered by the next one", bounded, async (context) => {
  const project = new Project(context);
  const program = project.run();
  const target = local(await serve(program));
  const blocking = ask({ ...target, path: "/blocks" }).catch(() => "cut");
  await program.printed(/^blocking/m);
  const waiting = ask(target);
  project.write("text.ts", textFile("two"));
  assert.equal((await waiting).body, "two");
  assert.equal(await blocking, "cut");
});

test("pottle run --reload shows clients why the program does not start, until it does", bounded, async (context) => {
  const project = new Project(context);
  const program = project.run();
  const target = local(await serve(program));
  const asking = new Asking(context, target);
  project.write("app.ts", `${app}\nconst tag = "<b>"; )`);
  await program.printed(/waiting for a change/);
  const html = await untilStatus(503, { ...target, headers: { Accept: "text/html,*/*" } });
  assert.match(html.type, /^text\/html/);
  assert.match(html.body, /app\.ts.*has a syntax error[^]*&#60;b&#62;/);
  const plain = await ask(target);
  assert.match(plain.type, /^text\/plain/);
  assert.match(plain.body, /has a syntax error/);
  for (const headers of [{ "X-Forwarded-For": "192.0.2.1" }, { Host: "rebound.example" }]) {
    const other = await ask({ ...target, headers });
    assert.equal(other.status, 503);
    assert.doesNotMatch(other.body, /syntax|app\.ts/);
  }
  project.write("app.ts", app);
  assert.equal((await untilStatus(200, target)).body, "one");
  await asking.stop();
  assert.equal(asking.refusals, 0);
});

test("pottle run --reload shows clients that the program ended by itself", bounded, async (context) => {
  const project = new Project(context);
  const program = project.run();
  const target = local(await serve(program));
  await assert.rejects(ask({ ...target, path: "/exit/7" }));
  const { body } = await untilStatus(503, target);
  assert.match(body, /It ended with 7/);
  project.write("text.ts", textFile("two"));
  assert.equal((await untilStatus(200, target)).body, "two");
});

test(
  "pottle run --reload in production does not show clients why the program does not start",
  bounded,
  async (context) => {
    const project = new Project(context);
    const program = project.run(undefined, { env: { NODE_ENV: "production" } });
    const target = local(await serve(program));
    project.write("text.ts", "nonsense(");
    const { body } = await untilStatus(503, target);
    assert.doesNotMatch(body, /text\.ts|nonsense/);
  },
);

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 0],
  ["SIGKILL", "SIGKILL"],
] as const) {
  test(
    `pottle run --reload, ended by ${signal} as it shows why the program does not start, leaves nothing behind`,
    bounded,
    async (context) => {
      const project = new Project(context);
      const program = project.run();
      const target = local(await serve(program));
      project.write("text.ts", "nonsense(");
      await untilStatus(503, target);
      program.signal(signal);
      assert.equal(await program.ended, code);
      await untilRefused(target);
    },
  );
}

test(
  "pottle run --reload listens elsewhere when the TOML file says so, and no more where it did",
  bounded,
  async (context) => {
    const project = new Project(context);
    const program = project.run([]);
    const printed = await serve(program);
    const from = program.output.length;
    project.write("pottle.toml", `host = "127.0.0.2"\n`);
    const other = await serve(program, from);
    assert.match(other, /127\.0\.0\.2/);
    await untilRefused(local(printed));
  },
);

test("pottle run --reload says that its port is in use, and takes it after a change", bounded, async (context) => {
  const project = new Project(context);
  const other = await listen(context);
  const { port } = other.address() as { port: number };
  const program = project.run(["--port", String(port)]);
  await program.printed(/the port is in use: current port is \d+[^]*waiting for a change/);
  other.close();
  await once(other, "close");
  project.write("text.ts", textFile("two"));
  await serve(program);
  assert.equal((await ask({ host: "127.0.0.1", port })).body, "two");
});

test("pottle run --reload takes the socket that a killed one has left", bounded, async (context) => {
  const project = new Project(context);
  const args = ["--host", `unix:${join(project.folder, "app.sock")}`];
  const killed = project.run(args);
  await serve(killed);
  await killed.stop();
  assert.ok(existsSync(join(project.folder, "app.sock")));
  const program = project.run(args);
  await serve(program);
  const target = { socketPath: join(project.folder, "app.sock") };
  project.write("text.ts", slowFile("two"));
  await program.printed(/^loading$/m);
  const waiting = ask(target);
  project.write("go", "");
  assert.equal((await waiting).body, "two");
});

test("HeldSockets.hold() keeps what is wanted again, closes the rest, and leaves what cannot be bound", () =>
  run(async () => {
    using sockets = new HeldSockets();
    const any = { host: "127.0.0.1", port: 0 };
    await sockets.hold([any]);
    assert.ok(sockets.has([any]));
    const port = sockets.fix(any)!;
    assert.ok(port > 0);
    const fixed = { host: "127.0.0.1", port };
    const [[name, fd]] = sockets.entries as [[string, number]];
    assert.equal(name, `127.0.0.1 ${port}`);
    const nowhere = { host: "192.0.2.1", port: 0 };
    const unknown = { host: "nowhere.invalid", port: 0 };
    const file = { host: `unix:${import.meta.filename}`, port: 0 };
    const folder = { host: "unix:/nowhere/app.sock", port: 0 };
    await sockets.hold([fixed, nowhere, unknown, file, folder]);
    assert.deepEqual(sockets.entries, [[name, fd]]);
    assert.equal(sockets.has([fixed, nowhere]), false);
    assert.equal(sockets.fix(nowhere), undefined);
    await sockets.hold([]);
    assert.deepEqual(sockets.entries, []);
  }));

/** Asks until the answer has a status: a process takes its time to start. */
async function untilStatus(status: number, target: Target): Promise<Answer> {
  for (;;) {
    try {
      const answer = await ask(target);
      if (answer.status === status) return answer;
    } catch (error) {
      // Not of a connection that a program had accepted before it ended.
      if (isRefusal(error)) throw error;
    }
  }
}

async function untilRefused(target: Target): Promise<void> {
  for (;;) {
    try {
      await ask(target);
    } catch (error) {
      if (isRefusal(error)) return;
    }
  }
}

async function listen(context: TestContext): Promise<Server> {
  const server = createServer().listen(0, "127.0.0.1");
  context.after(() => void server.close());
  await once(server, "listening");
  return server;
}
