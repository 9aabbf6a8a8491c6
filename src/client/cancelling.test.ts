import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { PassThrough } from "node:stream";
import { ReadableStream } from "node:stream/web";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import {
  createTask,
  isCancelled,
  type Scope,
  currentScope,
  currentTask,
  sleep,
  type Task,
  taskGroup,
  timeout,
} from "../asyncio/index.ts";
import type { ClientResponse } from "./response.ts";
import type { RequestOptions } from "./request.ts";
import { ClientSession } from "./session.ts";
import { serve, serveRaw, type TestServer, until } from "./server.fixture.ts";

// The diagnostics channels on which undici publishes the steps of a request, in the async context of each step.
const channels = ["client:sendHeaders", "request:bodySent", "request:headers", "request:trailers"].map(
  (name) => `undici:${name}`,
);

const limited = { timeout: 5_000 };

/**
 * Cancels `task`, and checks that it ends as cancelled, that its connection is closed, and that the session still
 * works.
 */
async function cancelAndGoOn(task: Task<unknown>, session: ClientSession, server: TestServer): Promise<void> {
  const open = server.sockets.size;
  task.cancel("no longer wanted");
  await assert.rejects(task, isCancelled);
  assert.equal(session.statistics().inUse, 0);
  await until(() => server.sockets.size < open || open === 0);
  assert.equal(await (await session.get("quick")).text(), "quick");
}

function serveSlow(context: TestContext): Promise<TestServer> {
  return serve(context, (request, response) => {
    if (request.url === "/quick") response.end("quick");
    if (request.url === "/body") response.write("the first piece");
  });
}

test(
  "a cancelled request that awaits its response closes its connection, and frees its place",
  limited,
  async (context) => {
    const server = await serveSlow(context);
    await using session = new ClientSession({ baseUrl: server.url, limit: 1 });
    const task = createTask(() => session.get("never"));
    await until(() => task.waitsFor.includes("response") && server.sockets.size === 1);
    assert.match(task.waitsFor, /response GET http:\/\/127\.0\.0\.1:\d+\/never/);
    await cancelAndGoOn(task, session, server);
  },
);

test("a cancelled reader of a body closes its connection, and frees its place", limited, async (context) => {
  const server = await serveSlow(context);
  await using session = new ClientSession({ baseUrl: server.url, limit: 1 });
  const pieces: string[] = [];
  const task = createTask(async () => {
    const response = await session.get("body");
    for await (const piece of response.body) pieces.push(Buffer.from(piece).toString());
  });
  await until(() => pieces.length === 1);
  await cancelAndGoOn(task, session, server);
  assert.deepEqual(pieces, ["the first piece"]);
});

test("a cancelled request whose connection is still being opened closes that", limited, async (context) => {
  // The server accepts connections, but never answers the TLS handshake.
  const server = await serveRaw(context, () => {});
  await using session = new ClientSession();
  const task = createTask(() => session.get(server.url.replace("http:", "https:")));
  await until(() => server.sockets.size === 1);
  task.cancel();
  await assert.rejects(task, isCancelled);
  await until(() => server.sockets.size === 0);
  assert.equal(session.statistics().open, 0);
});

test(
  "a request that is cancelled while it waits for a connection leaves the line, and the next one gets it",
  limited,
  async (context) => {
    const server = await serveSlow(context);
    await using session = new ClientSession({ baseUrl: server.url, limit: 1 });
    const first = createTask(() => session.get("never"));
    const second = createTask(() => session.get("quick"));
    const third = createTask(async () => (await session.get("quick")).text());
    await until(() => session.statistics().waiting === 2);
    assert.match(second.waitsFor, /connection http:\/\/127\.0\.0\.1/);
    second.cancel();
    await assert.rejects(second, isCancelled);
    assert.equal(session.statistics().waiting, 1);
    first.cancel();
    await assert.rejects(first, isCancelled);
    assert.equal(await third, "quick");
  },
);

