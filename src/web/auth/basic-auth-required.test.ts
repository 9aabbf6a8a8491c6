import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Pottle } from "../app/pottle.ts";
import { checkPasswordHash, generatePasswordHash } from "../security/password-hash.ts";
import { basicAuthRequired } from "./basic-auth-required.ts";

function createApp(): Pottle {
  const app = new Pottle();
  const credentials = { username: "jürgen", password: "a:b 🔑", realm: "status" };
  app.get(
    "/todos/<int:id>",
    basicAuthRequired(credentials, ({ id }) => ({ id: id + 1 })),
  );
  return app;
}

function basic(text: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(text).toString("base64")}` };
}

test("basicAuthRequired() lets in who has the name and the password", async () => {
  const client = createApp().testClient();
  assert.deepEqual((await client.get("/todos/1", { headers: basic("jürgen:a:b 🔑") })).json(), { id: 2 });
});

for (const [description, headers] of [
  ["nothing", {}],
  ["another name", basic("eve:a:b 🔑")],
  ["another password", basic("jürgen:a:b")],
  ["no colon", basic("jürgen")],
  ["another scheme", { authorization: "Bearer x" }],
  ["no base64", { authorization: "Basic ???" }],
  ["no UTF-8", { authorization: `Basic ${Buffer.from([0xff, 0x3a, 0xff]).toString("base64")}` }],
  ["a long text", basic("x".repeat(10_000))],
] as const) {
  test(`basicAuthRequired() answers ${description} with 401`, async () => {
    const response = await createApp().testClient().get("/todos/1", { headers });
    assert.equal(response.status, 401);
    assert.equal(response.headers.get("www-authenticate"), 'Basic realm="status", charset="UTF-8"');
  });
}

test("basicAuthRequired() asks a check, such as one of hashes", async () => {
  const app = new Pottle();
  const hash = await generatePasswordHash("right", { method: "scrypt:1024:8:1" });
  const check = (name: string, password: string): Promise<boolean> =>
    checkPasswordHash(name === "ada" ? hash : undefined, password);
  app.get(
    "/",
    basicAuthRequired({ check }, () => "x"),
  );
  const client = app.testClient();
  assert.equal((await client.get("/", { headers: basic("ada:right") })).status, 200);
  assert.equal((await client.get("/", { headers: basic("ada:wrong") })).status, 401);
});

test("basicAuthRequired() lets nobody in by a check that gives something else than true", async () => {
  const app = new Pottle();
  app.get(
    "/",
    basicAuthRequired({ check: () => "yes" as never }, () => "x"),
  );
  assert.equal((await app.testClient().get("/", { headers: basic("a:b") })).status, 401);
});

test("basicAuthRequired() answers any header with 401", async () => {
  const client = createApp().testClient();
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme-ascii" }), async (text) => {
      const authorization = `Basic ${text.replace(/[^\x20-\x7e]/g, "")}`;
      assert.equal((await client.get("/todos/1", { headers: { authorization } })).status, 401);
    }),
    { numRuns: 50 },
  );
});

test("basicAuthRequired() refuses what it cannot compare, and does not show it", () => {
  for (const credentials of [null, {}, { username: "geheim" }, { username: 1, password: "geheim" }, { check: 1 }]) {
    assert.throws(
      () => basicAuthRequired(credentials as never, () => "x"),
      (error: Error) => error instanceof TypeError && !error.message.includes("geheim"),
    );
  }
  assert.throws(() => basicAuthRequired({ username: "a", password: "b" }, 1 as never), TypeError);
});
