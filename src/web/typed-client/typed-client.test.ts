import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { z } from "zod";
import { ClientSession } from "../../client/index.ts";
import { serve } from "../../server/index.ts";
import { addContractRoutes, Blueprint, contractRoutes, PathSyntaxError, Pottle, reply } from "../index.ts";
import { typedClient, UnexpectedResponseError } from "./index.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only if the two types are the same. */
function same<A, B>(answer: Equal<A, B>): void {
  assert.equal(answer, true);
}

const Todo = z.object({ id: z.number(), title: z.string() });
const routes = contractRoutes({
  "GET /todos": { query: z.object({ tag: z.array(z.string()).optional() }), response: z.array(Todo) },
  "POST /todos": { body: Todo.omit({ id: true }), response: { 201: Todo, 409: z.object({ reason: z.string() }) } },
  "GET /todos/<int:id>": { response: { 200: Todo, 404: null } },
  "PUT /todos/<int:id>": { form: v.object({ title: v.string() }), response: { 200: Todo } },
  "PATCH /todos/<int:id>": {
    headers: z.object({ "x-token": z.string() }),
    cookies: z.object({ c: z.string() }),
    response: Todo,
  },
  "DELETE /todos/<int:id>/<path:rest>": { response: { 204: null } },
  "GET /plain": {},
});

function makeApp(): Pottle {
  const app = new Pottle();
  addContractRoutes(app, routes, {
    "GET /todos": ({ query }) => (query.tag ?? []).map((title, id) => ({ id, title })),
    "POST /todos": ({ body: { title } }) =>
      title === "x" ? reply(409, { reason: "x" }) : reply(201, { id: 1, title }),
    "GET /todos/<int:id>": ({ id }) => (id < 9 ? { id, title: "x" } : reply(404, null)),
    "PUT /todos/<int:id>": ({ id, form }) => ({ id, ...form }),
    "PATCH /todos/<int:id>": ({ id, headers, cookies }) => ({ id, title: headers["x-token"] + cookies.c }),
    "DELETE /todos/<int:id>/<path:rest>": ({ rest }) => reply(204, null, { "X-Rest": rest }),
    "GET /plain": () => "<p>",
  });
  return app;
}

test("typedClient() sends and receives what the contract says, and types responses by status", async () => {
  const client = typedClient(makeApp().testClient(), { routes, headers: { "X-All": "1" } });
  const list = await client.get("/todos", { query: { tag: ["a", "b&c"] } });
  if (list.status === 200) same<typeof list.body, { id: number; title: string }[]>(true);
  assert.deepEqual(list.body, [
    { id: 0, title: "a" },
    { id: 1, title: "b&c" },
  ]);
  assert.deepEqual((await client.get("/todos")).body, []);
  const added = await client.post("/todos", { body: { title: "y" } });
  same<typeof added.status, 201 | 400 | 409>(true);
  assert.deepEqual([added.status, added.body], [201, { id: 1, title: "y" }]);
  const refused = await client.post("/todos", { body: { title: "x" } });
  assert(refused.status === 409);
  assert.equal(refused.body.reason, "x");
  const wrong = await client.post("/todos", { body: { title: 5 as never } });
  assert(wrong.status === 400);
  assert.deepEqual(wrong.body.errors[0]?.path, ["title"]);
  const none = await client.get("/todos/<int:id>", { params: { id: 9 } });
  same<typeof none.status, 200 | 404>(true);
  assert.deepEqual([none.status, none.body], [404, null]);
  const put = await client.put("/todos/<int:id>", { params: { id: 7 }, form: { title: "z" } });
  assert.deepEqual(put.body, { id: 7, title: "z" });
  const form = new FormData();
  form.set("title", "ü");
  assert.deepEqual((await client.put("/todos/<int:id>", { params: { id: 7 }, form })).body, { id: 7, title: "ü" });
  const patched = await client.patch("/todos/<int:id>", {
    params: { id: 7 },
    headers: { "x-token": "t" },
    cookies: { c: "d" },
  });
  assert.deepEqual(patched.body, { id: 7, title: "td" });
  const deleted = await client.delete("/todos/<int:id>/<path:rest>", { params: { id: 1, rest: "a b/c" } });
  assert.deepEqual([deleted.status, deleted.body, deleted.headers.get("x-rest")], [204, null, "a b/c"]);
  const plain = await client.get("/plain");
  same<typeof plain.body, unknown>(true);
  assert.deepEqual([plain.status, plain.body], [200, "<p>"]);
});

