import assert from "node:assert/strict";
import { test } from "node:test";
import { type as arktype } from "arktype";
import fc from "fast-check";
import * as v from "valibot";
import { z } from "zod";
import { sleep } from "../../asyncio/index.ts";
import { reportsOf } from "../app/_reports.fixture.ts";
import { enableDevelopment } from "../failure/development.ts";
import { abort, Blueprint, makeResponse, Pottle, reply, RequestValidationError, type Schema } from "../index.ts";

const libraries = {
  zod: z.object({ title: z.string().min(1), count: z.coerce.number().int().default(1) }),
  valibot: v.object({
    title: v.pipe(v.string(), v.minLength(1)),
    count: v.optional(v.pipe(v.unknown(), v.transform(Number), v.integer()), 1),
  }),
  arktype: arktype({ title: "string > 0", count: "number.integer = 1" }),
};

for (const [library, body] of Object.entries(libraries)) {
  test(`Pottle.post() gives the view the body that a schema of ${library} has validated`, async () => {
    const app = new Pottle();
    app.post("/<int:id>", { body: body as (typeof libraries)["zod"] }, ({ id, body: { title, count } }) => ({
      id,
      title,
      count,
    }));
    const client = app.testClient();
    const response = await client.post("/7", { json: { title: "x", other: 1 } });
    assert.deepEqual([response.status, response.json()], [200, { id: 7, title: "x", count: 1 }]);
  });

  test(`Pottle.post() answers 400 with the place of each issue that ${library} has`, async () => {
    const app = new Pottle();
    app.post("/", { body }, () => "");
    const response = await app.testClient().post("/", { json: { title: 5 } });
    assert.equal(response.status, 400);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    const { errors, title, status } = response.json<{
      errors: { in: string; path: unknown; message: string }[];
      title: string;
      status: number;
    }>();
    assert.deepEqual([title, status], ["Invalid request", 400]);
    assert.deepEqual(
      errors.map((error) => [error.in, error.path, typeof error.message]),
      [["body", ["title"], "string"]],
    );
  });
}

interface Problem {
  readonly errors: readonly { readonly in: string; readonly path: readonly unknown[]; readonly message: string }[];
}

/** A schema by hand. */
function schemaOf<T>(validate: Schema<unknown, T>["~standard"]["validate"]): Schema<unknown, T> {
  return { "~standard": { version: 1, vendor: "test", validate } };
}

test("Pottle.get() validates the parts of the head and tells the issues of all of them", async () => {
  const app = new Pottle();
  app.get(
    "/<int:id>",
    {
      params: z.object({ id: z.number().max(10) }),
      query: z.object({ page: z.coerce.number().default(1) }),
      headers: z.object({ "x-token": z.string() }),
      cookies: z.object({ theme: z.enum(["dark", "light"]) }),
    },
    ({ id, params, query, headers, cookies }) => ({ id, params, query, headers, cookies }),
  );
  const client = app.testClient();
  const headers = { "X-Token": "t", Cookie: "theme=dark" };
  assert.deepEqual((await client.get("/7?page=2", { headers })).json(), {
    id: 7,
    params: { id: 7 },
    query: { page: 2 },
    headers: { "x-token": "t" },
    cookies: { theme: "dark" },
  });
  const response = await client.get("/11?page=x");
  assert.equal(response.status, 400);
  assert.deepEqual(
    response.json<Problem>().errors.map((error) => [error.in, ...error.path]),
    [
      ["params", "id"],
      ["query", "page"],
      ["headers", "x-token"],
      ["cookies", "theme"],
    ],
  );
});

