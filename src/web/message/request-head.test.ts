import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createTask } from "../../asyncio/index.ts";
import { MemoryExchange, serveExchange } from "../../http/index.ts";
import { serve, trustProxies } from "../../server/index.ts";
import { Blueprint } from "../app/blueprint.ts";
import { Pottle } from "../app/pottle.ts";
import { reportsOf } from "../app/_reports.fixture.ts";
import { makeResponse } from "./from-result.ts";
import type { HttpRequest } from "./http-request.ts";

/** What a view sees of a request. */
async function seen(
  look: (request: HttpRequest) => unknown,
  path: string,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const app = new Pottle();
  app.get("/<path:rest>", (_, request) => ({ seen: look(request) ?? null }));
  return (await app.testClient().get(path, { headers })).json<{ seen: unknown }>().seen;
}

test("HttpRequest.fullPath always has a question mark", async () => {
  assert.equal(await seen(({ fullPath }) => fullPath, "/a%20b"), "/a b?");
  assert.equal(await seen(({ fullPath }) => fullPath, "/a?b=c"), "/a?b=c");
});

test("HttpRequest.args keeps several values and blank ones, and require() answers with 400", async () => {
  assert.deepEqual(await seen(({ args }) => args.getAll("a"), "/x?a=1&a=&b&a=%C3%BC+"), ["1", "", "ü "]);
  assert.equal(await seen(({ args }) => args.require("b"), "/x?b"), "");
  const app = new Pottle();
  app.get("/", (_, { args }) => args.require("<q>"));
  const response = await app.testClient().get("/");
  assert.equal(response.status, 400);
  assert.match(response.text(), /a value for &#39;&#60;q&#62;&#39;/);
});

test("HttpRequest knows its host, URL, type and length", async () => {
  const headers = { Host: "Example.org:81", "Content-Type": "Application/X+JSON; a=b", "Content-Length": "0" };
  const look = (request: HttpRequest): unknown => [
    request.host,
    request.url,
    request.mimetype,
    request.isJSON,
    request.contentLength,
    request.isSecure,
    request.remoteAddress,
  ];
  assert.deepEqual(await seen(look, "/a%20b?c", headers), [
    "Example.org:81",
    "http://Example.org:81/a%20b?c",
    "application/x+json",
    true,
    0,
    false,
    "127.0.0.1",
  ]);
});

test("HttpRequest shows its route: endpoint, rule, arguments and blueprints", async () => {
  const app = new Pottle();
  const [outer, inner] = [new Blueprint("outer", { prefix: "/o" }), new Blueprint("inner", { prefix: "/i" })];
  const show = (_: unknown, request: HttpRequest): object => ({
    endpoint: request.endpoint,
    rule: request.urlRule,
    args: request.viewArgs,
    blueprint: request.blueprint,
    blueprints: request.blueprints,
  });
  inner.get("/<int:id>", { name: "one" }, show);
  outer.register(inner);
  app.register(outer);
  app.get("/plain", show);
  app.errorHandler(404, show);
  const client = app.testClient();
  assert.deepEqual((await client.get("/o/i/7")).json(), {
    endpoint: "outer.inner.one",
    rule: "/o/i/<int:id>",
    args: { id: 7 },
    blueprint: "outer.inner",
    blueprints: ["outer.inner", "outer"],
  });
  assert.deepEqual((await client.get("/plain")).json(), { endpoint: "show", rule: "/plain", args: {}, blueprints: [] });
  assert.deepEqual((await client.get("/none")).json(), { args: {}, blueprints: [] });
});

test("HttpRequest.remoteAddress is that of the client where the proxy is trusted", async () => {
  const app = new Pottle();
  app.get("/", (_, { remoteAddress }) => `from ${remoteAddress}`);
  const headers = { "X-Forwarded-For": "192.0.2.7" };
  await using trusting = await serve(trustProxies(app, { trusted: ["127.0.0.1"] }), { port: 0 });
  assert.equal(await (await fetch(trusting.url, { headers })).text(), "from 192.0.2.7");
  await using plain = await serve(app, { port: 0 });
  assert.equal(await (await fetch(plain.url, { headers })).text(), "from 127.0.0.1");
});

test("HttpRequest reads what clients accept and demand", async () => {
  const headers = {
    Accept: "text/html;q=0.5, application/json",
    "Accept-Language": "de-AT, en;q=0.5",
    "Accept-Encoding": "br",
    "Accept-Charset": "utf-8",
    Authorization: "Bearer abc",
    "If-Match": '"a"',
    "If-None-Match": 'W/"b"',
    "If-Modified-Since": "Sun, 06 Nov 1994 08:49:37 GMT",
    "If-Unmodified-Since": "nonsense",
    "If-Range": '"c"',
    Range: "bytes=0-1",
    "Cache-Control": "max-age=0",
  };
  const look = (request: HttpRequest): unknown => [
    request.acceptMimetypes.best,
    request.acceptLanguages.bestMatch(["en", "de"]),
    request.acceptEncodings.accepts("gzip"),
    request.acceptCharsets.accepts("UTF-8"),
    request.authorization?.token,
    request.ifMatch?.contains('"a"'),
    request.ifNoneMatch?.containsWeak('"b"'),
    request.ifModifiedSince?.getTime(),
    request.ifUnmodifiedSince ?? "none",
    request.ifRange?.tag,
    request.range?.ranges,
    request.cacheControl.maxAge,
  ];
  const expected = [
    "application/json",
    "de",
    false,
    true,
    "abc",
    true,
    true,
    784_111_777_000,
    "none",
    '"c"',
    [{ start: 0, end: 1 }],
    0,
  ];
  assert.deepEqual(await seen(look, "/x", headers), expected);
});

test("HttpRequest answers any header with 200", async () => {
  const app = new Pottle();
  app.get("/", (_, request) => {
    const { acceptMimetypes, acceptLanguages, acceptEncodings, acceptCharsets, authorization, cacheControl } = request;
    const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince, ifRange, range, cookies, args } = request;
    const all = [acceptMimetypes, acceptLanguages, acceptEncodings, acceptCharsets, authorization, cacheControl];
    const more = [ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince, ifRange, range, cookies, args];
    const etag = '"a"';
    return makeConditional(request, etag, [...all, ...more].length);
  });
  const names = [
    "Accept",
    "Accept-Language",
    "Accept-Encoding",
    "Authorization",
    "If-Match",
    "If-None-Match",
    "If-Range",
  ];
  const others = ["If-Modified-Since", "Range", "Cookie", "Cache-Control"];
  const text = fc.string({
    unit: fc.constantFrom(...'abW/"*,;=-0129 \\\t'.split(""), "é", "bytes=", "Basic ", "q=0."),
  });
  const client = app.testClient();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names, ...others), text, fc.string(), async (name, value, query) => {
      const response = await client.get(`/?${encodeURI(query.toWellFormed())}`, { headers: { [name]: value } });
      assert.ok([200, 206, 304, 412, 416].includes(response.status), `${response.status} for ${name}: ${value}`);
    }),
  );
});

