import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { createTask, Event, InvalidStateError, sleep } from "../../asyncio/index.ts";
import { virtualTime } from "../../asyncio/testing/index.ts";
import { ClientDisconnected, WebSocketClosed } from "../../http/index.ts";
import { reportsOf } from "../app/_reports.fixture.ts";
import {
  abort,
  currentApp,
  DeadlineExceeded,
  g,
  HTTPError,
  makeResponse,
  Pottle,
  request,
  WebSocketMessageError,
  WebSocketRejected,
  websocket,
} from "../index.ts";

/** What an async function throws. */
async function thrownBy(fn: () => Promise<unknown>): Promise<unknown> {
  try {
    await fn();
  } catch (error) {
    return error;
  }
  throw new Error("It threw nothing");
}

async function closeOf(fn: () => Promise<unknown>): Promise<{ code: number; reason: string }> {
  const error = await thrownBy(fn);
  assert(error instanceof WebSocketClosed, String(error));
  return { code: error.code, reason: error.reason };
}

test("HttpWebSocket is accepted by the first message that is sent or received", async () => {
  const app = new Pottle();
  app.websocket("/echo", async (_, socket) => {
    for await (const message of socket) await socket.send(message);
  });
  app.websocket("/hello", (_, socket) => socket.send("hello"));
  const client = app.testClient();
  await using echo = client.websocket("/echo");
  await echo.send("one");
  assert.equal(await echo.receive(), "one");
  await echo.send(new Uint8Array([1, 2]));
  assert.deepEqual(await echo.receive(), new Uint8Array([1, 2]));
  await echo.close(4001, "bye");
  assert.equal((await echo.over()).outcome.kind, "served");
  await using hello = client.websocket("/hello");
  assert.equal(await hello.receive(), "hello");
  assert.deepEqual(await closeOf(() => hello.receive()), { code: 1000, reason: "" });
});

test("HttpWebSocket has the facts of its request", async () => {
  const app = new Pottle();
  app.websocket("/rooms/<int:id>", async ({ id }, socket) => {
    const { path, args, headers, cookies, scheme, remoteAddress } = socket;
    const facts = { id, path, q: args.get("q"), x: headers.get("x-y"), c: cookies.get("c"), scheme, remoteAddress };
    assert.equal(request(), socket.request);
    assert.equal(websocket(), socket);
    assert.equal(currentApp(), app);
    await socket.sendJson(facts);
  });
  await using socket = app
    .testClient({ headers: { "X-Y": "z" } })
    .websocket("/rooms/7?q=1", { headers: { Cookie: "c=d" } });
  const expected = { id: 7, path: "/rooms/7", q: "1", x: "z", c: "d", scheme: "ws", remoteAddress: "127.0.0.1" };
  assert.deepEqual(await socket.receiveJson(), expected);
});

test("HttpWebSocket.accept() chooses a subprotocol that the client offers, and adds headers", async () => {
  const app = new Pottle();
  app.websocket("/", async (_, socket) => {
    assert.deepEqual(socket.requestedSubprotocols, ["a", "b"]);
    assert.equal(socket.accepted, false);
    await socket.accept({ subprotocol: "b", headers: { "Set-Cookie": "x=y" } });
    assert.equal(socket.accepted, true);
  });
  await using socket = app.testClient().websocket("/", { subprotocols: ["a", "b"] });
  const { status, headers } = await socket.answer();
  assert.deepEqual([status, headers], [101, ["Sec-WebSocket-Protocol", "b", "Set-Cookie", "x=y"]]);
  assert.equal(socket.subprotocol, "b");
});

