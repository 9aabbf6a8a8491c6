import assert from "node:assert/strict";
import { test } from "node:test";
import { sleep } from "../../asyncio/index.ts";
import type { Application } from "../../http/index.ts";
import { reportsOf } from "./_reports.fixture.ts";
import {
  abort,
  afterThisRequest,
  Blueprint,
  makeResponse,
  Pottle,
  type Registrar,
  SetupError,
  urlFor,
} from "../index.ts";

function messageOf(report: string): string | undefined {
  return report.split(": ").at(-1);
}

function logHooks(scaffold: Registrar<string>, name: string, log: string[]): void {
  for (const n of [1, 2]) {
    scaffold.beforeWebsocket(() => void log.push(`before ${name}${n}`));
    scaffold.afterWebsocket((response) => void log.push(`after ${name}${n} ${response?.status}`));
    scaffold.teardownWebsocket((error) => void log.push(`teardown ${name}${n} ${String(error)}`));
    scaffold.beforeRequest(() => void log.push("of requests"));
  }
}

test("Pottle runs the hooks of WebSockets from the application in to the view, and out again in reverse", async () => {
  const log: string[] = [];
  const app = new Pottle();
  const outer = new Blueprint("outer", { prefix: "/<org>" });
  const inner = new Blueprint("inner", { prefix: "/<team>/inner" });
  logHooks(inner, "inner", log);
  logHooks(app, "app", log);
  logHooks(outer, "outer", log);
  inner.websocket("/<int:id>", { name: "show" }, async ({ team, id }, socket) => {
    log.push("view");
    await socket.sendJson([team, id, urlFor(".show", { org: "b", team, id: id + 1 })]);
  });
  outer.register(inner);
  app.register(outer);
  {
    await using socket = app.testClient().websocket("/a/acme/inner/7");
    assert.deepEqual(await socket.receiveJson(), ["acme", 7, "/b/acme/inner/8"]);
  }
  const names = ["app1", "app2", "outer1", "outer2", "inner1", "inner2"];
  const expected = [
    ...names.map((name) => `before ${name}`),
    "view",
    ...names.toReversed().map((name) => `after ${name} undefined`),
    ...names.toReversed().map((name) => `teardown ${name} undefined`),
  ];
  assert.deepEqual(log, expected);
});

test("Blueprint.beforeAppWebsocket() and its kin are hooks of the application", async () => {
  const log: string[] = [];
  const app = new Pottle();
  const outer = new Blueprint("outer");
  const inner = new Blueprint("inner");
  inner.beforeAppWebsocket(() => void log.push("before"));
  inner.afterAppWebsocket(() => void log.push("after"));
  inner.teardownAppWebsocket(() => void log.push("teardown"));
  outer.register(inner);
  app.register(outer);
  app.websocket("/", (_, socket) => socket.accept());
  assert.throws(() => inner.beforeAppWebsocket(() => undefined), SetupError);
  {
    await using socket = app.testClient().websocket("/");
    await socket.answer();
  }
  assert.deepEqual(log, ["before", "after", "teardown"]);
});

test("Pottle.beforeWebsocket() refuses with a response or an error, and afterWebsocket() changes it", async () => {
  const app = new Pottle();
  app.beforeWebsocket((socket) => {
    if (socket.args.has("response")) return makeResponse("no", 409);
    if (socket.args.has("abort")) abort(401);
    afterThisRequest((response) => void response.headers.set("X-This", "yes"));
    return undefined;
  });
  app.afterWebsocket((response) => void response?.headers.set("X-After", String(response.status)));
  app.errorHandler(401, () => "who are you");
  app.websocket("/", () => abort(410));
  const seen = await Promise.all(
    ["?response", "?abort", ""].map(async (query) => {
      await using socket = app.testClient().websocket(`/${query}`);
      const { status, headers } = await socket.rejection();
      return [status, headers.get("x-after"), headers.get("x-this")];
    }),
  );
  assert.deepEqual(seen, [
    [409, "409", undefined],
    [401, "401", undefined],
    [410, "410", "yes"],
  ]);
});

