import assert from "node:assert/strict";
import { createServer } from "node:https";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { MockAgent } from "undici";
import { createTask, currentScope, type Scope } from "../asyncio/index.ts";
import { collectGarbage, findUncollected } from "../base/garbage.fixture.ts";
import { checkLeaks } from "../asyncio/testing/index.ts";
import { ClientSession } from "./session.ts";
import { ClientConnectionError, ClientConnectorError } from "./errors.ts";
import { listen, serve } from "./server.fixture.ts";
import { first } from "../base/certificates.fixture.ts";

const limited = { timeout: 5_000 };

const { cert, key } = first;

test("ClientSession checks certificates, and trusts those that it is given", limited, async (context) => {
  const server = createServer({ key, cert }, (_, response) => response.end("secret")).listen(0, "127.0.0.1");
  context.after(() => void server.close());
  await once(server, "listening");
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  {
    await using wary = new ClientSession();
    await assert.rejects(wary.get(url), (error: ClientConnectorError) => {
      assert.ok(error instanceof ClientConnectorError);
      return error.code === "DEPTH_ZERO_SELF_SIGNED_CERT";
    });
  }
  await using session = new ClientSession({ tls: { ca: cert } });
  assert.equal(await (await session.get(url)).text(), "secret");
  assert.equal(await (await session.get(url)).text(), "secret");
  assert.equal(session.statistics().open, 1);
});

test("an early answer over TLS is read although writing fails", limited, async (context) => {
  const server = await listen(
    context,
    createTlsServer({ key, cert }, (socket) => {
      socket.on("error", () => {}); // the connection may be closed during a write
      socket.once("data", () => {
        socket.pause();
        socket.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno", () =>
          socket.destroy(),
        );
      });
    }),
  );
  await using session = new ClientSession({ tls: { ca: cert } });
  async function* body(): AsyncGenerator<Uint8Array> {
    for (;;) yield Buffer.alloc(100_000);
  }
  for (let n = 0; n < 20; n++) {
    const response = await session.post(server.url.replace("http:", "https:"), { body: body() });
    assert.equal(response.status, 413);
    assert.equal(await response.text(), "no");
    assert.equal(session.statistics().open, 0);
  }
});

test("ClientSession sends everything through a dispatcher that it is given", limited, async () => {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const place = agent.get("http://api.example.org");
  place
    .intercept({ path: "/todos?n=1", method: "POST", body: '{"a":1}' })
    .reply(201, { id: 7 }, { headers: { "X-A": "1" } });
  await using session = new ClientSession({ baseUrl: "http://api.example.org/", dispatcher: agent });
  const response = await session.post("todos", { params: { n: 1 }, json: { a: 1 } });
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("x-a"), "1");
  assert.deepEqual(await response.json(), { id: 7 });
  await assert.rejects(session.get("nothing"), ClientConnectionError);
  await agent.close();
});

test("a connection that is kept does not keep the scope of who opened it", limited, async (context) => {
  const server = await serve(context, (_, response) => response.end("x"));
  await using session = new ClientSession();
  const scopes: WeakRef<Scope>[] = [];
  const ask = async (): Promise<void> => {
    scopes.push(new WeakRef(currentScope()));
    await (await session.get(server.url)).text();
  };
  await createTask(ask);
  await createTask(ask);
  assert.deepEqual(session.statistics(), { open: 1, inUse: 0, idle: 1, waiting: 0 });
  assert.deepEqual(await findUncollected(scopes), []);
});

test(
  "a response that nobody reads or holds any more gives its connection back when it is collected",
  limited,
  async (context) => {
    const server = await serve(context, (_, response) => response.end(Buffer.alloc(10_000_000)));
    await using session = new ClientSession({ limit: 2 });
    const forget = async (): Promise<void> => {
      await session.get(server.url);
      await createTask(() => session.get(server.url));
    };
    await forget();
    assert.equal(session.statistics().inUse, 2);
    while (session.statistics().inUse > 0) {
      await collectGarbage();
    }
    const kept = await session.get(server.url);
    for (let n = 0; n < 5; n++) {
      await collectGarbage();
    }
    assert.equal((await kept.bytes()).length, 10_000_000, "one that is held can be read");
  },
);

test("ClientSession leaves nothing behind when it is closed", limited, async (context) => {
  const server = await serve(context, (_, response) => response.end("x"));
  await checkLeaks(async () => {
    await using session = new ClientSession({ baseUrl: server.url });
    await (await session.get("")).text();
    await session.get("");
  });
});
