import assert from "node:assert/strict";
import { test } from "node:test";
import { abort, Blueprint, Pottle, type TestResponse } from "../index.ts";
import { cors, type CorsOptions } from "./index.ts";

const origin = "https://example.com";

function appWith(options: CorsOptions): Pottle {
  const app = new Pottle(import.meta);
  cors(app, options);
  app.get("/", () => "Hello");
  app.get("/api/x", () => "x");
  app.get("/forbidden", () => abort(403));
  return app;
}

function ask(app: Pottle, path = "/", headers: Record<string, string> = {}): Promise<TestResponse> {
  return app.testClient().get(path, { headers: { Origin: origin, ...headers } });
}

function preflight(app: Pottle, headers: Record<string, string> = {}, path = "/"): Promise<TestResponse> {
  const asked = { Origin: origin, "Access-Control-Request-Method": "PUT", ...headers };
  return app.testClient().options(path, { headers: asked });
}

function said(response: TestResponse): Record<string, string> {
  return Object.fromEntries([...response.headers].filter(([name]) => name.startsWith("Access-Control-")));
}

test("cors() lets the origins that it is given read responses, errors included, and no others", async () => {
  const app = appWith({
    origins: [origin, /https:\/\/[a-z]+\.example\.com/, (one) => one === "http://localhost:3000"],
  });
  for (const one of [origin, "https://www.example.com", "http://localhost:3000"]) {
    const response = await ask(app, "/forbidden", { Origin: one });
    assert.deepEqual([response.status, said(response)], [403, { "Access-Control-Allow-Origin": one }]);
    assert.match(response.headers.get("Vary") ?? "", /\bOrigin\b/);
  }
  for (const one of [
    "https://evil.example",
    "https://example.com.evil.example",
    "https://www.example.com.evil",
    "null",
  ]) {
    const response = await ask(app, "/", { Origin: one });
    assert.deepEqual([response.text(), said(response), response.headers.get("Vary")], ["Hello", {}, "Origin"]);
  }
});

test("cors() says * for any origin, and does not vary", async () => {
  const response = await ask(appWith({ origins: "*" }));
  assert.deepEqual([said(response), response.headers.get("Vary")], [{ "Access-Control-Allow-Origin": "*" }, undefined]);
});

test("cors() answers a preflight without calling a view, with the methods and headers", async () => {
  const app = appWith({ origins: origin, credentials: true, maxAge: 600_000 });
  const response = await preflight(app, { "Access-Control-Request-Headers": "X-A, x-b,  bad header" });
  assert.deepEqual([response.status, response.text()], [204, ""]);
  assert.deepEqual(said(response), {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "X-A, x-b",
    "Access-Control-Max-Age": "600",
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Credentials": "true",
  });
  assert.deepEqual(said(await preflight(app, { Origin: "https://evil.example" })), {});
});

test("cors() allows and exposes the headers that it is given", async () => {
  const app = appWith({ origins: origin, allowHeaders: ["X-A"], exposeHeaders: ["X-B", "X-C"], methods: [] });
  const answer = said(await preflight(app, { "Access-Control-Request-Headers": "X-Other" }));
  assert.equal(answer["Access-Control-Allow-Headers"], "X-A");
  assert.equal(answer["Access-Control-Allow-Methods"], "GET, HEAD, POST");
  assert.equal(said(await ask(app))["Access-Control-Expose-Headers"], "X-B, X-C");
});

test("cors() leaves OPTIONS that is no preflight to the application", async () => {
  const response = await appWith({ origins: origin }).testClient().options("/");
  assert.deepEqual([response.status, response.headers.get("Allow")?.includes("GET")], [200, true]);
});

test("cors() is for the paths below its own, on the border of a segment; the first that matches decides", async () => {
  const app = new Pottle(import.meta);
  cors(app, { origins: "*", path: "/api/open" });
  cors(app, { origins: origin, path: "/api/" });
  for (const path of ["/", "/apis", "/api", "/api/open/x"]) app.get<string>(path, () => "there");
  const allowed = async (path: string): Promise<string | undefined> =>
    said(await ask(app, path))["Access-Control-Allow-Origin"];
  assert.deepEqual(
    [await allowed("/"), await allowed("/apis"), await allowed("/api"), await allowed("/api/open/x")],
    [undefined, undefined, origin, "*"],
  );
});

test("cors() of a blueprint is for its views", async () => {
  const api = new Blueprint("api", { prefix: "/api" });
  cors(api, { origins: origin });
  api.get("/x", () => "x");
  const app = new Pottle(import.meta);
  app.register(api);
  app.get("/", () => "Hello");
  assert.deepEqual(said(await ask(app, "/api/x")), { "Access-Control-Allow-Origin": origin });
  assert.deepEqual(said(await ask(app, "/")), {});
});

test("cors() refuses what would let in whom nobody meant", () => {
  const refusals: [CorsOptions, RegExp][] = [
    [{ origins: "*", credentials: true }, /'credentials' cannot go with the origin \*/],
    [{ origins: "null" }, /the origin null is one that every page can have/],
    [{ origins: "example.com" }, /an origin must be scheme, host and perhaps port/],
    [{ origins: "https://example.com/path" }, /an origin must be scheme, host/],
    [{ origins: [7 as never] }, /an origin must be a string, a pattern or a function/],
    [{ origins: origin, allowHeaders: ["a b"] }, /'allowHeaders' must be tokens/],
    [{ origins: origin, methods: ["PUT\r\nX: y"] }, /'methods' must be tokens/],
    [{ origins: origin, path: "api" }, /'path' must begin with a slash/],
    [{ origins: origin, maxAge: -1 }, /'maxAge' must be a number of milliseconds >= 0/],
  ];
  for (const [options, message] of refusals) assert.throws(() => appWith(options), message);
  assert.throws(
    () => cors({} as never, { origins: "*" }),
    /Cannot set up CORS as 'app.beforeRequest' must be a function/,
  );
});

test("cors() allows no origin for a promise: an async function would allow all", async () => {
  const response = await ask(appWith({ origins: (async () => false) as never }));
  assert.deepEqual([response.status, said(response)], [500, {}]);
});