test("Pottle.afterWebsocket() that fails is answered with 500, or closes with 1011", async () => {
  const app = new Pottle();
  app.afterWebsocket(() => {
    throw new Error("hook");
  });
  app.websocket("/refused", () => undefined);
  app.websocket("/open", (_, socket) => socket.accept());
  const reports = await reportsOf(async () => {
    await using refused = app.testClient().websocket("/refused");
    assert.equal((await refused.rejection()).status, 500);
    await using open = app.testClient().websocket("/open");
    await assert.rejects(open.receive(), { code: 1011 });
  });
  assert.deepEqual(reports.map(messageOf), ["hook", "hook"]);
});

test("Pottle.teardownWebsocket() runs once for each WebSocket, with the error that was not handled", async () => {
  const app = new Pottle();
  const seen: string[] = [];
  app.teardownWebsocket((error, socket) => void seen.push(`${socket.path} ${String(error)}`));
  app.teardownWebsocket(() => {
    throw new Error("teardown");
  });
  app.websocket("/fails", async (_, socket) => {
    await socket.accept();
    await sleep(1);
    throw new Error("broken");
  });
  app.websocket("/fails-early", () => {
    throw new Error("early");
  });
  const reports = await reportsOf(async () => {
    await using fails = app.testClient().websocket("/fails");
    await assert.rejects(fails.receive(), { code: 1011 });
    await using early = app.testClient().websocket("/fails-early");
    assert.equal((await early.rejection()).status, 500);
    await using none = app.testClient().websocket("/none");
    assert.equal((await none.rejection()).status, 404);
  });
  assert.deepEqual(seen, ["/fails Error: broken", "/fails-early Error: early", "/none undefined"]);
  const messages = reports.map(messageOf).toSorted((a = "", b = "") => a.localeCompare(b));
  assert.deepEqual(messages, ["broken", "early", "teardown", "teardown", "teardown"]);
});

test("Pottle.mount() passes WebSockets to the other application, with the path after the prefix", async () => {
  const inner = new Pottle();
  inner.websocket("/<name>", ({ name }, socket) => socket.sendJson([name, inner.urlFor("/<name>", { name })]));
  const bare: Application = {
    handle: (exchange) => exchange.respond(404, []),
    async websocket(connection) {
      await connection.accept();
      await connection.send(`${connection.basePath} ${connection.target}`);
    },
  };
  const app = new Pottle();
  const log: string[] = [];
  app.beforeWebsocket((socket) => void log.push(socket.path));
  app.mount("/inner", inner);
  app.mount("/bare", bare);
  app.mount("/http", { handle: (exchange) => exchange.respond(418, []) });
  const client = app.testClient();
  await using one = client.websocket("/inner/ada");
  assert.deepEqual(await one.receiveJson(), ["ada", "/inner/ada"]);
  await using other = client.websocket("/bare/x?y=z");
  assert.equal(await other.receive(), "/bare /x?y=z");
  await using none = client.websocket("/http/");
  assert.equal((await none.rejection()).status, 418);
  assert.deepEqual(log, ["/inner/ada", "/bare/x", "/http/"]);
});

test("Pottle.websocket() is refused once a request or a WebSocket was answered, and checks its arguments", async () => {
  const app = new Pottle();
  assert.throws(() => app.websocket("/", undefined as never), TypeError);
  assert.throws(() => app.websocket("/", { lifetime: 0 }, () => undefined), RangeError);
  assert.throws(() => app.websocket("/", { timeout: 0 }, () => undefined), RangeError);
  assert.throws(() => app.websocket("/", null as never, () => undefined), TypeError);
  assert.throws(() => app.websocket("x" as never, () => undefined));
  assert.throws(() => new Blueprint("x").websocket("/", { origins: 7 as never }, () => undefined), TypeError);
  await using socket = app.testClient().websocket("/");
  await socket.rejection();
  assert.throws(() => app.websocket("/", () => undefined), SetupError);
});
