import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { createTask, sleep } from "../../asyncio/index.ts";
import { checkLeaks, virtualTime } from "../../asyncio/testing/index.ts";
import { type AccessEntry, formatAccessEntry } from "../../http/index.ts";
import { serve } from "../../server/index.ts";
import { reportsOf } from "../app/_reports.fixture.ts";
import { Blueprint, DeadlineExceeded, Pottle, type PottleOptions } from "../index.ts";

function slowApp(options: PottleOptions, log: string[]): Pottle {
  const app = new Pottle(undefined, options);
  async function slow(): Promise<string> {
    createTask(async () => {
      try {
        await sleep(60_000);
      } finally {
        log.push("child over");
      }
    });
    try {
      return await sleep(1_000, "late");
    } finally {
      log.push("view over");
    }
  }
  app.get("/slow", () => slow());
  app.get("/slower", { timeout: 2_000 }, () => slow());
  app.get("/endless", { timeout: Infinity }, () => slow());
  app.get("/fast", () => "fast");
  app.get("/stubborn", async () => {
    try {
      await sleep(60_000);
    } catch {
      log.push("caught");
    }
    return await sleep(60_000, "late");
  });
  app.get("/foreign", async () => {
    await new Promise((resolve) => void setTimeout(resolve, 200));
    log.push("foreign over");
    return "late";
  });
  app.get("/swallowed", async () => {
    try {
      return await sleep(1_000, "late");
    } catch {
      return "too late as well";
    }
  });
  return app;
}

test(
  "Pottle answers a request whose time is over with 503, and what it does stops",
  virtualTime(async (clock) => {
    const log: string[] = [];
    const app = slowApp({ requestTimeout: 100 }, log);
    const answer = app.testClient().get("/slow", { headers: { Accept: "application/json" } });
    await clock.advance(100);
    const { status, outcome, ...response } = await answer;
    assert.equal(status, 503);
    assert.deepEqual(log, ["view over", "child over"]);
    assert(outcome.kind === "cancelled" && outcome.reason instanceof DeadlineExceeded);
    assert.deepEqual([outcome.reason.ms, outcome.reason.message], [100, "Deadline of 100 ms exceeded"]);
    assert(response);
  }),
);

test(
  "Pottle leaves alone what is over in time, and takes the time of a route before its own",
  virtualTime(async (clock) => {
    const app = slowApp({ requestTimeout: 100 }, []);
    const client = app.testClient();
    assert.deepEqual((await client.get("/fast")).outcome, { kind: "served" });
    const answers = Promise.all([client.get("/slower"), client.get("/endless")]);
    await clock.advance(1_000);
    for (const response of await answers) assert.deepEqual([response.status, response.text()], [200, "late"]);
  }),
);

test(
  "Pottle answers with 503 also if the view returns something after its time, and stops one that goes on",
  virtualTime(async (clock) => {
    const log: string[] = [];
    const client = slowApp({ requestTimeout: 100 }, log).testClient();
    const swallowed = client.get("/swallowed");
    await clock.advance(100);
    assert.equal((await swallowed).status, 503);
    const stubborn = client.get("/stubborn");
    await clock.advance(5_000);
    const { status, outcome } = await stubborn;
    assert.deepEqual([status, outcome.kind, log], [503, "cancelled", ["caught"]]);
  }),
);

test("Pottle answers with 503 in time also if the view waits for what cannot be interrupted", async () => {
  const log: string[] = [];
  const call = slowApp({ requestTimeout: 20 }, log).testClient().open("GET", "/foreign");
  assert.equal((await call.head()).status, 503);
  assert.deepEqual(log, []);
  assert.equal((await call.over()).outcome.kind, "cancelled");
  assert.deepEqual(log, ["foreign over"]);
});

test("Pottle closes the stream of a view that returns it after its time", async () => {
  let closed = 0;
  const stream: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.resolve({ value: "never", done: false }),
      return: () => {
        closed++;
        return Promise.resolve({ value: undefined, done: true });
      },
    }),
  };
  const app = new Pottle(undefined, { requestTimeout: 10 });
  app.get("/", async () => {
    await sleep(60_000).catch(() => {});
    return stream;
  });
  const { status, outcome } = await app.testClient().get("/");
  assert.deepEqual([status, outcome.kind, closed], [503, "cancelled", 1]);
});

test("Pottle answers what a view throws after its time by the handler for 503 alone", async () => {
  const app = new Pottle(undefined, { requestTimeout: 10 });
  app.errorHandler(503, async () => {
    await sleep(20);
    return "late";
  });
  app.errorHandler(Error, () => "never");
  app.get("/", async () => {
    await sleep(60_000).catch(() => {});
    throw new Error("too late");
  });
  const reports = await reportsOf(async () => assert.equal((await app.testClient().get("/")).text(), "late"));
  assert.deepEqual(reports, ["Error after the deadline of GET /: Error: too late"]);
});

test("Pottle leaves nothing behind of a time that was not needed, of one that was, and of a client that left", () =>
  checkLeaks(async () => {
    const client = slowApp({ requestTimeout: 50 }, []).testClient();
    await client.get("/fast");
    await client.get("/slow");
    const call = client.open("GET", "/slow");
    call.disconnect();
    await call.over();
  }));

test("Pottle reports what a view throws whose time was over", async () => {
  const app = new Pottle(undefined, { requestTimeout: 10 });
  app.get("/", async () => {
    try {
      return await sleep(60_000, "never");
    } finally {
      // oxlint-disable-next-line no-unsafe-finally -- it is what goes wrong
      throw new Error("clean-up");
    }
  });
  const reports = await reportsOf(async () => {
    const { status, outcome } = await app.testClient().get("/");
    assert.deepEqual([status, outcome.kind], [503, "cancelled"]);
  });
  assert.deepEqual(reports, ["Error after the deadline of GET /: Error: clean-up"]);
});

