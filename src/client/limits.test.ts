// Measures each limit in docs/client.md: it must not run out too early, nor much too late.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { mock, test } from "node:test";
import { gzipSync } from "node:zlib";
import { createTask, gather, isCancelled } from "../asyncio/index.ts";
import { type ClientError, ClientTimeoutError, type PayloadTooLarge, type TimeLimitName } from "./errors.ts";
import { ClientSession } from "./session.ts";
import { readAll, serve, serveRaw, until } from "./server.fixture.ts";
import type { DispatchController, DispatchHandler } from "./undici.ts";

const limited = { timeout: 60_000 };
const head = "HTTP/1.1 200 OK\r\n";
const ok = `${head}Content-Length: 2\r\n\r\nok`;

// A Node timer may fire a millisecond early by its own clock; on a loaded machine it may be seconds late.
const [early, late] = [2, 10_000];

/** Fails unless `ask` exceeds `limit` after about `ms` milliseconds. */
async function measure(limit: TimeLimitName, ms: number, ask: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await assert.rejects(ask(), (error: ClientTimeoutError) => {
    const took = performance.now() - start;
    assert.ok(error instanceof ClientTimeoutError, String(error));
    assert.deepEqual([error.limit, error.ms], [limit, ms]);
    assert.ok(took >= ms - early && took < ms + late, `limit '${limit}' of ${ms} ms ran out after ${took} ms`);
    return true;
  });
}

test(
  "the limit 'connect' is measured while a host is looked up, and while TLS is agreed on",
  limited,
  async (context) => {
    const server = await serveRaw(context, () => {});
    const never = { lookup: (): void => {} };
    await using lost = new ClientSession({ tls: never, timeout: { connect: 300 } });
    await using mute = new ClientSession({ timeout: { connect: 300 } });
    await gather([
      () => measure("connect", 300, () => lost.get("http://nowhere.example/")),
      () => measure("connect", 300, () => mute.get(server.url.replace("http:", "https:"))),
    ]);
    await until(() => server.sockets.size === 0);
    assert.deepEqual([lost.statistics().open, mute.statistics().open], [0, 0]);
  },
);

test(
  "the limit 'headers' is measured from the end of the request, and anew from an interim response",
  limited,
  async (context) => {
    const server = await serveRaw(context, (socket, asked) => {
      if (asked.includes("/hints ")) setTimeout(() => socket.write("HTTP/1.1 103 Early Hints\r\n\r\n"), 200).unref();
    });
    await using session = new ClientSession({ baseUrl: server.url, timeout: { headers: 300 } });
    async function* slowly(): AsyncGenerator<string> {
      for (let n = 0; n < 4; n++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        yield "piece";
      }
    }
    const timed = async (path: string, body?: AsyncIterable<string>): Promise<number> => {
      const start = performance.now();
      const options = body === undefined ? {} : { body };
      await assert.rejects(session.post(path, options), { name: "ClientTimeoutError", limit: "headers" });
      return performance.now() - start;
    };
    const [plain, hints, slow] = await gather([
      () => timed("plain"),
      () => timed("hints"),
      () => timed("slow", slowly()),
    ]);
    assert.ok(plain >= 300 - early && plain < 300 + late, `${plain} ms`);
    assert.ok(hints >= 500 - 2 * early && hints < 500 + late, `${hints} ms`);
    assert.ok(slow >= 700 - 5 * early && slow < 700 + late, `${slow} ms`);
  },
);

test("the limit 'idle' is measured between two pieces, of what is sent and of what comes", limited, async (context) => {
  const deaf = await serve(context, (request) => void request.pause());
  const mute = await serveRaw(context, (socket) => void socket.write(`${head}Content-Length: 9\r\n\r\nonly`));
  await using session = new ClientSession({ timeout: { idle: 300 } });
  await gather([
    () => measure("idle", 300, () => session.put(deaf.url, { body: Buffer.alloc(50_000_000) })),
    () => measure("idle", 300, () => session.put(deaf.url, { body: "x".repeat(50_000_000) })),
    () => measure("idle", 300, async () => (await session.get(mute.url)).text()),
  ]);
});

test("the limit 'total' is measured over redirects and a body that keeps coming", limited, async (context) => {
  const server = await serve(context, (request, response) => {
    if (request.url !== "/body")
      return void setTimeout(() => response.writeHead(302, { Location: "/body" }).end(), 150);
    const timer = setInterval(() => response.write("."), 20);
    response.once("close", () => clearInterval(timer));
    return undefined;
  });
  await using session = new ClientSession({ timeout: 400 });
  await measure("total", 400, async () => (await session.get(server.url)).text());
});

/** A dispatcher that lets the test answer each request. */
class Hand {
  handler: DispatchHandler | undefined;
  readonly controller: DispatchController = { abort: () => {}, pause: () => {}, resume: () => {} };

