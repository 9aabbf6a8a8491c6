import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { Event, moveOnAfter, sleep } from "../../asyncio/index.ts";
import { serve } from "../../server/index.ts";
import { reportsOf } from "./_reports.fixture.ts";
import { abort, HTTPError, isPottle, makeResponse, Pottle, type PottleOptions, type TestResponse } from "../index.ts";

const results: [title: string, make: () => unknown, status: number, type: string | undefined, body: string][] = [
  ["a string as HTML", () => "<p>é", 200, "text/html; charset=utf-8", "<p>é"],
  ["an empty string", () => "", 200, "text/html; charset=utf-8", ""],
  ["bytes", () => Buffer.from("b"), 200, "application/octet-stream", "b"],
  [
    "an object as JSON, in the order in which it was written",
    () => ({ b: 1, a: [null] }),
    200,
    "application/json",
    '{"b":1,"a":[null]}',
  ],
  ["an array as JSON", () => [1, "é"], 200, "application/json", '[1,"é"]'],
  ["a Map as JSON", () => new Map([["a", 1n]]), 200, "application/json", '{"a":"1"}'],
  ["a Set as JSON", () => new Set([1, 2]), 200, "application/json", "[1,2]"],
  ["an object with toJSON()", () => new Date(0), 200, "application/json", '"1970-01-01T00:00:00.000Z"'],
  [
    "an async iterable as a stream",
    async function* () {
      yield "a";
      yield Buffer.from("b");
    },
    200,
    "text/html; charset=utf-8",
    "ab",
  ],
  ["makeResponse()", () => makeResponse({ a: 1 }, 201, { "X-A": "b" }), 201, "application/json", '{"a":1}'],
  [
    "makeResponse() with a type of its own",
    () => makeResponse("a", 200, { "content-type": "text/plain" }),
    200,
    "text/plain",
    "a",
  ],
  ["makeResponse() with 204", () => makeResponse("", 204), 204, "text/html; charset=utf-8", ""],
  [
    "the platform's Response",
    () => new Response("a", { status: 202, headers: { "X-A": "b" } }),
    202,
    "text/plain;charset=UTF-8",
    "a",
  ],
  ["the platform's Response.json()", () => Response.json({ a: 1 }), 200, "application/json", '{"a":1}'],
  ["the platform's Response without a body", () => new Response(null, { status: 204 }), 204, undefined, ""],
];

for (const [title, view, status, type, body] of results) {
  test(`Pottle answers with ${title}`, async () => {
    const app = new Pottle();
    app.get("/sync", view as () => string);
    app.get("/async", async () => {
      await sleep(0);
      return (view as () => string)();
    });
    for (const path of ["/sync", "/async"]) {
      const response = await app.testClient().get(path);
      assert.deepEqual([response.status, response.headers.get("Content-Type"), response.text()], [status, type, body]);
      assert.deepEqual(response.outcome, { kind: "served" });
    }
  });
}

const must = "it must be a string, bytes, an object, an array, an async iterable or a response";
const refused: [title: string, value: unknown, current: string][] = [
  ["undefined", undefined, "undefined"],
  ["null", null, "null"],
  ["a number", 7, "7"],
  ["a boolean", true, "true"],
  ["a function", function view() {}, "function view"],
  ["a generator", (function* () {})(), "a Generator"],
  ["a symbol", Symbol("x"), "Symbol(x)"],
];

for (const [title, value, current] of refused) {
  test(`Pottle answers a view that returns ${title} with 500, and says so in the report`, async () => {
    const app = new Pottle();
    app.get("/x", function showNothing() {
      return value as string;
    });
    let response: TestResponse | undefined;
    const reports = await reportsOf(async () => (response = await app.testClient().get("/x")));
    assert.equal(response?.status, 500);
    assert.doesNotMatch(response.text(), /showNothing|must be/);
    assert.equal(reports.length, 1);
    const message = `TypeError: Cannot answer with what view 'showNothing' of '/x' returned as ${must}: current value is ${current}`;
    assert.equal(reports[0], `Error while serving GET /x: ${message}`);
  });
}