test(
  "a connection that is given to a request in the turn of its cancellation goes to the next one",
  limited,
  async (context) => {
    const server = await serveSlow(context);
    await using session = new ClientSession({ baseUrl: server.url, limit: 1 });
    const first = createTask(() => session.get("never"));
    const second = createTask(() => session.get("quick"));
    const third = createTask(async () => (await session.get("quick")).text());
    await until(() => session.statistics().waiting === 2);
    first.cancel();
    second.cancel();
    assert.equal(await third, "quick");
    await assert.rejects(second, isCancelled);
  },
);

test("a request in a time limit that has run out already is not sent", limited, async (context) => {
  const server = await serveSlow(context);
  await using session = new ClientSession({ baseUrl: server.url });
  await assert.rejects(
    timeout(0, () => session.get("quick")),
    { name: "TimeoutError" },
  );
  assert.equal(server.opened, 0);
  assert.equal(session.statistics().inUse, 0);
});

test("a request beside a cancelled one is not harmed", limited, async (context) => {
  const server = await serve(context, (request, response) => {
    if (request.url === "/never") response.write("…");
    else void sleep(20).then(() => response.end("well"));
  });
  await using session = new ClientSession({ baseUrl: server.url });
  for (let round = 0; round < 20; round++) {
    const doomed = createTask(async () => (await session.get("never")).text());
    const innocent = createTask(async () => (await session.get("innocent")).text());
    await until(() => server.sockets.size >= 2);
    doomed.cancel();
    assert.equal(await innocent, "well");
    await assert.rejects(doomed, isCancelled);
  }
  assert.equal(session.statistics().inUse, 0);
});

test(
  "a cancelled upload runs the clean-up of the code that makes the body before the request ends",
  limited,
  async (context) => {
    const steps: string[] = [];
    const server = await serve(context, (request) => void request.resume());
    async function* pieces(): AsyncGenerator<string> {
      try {
        yield "first";
        await sleep(60_000);
      } finally {
        await sleep(1);
        steps.push("cleaned up");
      }
    }
    await using session = new ClientSession();
    const task = createTask(() => session.post(server.url, { body: pieces() }));
    await until(() => server.sockets.size === 1);
    await sleep(5);
    task.cancel();
    await assert.rejects(task, isCancelled);
    assert.deepEqual(steps, ["cleaned up"]);
    await until(() => server.sockets.size === 0);
  },
);

for (const [what, make] of [
  ["a stream of Node's", (): AsyncIterable<Uint8Array> => new PassThrough()],
  ["a stream of the web's", (): AsyncIterable<Uint8Array> => new ReadableStream<Uint8Array>()],
  ["code that ignores it", ignoresAll],
] as const) {
  test(
    `a request whose body is ${what} and does not come ends when it is cancelled or out of time`,
    limited,
    async (context) => {
      const server = await serve(context, (request) => void request.resume());
      await using session = new ClientSession();
      await assert.rejects(session.post(server.url, { body: make(), timeout: 30 }), { name: "ClientTimeoutError" });
      const task = createTask(() => session.post(server.url, { body: make() }));
      await until(() => task.waitsFor.includes("response"));
      task.cancel();
      await assert.rejects(task, isCancelled);
      assert.equal(session.statistics().inUse, 0);
    },
  );
}

async function* ignoresAll(): AsyncGenerator<Uint8Array> {
  yield await new Promise<never>(() => {});
}

test(
  "a reader beside a cancelled one hears that the response is closed, and can be cancelled itself",
  limited,
  async (context) => {
    const server = await serveSlow(context);
    await using session = new ClientSession({ baseUrl: server.url });
    const response = await session.get("body");
    const [first, second, third] = [1, 2, 3].map(() => createTask(() => response.text())) as [
      Task<string>,
      Task<string>,
      Task<string>,
    ];
    await until(() => third.waitsFor.includes("Lock"));
    second.cancel();
    await assert.rejects(second, isCancelled);
    first.cancel();
    await assert.rejects(first, isCancelled);
    await assert.rejects(third, { name: "InvalidStateError", message: /as the response was closed$/ });
    assert.equal(session.statistics().inUse, 0);
  },
);