test("typedClient() works over fetch, and over a session of pottle/client", async () => {
  const app = new Pottle();
  app.mount("/api", makeApp());
  app.mount("/", makeApp());
  await using server = await serve(app, { port: 0 });
  await using session = new ClientSession({ baseUrl: server.url });
  const url = new URL("/api/", server.url);
  for (const client of [
    typedClient(url.href, { routes }),
    typedClient<typeof routes>(url),
    typedClient(session, { routes }),
    typedClient("http://example.com", { routes, fetch: (_, init) => fetch(`${url.href}todos`, init) }),
  ]) {
    const added = await client.post("/todos", { body: { title: "é" } });
    assert.deepEqual([added.status, added.body], [201, { id: 1, title: "é" }]);
  }
  assert.equal((await typedClient(session, { routes }).get("/todos/<int:id>", { params: { id: 9 } })).status, 404);
});

test("typedClient() throws UnexpectedResponseError for what the contract does not have", async () => {
  const app = new Pottle();
  app.get("/todos", () => new Response("{", { status: 200, headers: { "Content-Type": "application/json" } }));
  app.get("/todos/<int:id>", () => new Response("no", { status: 503 }));
  const client = typedClient(app.testClient(), { routes });
  await assert.rejects(client.get("/todos"), {
    name: "UnexpectedResponseError",
    message: /as its body is not JSON: current status is 200$/,
    text: "{",
  });
  await assert.rejects(client.get("/todos/<int:id>", { params: { id: 1 } }), (error) => {
    assert(error instanceof UnexpectedResponseError);
    assert.equal(
      error.message,
      "Cannot use the response to GET /todos/<int:id> as its contract does not have such a status: current status is 503",
    );
    return error.status === 503 && error.text === "no";
  });
});

test("typedClient() refuses a target that cannot be one, and values that the path cannot have", async () => {
  assert.throws(() => typedClient("/relative"), { name: "TypeError", message: /absolute URL/ });
  assert.throws(() => typedClient(5 as never), { name: "TypeError" });
  const client = typedClient(makeApp().testClient(), { routes });
  await assert.rejects(client.get("/todos/<int:id>", { params: { id: 1.5 } }), { name: "BuildError" });
});

test("contractRoutes() and addContractRoutes() refuse what is wrong with a table, by types and when they run", () => {
  // @ts-expect-error -- not a method
  assert.throws(() => contractRoutes({ "GETT /": {} }), PathSyntaxError);
  // @ts-expect-error -- unknown converter
  contractRoutes({ "GET /<itn:id>": {} });
  // @ts-expect-error -- the name is used twice
  contractRoutes({ "POST /<body>": { body: Todo } });
  const table = contractRoutes({ "GET /a": { response: Todo }, "GET /b": {} });
  const app = new Pottle();
  // @ts-expect-error -- a view is missing
  assert.throws(() => addContractRoutes(app, table, { "GET /a": () => ({ id: 1, title: "x" }) }), TypeError);
  // @ts-expect-error -- the response is not that of the contract
  addContractRoutes(new Blueprint("b"), table, { "GET /a": () => ({ id: 1 }), "GET /b": () => "" });
});

/** Checked by the compiler only. */
export async function mustNotCompile(): Promise<void> {
  const client = typedClient<typeof routes>("http://localhost");
  // @ts-expect-error -- there is no such path
  await client.get("/todoes");
  // @ts-expect-error -- there is no such method of the path
  await client.delete("/todos");
  // @ts-expect-error -- the parameter is missing
  await client.get("/todos/<int:id>");
  // @ts-expect-error -- a number is needed
  await client.get("/todos/<int:id>", { params: { id: "7" } });
  // @ts-expect-error -- the title is missing
  await client.post("/todos", { body: {} });
  // @ts-expect-error -- the body is missing
  await client.post("/todos", {});
  const response = await client.get("/todos/<int:id>", { params: { id: 7 } });
  // @ts-expect-error -- it may be 404, whose body is null
  assert(response.body.title);
}

test("addContractRoutes() puts the prefix of a blueprint before the paths of a table", async () => {
  const table = contractRoutes({ "GET /a": { response: z.object({ path: z.string() }) } });
  const blueprint = new Blueprint("b", { prefix: "/v1" });
  addContractRoutes(blueprint, table, { "GET /a": (_, request) => ({ path: request.path }) });
  const app = new Pottle();
  app.register(blueprint);
  assert.deepEqual((await app.testClient().get("/v1/a")).json(), { path: "/v1/a" });
});