function makeConditional(request: HttpRequest, etag: string, count: number): object {
  return makeResponse(`seen ${count} of them`, 200, { ETag: etag }).makeConditional(request, { acceptRanges: true });
}

test("HttpRequest.sendEarlyHints() sends what it is given, and says whether it could", async () => {
  const app = new Pottle();
  const said: boolean[] = [];
  app.get("/", (_, request) => {
    said.push(request.sendEarlyHints({ Link: ["</a.css>; rel=preload", "</b.js>; rel=preload"] }));
    assert.throws(() => request.sendEarlyHints({ Link: "a\r\nb" }), { name: "InvalidHeaderError" });
    return "page";
  });
  await using server = await serve(app, { port: 0 });
  const hints: unknown[] = [];
  const { get } = await import("node:http");
  await new Promise<void>((resolve, reject) => {
    const call = get(server.url, (response) => response.resume().on("end", resolve));
    call.on("information", (information) => hints.push([information.statusCode, information.headers["link"]]));
    call.on("error", reject);
  });
  assert.deepEqual(hints, [[103, "</a.css>; rel=preload, </b.js>; rel=preload"]]);
  assert.deepEqual(said, [true]);
});

test("Pottle with trustedHosts answers other hosts with 400", async () => {
  const app = new Pottle({}, { trustedHosts: ["good.test", ".example.org", "[::1]"] });
  app.get("/", () => "fine");
  const client = app.testClient();
  const status = async (host: string): Promise<number> => (await client.get("/", { headers: { Host: host } })).status;
  for (const host of ["good.test", "GOOD.test:8000", "good.test.", "example.org", "a.example.org", "[::1]:80"]) {
    assert.equal(await status(host), 200, host);
  }
  for (const host of [
    "bad.test",
    "good.test.bad",
    "xgood.test",
    "badexample.org",
    "",
    "good.test:80@bad",
    "good.test, bad",
  ]) {
    assert.equal(await status(host), 400, host);
  }
  assert.equal((await client.head("/", { headers: { Host: "bad.test" } })).status, 400);
  for (const bad of [["a:80"], ["*"], "a", [1]]) {
    assert.throws(() => new Pottle({}, { trustedHosts: bad as string[] }), TypeError);
  }
});

test("HttpRequest answers a body that does not come in time with 408", async () => {
  const app = new Pottle({}, { bodyTimeout: 20 });
  app.post("/bytes", async (_, request) => await request.bytes());
  app.post("/slow", { bodyTimeout: 5 }, async (_, request) => await request.json());
  app.post("/form", async (_, request) => [...(await request.form()).fields]);
  const statusOf = async (target: string, type: string): Promise<number> => {
    const exchange = new MemoryExchange({ method: "POST", target, rawHeaders: ["Content-Type", type] });
    const head = createTask(() => exchange.head());
    const reading = createTask(async () => {
      while ((await exchange.download.read()) !== undefined);
    });
    await serveExchange(app, exchange);
    await reading;
    return (await head).status;
  };
  const reports = await reportsOf(async () => {
    assert.equal(await statusOf("/bytes", "text/plain"), 408);
    assert.equal(await statusOf("/slow", "application/json"), 408);
    assert.equal(await statusOf("/form", "application/x-www-form-urlencoded"), 408);
  });
  assert.deepEqual(reports, []);
});