test(
  "errorHandler(503) answers a request whose time is over, through the hooks, and teardown hears of it",
  virtualTime(async (clock) => {
    const log: unknown[] = [];
    const app = slowApp({ requestTimeout: 100 }, []);
    app.errorHandler(503, (error) => ({ late: (error.cause as DeadlineExceeded).ms }));
    app.afterRequest((response) => void response.headers.set("X-A", "b"));
    app.teardownRequest((error) => void log.push((error as { reason: unknown }).reason instanceof DeadlineExceeded));
    const answer = app.testClient().get("/slow");
    await clock.advance(100);
    const response = await answer;
    assert.deepEqual([response.status, response.text(), response.headers.get("X-A")], [503, '{"late":100}', "b"]);
    assert.deepEqual(log, [true]);
  }),
);

test(
  "Pottle's time for a request ends with its body, and covers mounted applications and the routes of blueprints",
  virtualTime(async (clock) => {
    const inner = slowApp({}, []);
    const blueprint = new Blueprint("b", { prefix: "/b" });
    blueprint.get("/x", { timeout: 50 }, () => sleep(1_000, "late"));
    const app = new Pottle(undefined, { requestTimeout: 100 });
    app.mount("/m", inner);
    app.register(blueprint);
    const client = app.testClient();
    const answers = Promise.all([client.get("/m/slow"), client.get("/b/x")]);
    await clock.advance(100);
    assert.deepEqual(
      (await answers).map(({ status }) => status),
      [503, 503],
    );
  }),
);

test("Pottle cuts a stream off whose time is over, and the access log says so", async () => {
  const log: string[] = [];
  const app = new Pottle();
  app.get("/stream", { timeout: 50 }, async function* () {
    try {
      for (;;) {
        yield "piece";
        await sleep(10);
      }
    } finally {
      log.push("closed");
    }
  });
  const entries: AccessEntry[] = [];
  await using server = await serve(app, { port: 0, onAccess: (entry) => entries.push(entry) });
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  let text = "";
  socket.setEncoding("latin1").on("data", (piece: string) => (text += piece));
  socket.write("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  await once(socket, "close");
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n[^]*piece/);
  assert.doesNotMatch(text, /\r\n0\r\n\r\n$/);
  assert.deepEqual(log, ["closed"]);
  await server.close();
  const [entry] = entries;
  assert(entry);
  assert.match(formatAccessEntry(entry), /GET \/stream 200 \d+ B \d+ ms cancelled: Deadline of 50 ms exceeded$/);
});

test("Pottle answers a client with 503 that does not send its body in time", async () => {
  const app = new Pottle(undefined, { requestTimeout: 30 });
  app.post("/", (_, request) => request.text());
  await using server = await serve(app, { port: 0 });
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  socket.setEncoding("latin1").write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
  const [answer] = (await once(socket, "data")) as [string];
  assert.match(answer, /^HTTP\/1\.1 503 Service Unavailable\r\n/);
  // The rest of it is read and dropped, so that the connection can be used again.
  socket.write(" full.POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nmore");
  const [next] = (await once(socket, "data")) as [string];
  assert.match(next, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nmore$/);
  socket.destroy();
});

test("Pottle keeps a connection that it answered 503 on, as the rest of the world sees it", async () => {
  const app = slowApp({ requestTimeout: 20 }, []);
  await using server = await serve(app, { port: 0 });
  const late = await fetch(`${server.url}/slow`);
  assert.deepEqual([late.status, late.headers.get("content-type")], [503, "text/html; charset=utf-8"]);
  await late.text();
  assert.equal(await (await fetch(`${server.url}/fast`)).text(), "fast");
});

test(
  "Pottle gives a request two minutes until its response begins, and a stream as long as it likes",
  virtualTime(async (clock) => {
    const app = new Pottle();
    app.get("/stuck", () => sleep(Infinity, "never"));
    app.get("/lifted", { timeout: Infinity }, () => sleep(120_001, "late"));
    app.get("/stream", async function* () {
      yield "begun";
      yield await sleep(130_000, ", and over");
    });
    const inner = new Pottle();
    inner.get("/", { timeout: Infinity }, () => sleep(10, "mounted"));
    app.mount("/inner", inner);
    const client = app.testClient();
    const paths = ["/stuck", "/lifted", "/stream", "/inner/"];
    const answers = Promise.all(paths.map((path) => client.get(path)));
    await clock.advance(130_000);
    const [stuck, ...others] = await answers;
    assert(stuck?.outcome.kind === "cancelled" && stuck.outcome.reason instanceof DeadlineExceeded);
    assert.deepEqual([stuck.status, stuck.outcome.reason.ms], [503, 120_000]);
    assert.deepEqual(
      others.map((response) => response.text()),
      ["late", "begun, and over", "mounted"],
    );
  }),
);

test("Pottle refuses a time that is none", () => {
  for (const ms of [0, -1, NaN, "1" as unknown as number]) {
    const name = typeof ms === "number" ? "RangeError" : "TypeError";
    assert.throws(() => new Pottle(undefined, { requestTimeout: ms }), {
      name,
      message: `Cannot make the application as 'requestTimeout' must be a number of milliseconds > 0: current value is ${JSON.stringify(ms) === "null" ? "NaN" : JSON.stringify(ms)}`,
    });
    assert.throws(() => new Pottle().get("/", { timeout: ms }, () => ""), {
      name,
      message: `Cannot route '/' as 'timeout' must be a number of milliseconds > 0: current value is ${JSON.stringify(ms) === "null" ? "NaN" : JSON.stringify(ms)}`,
    });
  }
});
