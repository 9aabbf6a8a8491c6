import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, sleep } from "../asyncio/index.ts";
import { ClientSession } from "./session.ts";
import { ClientResponseError, InvalidUrl, SessionClosedError } from "./errors.ts";
import { type Echo, echo, serve, until } from "./server.fixture.ts";

test("ClientSession.get() gives status, headers and body", async (context) => {
  const { url } = await serve(context, (_, response) => {
    response.writeHead(200, "Fine", [
      ["Content-Type", "text/plain; charset=utf-8"],
      ["Set-Cookie", "a=1"],
      ["Set-Cookie", "b=2"],
    ]);
    response.end("grüße");
  });
  await using session = new ClientSession();
  const response = await session.get(url);
  assert.equal(response.status, 200);
  assert.equal(response.reason, "Fine");
  assert.equal(response.ok, true);
  assert.equal(response.url, url);
  assert.equal(response.method, "GET");
  assert.deepEqual(response.history, []);
  assert.deepEqual(response.headers.getAll("set-cookie"), ["a=1", "b=2"]);
  assert.equal(await response.text(), "grüße");
  assert.equal(await response.text(), "grüße", "it may be asked for again");
});

test("ClientSession.request() sends method, query, headers and each kind of body", async (context) => {
  const { url } = await serve(context, (request, response) => void echo(request, response));
  await using session = new ClientSession({ baseUrl: url, headers: { "X-From": "session", "X-Kept": "yes" } });
  async function* pieces(): AsyncGenerator<string | Uint8Array> {
    yield "one,";
    await sleep(1);
    yield Buffer.from("two");
  }
  const cases = [
    ["GET", {}, "", undefined],
    ["POST", { json: { a: [1, "ü"] } }, '{"a":[1,"ü"]}', "application/json"],
    [
      "PUT",
      { form: { a: "1 2", b: [true, 3], c: undefined } },
      "a=1+2&b=true&b=3",
      "application/x-www-form-urlencoded",
    ],
    ["PATCH", { body: "text" }, "text", "text/plain;charset=UTF-8"],
    ["POST", { body: Buffer.from("bytes") }, "bytes", undefined],
    ["POST", { body: "" }, "", "text/plain;charset=UTF-8"],
    ["POST", { body: new Uint8Array() }, "", undefined],
    ["POST", { body: pieces() }, "one,two", undefined],
    ["DELETE", { json: 1, headers: { "content-type": "x/y" } }, "1", "x/y"],
  ] as const;
  for (const [method, options, body, type] of cases) {
    const response = await session.request(method, "some/path?q=1", {
      ...options,
      params: { q: ["2", 3], "ä b": "&" },
    });
    const asked = await response.json<Echo>();
    assert.equal(asked.method, method);
    assert.equal(asked.url, "/some/path?q=1&q=2&q=3&%C3%A4+b=%26");
    assert.equal(asked.body, body);
    assert.equal(asked.headers["content-type"], type);
    assert.equal(asked.headers["x-kept"], "yes");
  }
  const { headers } = await (await session.get("", { headers: { "x-from": "request" } })).json<Echo>();
  assert.equal(headers["x-from"], "request");
  assert.equal(headers["accept-encoding"], "gzip, deflate, br, zstd");
});