test("HttpWebSocket.reject() and close() answer before it is accepted", async () => {
  const app = new Pottle();
  app.websocket("/reject", (_, socket) => socket.reject(404, { no: "room" }, { "X-A": "b" }));
  app.websocket("/close", (_, socket) => socket.close());
  const client = app.testClient();
  await using one = client.websocket("/reject");
  const response = await one.rejection();
  assert.deepEqual([response.status, response.json(), response.headers.get("x-a")], [404, { no: "room" }, "b"]);
  await using other = client.websocket("/close");
  assert.equal((await other.rejection()).status, 403);
  const error = await thrownBy(() => other.send("x"));
  assert(error instanceof WebSocketRejected && error.response.status === 403);
});

test("Pottle.websocket() answers a view that does not accept: with its response, else with 403", async () => {
  const app = new Pottle();
  app.websocket("/returns", () => makeResponse("later", 503, { "Retry-After": "1" }));
  app.websocket("/moved", () => new Response(null, { status: 302, headers: { Location: "/x" } }));
  app.websocket("/nothing", () => undefined);
  app.websocket("/abort", () => abort(402, "Pay first."));
  app.websocket("/abort-response", () => abort(makeResponse("gone", 410)));
  const client = app.testClient();
  const answers: unknown[] = [];
  for (const path of ["/returns", "/moved", "/nothing", "/abort", "/abort-response", "/none"]) {
    await using socket = client.websocket(path);
    answers.push((await socket.rejection()).status);
  }
  assert.deepEqual(answers, [503, 302, 403, 402, 410, 404]);
});

test("Pottle.websocket() reports a response that would not refuse, and answers with 500", async () => {
  const app = new Pottle();
  app.websocket("/", () => makeResponse("fine"));
  const reports = await reportsOf(async () => {
    await using socket = app.testClient().websocket("/");
    assert.equal((await socket.rejection()).status, 500);
  });
  assert.equal(reports.length, 1);
  assert.match(reports[0] ?? "", /Cannot reject the WebSocket as 'status' must be .* from 300 to 599/);
});

test("Pottle.websocket() closes with 1008 for an error of the client, with 1011 for one of the server", async () => {
  class Full extends Error {}
  const app = new Pottle();
  app.errorHandler(Full, () => makeResponse("full", 409));
  app.errorHandler(418, () => "handled");
  const errors: Record<string, () => unknown> = {
    forbidden: () => abort(403, `No entry: ${"é".repeat(100)}`),
    teapot: () => abort(418),
    unavailable: () => abort(503, "Later."),
    full: () => {
      throw new Full();
    },
    broken: () => {
      throw new Error("broken");
    },
  };
  app.websocket("/<name>", async ({ name }, socket) => {
    await socket.send("in");
    errors[name]?.();
  });
  const codes: Record<string, number> = {};
  const reports = await reportsOf(async () => {
    for (const name of Object.keys(errors)) {
      await using socket = app.testClient().websocket(`/${name}`);
      await socket.receive();
      const { code, reason } = await closeOf(() => socket.receive());
      codes[name] = code;
      assert(Buffer.byteLength(reason) <= 123 && !reason.includes("\uFFFD"));
      if (name === "forbidden") assert(reason.startsWith("No entry: éé") && reason.endsWith("é…"));
    }
  });
  assert.deepEqual(codes, { forbidden: 1008, teapot: 1008, unavailable: 1011, full: 1008, broken: 1011 });
  assert.deepEqual(reports, ["Error while serving GET /broken: Error: broken"]);
});

const numbers: StandardSchemaV1<unknown, { n: number }> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) =>
      typeof (value as { n?: unknown } | null)?.n === "number"
        ? { value: { n: (value as { n: number }).n } }
        : { issues: [{ message: "n must be a number", path: ["n"] }] },
  },
};

