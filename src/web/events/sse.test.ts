import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Event, sleep } from "../../asyncio/index.ts";
import { virtualTime } from "../../asyncio/testing/index.ts";
import { ClientDisconnected } from "../../http/index.ts";
import { reportsOf } from "../app/_reports.fixture.ts";
import { type EventSourceItems, Pottle, type ServerSentEvent, sse, type SseOptions } from "../index.ts";
import { EventStreamParser, type ReceivedEvent } from "./event-stream-parser.ts";
import { formatEvent, isServerSentEvent } from "./format-event.ts";

function appOf(source: Parameters<typeof sse>[0], options?: SseOptions): Pottle {
  const app = new Pottle();
  app.get("/", () => sse(source, options));
  return app;
}

async function* items(...all: (ServerSentEvent | string | number | object | null)[]): EventSourceItems {
  yield* all as object[];
}

function parse(text: string): ReceivedEvent[] {
  return new EventStreamParser().push(Buffer.from(text));
}

test("sse() sends strings as they are, other values as JSON, and events with their fields", async () => {
  const source = items(
    "text",
    7,
    null,
    [1],
    { id: 7, name: "a row" },
    { data: { a: 1 }, event: "price", id: "e1", retry: 500, comment: "hi\nthere" },
    { data: "x", more: 1 },
    { retry: 5 },
    { comment: "only" },
  );
  const response = await appOf(source).testClient().get("/");
  assert.deepEqual(Object.fromEntries(response.headers), {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
  });
  assert.equal(
    response.text(),
    "data: text\n\ndata: 7\n\ndata: null\n\ndata: [1]\n\n" +
      'data: {"id":7,"name":"a row"}\n\n' +
      ': hi\n: there\nevent: price\nid: e1\nretry: 500\ndata: {"a":1}\n\n' +
      'data: {"data":"x","more":1}\n\nretry: 5\n\n: only\n\n',
  );
  assert.deepEqual(response.events().at(-2), { event: "price", data: '{"a":1}', id: "e1" });
});

test("sse() has the options retry and headers", async () => {
  const app = appOf(() => items("x"), { retry: 250, headers: { "Cache-Control": "no-cache", "X-A": "b" } });
  const { headers, text } = await app
    .testClient()
    .get("/")
    .then((response) => ({ headers: Object.fromEntries(response.headers), text: response.text() }));
  assert.equal(text, "retry: 250\n\ndata: x\n\n");
  assert.equal(headers["Cache-Control"], "no-cache");
  assert.equal(headers["X-A"], "b");
});

test("sse() gives the Last-Event-ID to the function", async () => {
  const seen: (string | undefined)[] = [];
  const client = appOf((id) => {
    seen.push(id);
    return items();
  }).testClient();
  await client.get("/");
  await client.get("/", { headers: { "Last-Event-ID": "" } });
  await client.get("/", { headers: { "Last-Event-ID": Buffer.from("é7").toString("latin1") } });
  assert.deepEqual(seen, [undefined, undefined, "é7"]);
});

test("sse() refuses what it cannot send", () => {
  for (const source of [undefined, null, "text", [1], {}, () => [1]]) {
    assert.throws(() => sse(source as never), TypeError);
  }
  for (const keepAlive of [0, -1, NaN]) assert.throws(() => sse(items(), { keepAlive }), RangeError);
  assert.throws(() => sse(items(), { keepAlive: "1" as never }), TypeError);
  for (const retry of [-1, 1.5, Infinity]) assert.throws(() => sse(items(), { retry }), RangeError);
});

test("sse() closes the source of a HEAD request without beginning it", async () => {
  let closed = 0;
  const source: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.reject(new Error("begun")),
      return: async () => {
        closed++;
        return { done: true, value: undefined };
      },
    }),
  };
  const app = new Pottle();
  app.get("/", () => sse(source));
  assert.equal((await app.testClient().head("/")).status, 200);
  assert.equal(closed, 1);
});

test(
  "sse() sends each event at once, and comments while there is none",
  virtualTime(async (clock) => {
    const app = appOf(async function* () {
      yield "first";
      await sleep(40_000);
      yield "second";
      await sleep(60_000);
    });
    const call = app.testClient().open("GET", "/");
    const read = async (): Promise<string> => Buffer.from((await call.read()) ?? []).toString();
    assert.equal(await read(), "data: first\n\n");
    for (const expected of [":\n\n", ":\n\n"]) {
      await clock.advance(15_000);
      assert.equal(await read(), expected);
    }
    await clock.advance(10_000);
    assert.equal(await read(), "data: second\n\n");
    call.disconnect();
    assert.equal((await call.over()).outcome.kind, "cancelled");
  }),
);

test(
  "sse() lasts longer than the time limit of a request",
  virtualTime(async (clock) => {
    const app = new Pottle({}, { requestTimeout: 1_000 });
    app.get("/", () =>
      sse(
        async function* () {
          await sleep(100_000);
          yield "late";
        },
        { keepAlive: Infinity },
      ),
    );
    const call = app.testClient().open("GET", "/");
    await call.head();
    await clock.advance(100_000);
    const [event] = await Array.fromAsync(call.events());
    assert.equal(event?.data, "late");
  }),
);

