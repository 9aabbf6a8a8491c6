// The views, without a server and without a file: each request goes straight to the application.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestClient, TestResponse } from "pottle";

process.env["DATABASE"] = ":memory:"; // before database.ts is loaded
const { default: app } = await import("./app.ts");

/** Fills in the form of a page, and sends it to the page itself, or to `action`. */
async function submit(
  client: TestClient,
  page: string,
  fields: Readonly<Record<string, string>>,
  action = page,
): Promise<TestResponse> {
  const [, token = ""] = /name="csrf_token" value="([^"]+)"/.exec((await client.get(page)).text()) ?? [];
  return client.post(action, { form: { csrf_token: token, ...fields } });
}

/** A client whose user has registered and logged in. */
async function newUser(username: string): Promise<TestClient> {
  const client = app.testClient({ followRedirects: true });
  await submit(client, "/auth/register", { username, password: "a long password" });
  await submit(client, "/auth/login", { username, password: "a long password" });
  return client;
}

test("auth.register refuses a name that is taken", async () => {
  await newUser("ann");
  const response = await submit(app.testClient(), "/auth/register", { username: "ann", password: "another" });
  assert.match(response.text(), /User ann is already registered\./);
});

test("auth.login shows the name, and auth.logout forgets it", async () => {
  const client = await newUser("bob");
  assert.match((await client.get("/")).text(), /<span>bob<\/span>/);
  const page = await submit(client, "/", {}, "/auth/logout");
  assert.match(page.text(), /Log In/);
  assert.doesNotMatch(page.text(), /bob/);
});

test("auth.login refuses a wrong password", async () => {
  await newUser("carl");
  const response = await submit(app.testClient(), "/auth/login", { username: "carl", password: "wrong" });
  assert.match(response.text(), /Incorrect username or password\./);
});

test("blog.create asks for a login, and leads back", async () => {
  const response = await app.testClient().get("/create");
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("location"), "/auth/login?next=%2Fcreate");
});

test("blog.create writes a post, which is shown and not run", async () => {
  const client = await newUser("dora");
  const page = await submit(client, "/create", { title: "<script>alert(1)</script>", body: "Hello" });
  assert.match(page.text(), /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
  assert.doesNotMatch(page.text(), /<script>/);
});

test("blog.update and blog.delete are for the author of the post", async () => {
  const author = await newUser("eve");
  const page = (await submit(author, "/create", { title: "By Eve", body: "" })).text();
  const [path = ""] = /\/\d+\/update/.exec(page) ?? [];

  const other = await newUser("fay");
  assert.equal((await other.get(path)).status, 403);
  assert.equal((await submit(other, "/create", {}, path.replace("update", "delete"))).status, 403);

  assert.match((await submit(author, path, { title: "Changed", body: "" })).text(), /<h1>Changed<\/h1>/);
  assert.doesNotMatch((await submit(author, path, {}, path.replace("update", "delete"))).text(), /Changed/);
  assert.equal((await author.get(path)).status, 404);
});

test("csrf() refuses a form without its token", async () => {
  const response = await app.testClient().post("/auth/register", { form: { username: "gil", password: "secret" } });
  assert.equal(response.status, 403);
});