test("Pottle gives a route limits of its own, and a view its request", async () => {
  const app = new Pottle({}, { maxContentLength: 10, maxFormParts: 1 });
  const length = async (_: unknown, request: HttpRequest): Promise<string> => String((await request.bytes()).length);
  app.post("/app", length);
  app.post("/route", { maxContentLength: 20, maxFormMemorySize: 5, maxFormParts: 2 }, length);
  app.post("/form", { maxContentLength: 50, maxFormMemorySize: 5, maxFormParts: 2 }, async (_, request) => {
    if (request.args.has("more")) request.maxFormMemorySize = 50;
    if (request.args.has("many")) request.maxFormParts = 3;
    return [...(await request.form()).fields];
  });
  const client = app.testClient();
  const status = async (path: string, body: string): Promise<number> => {
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    return (await client.post(path, { body, headers })).status;
  };
  assert.equal(await status("/app", "x".repeat(11)), 413);
  assert.equal(await status("/route", "x".repeat(11)), 200);
  assert.equal(await status("/route", "x".repeat(21)), 413);
  assert.equal(await status("/form", "a=1&b"), 200);
  assert.equal(await status("/form", "a=1&b=2"), 413);
  assert.equal(await status("/form?more", "a=1&b=2"), 200);
  assert.equal(await status("/form?more", "a&b&c"), 413);
  assert.equal(await status("/form?more&many", "a&b&c"), 200);
  assert.throws(() => new Pottle().post("/bad", { maxFormParts: -1 }, length), /route '\/bad'.*maxFormParts/);
  assert.throws(() => new Pottle({}, { bodyTimeout: "1" as never }), TypeError);
});

test("HttpRequest.json() can be forced, and silent", async () => {
  const app = new Pottle();
  app.post("/forced", async (_, request) => ({ got: await request.json({ force: true }) }));
  app.post("/silent", async (_, request) => ({ got: (await request.json({ silent: true })) ?? "nothing" }));
  const client = app.testClient();
  assert.equal((await client.post("/forced", { body: "[1]" })).text(), '{"got":[1]}');
  assert.equal((await client.post("/forced", { body: "[1" })).status, 400);
  assert.equal((await client.post("/silent", { body: "[1]" })).text(), '{"got":"nothing"}');
  const headers = { "Content-Type": "application/json" };
  assert.equal((await client.post("/silent", { body: "[1", headers })).text(), '{"got":"nothing"}');
  assert.equal((await client.post("/silent", { body: '{"__proto__":1}', headers })).text(), '{"got":{"__proto__":1}}');
});

test("Form has require() for fields and files, which answers with 400", async () => {
  const app = new Pottle();
  app.post("/", async (_, request) => {
    const { fields, files } = await request.form();
    return `${fields.require("a")} ${files.require("b").filename}`;
  });
  const client = app.testClient();
  const form = new FormData();
  form.append("a", "1");
  assert.match((await client.post("/", { form })).text(), /must have a file for &#39;b&#39;/);
  form.append("b", new File(["x"], "x.txt"));
  assert.equal((await client.post("/", { form })).text(), "1 x.txt");
  assert.equal((await client.post("/", { form: { b: "1" } })).status, 400);
});

test("HttpRequest.values() are those of the query and the form", async () => {
  const app = new Pottle();
  app.route("/", { methods: ["GET", "POST"] }, async (_, request) => [...(await request.values())]);
  const client = app.testClient();
  assert.equal((await client.get("/?a=1")).text(), '[["a","1"]]');
  assert.equal((await client.post("/?a=1", { form: { a: "2", b: "3" } })).text(), '[["a","1"],["a","2"],["b","3"]]');
  assert.equal((await client.post("/?a=1", { json: [] })).text(), '[["a","1"]]');
});

test("HttpRequest keeps each header of a name, in their order", async () => {
  const app = new Pottle();
  app.get("/", (_, { headers }) => [headers.getAll("x-tag"), headers.get("X-Tag") ?? null, headers.has("X-Other")]);
  const exchange = new MemoryExchange({ target: "/", rawHeaders: ["X-Tag", "a", "Host", "h", "x-tag", "b"] });
  exchange.upload.end();
  await serveExchange(app, exchange);
  const body = Buffer.from((await exchange.download.read()) ?? []).toString();
  assert.deepEqual((JSON.parse(body) as unknown[])[0], ["a", "b"]);
});

test("HttpRequest of HTTP/1.0 without Host has an empty host", async () => {
  const app = new Pottle();
  app.get("/", (_, { host, httpVersion }) => [host, httpVersion]);
  await using server = await serve(app, { port: 0 });
  const { connect } = await import("node:net");
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  socket.end("GET / HTTP/1.0\r\n\r\n");
  const answer = (await socket.setEncoding("utf8").toArray()).join("");
  assert.match(answer, /^HTTP\/1\.[01] 200 /);
  assert.equal(answer.slice(answer.indexOf("\r\n\r\n") + 4), '["","1.0"]');
});
