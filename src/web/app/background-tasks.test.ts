import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, currentTask, Event, isCancelled, sleep } from "../../asyncio/index.ts";
import { virtualTime } from "../../asyncio/testing/index.ts";
import { reportsOf } from "./_reports.fixture.ts";
import { currentApp, g, Pottle, request } from "../index.ts";

test("addBackgroundTask() outlives the request, and finds the application but no request", async () => {
  const app = new Pottle();
  const log: unknown[] = [];
  const go = new Event();
  app.get("/", () => {
    g()["request"] = true;
    app.addBackgroundTask(
      async () => {
        await go.wait();
        log.push(currentTask()?.name, currentApp() === app, Object.keys(g()));
        assert.throws(request, { name: "InvalidStateError" });
      },
      { name: "mail" },
    );
    return "";
  });
  await using client = app.testClient();
  assert.deepEqual((await client.get("/")).outcome, { kind: "served" });
  assert.deepEqual(log, []);
  go.set();
  await client.stop();
  assert.deepEqual(log, ["mail", true, []]);
});

test("addBackgroundTask() goes on when the client of its request leaves", async () => {
  const app = new Pottle();
  const log: string[] = [];
  const begun = new Event();
  app.get("/", async () => {
    app.addBackgroundTask(async () => {
      await sleep(10);
      log.push("done");
    });
    begun.set();
    await sleep(60_000);
    return "";
  });
  await using client = app.testClient();
  const call = client.open("GET", "/");
  await begun.wait();
  call.disconnect();
  assert.equal((await call.over()).outcome.kind, "cancelled");
  await client.stop();
  assert.deepEqual(log, ["done"]);
});

test("addBackgroundTask() reports what fails, and the application stops as if it had not", async () => {
  const app = new Pottle();
  const reports = await reportsOf(async () => {
    app.addBackgroundTask(
      () => {
        throw new Error("boom");
      },
      { name: "mail" },
    );
    await app.lifespan.stop();
  });
  assert.deepEqual(reports, ["Background task 'mail' failed: Error: boom"]);
});

test(
  "Pottle gives background tasks backgroundTaskTimeout to end when it stops, and cancels them then",
  virtualTime(async (clock) => {
    const log: string[] = [];
    const app = new Pottle(undefined, { backgroundTaskTimeout: 100 });
    app.afterServing(() => void log.push("after serving"));
    const client = await app.testClient().start();
    app.addBackgroundTask(async () => {
      await sleep(50);
      log.push("in time");
    });
    app.addBackgroundTask(async () => {
      createTask(() => sleep(60_000)).addDoneCallback(() => log.push("child over"));
      try {
        await sleep(60_000);
      } catch (error) {
        log.push(`cancelled: ${isCancelled(error)}`);
        throw error;
      }
    });
    const stopped = client.stop();
    await clock.advance(100);
    await stopped;
    assert.deepEqual(log, ["in time", "cancelled: true", "child over", "after serving"]);
  }),
);

test("shutdownEvent is set when the application begins to stop, before it waits for background tasks", async () => {
  const app = new Pottle();
  const log: string[] = [];
  const client = await app.testClient().start();
  app.addBackgroundTask(async () => {
    await app.shutdownEvent.wait();
    log.push("told");
  });
  assert.equal(app.shutdownEvent.isSet(), false);
  await client.stop();
  assert.deepEqual([app.shutdownEvent.isSet(), log], [true, ["told"]]);
  await client.start();
  assert.equal(app.shutdownEvent.isSet(), false);
  await client.stop();
});

test("addBackgroundTask() refuses what is no function, and an application that is stopping", async () => {
  const app = new Pottle();
  assert.throws(() => app.addBackgroundTask(1 as never), {
    name: "TypeError",
    message: "Cannot add a background task as 'fn' must be a function: current value is 1",
  });
  const client = await app.testClient().start();
  await client.stop();
  assert.throws(() => app.addBackgroundTask(() => {}, { name: "late" }), {
    name: "InvalidStateError",
    message: "Cannot add a background task as the application is stopping: its name is 'late'",
  });
  await client.start();
  app.addBackgroundTask(() => {});
  await client.stop();
});

test("Pottle ends background tasks of a start that failed", async () => {
  const app = new Pottle();
  const log: string[] = [];
  app.beforeServing(() => {
    app.addBackgroundTask(async () => {
      await app.shutdownEvent.wait();
      log.push("told");
    });
  });
  app.beforeServing(() => {
    throw new Error("no database");
  });
  await assert.rejects(app.testClient().start(), { message: "no database" });
  assert.deepEqual(log, ["told"]);
});