test("Pottle answers a view that throws with a page that says nothing of it, and reports the error once", async () => {
  const app = new Pottle();
  app.get("/boom", () => {
    throw new Error("secret <x>");
  });
  let response: TestResponse | undefined;
  const reports = await reportsOf(async () => (response = await app.testClient().get("/boom")));
  assert.equal(response?.status, 500);
  assert.doesNotMatch(response.text(), /secret/);
  assert.equal(response.outcome.kind, "failed");
  assert.deepEqual(reports, ["Error while serving GET /boom: Error: secret <x>"]);
});

test("Pottle answers an HTTPError with its page, escaped, and its headers", async () => {
  const app = new Pottle();
  app.get("/teapot", () => abort(418, "<b>&'\""));
  app.get("/busy", () => {
    throw new HTTPError(503, undefined, { headers: ["Retry-After", "5"] });
  });
  const client = app.testClient();
  const teapot = await client.get("/teapot");
  assert.deepEqual([teapot.status, teapot.outcome], [418, { kind: "served" }]);
  assert.equal(
    teapot.text(),
    `<!doctype html>\n<html lang="en">\n<title>418 I&#39;m a Teapot</title>\n<h1>I&#39;m a Teapot</h1>\n<p>&#60;b&#62;&#38;&#39;&#34;</p>\n`,
  );
  const busy = await client.get("/busy");
  assert.deepEqual([busy.status, busy.headers.get("Retry-After")], [503, "5"]);
});

test("Pottle answers a view that returns an error as one that throws it", async () => {
  const app = new Pottle(undefined, { development: false });
  app.get("/none", () => new HTTPError(404, "gone"));
  app.get("/boom", () => new RangeError("secret"));
  app.get("/own", () => Object.assign(new Error("own"), { toJSON: () => ({ own: true }) }));
  app.get("/hook", () => "view");
  app.beforeRequest((request) => (request.path === "/hook" ? new HTTPError(403) : undefined));
  app.errorHandler(404, (error) => `handled ${error.description}`);
  const client = app.testClient();
  let boom: TestResponse | undefined;
  const reports = await reportsOf(async () => (boom = await client.get("/boom")));
  assert.deepEqual(reports, ["Error while serving GET /boom: RangeError: secret"]);
  assert.equal(boom?.status, 500);
  const none = await client.get("/none");
  assert.deepEqual([none.status, none.text()], [404, "handled gone"]);
  assert.deepEqual((await client.get("/own")).json(), { own: true });
  assert.equal((await client.get("/hook")).status, 403);
  assert.throws(() => makeResponse(new Error("x")), {
    name: "TypeError",
    message: /Cannot make a response as it must be/,
  });
});

test("Pottle answers an error with a problem if the client prefers JSON", async () => {
  const client = new Pottle().testClient();
  const json = await client.get("/x", { headers: { Accept: "application/json" } });
  assert.deepEqual(json.json(), {
    type: "about:blank",
    title: "Not Found",
    status: 404,
    detail: "There is nothing at this address.",
  });
  for (const Accept of ["*/*", "text/html, application/json;q=0.9", "application/jsonp"]) {
    const html = await client.get("/x", { headers: { Accept } });
    assert.equal(html.headers.get("Content-Type"), "text/html; charset=utf-8");
  }
});

test("abort() refuses what is no error status", () => {
  for (const status of [200, 204, 302, 399, 600, NaN, 404.5]) {
    assert.throws(() => abort(status), {
      name: "RangeError",
      message: new RegExp(`from 400 to 599: current value is ${status}$`),
    });
  }
});

test("makeResponse() refuses what is no status", () => {
  for (const status of [100, 600, NaN]) assert.throws(() => makeResponse("", status), RangeError);
});