test("HttpWebSocket.receiveJson() closes with 1007 for what is not JSON, unless the view catches it", async () => {
  const app = new Pottle();
  app.websocket("/strict", async (_, socket) => {
    for (;;) await socket.sendJson(await socket.receiveJson());
  });
  app.websocket("/schema", async (_, socket) => {
    for (;;) {
      try {
        const { n } = await socket.receiveJson(numbers);
        await socket.sendJson(n + 1);
      } catch (error) {
        if (!(error instanceof WebSocketMessageError)) throw error;
        assert(error instanceof HTTPError);
        await socket.sendJson(error.issues);
      }
    }
  });
  const reports = await reportsOf(async () => {
    for (const bad of ["{", "", "[1,]", new Uint8Array([0x22, 0xff, 0x22])]) {
      await using socket = app.testClient().websocket("/strict");
      await socket.sendJson([1, null, { __proto__: null, constructor: 1 }]);
      assert.deepEqual(await socket.receiveJson(), [1, null, { constructor: 1 }]);
      await socket.send(Buffer.from('{"__proto__":1}'));
      assert.equal(await socket.receive(), '{"__proto__":1}');
      await socket.send(bad);
      assert.deepEqual(await closeOf(() => socket.receive()), { code: 1007, reason: "The message is not JSON." });
    }
    await using socket = app.testClient().websocket("/schema");
    await socket.sendJson({ n: 1, other: true });
    assert.equal(await socket.receiveJson(), 2);
    await socket.sendJson({ n: "1" });
    assert.deepEqual(await socket.receiveJson(), [{ message: "n must be a number", path: ["n"] }]);
    await socket.send("nothing");
    assert.deepEqual(await socket.receiveJson(), []);
  });
  assert.deepEqual(reports, []);
});

test("HttpWebSocket takes any messages: it echoes them, and reads or refuses their JSON", async () => {
  const app = new Pottle();
  app.websocket("/echo", async (_, socket) => {
    for await (const message of socket) await socket.send(message);
  });
  app.websocket("/json", async (_, socket) => {
    for (;;) await socket.sendJson([await socket.receiveJson()]);
  });
  const client = app.testClient();
  const message = fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array(), fc.json());
  const reports = await reportsOf(() =>
    fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 5 }), async (messages) => {
        await using echo = client.websocket("/echo");
        for (const one of messages) {
          await echo.send(one);
          assert.deepEqual(await echo.receive(), one);
        }
        for (const one of messages) {
          await using json = client.websocket("/json");
          await json.send(one);
          const answer = await json.receive().catch((error: unknown) => error);
          if (typeof answer === "string")
            assert.deepEqual(JSON.parse(answer), [JSON.parse(Buffer.from(one).toString())]);
          else assert(answer instanceof WebSocketClosed && answer.code === 1007);
        }
      }),
      { numRuns: 50 },
    ),
  );
  assert.deepEqual(reports, []);
});

test("HttpWebSocket.sendJson() refuses what JSON does not have", async () => {
  const app = new Pottle();
  const refused: unknown[] = [];
  app.websocket("/", async (_, socket) => {
    for (const value of [undefined, () => 1, new Map([[1, 2]]), new Set([1]), Symbol("x")]) {
      refused.push(await thrownBy(() => socket.sendJson(value)));
    }
    for (const value of [null, 0, "", [], {}, new Date(0)]) await socket.sendJson(value);
  });
  await using socket = app.testClient().websocket("/");
  for (const text of ["null", "0", '""', "[]", "{}", '"1970-01-01T00:00:00.000Z"']) {
    assert.equal(await socket.receive(), text);
  }
  assert(refused.length === 5 && refused.every((error) => error instanceof TypeError));
});

test("HttpWebSocket.send() waits for a client that does not receive", async () => {
  const app = new Pottle();
  let sent = 0;
  app.websocket("/", async (_, socket) => {
    for (; sent < 1_000; sent++) await socket.send("x".repeat(10_000));
  });
  await using socket = app.testClient().websocket("/");
  await socket.answer();
  await sleep(1);
  assert(sent > 0 && sent < 20, `${sent} were sent`);
  for (let i = 0; i < 1_000; i++) assert.equal(((await socket.receive()) as string).length, 10_000);
});