test("Pottle.get() takes a name that is there once as a list of one if the schema wants a list", async () => {
  const app = new Pottle();
  const query = z.object({ tag: z.array(z.enum(["a", "b"])).optional(), page: z.coerce.number().optional() });
  app.get("/zod", { query }, ({ query: values }) => values);
  app.get("/valibot", { query: v.object({ tag: v.optional(v.array(v.string())) }) }, ({ query: values }) => values);
  app.get("/arktype", { query: arktype({ "tag?": "string[]" }) }, ({ query: values }) => values);
  const slow = schemaOf(async (value) => await query["~standard"].validate(value));
  app.get("/async", { query: slow }, ({ query: values }) => values as object);
  const client = app.testClient();
  for (const path of ["/zod", "/valibot", "/arktype", "/async"]) {
    assert.deepEqual((await client.get(`${path}?tag=a`)).json(), { tag: ["a"] }, path);
    assert.deepEqual((await client.get(`${path}?tag=a&tag=b`)).json(), { tag: ["a", "b"] }, path);
    assert.deepEqual((await client.get(path)).json(), {}, path);
  }
  const places = async (path: string): Promise<unknown> =>
    (await client.get(path)).json<Problem>().errors.map(({ path: place, message }) => [...place, message.slice(0, 30)]);
  assert.deepEqual(await places("/zod?tag=c"), [["tag", 0, "Invalid option: expected one o"]]);
  assert.deepEqual(await places("/zod?tag=a&page=x"), [["page", "Invalid input: expected number"]]);
  assert.deepEqual(await places("/zod?page=1&page=2"), [["page", "Invalid input: expected number"]]);
});

test("Pottle.post() answers 415 for a body that is not JSON, 400 for malformed JSON, 413 for one that is too large", async () => {
  const app = new Pottle(import.meta, { maxContentLength: 100 });
  app.post("/", { body: z.object({ a: z.string() }) }, ({ body }) => body);
  app.post("/optional", { body: z.object({}).optional() }, ({ body }) => ({ body: body ?? "none" }));
  const client = app.testClient();
  const headers = { "Content-Type": "application/json" };
  assert.equal((await client.post("/", { form: { a: "1" } })).status, 415);
  assert.equal((await client.post("/", { body: `{"a":"${"x".repeat(200)}"}`, headers })).status, 413);
  assert.equal((await client.post("/", { body: '{"a":"x"}' })).status, 415);
  const malformed = await client.post("/", { body: "{", headers });
  assert.deepEqual(
    [malformed.status, malformed.json<Problem>().errors.map((error) => [error.in, error.path])],
    [400, [["body", []]]],
  );
  assert.equal((await client.post("/", { body: new Uint8Array([0xff]), headers })).status, 400);
  assert.equal((await client.post("/")).status, 400);
  assert.deepEqual((await client.post("/optional")).json(), { body: "none" });
});

test("Pottle.post() validates a form with its files", async () => {
  const app = new Pottle();
  const form = z.object({
    title: z.string(),
    tag: z.array(z.string()),
    photo: z.custom<{ filename: string; size: number }>((file) => typeof file === "object"),
  });
  app.post("/", { form }, ({ form: { title, tag, photo } }) => ({
    title,
    tag,
    photo: photo.filename,
    size: photo.size,
  }));
  const client = app.testClient();
  const data = new FormData();
  data.append("title", "The sea");
  data.append("tag", "blue");
  data.append("photo", new File(["blue"], "sea.jpg"));
  assert.deepEqual((await client.post("/", { form: data })).json(), {
    title: "The sea",
    tag: ["blue"],
    photo: "sea.jpg",
    size: 4,
  });
  assert.equal((await client.post("/", { form: { title: "x" } })).status, 400);
  assert.equal((await client.post("/", { json: { title: "x" } })).status, 415);
});

