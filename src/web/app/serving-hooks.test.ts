import assert from "node:assert/strict";
import { test } from "node:test";
import { asyncContextManager, sleep } from "../../asyncio/index.ts";
import { serve } from "../../server/index.ts";
import { currentApp, Pottle } from "../index.ts";

test("beforeServing(), whileServing() and afterServing() run in order, and back in reverse, in the application's context", async () => {
  const app = new Pottle();
  const log: string[] = [];
  const note = (text: string): void => void log.push(`${text} ${currentApp() === app}`);
  const opened = asyncContextManager(async function* (name: string) {
    note(`open ${name}`);
    yield name;
    note(`close ${name}`);
  });
  app.afterServing(() => note("after"));
  app.beforeServing(async () => {
    await sleep(1);
    note("before");
  });
  app.whileServing(async function* () {
    note("generator begins");
    yield;
    await sleep(1);
    note("generator ends");
  });
  app.whileServing(opened("manager"));
  app.get("/", () => "view");
  const expected = [
    "before true",
    "generator begins true",
    "open manager true",
    "close manager true",
    "generator ends true",
    "after true",
  ];
  {
    await using server = await serve(app, { port: 0 });
    assert.equal(await (await fetch(server.url)).text(), "view");
    assert.deepEqual(log, expected.slice(0, 3));
  }
  assert.deepEqual(log.splice(0), expected);
  await (await app.testClient().start()).stop();
  assert.deepEqual(log, expected, "a second time");
  assert.throws(currentApp);
});

test("whileServing() closes nothing that was not opened", async () => {
  const app = new Pottle();
  const log: string[] = [];
  app.whileServing(async function* () {
    log.push("open");
    yield;
    log.push("close");
  });
  app.beforeServing(() => {
    throw new Error("no database");
  });
  app.whileServing(async function* () {
    log.push("never");
    yield;
  });
  await assert.rejects(app.testClient().start(), { message: "no database" });
  assert.deepEqual(log, ["open", "close"]);
});

test("whileServing() leaves a manager once for each time that it entered it", async () => {
  const app = new Pottle();
  const log: string[] = [];
  let fails = false;
  app.beforeServing(() => {
    if (fails) throw new Error("no database");
  });
  app.whileServing({
    with: () => Promise.reject(new Error("never")),
    enter: () => {
      log.push("enter");
      return Promise.resolve({ value: 1, [Symbol.asyncDispose]: async () => void log.push("leave") });
    },
  });
  await (await app.testClient().start()).stop();
  fails = true;
  await assert.rejects(app.testClient().start());
  assert.deepEqual(log, ["enter", "leave"]);
});

test("whileServing() refuses what is no manager, and a generator that does not yield", async () => {
  const app = new Pottle();
  for (const value of [undefined, null, {}, "x"]) {
    assert.throws(() => app.whileServing(value as never), { name: "TypeError", message: /whileServing\(\)/ });
  }
  app.whileServing(async function* () {});
  await assert.rejects(app.testClient().start(), { name: "InvalidStateError" });
});