test("an error of the code that makes a body is what the request throws", limited, async (context) => {
  const server = await serve(context, (request) => void request.resume());
  async function* pieces(): AsyncGenerator<string> {
    yield "first";
    throw new RangeError("out of paper");
  }
  await using session = new ClientSession();
  await assert.rejects(session.post(server.url, { body: pieces() }), { name: "RangeError", message: "out of paper" });
  assert.equal(session.statistics().inUse, 0);
});

test(
  "a response that nobody reads holds no more than its bound, and is closed when its scope ends",
  limited,
  async (context) => {
    let sent = 0;
    const server = await serve(context, (_, response) => {
      const fill = (): void => {
        while (sent < 2 ** 28 && response.write(Buffer.alloc(65_536))) sent += 65_536;
        sent += 65_536;
      };
      response.on("drain", fill);
      fill();
    });
    await using session = new ClientSession();
    let kept: ClientResponse | undefined;
    await taskGroup(async () => {
      kept = await session.get(server.url);
      let before = -1;
      while (sent !== before) {
        before = sent;
        await sleep(30);
      }
      assert.ok(sent < 20_000_000, `${sent} bytes were taken although nobody reads`);
      assert.equal(session.statistics().inUse, 1);
    });
    assert.equal(session.statistics().inUse, 0);
    await until(() => server.sockets.size === 0);
    await assert.rejects(kept!.text(), /as the scope that asked for it has ended/);
  },
);

test("a small response that nobody reads gives its connection back by itself", limited, async (context) => {
  const server = await serveSlow(context);
  await using session = new ClientSession({ baseUrl: server.url, limit: 1 });
  const unread: ClientResponse[] = [];
  for (let n = 0; n < 3; n++) unread.push(await session.get("quick"));
  await until(() => session.statistics().idle === 1);
  assert.equal(server.opened, 1);
  assert.equal(await unread[0]!.text(), "quick", "what has arrived can be read later");
});

test("leaving the loop over a body closes the connection, or keeps it if little is left", limited, async (context) => {
  const server = await serve(context, (request, response) => {
    const size = request.url === "/large" ? 5_000_000 : 100_000;
    response.setHeader("Content-Length", size);
    response.end(Buffer.alloc(size));
  });
  await using session = new ClientSession({ baseUrl: server.url });
  const peek = async (path: string): Promise<void> => {
    for await (const piece of (await session.get(path)).body) if (piece.length > 0) break;
  };
  await peek("small");
  await until(() => session.statistics().inUse === 0);
  assert.equal(session.statistics().idle, 1);
  await peek("large");
  assert.deepEqual(session.statistics(), { open: 0, inUse: 0, idle: 0, waiting: 0 });
});

test("`await using` closes a response, and its body cannot be read afterwards", limited, async (context) => {
  const server = await serveSlow(context);
  await using session = new ClientSession({ baseUrl: server.url });
  let kept: ClientResponse;
  {
    await using response = await session.get("body");
    kept = response;
  }
  await assert.rejects(kept.text(), { name: "InvalidStateError", message: /as the response was closed$/ });
  await until(() => server.sockets.size === 0 || session.statistics().inUse === 0);
});

test(
  "callbacks of a shared connection run in nobody's scope, and waits in their caller's",
  limited,
  async (context) => {
    const server = await serveSlow(context);
    await using session = new ClientSession({ baseUrl: server.url, limit: 1 });
    const scopes: Scope[] = [];
    const heard: unknown[] = [];
    const listen = (): void => void heard.push(currentTask());
    for (const channel of channels) subscribe(channel, listen);
    context.after(() => channels.forEach((channel) => unsubscribe(channel, listen)));
    const ask = async (): Promise<void> => {
      await (await session.get("quick")).text();
      scopes.push(currentScope());
    };
    const tasks = [createTask(ask), createTask(ask)];
    for (const task of tasks) await task;
    assert.deepEqual(
      scopes.map((scope) => scope.task),
      tasks,
    );
    assert.equal(server.opened, 1);
    assert.deepEqual(heard, [undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined]);
  },
);

