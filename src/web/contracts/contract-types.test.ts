/** What is tested here is tested by the compiler: each `@ts-expect-error` must stand above an error. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type as arktype } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { abort, Blueprint, type FreeParts, makeResponse, Pottle, reply, type ViewWith, wrapView } from "../index.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only if the two types are the same. */
function same<A, B>(answer: Equal<A, B>): void {
  assert.equal(answer, true);
}

const Todo = z.object({ id: z.number(), title: z.string() });

test("Pottle.post() gives the view the output types of its schemas, beside the arguments of the path", () => {
  const app = new Pottle();
  app.post(
    "/<int:id>",
    {
      params: z.object({ id: z.number() }),
      query: v.object({ page: v.pipe(v.string(), v.transform(Number)) }),
      headers: arktype({ "x-token": "string" }),
      body: z.object({ title: z.string().default("x"), at: z.coerce.date() }),
    },
    ({ id, params, query, headers, body, ...rest }, request) => {
      same<typeof id, number>(true);
      same<typeof params, { id: number }>(true);
      same<typeof query, { page: number }>(true);
      same<(typeof headers)["x-token"], string>(true);
      same<typeof body, { title: string; at: Date }>(true);
      same<keyof typeof rest, never>(true);
      return request.method;
    },
  );
  app.put("/form", { form: z.object({ a: z.string() }), timeout: 5, tags: ["x"] }, ({ form }) => {
    same<typeof form, { a: string }>(true);
    return form;
  });
  // @ts-expect-error -- there is no schema of the query
  app.get("/1", { headers: z.object({}) }, ({ query }) => String(query));
  // @ts-expect-error -- there is no 'titel' in the body
  app.post("/2", { body: Todo }, ({ body: { titel } }) => String(titel));
  // @ts-expect-error -- not a schema
  assert.throws(() => app.post("/3", { body: { title: "string" } }, () => ""), TypeError);
  // @ts-expect-error -- not an option
  app.post("/4", { boddy: Todo }, () => "");
});

test("Pottle.post() does not take a parameter of the path that is called as a part of the contract", () => {
  same<FreeParts<"/<body>", { body: typeof Todo }>["body"], "the path has a parameter 'body' already: rename it">(true);
  const app = new Pottle();
  // @ts-expect-error -- 'body' is a parameter
  assert.throws(() => app.post("/<body>", { body: Todo }, () => ""), { name: "SetupError" });
  const blueprint = new Blueprint("b", { prefix: "/<query>" });
  // @ts-expect-error -- 'query' is a parameter of the prefix
  blueprint.get("/", { query: Todo }, () => "");
  assert.throws(() => app.register(blueprint), { name: "SetupError" });
  // Names that no contract uses are free.
  app.post("/<query>", { body: Todo }, ({ query, body }) => ({ query, body }));
  app.get("/<body>", ({ body }) => body);
});

test("Pottle.get() takes a view that answers as its contract says, and no other", () => {
  const app = new Pottle();
  const options = { response: { 200: Todo, 404: z.object({ reason: z.string() }), 204: null } };
  app.get("/1", { response: Todo }, () => ({ id: 1, title: "x" }));
  app.get("/2", options, async () => ({ id: 1, title: "x" }));
  app.get("/3", options, () => reply(404, { reason: "gone" }));
  app.get("/4", options, async () => reply(204, null));
  app.get("/5", options, () => makeResponse("x", 503));
  app.get("/6", { response: z.number() }, () => 3);
  app.get("/7", { response: { 200: z.object({ n: z.string().transform(Number) }) }, responseMode: "parse" }, () => ({
    n: "1",
  }));
  // @ts-expect-error -- the id is not a text
  app.get("/8", { response: Todo }, () => ({ id: "1", title: "x" }));
  // @ts-expect-error -- there is no title
  app.get("/9", options, async () => ({ id: 1 }));
  // @ts-expect-error -- 404 has another body
  app.get("/10", options, () => reply(404, { id: 1, title: "x" }));
  // @ts-expect-error -- the contract has no 201
  app.get("/11", options, () => reply(201, { id: 1, title: "x" }));
  // @ts-expect-error -- nothing is returned
  app.get("/12", options, () => {});
  // @ts-expect-error -- 200 is not in the contract
  app.get("/13", { response: { 201: Todo } }, () => ({ id: 1, title: "x" }));
});

test("wrapView() stands around views with contracts, without losing their types", async () => {
  const app = new Pottle();
  function logged<Args, Result>(view: ViewWith<Args, Result>): ViewWith<Args, Result> {
    return wrapView(view, (args, request) => (request.method === "X" ? abort(401) : view(args, request)));
  }
  const options = { query: z.object({ title: z.string() }), response: Todo };
  app.get(
    "/<int:id>",
    options,
    logged(({ id, query: { title } }) => ({ id, title })),
  );
  const untitled = logged(({ id }: { readonly id: number }) => ({ id }));
  // @ts-expect-error -- there is no title in what it returns
  app.get("/2/<int:id>", options, untitled);
  const response = await app.testClient().get("/7?title=x");
  assert.deepEqual(response.json(), { id: 7, title: "x" });
});
