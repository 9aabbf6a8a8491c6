import assert from "node:assert/strict";
import { test } from "node:test";
import { Pottle } from "../app/pottle.ts";
import { html, isHtml } from "../html/html.ts";
import { Browser } from "./browser.fixture.ts";
import { flash, getFlashedMessages } from "./flash.ts";
import { session, sessions } from "./sessions.ts";

function createApp(): Pottle {
  const app = new Pottle();
  sessions(app, { secretKey: "secret" });
  app.get("/flash", () => {
    flash("one");
    flash("two", "error");
    flash("three", "error");
    return "x";
  });
  return app;
}

test("getFlashedMessages() gives each message once, and again in the same request", async () => {
  const app = createApp();
  app.get("/", () => [getFlashedMessages(), getFlashedMessages()]);
  const browser = new Browser(app);
  await browser.get("/flash");
  const all = ["one", "two", "three"];
  assert.deepEqual((await browser.get("/")).json(), [all, all]);
  assert.deepEqual((await browser.get("/")).json(), [[], []]);
  assert.equal(browser.cookies.has("session"), false);
});

test("getFlashedMessages() filters by category, and gives it if asked to", async () => {
  const app = createApp();
  app.get("/", () => [
    getFlashedMessages({ categoryFilter: ["error"] }),
    getFlashedMessages({ categoryFilter: ["message"], withCategories: true }),
    getFlashedMessages({ categoryFilter: ["none"] }),
    getFlashedMessages({ categoryFilter: [] }).length,
  ]);
  const browser = new Browser(app);
  await browser.get("/flash");
  assert.deepEqual((await browser.get("/")).json(), [["two", "three"], [["message", "one"]], [], 3]);
});

test("flash() in the request that shows messages is shown by the next one", async () => {
  const app = createApp();
  app.get("/", () => {
    const messages = getFlashedMessages();
    flash("next");
    return [messages, getFlashedMessages()];
  });
  const browser = new Browser(app);
  assert.deepEqual((await browser.get("/")).json(), [[], []]);
  assert.deepEqual((await browser.get("/")).json(), [["next"], ["next"]]);
});

test("flash() keeps html as html", async () => {
  const app = createApp();
  app.get("/html", () => {
    flash(html`<b>${"<"}</b>`);
    return "x";
  });
  app.get("/", () => {
    const [message] = getFlashedMessages();
    return { isHtml: isHtml(message), text: String(message) };
  });
  const browser = new Browser(app);
  await browser.get("/html");
  assert.deepEqual((await browser.get("/")).json(), { isHtml: true, text: "<b>&#60;</b>" });
});

test("getFlashedMessages() passes over what is not a message", async () => {
  const app = createApp();
  app.get("/odd", () => {
    session().set("_flashes", [1, ["a"], ["a", 1], ["a", "b"], null]);
    return "x";
  });
  app.get("/", () => getFlashedMessages());
  const browser = new Browser(app);
  await browser.get("/odd");
  assert.deepEqual((await browser.get("/")).json(), ["b"]);
});

test("flash() and getFlashedMessages() refuse values of a wrong type", async () => {
  const app = createApp();
  app.get("/", () => {
    assert.throws(() => flash(1 as never), { name: "TypeError", message: /^Cannot flash a message as / });
    assert.throws(() => flash("x", 1 as never), TypeError);
    assert.throws(() => getFlashedMessages({ categoryFilter: "error" as never }), TypeError);
    assert.throws(() => getFlashedMessages({ withCategories: 1 as never }), TypeError);
    return "x";
  });
  assert.equal((await new Browser(app).get("/")).status, 200);
  assert.throws(() => getFlashedMessages(), { name: "InvalidStateError" });
});

test("flash() of many messages takes linear time", async () => {
  const app = createApp();
  app.get("/many/<int:count>", ({ count }) => {
    for (let i = 0; i < count; i++) flash(`message ${i}`);
    return { count: getFlashedMessages().length };
  });
  const before = process.cpuUsage();
  const response = await app.testClient().get("/many/20000");
  assert.deepEqual(response.json(), { count: 20_000 });
  // In quadratic time it would be minutes.
  assert.ok(process.cpuUsage(before).user < 5_000_000);
});

test("flash() goes on with the messages that another program has kept as a tuple", async () => {
  const app = createApp();
  app.get("/tuple", () => {
    session().set("_flashes", Object.freeze([Object.freeze(["message", "zero"]), 5]));
    flash("one");
    return getFlashedMessages();
  });
  assert.deepEqual((await new Browser(app).get("/tuple")).json(), ["zero", "one"]);
});

test("flash() is refused once the response has begun", async () => {
  const app = createApp();
  async function* pieces(): AsyncGenerator<string> {
    assert.throws(() => flash("two"), { name: "InvalidStateError" });
    yield "ab";
  }
  app.get("/stream", () => {
    flash("one");
    return pieces();
  });
  const response = await new Browser(app).get("/stream");
  assert.equal(response.text(), "ab");
});
