import assert from "node:assert/strict";
import { test } from "node:test";
import { Fixture } from "./_fixtures.ts";

test("/ shows the posts, and to their author a link to change them", async (context) => {
  const flaskr = new Fixture(context);
  const stranger = await flaskr.text("/");
  assert.match(stranger, /Log In/);
  assert.match(stranger, /Register/);
  assert.doesNotMatch(stranger, /href="\/1\/update"/);
  await flaskr.logIn();
  const page = await flaskr.text("/");
  assert.match(page, /test title/);
  assert.match(page, /by test on 2018-01-01/);
  assert.match(page, /test\nbody/);
  assert.match(page, /href="\/1\/update"/);
});

for (const path of ["/create", "/1/update", "/1/delete"]) {
  test(`POST ${path} leads to the login`, async (context) => {
    const response = await new Fixture(context).post(path);
    assert.equal(response.headers.get("location"), "/auth/login");
  });
}

test("GET /1/update leads to the login, and the login back", async (context) => {
  const flaskr = new Fixture(context);
  const login = (await flaskr.client.get("/1/update")).headers.get("location") ?? "";
  assert.equal(login, "/auth/login?next=%2F1%2Fupdate");
  const response = await flaskr.post(login, { username: "test", password: "test" });
  assert.equal(response.headers.get("location"), "/1/update");
});

test("only its author may change or remove a post", async (context) => {
  const flaskr = new Fixture(context);
  flaskr.row("UPDATE post SET author_id = 2 WHERE id = 1");
  await flaskr.logIn();
  assert.equal((await flaskr.client.get("/1/update")).status, 403);
  assert.equal((await flaskr.post("/1/update", { title: "mine", body: "" })).status, 403);
  assert.equal((await flaskr.post("/1/delete")).status, 403);
  assert.doesNotMatch(await flaskr.text("/"), /href="\/1\/update"/);
  assert.equal(flaskr.row("SELECT title FROM post")?.["title"], "test title");
});

for (const path of ["/2/update", "/2/delete", "/9007199254740991/delete"]) {
  test(`POST ${path} is answered with 404`, async (context) => {
    const flaskr = new Fixture(context);
    await flaskr.logIn();
    assert.equal((await flaskr.post(path, { title: "x", body: "" })).status, 404);
  });
}

test("/create adds a post", async (context) => {
  const flaskr = new Fixture(context);
  await flaskr.logIn();
  assert.match(await flaskr.text("/create"), /New Post/);
  const response = await flaskr.post("/create", { title: "<script>alert(1)</script>", body: "" });
  assert.equal(response.headers.get("location"), "/");
  assert.equal(flaskr.row("SELECT COUNT(id) AS count FROM post")?.["count"], 2);
  assert.match(await flaskr.text("/"), /<h1>&lt;script&gt;alert\(1\)&lt;\/script&gt;<\/h1>/);
});

test("/1/update changes a post", async (context) => {
  const flaskr = new Fixture(context);
  await flaskr.logIn();
  assert.match(await flaskr.text("/1/update"), />test\nbody<\/textarea>/);
  await flaskr.post("/1/update", { title: "updated", body: "" });
  assert.equal(flaskr.row("SELECT * FROM post WHERE id = 1")?.["title"], "updated");
});

for (const path of ["/create", "/1/update"]) {
  test(`${path} refuses a post without a title, and keeps what was written`, async (context) => {
    const flaskr = new Fixture(context);
    await flaskr.logIn();
    const page = (await flaskr.post(path, { title: "", body: "much work" })).text();
    assert.match(page, /Title is required\./);
    assert.match(page, />much work<\/textarea>/);
    assert.equal(flaskr.row("SELECT title FROM post")?.["title"], "test title");
  });
}

test("/1/delete removes a post", async (context) => {
  const flaskr = new Fixture(context);
  await flaskr.logIn();
  assert.equal((await flaskr.client.get("/1/delete")).status, 405);
  const response = await flaskr.post("/1/delete");
  assert.equal(response.headers.get("location"), "/");
  assert.equal(flaskr.row("SELECT * FROM post WHERE id = 1"), undefined);
});
