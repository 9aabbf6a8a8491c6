import assert from "node:assert/strict";
import { test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { type as arktype } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { Blueprint, Pottle, type Schema } from "../index.ts";
import { addOpenapi, type JsonSchema, openapi, type OpenapiDocument } from "./index.ts";

const info = { title: "Todos", version: "1.0.0" };

/** Fails unless an outside validator takes the document. */
async function assertValid(document: OpenapiDocument): Promise<void> {
  const json = JSON.parse(JSON.stringify(document)) as Record<string, unknown>;
  const validator = new Validator();
  const { valid, errors } = await validator.validate(json);
  assert.equal(valid, true, JSON.stringify(errors));
  const references = [...JSON.stringify(json).matchAll(/"\$ref":"#([^"]*)"/g)].map(([, pointer = ""]) => pointer);
  for (const pointer of references) assert(resolve(json, pointer) !== undefined, `#${pointer} leads nowhere`);
}

function resolve(document: unknown, pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);
}

/** Collects warnings. */
function collecting(): { warnings: string[]; onWarning: (message: string) => void } {
  const warnings: string[] = [];
  return { warnings, onWarning: (message) => warnings.push(message) };
}

interface Category {
  readonly name: string;
  readonly children: Category[];
}

const CategorySchema: z.ZodType<Category> = z.object({
  name: z.string(),
  get children() {
    return z.array(CategorySchema);
  },
});
const Todo = z.object({ id: z.number().int(), title: z.string() }).meta({ id: "Todo" });

test("openapi() makes a valid document of a large application with schemas of three libraries", async () => {
  const app = new Pottle();
  const bodies: Schema[] = [
    Todo,
    z.object({ tree: CategorySchema, at: z.coerce.date() }),
    v.object({ title: v.pipe(v.string(), v.minLength(1)), done: v.optional(v.boolean(), false) }),
    arktype({ title: "string > 0", "tags?": "string[]", at: "string.date.iso.parse" }),
    CategorySchema,
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("a") }),
      z.object({ kind: z.literal("b"), n: z.number() }),
    ]),
  ];
  for (let i = 0; i < 40; i++) {
    const blueprint = new Blueprint(`part${i}`, { prefix: `/part${i}` });
    const body = bodies[i % bodies.length] as Schema;
    blueprint.get("/<int(min=1, max=9):id>", { query: z.object({ page: z.coerce.number().default(1) }) }, () => "");
    blueprint.post(
      "/",
      { body, response: { 201: body as Schema<unknown, object>, 204: null }, security: ["token"] },
      () => new Response(),
    );
    blueprint.put("/<uuid:id>/<any(a, b):kind>", { form: z.object({ a: z.string(), file: z.file() }) }, () => "");
    blueprint.delete("/<string(length=3):id>", { headers: z.object({ "if-match": z.string() }) }, () => "");
    blueprint.get("/files/<path:rest>", { cookies: z.object({ theme: z.string().optional() }) }, () => "");
    app.register(blueprint);
  }
  const { warnings, onWarning } = collecting();
  const document = await openapi(app, {
    ...info,
    description: "All",
    servers: [{ url: "https://api.example.com" }],
    tags: [{ name: "part0", description: "The first" }],
    securitySchemes: { token: { type: "http", scheme: "bearer" } },
    security: ["token"],
    onWarning,
  });
  await assertValid(document);
  assert.deepEqual(warnings, []);
  assert.equal(Object.keys(document.paths).length, 40 * 4);
  const ids = Object.values(document.paths).flatMap((item) =>
    Object.values(item).map(({ operationId }) => operationId),
  );
  assert.equal(new Set(ids).size, 200);
});

test("openapi() describes the parts of a request by its contract and by the converters of the path", async () => {
  const app = new Pottle();
  app.post(
    "/todos/<int(min=1):id>/<any(up, down):way>",
    {
      summary: "Move a todo",
      description: "Moves *one* todo.",
      tags: ["moves"],
      deprecated: true,
      operationId: "move",
      query: z.object({ by: z.coerce.number().meta({ description: "How far" }), tag: z.array(z.string()).optional() }),
      headers: z.object({ "x-token": z.string(), accept: z.string() }),
      body: Todo,
      response: { 200: Todo, 204: null, 404: z.object({ reason: z.string() }) },
    },
    () => ({ id: 1, title: "x" }),
  );
  const document = await openapi(app, info);
  await assertValid(document);
  const { responses, ...operation } = document.paths["/todos/{id}/{way}"]!["post"]!;
  assert.deepEqual(operation, {
    operationId: "move",
    summary: "Move a todo",
    description: "Moves *one* todo.",
    tags: ["moves"],
    deprecated: true,
    parameters: [
      { name: "id", in: "path", required: true, schema: { type: "integer", minimum: 1 } },
      { name: "way", in: "path", required: true, schema: { type: "string", enum: ["up", "down"] } },
      { name: "by", in: "query", required: true, description: "How far", schema: { type: "number" } },
      { name: "tag", in: "query", schema: { type: "array", items: { type: "string" } } },
      { name: "x-token", in: "header", required: true, schema: { type: "string" } },
    ],
    requestBody: { required: true, content: { "application/json": { schema: { $ref: "#/components/schemas/Todo" } } } },
  });
  assert.deepEqual(Object.keys(responses), ["200", "204", "400", "404", "413", "415"]);
  assert.deepEqual(responses["204"], { description: "No Content" });
  assert.deepEqual((responses["400"] as JsonSchema)["$ref"], "#/components/responses/InvalidRequest");
});

