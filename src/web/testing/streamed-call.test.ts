import assert from "node:assert/strict";
import { test } from "node:test";
import { Event, InvalidStateError, sleep } from "../../asyncio/index.ts";
import { virtualTime, waitAllTasksParked } from "../../asyncio/testing/index.ts";
import { ClientDisconnected, ResponseAborted } from "../../http/index.ts";
import { reportsOf } from "../app/_reports.fixture.ts";
import { Pottle } from "../index.ts";

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

/** Answers each piece as it comes. */
function makeEcho(): Pottle {
  const app = new Pottle();
  app.post("/", (_, request) =>
    (async function* () {
      for await (const piece of request.body) yield text(piece).toUpperCase();
      yield "end";
    })(),
  );
  return app;
}

test("TestCall.send() sends the body in pieces while the response is read", async () => {
  const call = makeEcho().testClient().open("POST", "/", { streamsBody: true });
  await call.send("one");
  assert.equal((await call.head()).status, 200);
  assert.equal(text(await call.read()), "ONE");
  await call.send(new TextEncoder().encode("two"));
  assert.equal(text(await call.read()), "TWO");
  await call.sendComplete();
  assert.equal(text(await call.read()), "end");
  assert.equal(await call.read(), undefined);
  assert.equal((await call.over()).outcome.kind, "served");
});

test("TestCall.response() waits for the rest of a body that was sent in pieces", async () => {
  const call = makeEcho().testClient().open("POST", "/", { streamsBody: true });
  await call.send("a");
  await call.sendComplete();
  assert.equal((await call.response()).text(), "Aend");
});

test(
  "TestCall.send() waits as long as the application does not read",
  virtualTime(async () => {
    const app = new Pottle();
    const mayRead = new Event();
    app.post("/", async (_, request) => {
      await mayRead.wait();
      return String((await request.bytes()).byteLength);
    });
    const call = app.testClient().open("POST", "/", { streamsBody: true });
    let sent = 0;
    const sending = (async () => {
      for (; sent < 4; sent++) await call.send(new Uint8Array(65_536));
      await call.sendComplete();
    })();
    await waitAllTasksParked();
    assert.equal(sent, 0);
    mayRead.set();
    await sending;
    assert.equal((await call.response()).text(), String(4 * 65_536));
  }),
);

test("TestCall.send() keeps the bytes as they were when it was called", async () => {
  const call = makeEcho().testClient().open("POST", "/", { streamsBody: true });
  const bytes = new TextEncoder().encode("abc");
  await call.send(bytes);
  bytes.fill(0);
  await call.sendComplete();
  assert.equal((await call.response()).text(), "ABCend");
});

test("TestCall.send() drops what an application does not read any more", async () => {
  const app = new Pottle();
  app.post("/", () => "early");
  const call = app.testClient().open("POST", "/", { streamsBody: true });
  assert.equal((await call.response()).text(), "early");
  for (let i = 0; i < 3; i++) await call.send(new Uint8Array(100_000));
  await call.sendComplete();
});

test("TestCall.send() and sendComplete() say what a request must be for them", async () => {
  const app = makeEcho();
  const usual = app.testClient().open("POST", "/", { body: "x" });
  const wanted = { name: "InvalidStateError", message: /'streamsBody'/ };
  await assert.rejects(usual.send("y"), wanted);
  await assert.rejects(usual.sendComplete(), wanted);
  await usual.response();
  const call = app.testClient().open("POST", "/", { streamsBody: true });
  await assert.rejects(call.send(1 as never), TypeError);
  await call.sendComplete();
  await assert.rejects(call.send("late"), InvalidStateError);
  await assert.rejects(call.sendComplete(), InvalidStateError);
  await call.response();
});

test("TestClient refuses 'streamsBody' beside a body, of a wrong type, and where it waits for the response", async () => {
  const client = makeEcho().testClient();
  assert.throws(() => client.open("POST", "/", { streamsBody: true, json: 1 }), /json and streamsBody/);
  assert.throws(() => client.open("POST", "/", { streamsBody: 1 as never }), TypeError);
  await assert.rejects(client.post("/", { streamsBody: true }), /'streamsBody' is for open\(\)/);
});

/** A view that notes what becomes of it at the point where its client leaves. */
class Scene {
  readonly log: string[] = [];
  readonly waiting = new Event();
  readonly app = new Pottle();

  constructor() {
    this.app.teardownRequest((error) => {
      this.log.push(`teardown: ${((error as { reason?: Error }).reason ?? (error as Error)).name}`);
    });
    this.app.post("/upload", (_, request) =>
      this.#watch(async () => {
        for await (const piece of request.body) {
          this.log.push(text(piece));
          this.waiting.set();
        }
        return "all";
      }),
    );
    this.app.get("/view", () => this.#watch(() => sleep(60_000, "late")));
    this.app.get("/stream", () => this.#stream());
  }

  async #watch(body: () => Promise<string>): Promise<string> {
    this.log.push("view");
    this.waiting.set();
    try {
      return await body();
    } finally {
      this.log.push("finally");
    }
  }

  async *#stream(): AsyncGenerator<string> {
    try {
      for (;;) yield "piece";
    } finally {
      this.log.push("finally");
    }
  }
}

const left = "teardown: ClientDisconnected";

test("TestCall.disconnect() before the view has begun cancels the request", async () => {
  const scene = new Scene();
  const call = scene.app.testClient().open("GET", "/view");
  call.disconnect();
  assert.equal((await call.over()).outcome.kind, "cancelled");
  assert(!scene.log.includes("view") || scene.log.includes("finally"));
});

test("TestCall.disconnect() in the view cancels it once", async () => {
  const scene = new Scene();
  const call = scene.app.testClient().open("GET", "/view");
  await scene.waiting.wait();
  call.disconnect();
  call.disconnect();
  await assert.rejects(call.head(), ClientDisconnected);
  assert.equal((await call.over()).outcome.kind, "cancelled");
  assert.deepEqual(scene.log, ["view", "finally", left]);
});

test("TestCall.disconnect() while the body streams closes its source", async () => {
  const scene = new Scene();
  const call = scene.app.testClient().open("GET", "/stream");
  await call.head();
  assert.equal(text(await call.read()), "piece");
  call.disconnect();
  await assert.rejects(call.read(), ClientDisconnected);
  assert.equal((await call.over()).outcome.kind, "cancelled");
  assert.deepEqual(scene.log, ["finally", left]);
});

test("TestCall.disconnect() in an upload cancels the view that reads it", async () => {
  const scene = new Scene();
  const call = scene.app.testClient().open("POST", "/upload", { streamsBody: true });
  await call.send("half");
  while (!scene.log.includes("half")) await waitAllTasksParked();
  call.disconnect();
  await assert.rejects(call.send("more"), ClientDisconnected);
  assert.equal((await call.over()).outcome.kind, "cancelled");
  assert.deepEqual(scene.log, ["view", "half", "finally", left]);
});

test("TestCall.send() fails if the application failed in the middle of its response", async () => {
  const app = new Pottle();
  app.post("/", (_, request) =>
    (async function* () {
      for await (const piece of request.body) {
        yield text(piece);
        throw new Error("boom");
      }
    })(),
  );
  await reportsOf(async () => {
    const call = app.testClient().open("POST", "/", { streamsBody: true });
    await call.send("x");
    await call.head();
    assert.equal((await call.over()).outcome.kind, "failed");
    await assert.rejects(call.send("y"), ResponseAborted);
  });
});