test("sse() cancels its source when the client leaves: where it waits, and where it sends", async () => {
  for (const point of ["wait", "send", "begin"]) {
    const app = new Pottle();
    const log: string[] = [];
    const waiting = new Event();
    app.teardownRequest((error) => void log.push(`teardown ${(error as Error).name}`));
    app.get("/", () =>
      sse(async function* () {
        try {
          if (point !== "begin") yield "x".repeat(100);
          waiting.set();
          if (point === "send") for (;;) yield "x".repeat(100_000);
          await sleep(60_000);
        } finally {
          await sleep(1);
          log.push("finally");
        }
      }),
    );
    const call = app.testClient().open("GET", "/");
    await call.head();
    await waiting.wait();
    await sleep(1);
    call.disconnect();
    const { outcome } = await call.over();
    assert(outcome.kind === "cancelled" && outcome.reason instanceof ClientDisconnected, point);
    assert.deepEqual(log, ["finally", "teardown CancelledError"], point);
  }
});

test("sse() breaks off if its source fails, or yields what cannot be sent, and closes the source", async () => {
  const bad: unknown[] = [
    undefined,
    () => 1,
    { data: "x", event: "a\nb" },
    { data: "x", id: "a\rb" },
    { data: "x", id: "a\0b" },
    { data: () => 1 },
    { data: new Map() },
    { data: "x", retry: 1.5 },
    { data: "x", event: 1 },
    { comment: 7 },
  ];
  let closed = 0;
  const app = new Pottle();
  app.get("/<int:n>", ({ n }) =>
    sse(async function* () {
      try {
        yield "good";
        yield bad[n];
      } finally {
        closed++;
      }
    }),
  );
  const reports = await reportsOf(async () => {
    for (const n of bad.keys()) await assert.rejects(app.testClient().get(`/${n}`), { name: "ResponseAborted" });
  });
  assert.equal(closed, bad.length);
  assert.equal(reports.length, bad.length);
  for (const report of reports) assert.match(report, /(Type|Range)Error: Cannot send the event as/);
});

test("TestCall.events() leaves when the loop does", async () => {
  const app = appOf(async function* () {
    for (let n = 0; ; n++) yield n;
  });
  const call = app.testClient().open("GET", "/");
  const seen: string[] = [];
  for await (const { data } of call.events()) {
    seen.push(data);
    if (seen.length === 3) break;
  }
  assert.deepEqual(seen, ["0", "1", "2"]);
  assert.equal((await call.over()).outcome.kind, "cancelled");
});

test("EventStreamParser reads as browsers do", () => {
  const table: [string, ReceivedEvent[]][] = [
    ["data: a\n\n", [{ event: "message", data: "a", id: "" }]],
    [
      "\uFEFFdata:a\r\rdata\r\n\r\n",
      [
        { event: "message", data: "a", id: "" },
        { event: "message", data: "", id: "" },
      ],
    ],
    ["data: a\ndata:  b\n\n", [{ event: "message", data: "a\n b", id: "" }]],
    ["event: x\n\ndata: a\n\n", [{ event: "message", data: "a", id: "" }]],
    ["id: 1\n\ndata: a\nevent: y\n\n", [{ event: "y", data: "a", id: "1" }]],
    ["id: 1\nid: 2\0\ndata: a\n\n", [{ event: "message", data: "a", id: "1" }]],
    [": comment\nnothing\nDATA: x\ndata: unfinished\n", []],
  ];
  for (const [text, expected] of table) assert.deepEqual(parse(text), expected, JSON.stringify(text));
  const parser = new EventStreamParser();
  parser.push(Buffer.from("retry: 5x\nretry: 12\n\n"));
  assert.equal(parser.retry, 12);
});

const texts = fc.string({ unit: fc.constantFrom("a", "é", "😀", ":", " ", "\n", "\r", "\0", "data", "\uFEFF") });
const line = texts.map((text) => text.replaceAll(/[\r\n\0]/g, ""));

test("formatEvent() makes one event of every event, whatever is in its texts, and the parser reads it in any pieces", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ data: texts, event: line, id: line, comment: texts }, { requiredKeys: ["data"] })),
      fc.array(fc.nat(20)),
      (events, cuts) => {
        const bytes = Buffer.from(events.map((event) => formatEvent(event)).join(""));
        const parser = new EventStreamParser();
        const received: ReceivedEvent[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.byteLength]) {
          received.push(...parser.push(bytes.subarray(at, at + cut)));
          at += cut;
        }
        let id = "";
        const expected = events.map((event) => {
          id = event.id ?? id;
          const data = event.data.replaceAll(/\r\n|\r/g, "\n");
          return { event: event.event === undefined || event.event === "" ? "message" : event.event, data, id };
        });
        assert.deepEqual(received, expected);
      },
    ),
  );
});

test("EventStreamParser takes any bytes, in linear time", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (pieces) => {
      const parser = new EventStreamParser();
      for (const piece of pieces) parser.push(piece);
    }),
  );
  const parser = new EventStreamParser();
  for (let i = 0; i < 200_000; i++) parser.push(Buffer.from("x"));
  assert.deepEqual(parser.push(Buffer.from("\ndata: a\n\n")), [{ event: "message", data: "a", id: "" }]);
});

test("isServerSentEvent() does not take rows of a database for events", () => {
  const rows = [{ id: 1 }, { event: "party" }, { id: "1", event: "x" }, { data: 1, name: "x" }, {}, [], null, "data"];
  for (const row of rows) assert.equal(isServerSentEvent(row), false, JSON.stringify(row));
  for (const event of [{ data: undefined }, { retry: 1 }, { comment: "" }, { data: 1, id: "x" }]) {
    assert.equal(isServerSentEvent(event), true);
  }
});
