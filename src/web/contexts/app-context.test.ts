import assert from "node:assert/strict";
import { test } from "node:test";
import { closeWithScope, createTask, Event, isCancelled, setExceptionHandler } from "../../asyncio/index.ts";
import { currentApp, g, Pottle, request } from "../index.ts";

test("app.context() has the application and an object of its own, and leaves nothing of them outside", async () => {
  const app = new Pottle();
  const seen = await app.context(async () => {
    g()["a"] = 1;
    await createTask(async () => assert.equal(currentApp(), app));
    return g()["a"];
  });
  assert.equal(seen, 1);
  assert.throws(() => currentApp(), /Cannot use currentApp/);
  assert.deepEqual(await app.context(() => ({ ...g() })), {});
});

test("app.context() in another one has its own application, and the outer one is there after it", async () => {
  const [one, two] = [new Pottle(), new Pottle()];
  await one.context(async () => {
    await two.context(() => assert.equal(currentApp(), two));
    assert.equal(currentApp(), one);
  });
});

test("app.context() closes what was opened in it, runs the teardown hooks in reverse, and throws on", async () => {
  const log: string[] = [];
  const app = new Pottle();
  app.teardownAppContext((error) => void log.push(`first ${String(error)}`));
  app.teardownAppContext(async () => void log.push(`second ${String(g()["a"])}`));
  const failing = app.context(() => {
    g()["a"] = 1;
    closeWithScope(() => void log.push("closed"));
    throw new Error("boom");
  });
  await assert.rejects(failing, /boom/);
  assert.deepEqual(log, ["second 1", "first Error: boom", "closed"]);
});

test("app.context() ends the tasks that were started in it, and its hooks run though it is cancelled", async () => {
  const log: string[] = [];
  const app = new Pottle();
  app.teardownAppContext(async (error) => {
    await Promise.resolve();
    log.push(isCancelled(error) ? "cancelled" : "not");
  });
  const begun = new Event();
  const task = createTask(() =>
    app.context(async () => {
      begun.set();
      await new Event().wait();
    }),
  );
  await begun.wait();
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.deepEqual(log, ["cancelled"]);
});

test("app.teardownAppContext() runs for requests, after their own hooks, for background tasks and for commands", async () => {
  const log: string[] = [];
  const app = new Pottle();
  app.teardownRequest(() => void log.push("request 1"));
  app.teardownAppContext(() => void log.push("app 1"));
  app.teardownAppContext(() => void log.push("app 2"));
  app.teardownRequest(() => void log.push("request 2"));
  app.get("/", () => {
    app.addBackgroundTask(() => void log.push("task"));
    return "x";
  });
  app.cli.command("c", () => void log.push("command"));
  {
    await using client = await app.testClient().start();
    await client.get("/");
  }
  await app.runCommand(["c"]);
  assert.deepEqual(log.toSorted(), [
    "app 1",
    "app 1",
    "app 1",
    "app 2",
    "app 2",
    "app 2",
    "command",
    "request 1",
    "request 2",
    "task",
  ]);
  const ofRequest = log.filter((line) => line.startsWith("request"));
  assert.deepEqual(ofRequest, ["request 2", "request 1"]);
  assert.deepEqual(log.slice(-3), ["command", "app 2", "app 1"]);
});

test("app.teardownAppContext() reports a hook that fails, and runs the others", async (context) => {
  const reports: unknown[] = [];
  setExceptionHandler(({ error }) => void reports.push(String(error)));
  context.after(() => setExceptionHandler(undefined));
  const app = new Pottle();
  const log: string[] = [];
  app.teardownAppContext(() => void log.push("runs"));
  app.teardownAppContext(() => {
    throw new Error("hook");
  });
  assert.equal(await app.context(() => 7), 7);
  assert.deepEqual([log, reports], [["runs"], ["Error: hook"]]);
  assert.throws(() => app.teardownAppContext(1 as never), TypeError);
});

test("app.testRequestContext() has the request with its path's values, and runs neither view nor hooks but teardown", async () => {
  const log: string[] = [];
  const app = new Pottle();
  app.get("/todos/<int:id>", () => assert.fail("not called"));
  app.post("/todos", () => assert.fail("not called"));
  app.beforeRequest(() => assert.fail("not called"));
  app.teardownRequest((error) => void log.push(String(error)));
  const id = await app.testRequestContext("/todos/7?page=2", {}, ({ args, path }) => [path, args.get("page")]);
  assert.deepEqual(id, ["/todos/7", "2"]);
  const json = await app.testRequestContext("/todos", { method: "POST", json: { a: 1 } }, async () => {
    assert.equal(currentApp(), app);
    return await request().json();
  });
  assert.deepEqual(json, { a: 1 });
  assert.deepEqual(log, ["undefined", "undefined"]);
  assert.throws(() => request(), /Cannot use request/);
});

test("app.testRequestContext() throws the error of its function, which teardown gets, and refuses what is no function", async () => {
  const app = new Pottle();
  const log: string[] = [];
  app.teardownRequest((error) => void log.push(String(error)));
  const failing = app.testRequestContext("/nowhere", {}, () => {
    throw new Error("boom");
  });
  await assert.rejects(failing, /boom/);
  assert.deepEqual(log, ["Error: boom"]);
  assert.throws(() => app.testRequestContext("/", {}, 1 as never), TypeError);
});