test("Pottle.post() shows a page to a client that asks for HTML, and the issues are in it, escaped", async () => {
  const app = new Pottle();
  app.post(
    "/",
    { body: schemaOf(() => ({ issues: [{ message: "<b>", path: ["a", { key: 0 }, Symbol("s")] }] })) },
    () => "",
  );
  const response = await app.testClient().post("/", { json: {}, headers: { Accept: "text/html,*/*;q=0.8" } });
  assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
  assert.match(response.text(), /body\.a\[0\]\.Symbol\(s\): &#60;b&#62;/);
});

test("RequestValidationError reaches the error handlers for its class and for 400", async () => {
  const app = new Pottle();
  app.errorHandler(RequestValidationError, (error) => ({ mine: error.errors.length }));
  app.get("/", { query: z.object({ a: z.string() }) }, () => "");
  const response = await app.testClient().get("/");
  assert.deepEqual([response.status, response.json()], [400, { mine: 1 }]);
});

test("Pottle.post() tells no more than 100 issues", async () => {
  const app = new Pottle();
  app.post("/", { body: z.array(z.string()) }, () => "");
  const response = await app.testClient().post("/", { json: Array.from({ length: 10_000 }, () => 1) });
  assert.equal(response.json<Problem>().errors.length, 100);
  assert(response.bytes().byteLength < 20_000);
});

test("Pottle.post() answers 400 for a schema that throws, and reports it; an HTTPError is the answer itself", async () => {
  const app = new Pottle();
  const failing = schemaOf(() => {
    throw new RangeError("too deep");
  });
  app.post("/throws", { body: failing }, () => "");
  app.post("/rejects", { body: schemaOf(() => Promise.reject(new Error("no database"))) }, () => "");
  app.post("/nothing", { body: schemaOf(() => undefined as never) }, () => "");
  app.post("/aborts", { body: schemaOf(() => abort(409)) }, () => "");
  const client = app.testClient();
  const statuses: number[] = [];
  const reports = await reportsOf(async () => {
    for (const path of ["/throws", "/rejects", "/nothing", "/aborts"]) {
      statuses.push((await client.post(path, { json: 1 })).status);
    }
  });
  assert.deepEqual(statuses, [400, 400, 400, 409]);
  assert.deepEqual(reports, [
    "The schema of 'body' failed: RangeError: too deep",
    "The schema of 'body' failed: Error: no database",
    "The schema of 'body' failed: TypeError: Cannot use the schema as it returned neither a value nor issues",
  ]);
});

test("Pottle.get() awaits an async schema, within the deadline of the request", async () => {
  const app = new Pottle();
  const slow = schemaOf(async (value) => ({ value: (await sleep(1, value)) as object }));
  app.get("/slow", { query: slow, headers: slow, cookies: slow }, ({ query, cookies }) => ({ query, cookies }));
  app.get("/never", { query: schemaOf(() => new Promise<never>(() => {})), timeout: 20 }, () => "");
  const client = app.testClient();
  assert.deepEqual((await client.get("/slow?a=1")).json(), { query: { a: "1" }, cookies: {} });
  assert.equal((await client.get("/never")).status, 503);
});

test("Pottle.get() collects the issues of async schemas, too", async () => {
  const app = new Pottle();
  const refuses = (message: string): Schema => schemaOf(async () => ({ issues: [{ message }] }));
  app.get("/", { params: refuses("a"), query: refuses("b"), cookies: refuses("c") }, () => "");
  const { errors } = (await app.testClient().get("/")).json<Problem>();
  assert.deepEqual(
    errors.map((error) => [error.in, error.message]),
    [
      ["params", "a"],
      ["query", "b"],
      ["cookies", "c"],
    ],
  );
});

test("Pottle.post() neither answers 500 nor changes a prototype, whatever it is sent", async () => {
  const app = new Pottle();
  const anything = z.record(z.string(), z.unknown());
  const options = { query: v.looseObject({}), headers: arktype("object"), cookies: anything };
  app.post("/zod", { ...options, body: z.looseObject({ a: z.array(z.string()).optional() }) }, (values) => ({
    admin: "admin" in values.body,
  }));
  app.post("/valibot", { ...options, body: v.looseObject({ a: v.optional(v.array(v.string())) }) }, ({ body }) => ({
    admin: "admin" in body,
  }));
  app.post("/arktype", { ...options, body: arktype({ "a?": "string[]" }) }, ({ body }) => ({ admin: "admin" in body }));
  const client = app.testClient();
  const name = fc.constantFrom("__proto__", "constructor", "prototype", "a", "toString");
  const json = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.array(tie("value")), tie("object")),
    object: fc
      .array(fc.tuple(name, tie("value")))
      .map(
        (entries) =>
          `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${typeof value === "string" && value.startsWith("{") ? value : JSON.stringify(value)}`).join(",")}}`,
      ),
  })).object;
  const query = fc.array(fc.tuple(name, fc.string())).map((pairs) => new URLSearchParams(pairs).toString());
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("/zod", "/valibot", "/arktype"), json, query, async (path, body, search) => {
      const headers = { "Content-Type": "application/json", Cookie: "__proto__=x; constructor=y", "X-__proto__": "1" };
      const response = await client.post(`${path}?${search}`, { body, headers });
      assert([200, 400].includes(response.status), `${response.status} for ${body}`);
      assert.equal(({} as { admin?: unknown }).admin, undefined);
    }),
    { numRuns: 200 },
  );
  const polluted = await client.post("/zod", {
    body: '{"__proto__":{"admin":true}}',
    headers: { "Content-Type": "application/json" },
  });
  assert.deepEqual(polluted.json(), { admin: false });
});

test("Pottle.post() refuses a body that is nested too deep for its schema, and goes on", async () => {
  const app = new Pottle();
  type Tree = Tree[];
  const tree: z.ZodType<Tree> = z.lazy(() => z.array(tree));
  app.post("/", { body: tree }, () => "");
  const client = app.testClient();
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  const headers = { "Content-Type": "application/json" };
  await reportsOf(async () => assert.equal((await client.post("/", { body: deep, headers })).status, 400));
  assert.equal((await client.post("/", { json: [[], [[]]] })).status, 200);
});

const Todo = z.object({ id: z.number(), title: z.string() });

test("reply() sends a status and a value as JSON, and null without a body", async () => {
  const app = new Pottle();
  app.post("/", { response: { 200: Todo, 201: Todo, 204: null } }, () =>
    reply(201, { id: 1, title: "x" }, { Location: "/1" }),
  );
  app.delete("/", { response: { 204: null } }, () => reply(204, null));
  app.get("/count", { response: z.number() }, () => 3);
  app.get("/text", { response: z.string() }, async () => "<b>");
  const client = app.testClient();
  const created = await client.post("/");
  assert.deepEqual(
    [created.status, created.json(), created.headers.get("location")],
    [201, { id: 1, title: "x" }, "/1"],
  );
  const deleted = await client.delete("/");
  assert.deepEqual([deleted.status, deleted.text()], [204, ""]);
  assert.deepEqual((await client.get("/count")).json(), 3);
  const text = await client.get("/text");
  assert.deepEqual([text.headers.get("content-type"), text.json()], ["application/json", "<b>"]);
});

test("Pottle.get() checks the response in development alone, and reports what is wrong with it", async () => {
  const wrong = { id: "7", title: "x" } as never;
  const make = (development: boolean): Pottle => {
    const app = new Pottle(import.meta, { development });
    app.get("/value", { response: Todo }, () => wrong);
    app.get("/reply", { response: { 201: Todo } }, () => reply(201, wrong));
    app.get("/status", { response: { 201: Todo } }, () => reply(202, wrong) as never);
    app.get("/body", { response: { 204: null } }, () => reply(204, { id: 1 }) as never);
    app.get("/response", { response: { 201: Todo } }, () => makeResponse({ id: "7" }, 201));
    app.get("/page", { response: { 201: Todo } }, () => makeResponse("page", 202));
    app.get("/platform", { response: Todo }, () => new Response("x"));
    app.get("/right", { response: Todo }, async () => ({ id: 1, title: "x" }));
    return app;
  };
  const paths = ["/value", "/reply", "/status", "/body", "/response", "/page", "/platform", "/right"];
  const development = make(true).testClient();
  const answers = [];
  for (const path of paths) answers.push(await development.get(path));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [500, 500, 500, 500, 500, 202, 200, 200],
  );
  assert.match(
    answers[0]!.text(),
    /ResponseValidationError.*Cannot answer a request of .*\/value.* with 200 as it breaks the contract of the route: response\.id: Invalid input/s,
  );
  const production = make(false).testClient();
  const statuses = [];
  for (const path of paths) statuses.push((await production.get(path)).status);
  assert.deepEqual(statuses, [200, 201, 202, 204, 201, 202, 200, 200]);
});

test("Pottle.get() checks responses when isDevelopment() says so", async () => {
  const app = new Pottle();
  app.get("/", { response: Todo }, () => ({ id: "7" }) as never);
  const leave = enableDevelopment();
  try {
    assert.equal((await app.testClient().get("/")).status, 500);
  } finally {
    leave();
  }
  assert.equal((await app.testClient().get("/")).status, 200);
});

test("Pottle.get() sends what the schema makes of a response in mode 'parse', even in production", async () => {
  const app = new Pottle(import.meta, { development: false });
  const User = z.object({ name: z.string(), born: z.date().transform((date) => date.getUTCFullYear()) });
  const user = { name: "x", born: new Date(0), password: "secret" };
  const options = { response: { 200: User, 201: User }, responseMode: "parse" } as const;
  app.get("/", options, () => user);
  app.post("/", options, () => reply(201, user));
  app.put("/", { response: { 201: Todo }, responseMode: "parse" }, () =>
    makeResponse({ id: 1, title: "x", secret: 1 }, 201),
  );
  app.delete("/", options, () => ({ name: 1 }) as never);
  const client = app.testClient();
  assert.deepEqual((await client.get("/")).json(), { name: "x", born: 1970 });
  assert.deepEqual((await client.post("/")).json(), { name: "x", born: 1970 });
  assert.deepEqual((await client.put("/")).json(), { id: 1, title: "x" });
  assert.equal((await client.delete("/")).status, 500);
});

test("Blueprint.get() and Pottle.route() have contracts, too", async () => {
  const todos = new Blueprint("todos", { prefix: "/<org>" });
  todos.get("/<int:id>", { query: z.object({ q: z.string() }) }, ({ org, id, query }) => ({ org, id, query }));
  const app = new Pottle();
  app.register(todos);
  app.route("/x", { methods: ["POST", "PUT"], body: z.array(z.number()) }, ({ body }) => ({
    sum: body.reduce((a, b) => a + b, 0),
  }));
  const client = app.testClient();
  assert.deepEqual((await client.get("/acme/7?q=x")).json(), { org: "acme", id: 7, query: { q: "x" } });
  assert.deepEqual((await client.request("PUT", "/x", { json: [1, 2] })).json(), { sum: 3 });
});

test("Pottle.get() refuses a contract that cannot be right", () => {
  const app = new Pottle();
  const body = z.object({});
  assert.throws(() => app.post("/", { body: {} as never }, () => ({})), {
    name: "TypeError",
    message: /^Cannot route '\/' as 'body' must be a schema of Standard Schema: current value is/,
  });
  assert.throws(() => app.get("/", { response: { 200: 1 } as never }, () => ({}) as never), {
    name: "TypeError",
    message: /'response\.200'/,
  });
  assert.throws(() => app.get("/", { response: { ok: body } as never }, () => ({}) as never), { name: "SetupError" });
  assert.throws(() => app.get("/", { response: body, responseMode: "x" as never }, () => ({})), {
    name: "TypeError",
  });
  assert.throws(() => app.get("/", { response: 5 as never }, () => ({}) as never), { name: "TypeError" });
  assert.throws(() => app.get("/", { body }, () => ({})), {
    name: "SetupError",
    message: /has no body to validate/,
  });
  assert.throws(() => app.post("/", { body, form: body }, () => ({})), {
    name: "SetupError",
    message: /one body/,
  });
  assert.throws(() => app.post("/<body>" as string, { body }, () => ({})), {
    name: "SetupError",
    message: /part 'body'/,
  });
});
