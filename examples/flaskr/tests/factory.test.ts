import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import createApp from "../app.ts";
import { Fixture, temporaryFile } from "./_fixtures.ts";

test("createApp() makes a database at its start where there is none", async (context) => {
  const database = temporaryFile(context);
  await using client = createApp({ database }).testClient();
  assert.ok(!existsSync(database));
  await client.start();
  assert.equal((await client.get("/")).status, 200);
});

test("createApp() leaves a database alone that is there", async (context) => {
  const flaskr = new Fixture(context);
  await using client = await flaskr.client.start();
  assert.match((await client.get("/")).text(), /test title/);
});

test("createApp() makes applications that share nothing", async (context) => {
  const [one, other] = [new Fixture(context), new Fixture(context)];
  await one.logIn();
  await one.post("/create", { title: "only here", body: "" });
  assert.match(await one.text("/"), /only here/);
  assert.doesNotMatch(await other.text("/"), /only here/);
});

test("createApp() takes the path of the login page from the application that mounts it", async (context) => {
  const app = createApp({ database: temporaryFile(context), loginPath: "/flaskr/auth/login" });
  await using client = await app.testClient().start();
  const refused = await client.get("/create");
  assert.equal(refused.headers.get("location"), "/flaskr/auth/login?next=%2Fcreate");
});

test("GET /hello says hello", async (context) => {
  assert.equal(await new Fixture(context).text("/hello"), "Hello, World!");
});