test("Pottle answers HEAD as GET without its body, and OPTIONS with what the path answers", async () => {
  const app = new Pottle();
  app.get("/x", () => "Hello");
  app.post("/x", () => "Hello");
  app.route("/own", { methods: ["GET", "OPTIONS"] }, (_, request) => request.method);
  const client = app.testClient();
  const head = await client.head("/x");
  assert.deepEqual([head.status, head.text(), head.headers.get("Content-Length")], [200, "", "5"]);
  const options = await client.options("/x");
  assert.deepEqual(
    [options.status, options.text(), options.headers.get("Allow")],
    [200, "", "GET, HEAD, OPTIONS, POST"],
  );
  assert.equal((await client.options("/own")).text(), "OPTIONS");
  assert.equal((await client.options("/y")).status, 404);
  const denied = await client.delete("/x");
  assert.deepEqual([denied.status, denied.headers.get("Allow")], [405, "GET, HEAD, OPTIONS, POST"]);
  assert.equal((await client.request("get", "/x")).status, 405);
  assert.equal((await client.request("OPTIONS", "*")).status, 200);
  assert.equal((await client.get("*")).status, 404);
});

test("Pottle sends a client on to the path with its slash, with its query and method kept, on this server", async () => {
  const app = new Pottle();
  app.route("/a b/", { methods: ["GET", "POST"] }, () => "x");
  app.get("/<path:p>/", ({ p }) => p);
  app.get("/<string(minlength=0):a>/<b>/", ({ b }) => b);
  const client = app.testClient();
  const moved = await client.post("/a%20b?x=%20&y");
  assert.deepEqual([moved.status, moved.headers.get("Location")], [308, "/a%20b/?x=%20&y"]);
  for (const path of ["//evil.example", "/\\evil.example", "/%2Fevil.example", "///evil.example//x"]) {
    const location = (await client.get(path)).headers.get("Location");
    assert.match(location ?? "", /^\/(?!\/|\\)/, path);
  }
});

test("Pottle answers a path that cannot be decoded with 400", async () => {
  const response = await new Pottle().testClient().get("/%ff%");
  assert.equal(response.status, 400);
  assert.match(
    response.text(),
    /Cannot decode the path as it must be percent-encoded UTF-8: current value is &#34;\/%ff%&#34;/,
  );
});

test("Pottle hands a view its arguments and the request", async () => {
  const app = new Pottle();
  app.post("/a/<int:id>", async ({ id }, request) => ({
    id,
    method: request.method,
    target: request.target,
    path: request.path,
    query: request.query,
    args: [...request.args],
    tag: request.args.getAll("tag"),
    header: request.headers.get("x-a"),
    scheme: request.scheme,
    version: request.httpVersion,
    peer: request.peer,
    text: await request.text(),
    again: (await request.bytes()).length,
  }));
  const response = await app
    .testClient()
    .post("/a/7?tag=1&tag=%C3%A9+x&bad=%zz", { body: "é", headers: { "X-A": "b" } });
  assert.deepEqual(response.json(), {
    id: 7,
    method: "POST",
    target: "/a/7?tag=1&tag=%C3%A9+x&bad=%zz",
    path: "/a/7",
    query: "tag=1&tag=%C3%A9+x&bad=%zz",
    args: [
      ["tag", "1"],
      ["tag", "é x"],
      ["bad", "%zz"],
    ],
    tag: ["1", "é x"],
    header: "b",
    scheme: "http",
    version: "1.1",
    peer: { address: "127.0.0.1", port: 0 },
    text: "é",
    again: 2,
  });
});

function echoApp(options?: PottleOptions): Pottle {
  const app = new Pottle(undefined, options);
  app.post("/json", async (_, request) => ({ got: await request.json() }));
  app.post("/bytes", async (_, request) => String((await request.bytes()).length));
  app.post("/pieces", async (_, request) => {
    let length = 0;
    for await (const piece of request.body) length += piece.length;
    return String(length);
  });
  return app;
}

