import assert from "node:assert/strict";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { abort, Blueprint, Pottle } from "../index.ts";

test("Blueprint.beforeAppRequest() and its kin are for all requests of the application, once", async () => {
  const order: string[] = [];
  const blueprint = new Blueprint("b", { prefix: "/b" });
  blueprint.beforeAppRequest(() => void order.push("before"));
  blueprint.afterAppRequest(() => void order.push("after"));
  blueprint.teardownAppRequest(() => void order.push("teardown"));
  blueprint.appUrlValuePreprocessor((name) => void order.push(name));
  blueprint.appUrlDefaults((_, values) => void (values["q"] = 1));
  blueprint.get("/", () => "");
  const outer = new Blueprint("outer", { prefix: "/outer" });
  outer.register(blueprint);
  const app = new Pottle();
  app.register(outer);
  app.register(blueprint, { name: "again", prefix: "/again" });
  app.get("/own", { name: "own" }, () => "");
  assert.equal(app.urlFor("own"), "/own?q=1");
  const client = app.testClient();
  await client.get("/own");
  assert.deepEqual(order, ["own", "before", "after", "teardown"]);
  order.length = 0;
  await client.get("/again/b/");
  assert.deepEqual(order, ["/again/b/", "before", "after", "teardown"]);
  order.length = 0;
  await client.get("/none");
  assert.deepEqual(order, ["before", "after", "teardown"]);
});

test("Blueprint.appErrorHandler() is for all errors of the application, after those of blueprints", async () => {
  class Mine extends Error {}
  const blueprint = new Blueprint("b", { prefix: "/b" });
  blueprint.appErrorHandler(404, () => "app 404");
  blueprint.appErrorHandler(Mine, (error) => `app ${error.message}`);
  blueprint.errorHandler(404, () => "blueprint 404");
  blueprint.get("/x", () => abort(404));
  const app = new Pottle();
  app.register(blueprint);
  app.get("/mine", () => {
    throw new Mine("x");
  });
  const client = app.testClient();
  assert.equal((await client.get("/none")).text(), "app 404");
  assert.equal((await client.get("/mine")).text(), "app x");
  assert.equal((await client.get("/b/x")).text(), "blueprint 404");
  const taken = new Pottle();
  taken.errorHandler(404, () => "");
  assert.throws(() => taken.register(blueprint), {
    name: "SetupError",
    message: /there is a handler already: for 404/,
  });
});

test("Blueprint's set-up is over when an application has registered it, for each method", () => {
  const blueprint = new Blueprint("b");
  new Pottle().register(blueprint);
  const none = (): void => {};
  const late: Record<string, () => void> = {
    beforeAppRequest: () => blueprint.beforeAppRequest(none),
    afterAppRequest: () => blueprint.afterAppRequest(none),
    teardownAppRequest: () => blueprint.teardownAppRequest(none),
    appErrorHandler: () => blueprint.appErrorHandler(404, () => ""),
    appUrlDefaults: () => blueprint.appUrlDefaults(none),
    appUrlValuePreprocessor: () => blueprint.appUrlValuePreprocessor(none),
    urlDefaults: () => blueprint.urlDefaults(none),
    urlValuePreprocessor: () => blueprint.urlValuePreprocessor(none),
    addUrlRule: () => blueprint.addUrlRule("/", () => ""),
  };
  for (const [name, call] of Object.entries(late)) {
    assert.throws(call, { name: "SetupError", message: new RegExp(`Cannot call ${name}\\(\\) on blueprint 'b'`) });
  }
});

test("Blueprint with a static folder serves it under its prefix, by the name 'static'", async () => {
  const folder = await mkdtemp(join(tmpdir(), "pottle-blueprint-"));
  try {
    await mkdir(join(folder, "files"));
    await writeFile(join(folder, "files", "a.css"), "a {}");
    const app = new Pottle({ dirname: folder });
    const outer = new Blueprint("outer", { prefix: "/<org>" });
    const blueprint = new Blueprint("admin", { prefix: "/admin", staticFolder: "files", staticUrlPath: "/assets" });
    outer.register(blueprint);
    app.register(outer);
    app.register(new Blueprint("plain", { prefix: "/plain", staticFolder: join(folder, "files") }));
    const client = app.testClient();
    assert.equal((await client.get("/acme/admin/assets/a.css")).text(), "a {}");
    assert.equal((await client.get("/acme/admin/assets/../../x")).status, 404);
    assert.equal((await client.get("/plain/static/a.css")).text(), "a {}");
    assert.equal(app.urlFor("outer.admin.static", { org: "acme", path: "a.css" }), "/acme/admin/assets/a.css");
    assert.equal(app.urlFor("plain.static", { path: "a.css" }), "/plain/static/a.css");
    assert.throws(() => new Blueprint("x", { staticFolder: "x", staticUrlPath: "/<a>" }), { name: "PathSyntaxError" });
  } finally {
    await rm(folder, { recursive: true });
  }
});