/** The states of a request, each with a way to reach it and a check that it is reached. */
const states: readonly [
  state: string,
  path: string,
  options: () => RequestOptions,
  isThere: (server: TestServer) => boolean,
][] = [
  ["sends bytes", "deaf", () => ({ body: Buffer.alloc(30_000_000) }), (server) => server.asked.has("/deaf")],
  ["sends text", "deaf", () => ({ body: "x".repeat(30_000_000) }), (server) => server.asked.has("/deaf")],
  ["sends a stream that is taken", "deaf", () => ({ body: endless() }), (server) => server.asked.has("/deaf")],
  ["waits for the response", "never", () => ({}), (server) => server.asked.has("/never")],
  ["was told to wait", "hint", () => ({}), (server) => server.asked.has("/hint")],
  ["reads the body", "body", () => ({}), (server) => server.asked.has("/body")],
  ["decodes the body", "coded", () => ({}), (server) => server.asked.has("/coded")],
  ["was redirected", "moved", () => ({}), (server) => server.asked.has("/never")],
];

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(100_000);
}

for (const [state, path, options, isThere] of states) {
  test(`a request that ${state} and is cancelled leaves nothing open, and harms no other`, limited, async (context) => {
    const server = await serve(context, (request, response) => {
      if (request.url === "/deaf") request.pause();
      if (request.url === "/hint") response.writeProcessing();
      if (request.url === "/moved") response.writeHead(302, { Location: "/never" }).end();
      if (request.url === "/coded") response.setHeader("Content-Encoding", "gzip");
      if (request.url === "/coded") response.write(gzipSync("much").subarray(0, 12));
      if (request.url === "/body") response.write("a piece");
      if (request.url === "/slow") setTimeout(() => response.end("slow"), 30);
    });
    await using session = new ClientSession({ baseUrl: server.url });
    const task = createTask(async () => (await session.post(path, options())).text());
    const innocent = createTask(async () => (await session.get("slow")).text());
    await until(() => isThere(server));
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    task.cancel();
    await assert.rejects(task, isCancelled);
    assert.equal(await innocent, "slow");
    await until(() => session.statistics().open === 1);
    assert.equal(session.statistics().idle, 1);
    // A server that does not read does not see the end either.
    if (path !== "deaf") await until(() => server.sockets.size === 1);
  });
}

test("a request may be cancelled in any turn of its life", { timeout: 60_000 }, async (context) => {
  const server = await serve(context, (request, response) => {
    if (request.url === "/early") response.writeHead(413).end("no");
    else if (request.url === "/moved") response.writeHead(307, { Location: "/" }).end();
    else request.resume().once("end", () => response.end(request.url === "/large" ? Buffer.alloc(300_000) : "ok"));
  });
  await using session = new ClientSession({ baseUrl: server.url, limit: 3 });
  const lives: readonly (() => Promise<ClientResponse>)[] = [
    () => session.get("large"),
    () => session.post("", { body: Buffer.alloc(1_000_000) }),
    () => session.post("early", { body: "x".repeat(1_000_000) }),
    () => session.put("moved", { body: "small" }),
  ];
  for (const live of lives) {
    for (let turns = 0; turns < 40; turns++) {
      const task = createTask(async () => (await live()).bytes());
      const ended = task.then(() => true, isCancelled);
      const innocent = createTask(async () => (await session.get("")).text());
      for (let n = 0; n < turns; n++) await (turns % 2 === 0 ? Promise.resolve() : new Promise(setImmediate));
      task.cancel();
      assert.equal(await ended, true);
      assert.equal(await innocent, "ok");
      assert.equal(session.statistics().inUse, 0);
    }
  }
  assert.equal(session.statistics().waiting, 0);
});

test("a first request that is cancelled while undici is loaded opens no connection", limited, async (context) => {
  const server = await serveSlow(context);
  await using session = new ClientSession({ baseUrl: server.url });
  const task = createTask(() => session.get("quick"), { eagerStart: true });
  assert.match(task.waitsFor, /undici/);
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.equal(session.statistics().open, 0);
  assert.equal(await (await session.get("quick")).text(), "quick");
  assert.equal(server.opened, 1);
});