test("HttpRequest.json() answers another type with 415, and what is not JSON with 400", async () => {
  const client = echoApp().testClient();
  assert.equal((await client.post("/json", { json: { a: [1] } })).text(), '{"got":{"a":[1]}}');
  const text = { "Content-Type": "text/plain" };
  assert.equal((await client.post("/json", { body: "1", headers: text })).status, 415);
  assert.equal((await client.post("/json", { body: "1" })).status, 415);
  const problem = { "Content-Type": "application/vnd.api+json; charset=utf-8" };
  assert.equal((await client.post("/json", { body: "1", headers: problem })).text(), '{"got":1}');
  for (const body of ["{bad", "", "[1,]", Uint8Array.of(0x22, 0xff, 0x22)]) {
    const response = await client.post("/json", { body, headers: { "Content-Type": "application/json" } });
    assert.equal(response.status, 400);
    assert.match(response.text(), /The body is not JSON: /);
    assert.equal(response.outcome.kind, "served");
  }
});

for (const path of ["/bytes", "/pieces"]) {
  test(`Pottle answers a body over its limit with 413 (${path})`, async () => {
    const client = echoApp({ maxContentLength: 10 }).testClient();
    async function* pieces(count: number): AsyncGenerator<string> {
      for (let i = 0; i < count; i++) yield "12345";
    }
    assert.equal((await client.post(path, { body: "1234567890" })).text(), "10");
    assert.equal((await client.post(path, { body: pieces(2) })).text(), "10");
    for (const body of ["12345678901", pieces(3)]) {
      const response = await client.post(path, { body });
      assert.equal(response.status, 413);
      assert.match(response.text(), /The body of this request is larger than 10 bytes\./);
    }
  });
}

test("HttpRequest.bytes() refuses by its Content-Length what is too large, before it has come", async () => {
  const client = echoApp({ maxContentLength: 10 }).testClient();
  const response = await client.post("/bytes", { headers: { "Content-Length": "11" }, body: never() });
  assert.equal(response.status, 413);
});

test("HttpRequest.bytes() that was given up keeps what has arrived", async () => {
  const app = new Pottle();
  app.post("/", async (_, request) => {
    const first = await moveOnAfter(10, () => request.bytes());
    go.set();
    return [first === undefined, await request.text()];
  });
  const go = new Event();
  async function* pieces(): AsyncGenerator<string> {
    yield "one ";
    await go.wait();
    yield "two";
  }
  const response = await app.testClient().post("/", { body: pieces() });
  assert.deepEqual(response.json(), [true, "one two"]);
});

async function* never(): AsyncGenerator<string> {
  await sleep(60_000);
  yield "";
}

test("Pottle refuses a limit that is none", () => {
  for (const maxContentLength of [NaN, -1, "1" as unknown as number]) {
    assert.throws(() => new Pottle(undefined, { maxContentLength }), {
      name: typeof maxContentLength === "number" ? "RangeError" : "TypeError",
      message: /'maxContentLength' must be a number >= 0/,
    });
  }
});

test("Pottle refuses a view that is no function, and methods that are no list", () => {
  const app = new Pottle();
  assert.throws(() => app.get("/", "x" as never), {
    name: "TypeError",
    message: `Cannot route '/' as 'view' must be a function: current value is "x"`,
  });
  assert.throws(() => app.route("/", { methods: "GET" as never }, () => ""), TypeError);
});

test("Pottle.urlFor() builds by name, by the view's name and by the path", () => {
  const app = new Pottle();
  app.get("/", function index() {
    return "";
  });
  app.get("/todos/<int:id>", ({ id }) => ({ id }));
  app.route("/a/<x>", { name: "a" }, () => "");
  assert.equal(app.urlFor("index"), "/");
  assert.equal(app.urlFor("index", { q: "x y", none: null }), "/?q=x+y");
  assert.equal(app.urlFor("/todos/<int:id>", { id: 7, page: 2 }), "/todos/7?page=2");
  assert.equal(app.urlFor("a", { x: "b c" }), "/a/b%20c");
  assert.throws(() => app.urlFor("a"), {
    name: "BuildError",
    message: /'x' must be a value for '<x>': current value is undefined/,
  });
  assert.throws(() => app.urlFor("b"), {
    name: "BuildError",
    message: `Cannot build a URL as there must be a route with the name: current value is "b"; routes are called /, /a/<x>, /todos/<int:id>, a, index`,
  });
});

