import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { test } from "node:test";
import { Event, sleep } from "../../asyncio/index.ts";
import { serve } from "../../server/index.ts";
import { g, request } from "../app/accessors.ts";
import { Pottle } from "../app/pottle.ts";
import { reportsOf } from "../app/_reports.fixture.ts";
import { jsonify, makeResponse } from "./from-result.ts";
import { JSONProvider } from "./json-provider.ts";

test("A streamed response finds its request and g() to its end, and teardown comes after it", async () => {
  const app = new Pottle();
  const seen: string[] = [];
  app.teardownRequest(() => void seen.push("teardown"));
  app.get("/", () => {
    g<{ user: string }>().user = "ada";
    return (async function* () {
      yield `${request().path} `;
      await sleep(0);
      yield g<{ user: string }>().user;
      seen.push("streamed");
    })();
  });
  assert.equal((await app.testClient().get("/")).text(), "/ ada");
  assert.deepEqual(seen, ["streamed", "teardown"]);
});

test("HttpResponse.timeout cuts a stream off, so that a part is not taken for the whole", async () => {
  const app = new Pottle();
  let closed = false;
  app.get("/", () => {
    const stream = async function* (): AsyncGenerator<string> {
      try {
        yield "begun";
        await new Event().wait();
      } finally {
        closed = true;
      }
    };
    const response = makeResponse(stream());
    response.timeout = 20;
    return response;
  });
  let outcome: unknown;
  const reports = await reportsOf(async () => {
    await using server = await serve(app, { port: 0 });
    outcome = await fetch(server.url)
      .then((response) => response.text(), String)
      .catch(String);
  });
  assert.match(String(outcome), /terminated|fetch failed/);
  assert.equal(closed, true);
  assert.match(reports[0] ?? "", /TimeoutError/);
  assert.throws(() => (makeResponse("").timeout = 0), RangeError);
});

test("HttpResponse.trailers are sent behind a stream to a client that takes them", async () => {
  const app = new Pottle();
  app.get("/", () => {
    let size = 0;
    const stream = async function* (): AsyncGenerator<string> {
      for (const piece of ["a", "bc"]) {
        size += piece.length;
        yield piece;
      }
    };
    const response = makeResponse(stream());
    response.trailers = () => ["X-Size", String(size)];
    return response;
  });
  await using server = await serve(app, { port: 0 });
  const trailers = await new Promise<unknown>((resolve, reject) => {
    httpRequest(server.url, { headers: { TE: "trailers" } }, (response) => {
      response.resume().on("end", () => resolve(response.trailers));
    })
      .on("error", reject)
      .end();
  });
  assert.deepEqual({ ...(trailers as object) }, { "x-size": "3" });
});

test("JSONProvider makes bigints strings, Maps objects and Sets arrays, and dates ISO 8601", () => {
  const json = new JSONProvider();
  const value = {
    big: 2n ** 64n,
    map: new Map([["a", new Set([1n])]]),
    date: new Date(0),
    empty: {},
    nan: NaN,
    no: undefined,
  };
  const text =
    '{"big":"18446744073709551616","map":{"a":["1"]},"date":"1970-01-01T00:00:00.000Z","empty":{},"nan":null}';
  assert.equal(json.dumps(value), text);
  assert.equal(json.dumps({ map: new Map() }), '{"map":{}}');
  assert.equal(json.dumps({ map: new Map([["__proto__", 1]]) }), '{"map":{"__proto__":1}}');
  assert.equal(json.dumps({ bytes: Uint8Array.of(1), none: {} }), '{"bytes":{"0":1},"none":{}}');
  assert.equal(json.dumps("a{}b"), '"a{}b"');
});

test("JSONProvider refuses what JSON would lose", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  const lost = [
    { a: Promise.resolve(1) },
    [(function* () {})()],
    { a: new Map().entries() },
    { a: circle },
    undefined,
    () => 1,
  ];
  for (const value of lost) assert.throws(() => new JSONProvider().dumps(value), TypeError);
});

test("Pottle.json makes the JSON of views, of jsonify() and of requests, and gives its type", async () => {
  class Marked extends JSONProvider {
    override readonly mimetype = "application/vnd.own+json";
    override dumps(value: unknown): string {
      return `${super.dumps(value)}\n`;
    }
    override loads(text: string): unknown {
      return { loaded: super.loads(text) };
    }
  }
  const app = new Pottle();
  app.json = new Marked();
  app.get("/object", () => ({ a: 1 }));
  app.get("/made", () => makeResponse({ a: 1 }, 201));
  app.get("/many", () => jsonify("a", null));
  app.get("/null", () => jsonify(null));
  app.post("/", async (_, call) => await call.json<object>());
  const client = app.testClient();
  assert.equal((await client.get("/object")).headers.get("content-type"), "application/vnd.own+json");
  assert.equal((await client.get("/object")).text(), '{"a":1}\n');
  assert.equal((await client.get("/made")).text(), '{"a":1}\n');
  assert.equal((await client.get("/many")).text(), '["a",null]\n');
  assert.equal((await client.get("/null")).text(), "null\n");
  assert.equal((await client.post("/", { json: [1] })).text(), '{"loaded":[1]}\n');
});
