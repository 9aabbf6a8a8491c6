import assert from "node:assert/strict";
import { test } from "node:test";
import { setExceptionHandler } from "../../asyncio/index.ts";
import { reportsOf } from "../app/_reports.fixture.ts";
import {
  abort,
  Blueprint,
  HTTPError,
  type HttpRequest,
  NotFound,
  Pottle,
  type PottleOptions,
  UnprocessableContent,
} from "../index.ts";

// What the views throw is expected here.
setExceptionHandler(() => undefined);

function throwing(error: unknown, options?: PottleOptions): Pottle {
  const app = new Pottle({}, options);
  app.get("/", () => {
    throw error;
  });
  return app;
}

const json = { Accept: "application/json" };

test("HTTPError is a problem with its type, title, detail, instance and extensions", async () => {
  const extensions = { balance: 30n, status: 200, ["__proto__"]: "data" };
  const error = new HTTPError(403, "You have 30.", {
    type: "/probs/credit",
    title: "No credit",
    instance: "/a/1",
    extensions,
  });
  const response = await throwing(error).testClient().get("/", { headers: json });
  assert.equal(response.status, 403);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.equal(response.headers.get("vary"), "Accept");
  assert.deepEqual(Object.entries(response.json<object>()), [
    ["type", "/probs/credit"],
    ["title", "No credit"],
    ["status", 403],
    ["detail", "You have 30."],
    ["instance", "/a/1"],
    ["balance", "30"],
    ["__proto__", "data"],
  ]);
  const page = await throwing(error).testClient().get("/");
  assert.match(page.text(), /<h1>No credit<\/h1>\n<p>You have 30\.<\/p>/);
});

test("abort() takes the members of a problem", async () => {
  const app = new Pottle();
  app.get("/", () => abort(422, "No.", { extensions: { field: "title" }, headers: ["X-A", "1"] }));
  const response = await app.testClient().get("/", { headers: json });
  assert.equal(response.json<{ field: string }>().field, "title");
  assert.equal(response.headers.get("x-a"), "1");
  assert.throws(() => abort(422, "No.", { title: "T" }), UnprocessableContent);
});

const preferences: readonly (readonly [accept: string | undefined, isJSON: boolean])[] = [
  [undefined, false],
  ["*/*", false],
  ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false],
  ["application/json", true],
  ["application/problem+json", true],
  ["application/vnd.api+json", true],
  ["application/json;charset=utf-8", true],
  ["application/json, text/plain, */*", true],
  ["application/*", true],
  ["text/html, application/json", false],
  ["text/html;q=0.5, application/json", true],
  ["text/html, application/json;q=0.9", false],
  ["application/json;q=0, */*", false],
  ["text/html;q=0, */*", true],
  ["application/jsonp", false],
  ["image/png", false],
  ['"', false],
];
for (const [accept, isJSON] of preferences) {
  test(`Pottle answers an error with ${isJSON ? "a problem" : "a page"} for Accept: ${accept}`, async () => {
    const headers: Record<string, string> = accept === undefined ? {} : { Accept: accept };
    const response = await new Pottle().testClient().get("/none", { headers });
    assert.equal(
      response.headers.get("content-type"),
      isJSON ? "application/problem+json" : "text/html; charset=utf-8",
    );
  });
}

test("A problem never has a stack, a cause or a message of the program outside development", async () => {
  const secret = new Error("secret", { cause: new Error("secret too") });
  for (const error of [
    secret,
    new HTTPError(500, undefined, { cause: secret }),
    new NotFound(undefined, { cause: secret }),
  ]) {
    const response = await throwing(error).testClient().get("/", { headers: json });
    assert.doesNotMatch(response.text(), /secret|stack|\.ts/);
    assert.deepEqual(Object.keys(response.json<object>()), ["type", "title", "status", "detail"]);
  }
});

test("A problem whose extensions JSON cannot have is sent without them", async () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  let text = "";
  const reports = await reportsOf(async () => {
    const error = new HTTPError(409, "Why.", { extensions: circle });
    text = (await throwing(error).testClient().get("/", { headers: json })).text();
  });
  assert.equal(text, '{"type":"about:blank","title":"Conflict","status":409,"detail":"Why."}');
  assert.match(reports[0] ?? "", /^Cannot send the extensions of an HTTPError/);
});

test("errorHandler() for a class of a status counts as one for the status: the nearest blueprint first, then the nearest class", async () => {
  class TodoMissing extends NotFound {}
  class Own extends HTTPError {}
  const app = throwing(new Own(404));
  const part = new Blueprint("part", { prefix: "/part" });
  part.get("/own", () => {
    throw new TodoMissing();
  });
  part.get("/404", () => abort(404));
  part.errorHandler(NotFound, () => "part NotFound");
  app.errorHandler(404, () => "app 404");
  app.errorHandler(TodoMissing, () => "app TodoMissing");
  app.errorHandler(HTTPError, () => "app HTTPError");
  app.get("/own", () => {
    throw new TodoMissing();
  });
  app.register(part);
  const client = app.testClient();
  assert.equal((await client.get("/part/404")).text(), "part NotFound");
  assert.equal((await client.get("/part/own")).text(), "part NotFound");
  assert.equal((await client.get("/own")).text(), "app TodoMissing");
  assert.equal((await client.get("/")).text(), "app 404");
  assert.equal((await client.post("/own")).text(), "app HTTPError");
});

test("Pottle with trapHTTPErrors reports errors that are answers, and answers with 500", async () => {
  const read = (_: unknown, request: HttpRequest): string => request.args.require("q");
  const both = new Pottle({}, { trapHTTPErrors: true });
  const bad = new Pottle({}, { trapBadRequestErrors: true });
  for (const app of [both, bad]) app.get("/", read);
  both.errorHandler(405, () => "handled");
  const statuses: number[] = [];
  const reports = await reportsOf(async () => {
    for (const app of [both, bad]) {
      const client = app.testClient();
      for (const path of ["/", "/none"]) statuses.push((await client.get(path)).status);
      statuses.push((await client.post("/")).status);
    }
  });
  assert.deepEqual(statuses, [500, 500, 405, 500, 404, 405]);
  assert.equal(reports.length, 3);
  assert.match(reports[0] ?? "", /^Error while serving GET \/: BadRequest: /);
});
