import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { createTask, currentScope, outside, run, taskGroup } from "../asyncio/index.ts";
import { ClientSession } from "./session.ts";
import { SessionClosedError } from "./errors.ts";

let server: Server;
let url: string;

before(async () => {
  server = createServer((_request, response) => response.end("hello"));
  server.keepAliveTimeout = 20_000;
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
after(() => new Promise((resolve) => server.close(resolve)));

test("ClientSession is closed with the scope it was made in, with its connections, and says so afterwards", async () => {
  const session = await run(async () => {
    const opened = new ClientSession();
    await (await opened.get(url)).text();
    assert.equal(opened.statistics().idle, 1);
    return opened;
  });
  assert.deepEqual([session.closed, session.statistics().open], [true, 0]);
  await assert.rejects(session.get(url), (error) => {
    assert.ok(error instanceof SessionClosedError);
    assert.match(error.message, /as the session was closed with 'run', in which it was made$/);
    return true;
  });
});

test("ClientSession that a request's task makes is closed with it; one made outside() is not", async () => {
  const [own, lasting] = await createTask(
    async () => [new ClientSession(), outside(() => new ClientSession())] as const,
    {
      name: "GET /",
      ownsTasks: true,
    },
  );
  assert.deepEqual([own.closed, lasting.closed], [true, false]);
  await assert.rejects(own.get(url), /with 'GET \/', in which it was made/);
  await lasting.close();
});

test("ClientSession: 100,000 of them, made and closed in one scope, leave nothing there", async () => {
  await taskGroup(async () => {
    for (let n = 0; n < 1_000; n++) {
      const sessions = Array.from({ length: 100 }, () => new ClientSession());
      for (const session of sessions) await session.close();
    }
    assert.equal(currentScope().owner.rare?.closers?.size, 0);
  });
});