test("ClientSession.head(), options(), put(), patch() and delete() ask by their methods", async (context) => {
  const asked: string[] = [];
  const { url } = await serve(context, (request, response) => {
    asked.push(request.method ?? "");
    response.setHeader("Content-Length", 5);
    response.end(request.method === "HEAD" ? undefined : "hello");
  });
  await using session = new ClientSession({ baseUrl: url });
  assert.equal(await (await session.head("")).text(), "", "the response to HEAD has no body");
  for (const method of ["options", "put", "patch", "delete"] as const)
    assert.equal(await (await session[method]("")).text(), "hello");
  assert.deepEqual(asked, ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"]);
});

test("ClientSession.request() sends a body of megabytes in slices and with its length", async (context) => {
  const { url } = await serve(context, (request, response) => void echo(request, response));
  await using session = new ClientSession();
  const body = Buffer.alloc(3_000_001, "abc");
  const asked = await (await session.put(url, { body })).json<Echo>();
  assert.equal(asked.headers["content-length"], "3000001");
  assert.equal(asked.body, body.toString());
});

test("ClientSession.get() sends user and password of a URL as a header, and shows them nowhere", async (context) => {
  const { url } = await serve(context, (request, response) => void echo(request, response));
  await using session = new ClientSession();
  const response = await session.get(url.replace("//", "//ada:pass%20word@"));
  const { headers } = await response.json<Echo>();
  assert.equal(headers["authorization"], `Basic ${Buffer.from("ada:pass word").toString("base64")}`);
  assert.equal(response.url, url);
});

test("ClientSession.get() keeps a connection for the next request", async (context) => {
  const server = await serve(context, (_, response) => response.end("x"));
  await using session = new ClientSession();
  for (let n = 0; n < 5; n++) await (await session.get(server.url)).text();
  assert.equal(server.opened, 1);
  assert.deepEqual(session.statistics(), { open: 1, inUse: 0, idle: 1, waiting: 0 });
});

test("ClientSession.get() waits for the response that follows what a server says beforehand", async (context) => {
  const server = await serve(context, (_, response) => {
    response.writeEarlyHints({ link: "</style.css>; rel=preload" });
    response.writeProcessing();
    response.end("x");
  });
  await using session = new ClientSession();
  const response = await session.get(server.url);
  assert.equal(response.status, 200);
  assert.equal(response.headers.has("link"), false);
  assert.equal(await response.text(), "x");
});

for (const [what, target] of [
  ["is relative without a base", "page"],
  ["is not HTTP", "ftp://example.org/"],
  ["is nonsense", "http://"],
  ["has a user that cannot be decoded", "http://%zz@example.org/"],
] as const) {
  test(`ClientSession.get() refuses a URL that ${what}`, async () => {
    await using session = new ClientSession();
    await assert.rejects(session.get(target), (error: InvalidUrl) => {
      assert.ok(error instanceof InvalidUrl);
      assert.match(error.message, /^Cannot GET as .* is needed: current value is /);
      assert.equal(error.request.method, "GET");
      return true;
    });
  });
}

test("ClientSession shows no password of a URL that it refuses", async () => {
  await using session = new ClientSession();
  await assert.rejects(session.get("ftp://ada:secret@example.org/"), (error: InvalidUrl) => {
    assert.doesNotMatch(error.message + error.request.url, /secret/);
    return true;
  });
  assert.throws(() => new ClientSession({ baseUrl: "http://ada:secret@example.org/api" }), /is "http:\/\/…@example/);
});

test("ClientSession refuses options that cannot be right", async () => {
  assert.throws(
    () => new ClientSession({ baseUrl: "http://example.org/api" }),
    /must be a URL of HTTP whose path ends with a slash/,
  );
  assert.throws(() => new ClientSession({ limit: 0 }), RangeError);
  assert.throws(() => new ClientSession({ timeout: { idle: Number.NaN } }), RangeError);
  assert.throws(() => new ClientSession({ timeout: "1" as never }), TypeError);
  await using session = new ClientSession();
  const get = (options: object): Promise<unknown> => session.get("http://127.0.0.1:1/", options);
  await assert.rejects(get({ json: 1, body: "2" }), /more than one body/);
  await assert.rejects(get({ body: 7 }), /'body' must be a string, bytes or an async iterable/);
  await assert.rejects(get({ headers: { "a b": "1" } }), { name: "InvalidHeaderError" });
  await assert.rejects(get({ headers: { a: "1\r\nb: 2" } }), { name: "InvalidHeaderError" });
  await assert.rejects(get({ maxRedirects: -1 }), RangeError);
  await assert.rejects(get({ headers: { Expect: "100-continue" } }), /cannot be sent: expect header not supported/);
  await assert.rejects(session.request("GE T", "http://127.0.0.1:1/"), /must be one of HTTP: current value is "GE T"/);
});

test("ClientSession.get() throws a ClientResponseError when asked to, with the response's status and headers", async (context) => {
  const server = await serve(context, (_, response) => response.writeHead(404, { "X-Why": "gone" }).end("no"));
  await using session = new ClientSession({ raiseForStatus: true });
  await assert.rejects(session.get(server.url), (error: ClientResponseError) => {
    assert.ok(error instanceof ClientResponseError);
    assert.equal(error.message, `Cannot GET ${server.url} as the server answered 404 Not Found`);
    assert.equal(error.headers.get("x-why"), "gone");
    return error.status === 404 && error.request.url === server.url;
  });
  const response = await session.get(server.url, { raiseForStatus: false });
  assert.equal(await response.text(), "no");
  assert.throws(() => response.raiseForStatus(), ClientResponseError);
});

test(
  "ClientSession.close() breaks off what is under way, and refuses what comes later",
  { timeout: 5_000 },
  async (context) => {
    const server = await serve(context, (request, response) => {
      if (request.url === "/body") response.write("x".repeat(10));
    });
    const session = new ClientSession({ baseUrl: server.url, limit: 2 });
    const asked = createTask(() => session.get("never"));
    const reading = createTask(async () => (await session.get("body")).text());
    const waiting = createTask(() => session.get("later"));
    await until(() => session.statistics().waiting === 1 && server.sockets.size === 2);
    await session.close();
    for (const task of [asked, reading, waiting]) await assert.rejects(task, SessionClosedError);
    await assert.rejects(session.get(""), SessionClosedError);
    assert.equal(session.closed, true);
    assert.deepEqual(session.statistics(), { open: 0, inUse: 0, idle: 0, waiting: 0 });
    await until(() => server.sockets.size === 0);
  },
);