test("Pottle.websocket() refuses pages of other sites, unless they are allowed", async () => {
  const app = new Pottle();
  const view = (): void => undefined;
  app.websocket("/same", async (_, socket) => socket.accept());
  app.websocket("/any", { origins: "any" }, async (_, socket) => socket.accept());
  app.websocket("/list", { origins: ["https://friend.example"] }, async (_, socket) => socket.accept());
  app.websocket("/fn", { origins: async (origin, { path }) => origin.endsWith(path) }, async (_, socket) =>
    socket.accept(),
  );
  const status = async (path: string, headers: string[]): Promise<number> => {
    await using socket = app.testClient().websocket(path, { headers });
    return (await socket.answer()).status;
  };
  const host = ["Host", "app.example"];
  assert.equal(await status("/same", host), 101);
  assert.equal(await status("/same", [...host, "Origin", "https://app.example"]), 101);
  assert.equal(await status("/same", ["Host", "APP.example:443", "Origin", "https://app.example"]), 101);
  assert.equal(await status("/same", ["Host", "app.example:8000", "Origin", "http://app.example:8000"]), 101);
  const bad = [
    "https://evil.example",
    "null",
    "",
    "https://app.example.evil",
    "http://app.example:8000",
    "//app.example",
  ];
  for (const origin of bad) assert.equal(await status("/same", [...host, "Origin", origin]), 403, origin);
  assert.equal(
    await status("/same", [...host, "Origin", "https://app.example", "Origin", "https://evil.example"]),
    403,
  );
  assert.equal(await status("/same", ["Origin", "https://app.example"]), 403);
  assert.equal(await status("/any", [...host, "Origin", "https://evil.example"]), 101);
  assert.equal(await status("/list", [...host, "Origin", "https://friend.example"]), 101);
  assert.equal(await status("/list", [...host, "Origin", "https://app.example"]), 101);
  assert.equal(await status("/list", [...host, "Origin", "https://evil.example"]), 403);
  assert.equal(await status("/fn", [...host, "Origin", "x/fn"]), 101);
  assert.equal(await status("/fn", [...host, "Origin", "x"]), 403);
  const other = new Pottle();
  for (const origins of ["all", ["friend.example"], ["https://friend.example/"], [1], null, 7]) {
    assert.throws(() => other.websocket("/", { origins: origins as never }, view), TypeError);
  }
});

test("Pottle answers a request for a route of WebSockets with 426, and a WebSocket for another route with 400", async () => {
  const app = new Pottle();
  app.websocket("/ws/<int:id>", () => undefined);
  app.get("/page", () => "page");
  app.get("/both", () => "page");
  app.websocket("/both", (_, socket) => socket.send("socket"));
  app.websocket("/slash/", () => undefined);
  const client = app.testClient();
  const { status, headers } = await client.get("/ws/7");
  assert.deepEqual([status, headers.get("upgrade")], [426, "websocket"]);
  assert.equal((await client.post("/ws/7")).status, 426);
  assert.equal((await client.get("/ws/x")).status, 404);
  assert.equal((await client.get("/both")).text(), "page");
  const statusOf = async (path: string): Promise<number> => {
    await using socket = client.websocket(path);
    return (await socket.answer()).status;
  };
  const paths = ["/page", "/both", "/ws/x", "/%zz", "/slash", "//ws//7"];
  assert.deepEqual(await Promise.all(paths.map(statusOf)), [400, 101, 404, 400, 308, 308]);
  assert.equal(app.urlFor("/ws/<int:id>", { id: 7 }), "/ws/7");
});