  dispatch(_: object, handler: DispatchHandler): boolean {
    this.handler = handler;
    return true;
  }
}

/** The state in which a request stalls, and the limit that runs out then. */
const defaults: readonly [limit: TimeLimitName, ms: number, until: (hand: Hand) => void][] = [
  ["connect", 10_000, () => {}],
  ["headers", 30_000, ({ handler, controller }) => handler!.onRequestStart(controller)],
  ["idle", 30_000, (hand) => begin(hand)],
];

function begin({ handler, controller }: Hand): void {
  handler!.onRequestStart(controller);
  handler!.onResponseStart(controller, 200, {});
}

for (const [limit, ms, advance] of defaults) {
  test(`the limit '${limit}' is ${ms} ms unless another is set`, limited, async () => {
    const hand = new Hand();
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      await using session = new ClientSession({ dispatcher: hand });
      const task = createTask(async () => (await session.get("http://a/")).text());
      const outcome = assert.rejects(task, { name: "ClientTimeoutError", limit, ms });
      await until(() => hand.handler !== undefined);
      advance(hand);
      mock.timers.tick(ms - 1);
      assert.equal(session.statistics().inUse, 1);
      mock.timers.tick(1);
      await outcome;
    } finally {
      mock.timers.reset();
    }
  });
}

test("the limit 'total' is 300000 ms unless another is set", limited, async () => {
  const hand = new Hand();
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    await using session = new ClientSession({ dispatcher: hand, timeout: { idle: Infinity } });
    const task = createTask(async () => (await session.get("http://a/")).text());
    const outcome = assert.rejects(task, { name: "ClientTimeoutError", limit: "total", ms: 300_000 });
    await until(() => hand.handler !== undefined);
    begin(hand);
    mock.timers.tick(299_999);
    assert.equal(session.statistics().inUse, 1);
    mock.timers.tick(1);
    await outcome;
  } finally {
    mock.timers.reset();
  }
});

test("a connection is kept for 15 s, or for a second less than its server says", limited, async (context) => {
  const lasted = async (answer: string): Promise<number> => {
    const server = await serveRaw(context, (socket) => void socket.write(answer));
    await using session = new ClientSession();
    await (await session.get(server.url)).text();
    const [socket] = server.sockets;
    const start = performance.now();
    await once(socket!, "close");
    const took = performance.now() - start;
    await until(() => session.statistics().open === 0);
    return took;
  };
  const [usual, told] = await Promise.all([
    lasted(ok),
    lasted(`${head}Keep-Alive: timeout=3\r\nContent-Length: 2\r\n\r\nok`),
  ]);
  assert.ok(usual > 14_900 && usual < 15_000 + late, `${usual} ms`);
  assert.ok(told > 1_900 && told < 2_000 + late, `${told} ms`);
});

test("a request whose body does not stop when it is cancelled ends after a second", limited, async (context) => {
  const server = await serve(context, (request) => void request.resume());
  await using session = new ClientSession();
  let begun = false;
  async function* stubborn(): AsyncGenerator<string> {
    begun = true;
    yield await new Promise<never>(() => {});
  }
  const task = createTask(() => session.post(server.url, { body: stubborn() }));
  await until(() => begun && server.sockets.size === 1);
  const start = performance.now();
  task.cancel();
  await assert.rejects(task, isCancelled);
  const took = performance.now() - start;
  assert.ok(took >= 1_000 - early && took < 1_000 + late, `${took} ms`);
});

test(
  "the rest of a response that is closed is read for 200 ms, and no more than 64 KiB of it",
  limited,
  async (context) => {
    const server = await serveRaw(context, (socket, asked) => {
      socket.write(`${head}Content-Length: 70000\r\n\r\n`);
      if (asked.includes("/much ")) socket.write("x".repeat(70_000));
    });
    await using session = new ClientSession({ baseUrl: server.url });
    const closing = async (path: string): Promise<number> => {
      const response = await session.get(path);
      const [piece] = path === "much" ? [await response.body[Symbol.asyncIterator]().next()] : [];
      assert.ok(piece === undefined || piece.done === false);
      const start = performance.now();
      response.close();
      await until(() => session.statistics().inUse === 0);
      return performance.now() - start;
    };
    // The announced size is larger than that, so the connection is closed at once.
    assert.ok((await closing("little")) < 150);
    assert.equal(session.statistics().open, 0);
    await closing("much");
    const small = await serveRaw(context, (socket) => void socket.write(`${head}Content-Length: 60000\r\n\r\nx`));
    const response = await session.get(small.url);
    const start = performance.now();
    response.close();
    await until(() => session.statistics().inUse === 0);
    const took = performance.now() - start;
    assert.ok(took >= 200 - early && took < 200 + late, `${took} ms`);
  },
);

