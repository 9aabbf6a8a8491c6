import assert from "node:assert/strict";
import { test } from "node:test";
import { Fixture } from "./_fixtures.ts";

test("/auth/register makes an account, and leads to the login", async (context) => {
  const flaskr = new Fixture(context);
  assert.match(await flaskr.text("/auth/register"), /<h1>Register<\/h1>/);
  const response = await flaskr.post("/auth/register", { username: "a", password: "a" });
  assert.equal(response.headers.get("location"), "/auth/login");
  assert.ok(flaskr.row("SELECT * FROM user WHERE username = 'a'"));
  assert.equal((await flaskr.logIn("a", "a")).headers.get("location"), "/");
});

const registrations: readonly (readonly [username: string, password: string, message: string])[] = [
  ["", "", "Username is required."],
  ["a", "", "Password is required."],
  ["test", "test", "User test is already registered."],
  ["<b>", "", "Password is required."],
];
for (const [username, password, message] of registrations) {
  test(`/auth/register answers '${username}' and '${password}': ${message}`, async (context) => {
    const flaskr = new Fixture(context);
    const response = await flaskr.post("/auth/register", { username, password });
    assert.equal(response.status, 200);
    assert.ok(response.text().includes(`<div class="flash">${message}</div>`), response.text());
    assert.ok(response.text().includes(`value="${username.replace("<b>", "&lt;b&gt;")}"`), response.text());
  });
}

test("/auth/register answers a form without the fields with 400", async (context) => {
  assert.equal((await new Fixture(context).post("/auth/register", { username: "a" })).status, 400);
});

test("/auth/login leads to the index, and the session knows the user then", async (context) => {
  const flaskr = new Fixture(context);
  assert.match(await flaskr.text("/auth/login"), /<h1>Log In<\/h1>/);
  assert.equal((await flaskr.logIn()).headers.get("location"), "/");
  assert.match(await flaskr.text("/"), /<span>test<\/span>/);
});

for (const [username, password] of [
  ["a", "test"],
  ["test", "a"],
  ["", ""],
] as const) {
  test(`/auth/login refuses '${username}' and '${password}', and shows why once`, async (context) => {
    const flaskr = new Fixture(context);
    const response = await flaskr.logIn(username, password);
    assert.match(response.text(), /<div class="flash">Incorrect username or password\.<\/div>/);
    assert.doesNotMatch(await flaskr.text("/"), /class="flash"/);
  });
}

test("/auth/logout ends the session", async (context) => {
  const flaskr = new Fixture(context);
  await flaskr.logIn();
  await flaskr.logOut();
  assert.match(await flaskr.text("/"), /Log In/);
  assert.equal((await flaskr.client.get("/create")).status, 302);
});

test("an account that was removed is logged in no more", async (context) => {
  const flaskr = new Fixture(context);
  await flaskr.logIn("other");
  flaskr.row("DELETE FROM user WHERE id = 2");
  assert.match(await flaskr.text("/"), /Log In/);
  assert.equal((await flaskr.client.get("/create")).status, 302);
});