test(
  "Pottle.websocket() has the request's time limit until it accepts, and none after it",
  virtualTime(
    async () => {
      const app = new Pottle({}, { requestTimeout: 100 });
      let reason: unknown;
      app.teardownWebsocket((error) => void (reason = error));
      app.websocket("/slow", async (_, socket) => {
        await sleep(1_000);
        await socket.accept();
      });
      app.websocket("/long", async (_, socket) => {
        await socket.accept();
        await sleep(10_000);
        await socket.send("still here");
      });
      app.websocket("/own", { timeout: 2_000 }, async (_, socket) => {
        await sleep(1_000);
        await socket.send("in time");
      });
      const client = app.testClient();
      const slow = client.websocket("/slow");
      assert.equal((await slow.rejection()).status, 503);
      assert.equal((await slow.over()).outcome.kind, "cancelled");
      assert((reason as { reason?: unknown }).reason instanceof DeadlineExceeded);
      await using long = client.websocket("/long");
      assert.equal(await long.receive(), "still here");
      await using own = client.websocket("/own");
      assert.equal(await own.receive(), "in time");
    },
    { autoAdvance: true },
  ),
);

test(
  "Pottle.websocket() closes with 1001 when its lifetime is over",
  virtualTime(
    async () => {
      const app = new Pottle();
      let cleaned = 0;
      app.websocket("/", { lifetime: 1_000 }, async (_, socket) => {
        try {
          await sleep(5_000);
          await socket.accept();
          await sleep(60_000);
        } finally {
          cleaned++;
        }
      });
      app.websocket("/brief", { lifetime: 1_000 }, (_, socket) => socket.send("done"));
      await using socket = app.testClient().websocket("/");
      assert.deepEqual(await closeOf(() => socket.receive()), { code: 1001, reason: "lifetime is over" });
      assert.equal((await socket.over()).outcome.kind, "served");
      assert.equal(cleaned, 1);
      await using brief = app.testClient().websocket("/brief");
      assert.equal(await brief.receive(), "done");
      assert.deepEqual(await closeOf(() => brief.receive()), { code: 1000, reason: "" });
    },
    { autoAdvance: true },
  ),
);

test("Pottle.websocket() cancels a view whose client vanishes, and runs finally and teardown once", async () => {
  for (const point of ["before", "receive", "send", "child"] as const) {
    const app = new Pottle();
    const log: string[] = [];
    const waiting = new Event();
    app.teardownWebsocket((error) => {
      const { reason } = error as { reason?: unknown };
      log.push(`teardown ${reason instanceof ClientDisconnected}`);
    });
    app.afterWebsocket(() => void log.push("after"));
    app.websocket("/", async (_, socket) => {
      createTask(async () => {
        try {
          await sleep(60_000);
        } finally {
          log.push("child");
        }
      });
      try {
        waiting.set();
        if (point === "before") await sleep(60_000);
        await socket.accept();
        if (point === "receive") while (true) await socket.receive();
        if (point === "send") for (;;) await socket.send("x".repeat(70_000));
        await sleep(60_000);
      } finally {
        await sleep(1);
        log.push("finally");
      }
    });
    const socket = app.testClient().websocket("/");
    await waiting.wait();
    if (point !== "before") await socket.answer();
    await sleep(1);
    socket.disconnect();
    const { outcome } = await socket.over();
    assert(outcome.kind === "cancelled" && outcome.reason instanceof ClientDisconnected, point);
    assert.deepEqual(log.toSorted(), ["child", "finally", "teardown true"], point);
  }
});

test("websocket() and g() belong to one WebSocket, and websocket() is an error in a request", async () => {
  const app = new Pottle();
  app.beforeWebsocket((socket) => void (g<{ n?: string | null }>().n = socket.args.get("n")));
  app.websocket("/", async () => {
    await sleep(1);
    await createTask(() => websocket().sendJson(g()));
  });
  app.get("/", () => websocket().path);
  const client = app.testClient();
  await Promise.all(
    ["1", "2", "3"].map(async (n) => {
      await using socket = client.websocket("/", { query: { n } });
      assert.deepEqual(await socket.receiveJson(), { n });
    }),
  );
  const reports = await reportsOf(async () => assert.equal((await client.get("/")).status, 500));
  assert.match(reports[0] ?? "", /InvalidStateError: Cannot use websocket\(\)/);
  assert.throws(() => websocket(), InvalidStateError);
});