for (const coding of ["identity", "gzip"]) {
  test(
    `'maxBodySize' allows its own number of bytes of a ${coding} body, and not one more`,
    limited,
    async (context) => {
      const server = await serve(context, (request, response) => {
        const body = Buffer.alloc(Number(request.url!.slice(1)));
        response.setHeader("Content-Encoding", coding);
        // In pieces of unknown length, so that nothing is announced.
        response.write(coding === "gzip" ? gzipSync(body) : body);
        response.end();
      });
      await using session = new ClientSession({ baseUrl: server.url, maxBodySize: 300_000 });
      assert.equal((await (await session.get("300000")).bytes()).byteLength, 300_000);
      await assert.rejects(async () => (await session.get("300001")).bytes(), {
        name: "PayloadTooLarge",
        limit: 300_000,
      });
      // Unless set otherwise, 64 MiB.
      await using usual = new ClientSession({ baseUrl: server.url });
      const most = 64 * 1_024 * 1_024;
      assert.equal((await (await usual.get(String(most))).bytes()).byteLength, most);
      await assert.rejects(
        async () => (await usual.get(String(most + 1))).bytes(),
        (error: PayloadTooLarge) => error.limit === most,
      );
    },
  );
}

test("the head of a response may have nearly 16 KiB, and not more", limited, async (context) => {
  const server = await serveRaw(context, (socket, asked) => {
    const size = Number(/\d+/.exec(asked)![0]);
    socket.write(`${head}X: ${"x".repeat(size)}\r\nContent-Length: 2\r\n\r\nok`);
  });
  await using session = new ClientSession({ baseUrl: server.url });
  assert.equal(await (await session.get("16000")).text(), "ok");
  await assert.rejects(session.get("16384"), { name: "InvalidResponseError", message: /too large: limit is 16 KiB/ });
});

test("a hundred interim responses are skipped, and not one more", limited, async (context) => {
  const server = await serveRaw(context, (socket, asked) => {
    const count = Number(/\d+/.exec(asked)![0]);
    socket.write("HTTP/1.1 102 Processing\r\n\r\n".repeat(count) + ok);
  });
  await using session = new ClientSession({ baseUrl: server.url });
  assert.equal(await (await session.get("100")).text(), "ok");
  await assert.rejects(session.get("101"), (error: ClientError) => {
    assert.match(error.message, /as it was answered by interim responses only: limit is 100$/);
    return error.name === "InvalidResponseError";
  });
});

test("ten redirects are followed unless told otherwise", limited, async (context) => {
  const server = await serve(context, (request, response) => {
    const left = Number(request.url!.slice(1)) - 1;
    if (left < 0) response.end("there");
    else response.writeHead(302, { Location: `/${left}` }).end();
  });
  await using session = new ClientSession({ baseUrl: server.url });
  assert.equal(await (await session.get("10")).text(), "there");
  await assert.rejects(session.get("11"), { name: "TooManyRedirects" });
});

for (const [options, most] of [
  [{}, 100],
  [{ limit: 3 }, 3],
  [{ limitPerHost: 2 }, 2],
] as const) {
  test(
    `a session with ${JSON.stringify(options)} has ${most} connections to a server at most`,
    limited,
    async (context) => {
      let [now, peak] = [0, 0];
      const { promise: allAsked, resolve: release } = Promise.withResolvers<void>();
      const end = (response: ServerResponse): void => {
        now--;
        response.end("x");
      };
      const server = await serve(context, (_, response) => {
        peak = Math.max(peak, ++now);
        void allAsked.then(() => setTimeout(end, 20, response));
      });
      await using session = new ClientSession(options);
      const ask = async (): Promise<string> => (await session.get(server.url)).text();
      const asking = gather(Array.from({ length: most * 2 + 1 }, () => ask));
      await until(() => session.statistics().waiting === most + 1);
      assert.equal(session.statistics().inUse, most);
      await until(() => now === most);
      release();
      await asking;
      assert.equal(peak, most);
      assert.ok(server.sockets.size <= most);
    },
  );
}

test(
  "a connection is kept after an error to a body of 16 KiB, and closed after one that was larger",
  limited,
  async (context) => {
    const server = await serve(context, (request, response) => {
      void readAll(request).then(() => response.writeHead(400).end());
    });
    await using session = new ClientSession();
    for (const [size, idle] of [
      [16_384, 1],
      [16_385, 0],
    ] as const) {
      for (const body of ["x".repeat(size), Buffer.alloc(size)]) {
        await (await session.post(server.url, { body })).text();
        assert.deepEqual(session.statistics(), { open: idle, inUse: 0, idle, waiting: 0 });
      }
    }
  },
);
