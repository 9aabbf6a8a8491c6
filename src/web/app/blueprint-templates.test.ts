import assert from "node:assert/strict";
import { test } from "node:test";
import { csrf } from "../auth/csrf.ts";
import { sessions } from "../sessions/sessions.ts";
import { Blueprint, Pottle, renderTemplateString } from "../index.ts";

async function render(app: Pottle, path = "/"): Promise<string> {
  return (await app.testClient().get(path)).text();
}

test("Blueprint.appTemplateFilter(), appTemplateTest() and appTemplateGlobal() are for all templates", async () => {
  const helpers = new Blueprint("helpers");
  helpers.appTemplateFilter("shout", (text: string) => `${text}!`);
  helpers.appTemplateTest("odd_one", (n: number) => n === 7);
  helpers.appTemplateGlobal("site", "Pottle");
  const outer = new Blueprint("outer");
  outer.register(helpers);
  const app = new Pottle();
  app.register(outer);
  app.get("/", () => renderTemplateString("{{ site|shout }} {{ 7 is odd_one }} {{ 8 is odd_one }}"));
  assert.equal(await render(app), "Pottle! True False");
});

test("Blueprint.appContextProcessor() is for all templates, and the values of inner ones go before", async () => {
  const inner = new Blueprint("inner", { prefix: "/inner" });
  inner.appContextProcessor(() => ({ a: "of the blueprint, for all", b: "for all" }));
  inner.contextProcessor(() => ({ b: "for its own" }));
  inner.get("/", () => renderTemplateString("{{ a }}, {{ b }}, {{ c }}"));
  const app = new Pottle();
  app.register(inner);
  app.contextProcessor(() => ({ a: "of the application", b: "of the application", c: "c" }));
  app.get("/", () => renderTemplateString("{{ a }}, {{ b }}, {{ c }}"));
  assert.equal(await render(app), "of the application, of the application, c");
  assert.equal(await render(app, "/inner/"), "of the application, for its own, c");
});

test("Blueprint.appContextProcessor() of one that is registered twice runs once", async () => {
  let runs = 0;
  const part = new Blueprint("part");
  part.appContextProcessor(() => void runs++);
  const app = new Pottle();
  app.register(part);
  app.register(part, { name: "again", prefix: "/again" });
  app.get("/", () => renderTemplateString("x"));
  await render(app);
  assert.equal(runs, 1);
});

test("Blueprint gives templates nothing that is not a function, or too late", () => {
  const part = new Blueprint("part");
  assert.throws(() => part.appTemplateFilter("a", 1 as never), TypeError);
  assert.throws(() => part.appTemplateTest("a", 1 as never), TypeError);
  assert.throws(() => part.appContextProcessor(1 as never), TypeError);
  new Pottle().register(part);
  for (const act of [
    () => part.appTemplateFilter("a", String),
    () => part.appTemplateTest("a", Boolean),
    () => part.appTemplateGlobal("a", 1),
    () => part.appContextProcessor(() => ({})),
  ]) {
    assert.throws(act, { name: "SetupError" });
  }
});

for (const place of ["an application", "a blueprint"]) {
  test(`csrf() of ${place} gives templates csrf_token and csrfToken`, async () => {
    const app = new Pottle();
    sessions(app, { secretKey: "secret" });
    const forms = new Blueprint("forms");
    csrf(place === "a blueprint" ? forms : app);
    forms.get("/", () => renderTemplateString("{{ csrf_token() }} {{ csrfToken() }}"));
    forms.post("/", () => "done");
    app.register(forms);
    const client = app.testClient();
    const tokens = (await client.get("/")).text().split(" ");
    assert.equal(tokens.length, 2);
    for (const token of tokens) assert.equal((await client.post("/", { form: { csrf_token: token } })).text(), "done");
    assert.equal((await client.post("/")).status, 403);
  });
}