test("openapi() has the routes of blueprints and mounts, and leaves out those that are hidden", async () => {
  const inner = new Pottle();
  inner.get("/users", { name: "users" }, () => "");
  const todos = new Blueprint("todos", { prefix: "/todos" });
  todos.get("/<int:id>", { name: "show" }, () => "");
  todos.get("/secret", { hidden: true }, () => "");
  todos.get("/old/<int:id>", { buildOnly: true }, () => "");
  const app = new Pottle();
  app.register(todos);
  app.mount("/admin", inner);
  app.mount("/other", { handle: (exchange) => exchange.respond(200, [], "") });
  app.static("/static", "static");
  const document = await openapi(app, info);
  await assertValid(document);
  assert.deepEqual(Object.keys(document.paths), ["/todos/{id}", "/admin/users"]);
  const operation = document.paths["/todos/{id}"]!["get"]!;
  assert.deepEqual([operation.operationId, operation.tags], ["getTodosShow", ["todos"]]);
});

test("openapi() puts paths of one shape together, and warns of what the document cannot have", async () => {
  const app = new Pottle();
  app.get("/<int:id>", () => "");
  app.get("/<name>", () => "");
  app.put("/<name>", { params: z.object({ name: z.string() }) }, () => "");
  app.route("/dav", { methods: ["PROPFIND", "GET"] }, () => "");
  const own: Schema = { "~standard": { version: 1, vendor: "mine", validate: (value) => ({ value }) } };
  app.post("/own", { body: own }, () => "");
  app.get("/text", { query: own }, () => "");
  const { warnings, onWarning } = collecting();
  const document = await openapi(app, { ...info, onWarning });
  await assertValid(document);
  assert.deepEqual(Object.keys(document.paths), ["/{id}", "/dav", "/own", "/text"]);
  assert.deepEqual(
    (document.paths["/{id}"]!["put"]!.parameters as { name: string }[]).map(({ name }) => name),
    ["id"],
  );
  assert.equal(document.paths["/own"]!["post"]!.requestBody?.["required"], false);
  assert.deepEqual(
    warnings.map((text) => text.replace(/:.*/s, "")),
    [
      "GET /{name} is not in the document",
      "PROPFIND /dav is not in the document",
      "The schema of 'body' of POST /own is not in the document",
      "The schema of 'query' of GET /text is not in the document",
      "'query' of GET /text is not in the document",
    ],
  );
});

test("openapi() gives schemas of one name two names if they differ, and one if they are the same", async () => {
  const app = new Pottle();
  app.post("/1", { body: z.array(Todo), response: z.array(Todo) }, () => []);
  // The registry of zod has one schema of a name; another application brings the other.
  const byHand = (definition: object): Schema =>
    ({
      "~standard": {
        version: 1,
        vendor: "mine",
        validate: (value: unknown) => ({ value }),
        jsonSchema: { input: () => ({ $ref: "#/$defs/To~1do", $defs: { "To/do": definition } }), output: () => ({}) },
      },
    }) as unknown as Schema;
  app.post("/2", { body: byHand({ type: "string", const: { $ref: "#/$defs/x" } }) }, () => "");
  app.post("/3", { body: byHand({ type: "number" }) }, () => "");
  app.post("/4", { body: byHand({ type: "number" }) }, () => "");
  const { components, paths } = await openapi(app, info);
  assert.deepEqual(
    Object.keys(components["schemas"]!).filter((name) => name.startsWith("To_")),
    ["To_do", "To_do2"],
  );
  const bodyOf = (path: string): unknown =>
    (paths[path]!["post"]!.requestBody as { content: Record<string, unknown> }).content["application/json"];
  assert.deepEqual(bodyOf("/4"), { schema: { $ref: "#/components/schemas/To_do2" } });
});

test("openapi() refuses an unknown security scheme, and what is not an application", async () => {
  const app = new Pottle();
  app.get("/", { security: ["toke"] }, () => "");
  await assert.rejects(openapi(app, { ...info, securitySchemes: { token: {} } }), {
    name: "SetupError",
    message: "Cannot document '/' as there is no security scheme 'toke': 'securitySchemes' has token",
  });
  await assert.rejects(openapi({} as never, info), { name: "TypeError" });
  await assert.rejects(openapi(app, { title: 5 as never, version: "1" }), { name: "TypeError" });
});

test("addOpenapi() serves the document with an ETag, and names where the application is mounted", async () => {
  const inner = new Pottle();
  inner.get("/users", () => "");
  addOpenapi(inner, { ...info, docs: false });
  const app = new Pottle();
  app.mount("/api", inner);
  const client = app.testClient();
  const response = await client.get("/api/openapi.json");
  const document = response.json<OpenapiDocument>();
  await assertValid(document);
  assert.deepEqual([document.servers, Object.keys(document.paths)], [[{ url: "/api" }], ["/users"]]);
  const headers = { "If-None-Match": response.headers.get("etag") ?? "" };
  assert.equal((await client.get("/api/openapi.json", { headers })).status, 304);
  assert.equal((await client.get("/api/docs")).status, 404);
});
