// Moments of a request and a WebSocket that Quart leaves out or fails in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Event, sleep } from "../../asyncio/index.ts";
import { Blueprint, g, Pottle, urlFor } from "../index.ts";

test("Pottle.urlValuePreprocessor() and Pottle.urlDefaults() work in WebSockets", async () => {
  const pages = new Blueprint("pages", { prefix: "/<any(en, de):lang>" });
  pages.urlValuePreprocessor((_, values) => void (g()["lang"] = values["lang"]));
  pages.urlDefaults((_, values) => void (values["lang"] ??= g()["lang"]));
  pages.get("/about", { name: "about" }, () => "");
  pages.websocket("/chat", async (_, socket) => {
    await socket.send(urlFor(".about"));
  });
  const app = new Pottle();
  app.register(pages);
  await using socket = app.testClient().websocket("/de/chat");
  assert.equal(await socket.receive(), "/de/about");
});

test("beforeRequest() runs for a path that is not found, and its g() is there in the handler of 404", async () => {
  const app = new Pottle();
  app.beforeRequest(() => void (g()["user"] = "ada"));
  app.errorHandler(404, () => `nothing for ${String(g()["user"])}`);
  const response = await app.testClient().get("/none");
  assert.deepEqual([response.status, response.text()], [404, "nothing for ada"]);
});

test("afterRequest() does not run in a request whose client has left", async () => {
  const app = new Pottle();
  const log: string[] = [];
  const begun = new Event();
  app.afterRequest(() => void log.push("after"));
  app.teardownRequest((error) => void log.push(`teardown ${(error as Error).name}`));
  app.get("/", async () => {
    begun.set();
    return await sleep(60_000, "never");
  });
  const call = app.testClient().open("GET", "/");
  await begun.wait();
  call.disconnect();
  await call.over();
  assert.deepEqual(log, ["teardown CancelledError"]);
});
