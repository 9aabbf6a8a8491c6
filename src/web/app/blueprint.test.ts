import assert from "node:assert/strict";
import { test } from "node:test";
import { Blueprint, Pottle, urlFor } from "../index.ts";

function todos(): Blueprint<"/todos"> {
  const blueprint = new Blueprint("todos", { prefix: "/todos" });
  blueprint.get("", function list() {
    return "list";
  });
  blueprint.get("/<int:id>", { name: "show" }, ({ id }) => ({ id }));
  blueprint.post("/", () => "add");
  return blueprint;
}

test("Blueprint's routes are found under its prefix, by its name", async () => {
  const app = new Pottle();
  app.register(todos());
  const client = app.testClient();
  assert.equal((await client.get("/todos")).text(), "list");
  assert.equal((await client.get("/todos/7")).text(), '{"id":7}');
  assert.equal((await client.post("/todos/")).text(), "add");
  assert.equal((await client.get("/7")).status, 404);
  assert.equal(app.urlFor("todos.list"), "/todos");
  assert.equal(app.urlFor("todos.show", { id: 7, page: 2 }), "/todos/7?page=2");
  assert.equal(app.urlFor("/todos/<int:id>", { id: 7 }), "/todos/7");
  assert.throws(() => app.urlFor("show", { id: 7 }), { name: "BuildError" });
});

test("Blueprint in a blueprint joins prefixes and names, and the values of both prefixes", async () => {
  const app = new Pottle();
  const org = new Blueprint("org", { prefix: "/<org>" });
  org.register(todos(), { prefix: "/v1", name: "tasks" });
  app.register(org, { prefix: "/api" });
  assert.equal(app.urlFor("org.tasks.show", { org: "acme", id: 7 }), "/api/acme/v1/todos/7");
  assert.equal((await app.testClient().get("/api/acme/v1/todos/7")).text(), '{"id":7}');
});

test("Blueprint can be registered twice under two names", async () => {
  const app = new Pottle();
  const blueprint = todos();
  app.register(blueprint);
  app.register(blueprint, { prefix: "/old", name: "old" });
  assert.equal(app.urlFor("todos.list"), "/todos");
  assert.equal(app.urlFor("old.list"), "/old/todos");
  assert.equal((await app.testClient().get("/old/todos")).text(), "list");
});

test("urlFor() takes a name with a dot before it for one of the current blueprint", async () => {
  const app = new Pottle();
  const outer = new Blueprint("outer", { prefix: "/outer" });
  const inner = new Blueprint("inner", { prefix: "/inner" });
  const view = (): string[] => [urlFor(".here"), app.urlFor(".here"), urlFor("outer.here")];
  outer.get("/here", { name: "here" }, view);
  inner.get("/here", { name: "here" }, view);
  app.get("/here", { name: "here" }, () => [urlFor(".here")]);
  outer.register(inner);
  app.register(outer);
  const client = app.testClient();
  const innerUrl = "/outer/inner/here";
  assert.deepEqual((await client.get(innerUrl)).json(), [innerUrl, innerUrl, "/outer/here"]);
  assert.deepEqual((await client.get("/outer/here")).json(), ["/outer/here", "/outer/here", "/outer/here"]);
  assert.deepEqual((await client.get("/here")).json(), ["/here"]);
  assert.throws(() => app.urlFor(".here"), {
    name: "BuildError",
    message: "Cannot build a URL as a name with a dot before it needs a current request: there is none",
  });
});

test("Blueprint refuses what it cannot be called, and a prefix that is none", () => {
  for (const name of ["", "a.b", undefined as unknown as string]) {
    assert.throws(() => new Blueprint(name), { name: "SetupError", message: /must be text without dots/ });
  }
  for (const prefix of ["x", "/x/", "/", "/<", "/<a>/<a>", "/a//b"]) {
    assert.throws(() => new Blueprint("x", { prefix: prefix as "/x" }), { name: "PathSyntaxError" }, prefix);
  }
  const blueprint = new Blueprint("x", { prefix: "/<a>" });
  assert.throws(() => blueprint.get("/x", { name: "a.b" }, () => ""), { name: "SetupError" });
  assert.throws(() => blueprint.get("x" as "/x", () => ""), { name: "PathSyntaxError" });
  assert.throws(() => blueprint.get("/<a>" as "/x", () => ""), { name: "PathSyntaxError" });
  assert.throws(() => new Pottle().register(blueprint, { prefix: "/<x>" }), {
    name: "PathSyntaxError",
    message: /only the prefix of a blueprint's constructor has parameters/,
  });
  assert.throws(() => new Pottle().register({} as Blueprint), {
    name: "TypeError",
    message: "Cannot register as 'blueprint' must be a Blueprint: current value is {}",
  });
});

test("Blueprint cannot be registered in itself, at any depth", () => {
  const one = new Blueprint("one");
  const two = new Blueprint("two");
  one.register(two);
  for (const blueprint of [one, two]) {
    assert.throws(() => blueprint.register(one), {
      name: "SetupError",
      message: "Cannot register blueprint 'one' in itself",
    });
  }
});

test("Blueprint cannot be registered twice under one name, nor be added to after it was registered", () => {
  const app = new Pottle();
  const outer = new Blueprint("outer");
  const inner = new Blueprint("inner");
  outer.register(inner);
  const message = /^Cannot register the blueprint as there is one of its name: give it another, not /;
  assert.throws(() => outer.register(new Blueprint("inner")), { name: "SetupError", message });
  app.register(outer);
  assert.throws(() => app.register(outer), { name: "SetupError", message });
  assert.throws(() => app.register(new Blueprint("x"), { name: "outer" }), { name: "SetupError", message });
  for (const blueprint of [outer, inner]) {
    assert.throws(() => blueprint.get("/", () => ""), {
      name: "SetupError",
      message: `Cannot call get() on blueprint '${blueprint.name}' as an application has registered it: set it up before that`,
    });
  }
});
