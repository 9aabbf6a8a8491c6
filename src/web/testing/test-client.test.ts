import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, Event, isCancelled, setExceptionHandler, sleep } from "../../asyncio/index.ts";
import { ClientDisconnected, ResponseAborted } from "../../http/index.ts";
import { Pottle } from "../index.ts";

function makeApp(): { app: Pottle; log: string[] } {
  const app = new Pottle();
  const log: string[] = [];
  app.get("/slow", async () => {
    try {
      return await sleep(60_000, "never");
    } finally {
      log.push("cleaned");
    }
  });
  app.get("/stream", async function* () {
    try {
      for (;;) yield "piece";
    } finally {
      log.push("closed");
    }
  });
  app.get("/half", async function* () {
    yield "half";
    throw new Error("broken");
  });
  app.post("/read", async (_, request) => (await request.text()).length.toString());
  app.post("/ignore", () => "ignored");
  app.route("/headers", { methods: ["GET", "POST"] }, (_, request) => Object.fromEntries(request.headers));
  return { app, log };
}

test("TestCall.disconnect() cancels the request, and over() says so once its finally has run", async () => {
  const { app, log } = makeApp();
  const call = app.testClient().open("GET", "/slow");
  call.disconnect();
  const { outcome } = await call.over();
  assert(outcome.kind === "cancelled" && outcome.reason instanceof ClientDisconnected);
  assert.deepEqual(log, ["cleaned"]);
  await assert.rejects(call.response(), ClientDisconnected);
});

test("TestCall reads a response in pieces, and may leave in the middle", async () => {
  const { app, log } = makeApp();
  const call = app.testClient().open("GET", "/stream");
  assert.equal((await call.head()).status, 200);
  assert.equal(String(Buffer.from((await call.read()) ?? [])), "piece");
  call.disconnect();
  assert.equal((await call.over()).outcome.kind, "cancelled");
  assert.deepEqual(log, ["closed"]);
});

test("TestCall.response() whose wait is cancelled leaves", async () => {
  const { app, log } = makeApp();
  const waiting = createTask(() => app.testClient().get("/slow"));
  await sleep(1);
  waiting.cancel();
  await assert.rejects(waiting, isCancelled);
  assert.deepEqual(log, ["cleaned"]);
});

test("TestClient.get() throws ResponseAborted with its cause if the view fails in the middle", async () => {
  const before = setExceptionHandler(() => undefined);
  await assert.rejects(makeApp().app.testClient().get("/half"), (error: unknown) => {
    assert(error instanceof ResponseAborted);
    assert.equal((error.cause as Error).message, "broken");
    return true;
  });
  setExceptionHandler(before);
});

test("TestClient sends a body in pieces, no faster than it is read, and no longer than the request lasts", async () => {
  const { app } = makeApp();
  let sent = 0;
  let closed = false;
  async function* pieces(count: number): AsyncGenerator<Uint8Array> {
    try {
      for (sent = 0; sent < count; sent++) yield Buffer.alloc(65_536);
    } finally {
      closed = true;
    }
  }
  const client = app.testClient();
  assert.equal((await client.post("/read", { body: pieces(10) })).text(), String(655_360));
  assert.equal((await client.post("/ignore", { body: pieces(1_000_000) })).text(), "ignored");
  await sleep(0);
  assert(sent < 100 && closed, `${sent} pieces were sent`);
});

test("TestClient stops a body that is still to come when the request is over", async () => {
  const { app } = makeApp();
  const waiting = new Event();
  app.post("/wait", async () => {
    await waiting.wait();
    return "ignored";
  });
  let closed = false;
  async function* slow(): AsyncGenerator<string> {
    try {
      yield "a";
      waiting.set();
      await sleep(60_000);
    } finally {
      closed = true;
    }
  }
  assert.equal((await app.testClient().post("/wait", { body: slow() })).text(), "ignored");
  await sleep(0);
  assert.equal(closed, true);
});

test("TestClient leaves if its own body fails", async () => {
  async function* failing(): AsyncGenerator<string> {
    yield "a";
    throw new Error("no more");
  }
  const call = makeApp().app.testClient().open("POST", "/read", { body: failing() });
  await assert.rejects(call.over(), { message: "no more" });
});

test("TestClient sends its headers with every request, unless the request has its own", async () => {
  const client = makeApp().app.testClient({ headers: { A: "1", B: "2" } });
  assert.deepEqual((await client.get("/headers", { headers: { b: "3" } })).json(), { b: "3", A: "1" });
  assert.deepEqual((await client.post("/headers", { json: [] })).json(), {
    A: "1",
    B: "2",
    "Content-Type": "application/json",
    "Content-Length": "2",
  });
});

test("TestClient refuses a request with two bodies", () => {
  assert.throws(() => makeApp().app.testClient().open("POST", "/read", { body: "", json: 1 }), TypeError);
});

test("TestClient runs the lifespan if it is asked to", async () => {
  const { app } = makeApp();
  const log: string[] = [];
  app.onStart(() => void log.push("start 1"));
  app.onStart(async () => void log.push("start 2"));
  app.onStop(() => void log.push("stop 1"));
  app.onStop(async () => void log.push("stop 2"));
  {
    await using client = await app.testClient().start();
    await client.get("/headers");
  }
  assert.deepEqual(log, ["start 1", "start 2", "stop 2", "stop 1"]);
});