test("Pottle.urlFor() shows some of the names if there are many, and says if there are none", () => {
  const app = new Pottle();
  assert.throws(() => app.urlFor("b"), { message: /current value is "b"; there are no routes$/ });
  for (let i = 0; i < 50; i++) app.get(`/${i}`, () => "");
  assert.throws(() => app.urlFor("b"), { message: /; routes are called \/0, \/1, [^…]*, …$/ });
});

test("Pottle.urlFor() takes of several routes of one name the one that its values fit", () => {
  const list = (): string => "";
  for (const paths of [
    ["/list/", "/list/<int:page>"],
    ["/list/<int:page>", "/list/"],
  ]) {
    const app = new Pottle();
    for (const path of paths) app.get(path, list);
    assert.equal(app.urlFor("list", { page: 2 }), "/list/2");
    assert.equal(app.urlFor("list"), "/list/");
  }
});

test("Pottle.urlFor() refuses a name that several views happen to have; route() refuses one that was given twice", () => {
  const app = new Pottle();
  app.get("/a", { show: () => "" }.show);
  app.get("/b", { show: () => "" }.show);
  assert.throws(() => app.urlFor("show"), {
    name: "BuildError",
    message: /several views are called 'show'.*'\/a', '\/b'/,
  });
  app.route("/c", { name: "show" }, () => "");
  assert.equal(app.urlFor("show"), "/c");
  assert.throws(() => app.route("/d", { name: "show" }, () => ""), {
    name: "EndpointError",
    message: "Cannot route '/d' as the name 'show' is taken: it leads to '/c'",
  });
});

test("isPottle() knows applications, also of another copy of the package", () => {
  assert.equal(isPottle(new Pottle()), true);
  assert.equal(isPottle({ [Symbol.for("pottle.application")]: true }), true);
  for (const value of [undefined, null, {}, "app", Pottle]) assert.equal(isPottle(value), false);
});

test("Pottle knows the folder of its module", () => {
  assert.equal(new Pottle(import.meta).rootPath, import.meta.dirname);
  assert.equal(new Pottle().rootPath, process.cwd());
});

test("Pottle runs over sockets as it does in memory", async () => {
  const app = echoApp();
  app.get("/é/<name>", ({ name }) => name);
  await using server = await serve(app, { port: 0 });
  assert.equal(await (await fetch(`${server.url}/é/ä`)).text(), "ä");
  const headers = { "Content-Type": "application/json" };
  const post = await fetch(`${server.url}/json`, { method: "POST", body: "{bad", headers });
  assert.deepEqual([post.status, post.headers.get("Content-Type")], [400, "text/html; charset=utf-8"]);
});

test("Pottle passes on a response that it fetched, without the headers that were for the way", async () => {
  const origin = new Pottle();
  origin.get("/", () => makeResponse("fetched", 203, { "X-A": "b", "Set-Cookie": ["a=1", "b=2"] }));
  origin.get("/gzip", () => makeResponse(gzipSync("packed"), 200, { "Content-Encoding": "gzip" }));
  await using server = await serve(origin, { port: 0 });
  const app = new Pottle();
  app.get("/", () => fetch(server.url));
  app.get("/gzip", () => fetch(`${server.url}/gzip`));
  const response = await app.testClient().get("/");
  assert.deepEqual([response.status, response.text(), response.headers.get("x-a")], [203, "fetched", "b"]);
  assert.deepEqual(response.headers.getAll("set-cookie"), ["a=1", "b=2"]);
  assert.equal(response.headers.has("connection"), false);
  const packed = await app.testClient().get("/gzip");
  assert.deepEqual([packed.text(), packed.headers.has("content-encoding")], ["packed", false]);
});
