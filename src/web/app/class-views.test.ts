import assert from "node:assert/strict";
import { test } from "node:test";
import {
  abort,
  Blueprint,
  type HttpRequest,
  MethodView,
  type PathArguments,
  Pottle,
  View,
  type ViewWith,
  wrapView,
} from "../index.ts";

type TodoArguments = PathArguments<"/todos/<int:id>">;

class Todo extends View {
  static count = 0;
  readonly #prefix: string;

  constructor(prefix: string) {
    super();
    Todo.count++;
    this.#prefix = prefix;
  }

  dispatchRequest({ id }: TodoArguments, request: HttpRequest): object {
    return { id, prefix: this.#prefix, method: request.method };
  }
}

test("View.asView() makes an instance for each request, with the arguments of its constructor", async () => {
  const app = new Pottle();
  app.addUrlRule("/todos/<int:id>", Todo.asView("todo", "p"));
  const client = app.testClient();
  assert.deepEqual((await client.get("/todos/7")).json(), { id: 7, prefix: "p", method: "GET" });
  await client.get("/todos/8");
  assert.equal(Todo.count, 2);
  assert.equal(app.urlFor("todo", { id: 7 }), "/todos/7");
  assert.equal((await client.post("/todos/7")).status, 405);
});

test("View.asView() is typed: the path must have the arguments, and the constructor gets its own", () => {
  const app = new Pottle();
  // @ts-expect-error -- the path has no 'id'
  app.addUrlRule("/todos", Todo.asView("todos", "p"));
  // @ts-expect-error -- the constructor takes a string
  Todo.asView("todos", 1);
  class Delete extends MethodView {
    delete({ id }: TodoArguments): string {
      return String(id);
    }
    get({ name }: PathArguments<"/<name>">): string {
      return name;
    }
  }
  app.addUrlRule("/<name>/<int:id>", Delete.asView("delete"));
  // @ts-expect-error -- 'delete' needs an 'id'
  app.addUrlRule("/x/<name>", Delete.asView("delete2"));
});

test("View has methods, decorators and provideAutomaticOptions, and may have one instance for all requests", async () => {
  const order: string[] = [];
  function noted(name: string) {
    return <Args>(view: ViewWith<Args>): ViewWith<Args> =>
      wrapView(view, (args, request) => {
        order.push(name);
        return view(args, request);
      });
  }
  class Counter extends View {
    static override readonly methods = ["GET", "POST"];
    static override readonly decorators = [noted("inner"), noted("outer")];
    static override readonly initEveryRequest = false;
    static override readonly provideAutomaticOptions = false;
    #count = 0;

    dispatchRequest(): object {
      return { count: ++this.#count };
    }
  }
  const app = new Pottle();
  app.addUrlRule("/count", Counter.asView("count"));
  app.addUrlRule("/other", { methods: ["PUT"], provideAutomaticOptions: true }, Counter.asView("other"));
  const client = app.testClient();
  assert.deepEqual((await client.get("/count")).json(), { count: 1 });
  assert.deepEqual((await client.post("/count")).json(), { count: 2 });
  assert.deepEqual(order, ["outer", "inner", "outer", "inner"]);
  const options = await client.request("OPTIONS", "/count");
  assert.deepEqual([options.status, options.headers.get("allow")], [405, "GET, HEAD, POST"]);
  assert.equal((await client.request("OPTIONS", "/other")).headers.get("allow"), "OPTIONS, PUT");
});

class Base extends MethodView {
  get(): string {
    return "get";
  }
}

class Derived extends Base {
  post(_: object, request: HttpRequest): string {
    return request.method;
  }
}

test("MethodView answers the methods that it and its superclasses have, and HEAD by get", async () => {
  const app = new Pottle();
  app.addUrlRule("/x", Derived.asView("x"));
  app.route("/y", { methods: ["GET", "PATCH"] }, Derived.asView("y"));
  const client = app.testClient();
  assert.equal((await client.get("/x")).text(), "get");
  assert.equal((await client.post("/x")).text(), "POST");
  const head = await client.head("/x");
  assert.deepEqual([head.status, head.text()], [200, ""]);
  const put = await client.put("/x");
  assert.deepEqual([put.status, put.headers.get("allow")], [405, "GET, HEAD, OPTIONS, POST"]);
  assert.equal((await client.request("OPTIONS", "/x")).headers.get("allow"), "GET, HEAD, OPTIONS, POST");
  // A route with more methods than the view.
  assert.equal((await client.patch("/y")).status, 405);
});

test("MethodView answers HEAD and OPTIONS by its own methods", async () => {
  class Own extends MethodView {
    get(): string {
      return abort(500);
    }
    head(): string {
      return "";
    }
    options(): string {
      return "mine";
    }
  }
  const app = new Pottle();
  app.addUrlRule("/x", Own.asView("x"));
  const client = app.testClient();
  assert.equal((await client.head("/x")).status, 200);
  assert.equal((await client.request("OPTIONS", "/x")).text(), "mine");
});

test("View.asView() refuses a class that answers nothing", () => {
  class Empty extends MethodView {}
  assert.throws(() => Empty.asView("empty"), { name: "TypeError", message: /make a view of 'Empty'.*such as 'get'/ });
  class Bare extends (View as unknown as new () => { dispatchRequest(): string }) {}
  Object.defineProperty(Bare.prototype, "dispatchRequest", { value: undefined });
  assert.throws(() => (Bare as unknown as typeof Todo).asView("bare", ""), {
    name: "TypeError",
    message: /must have a method 'dispatchRequest'/,
  });
});

test("addUrlRule() of a blueprint gives a class view the arguments of its prefix", async () => {
  class Org extends MethodView {
    get({ org }: { org: string }): string {
      return org;
    }
  }
  const blueprint = new Blueprint("b", { prefix: "/<org>" });
  blueprint.addUrlRule("/x", Org.asView("org"));
  const app = new Pottle();
  app.register(blueprint);
  assert.equal((await app.testClient().get("/acme/x")).text(), "acme");
  assert.equal(app.urlFor("b.org", { org: "acme" }), "/acme/x");
});

/** A decorator of views, as applications write them. */
function loginRequired<Args>(view: ViewWith<Args>): ViewWith<Args> {
  return wrapView(view, (args, request) => (request.headers.has("authorization") ? view(args, request) : abort(401)));
}

test("wrapView() keeps the argument types, the name and the methods of a view", async () => {
  const app = new Pottle();
  app.get(
    "/inline/<int:id>",
    loginRequired(({ id }, request) => ({ next: id + 1, path: request.path })),
  );
  app.get(
    "/named/<int:id>",
    { timeout: 1_000 },
    loginRequired(async function showNote({ id }: { id: number }) {
      return { id };
    }),
  );
  app.addUrlRule("/class", loginRequired(Derived.asView("derived")));
  app.get(
    "/wrong/<int:id>",
    // @ts-expect-error -- there is no 'idd'
    loginRequired(({ idd }) => String(idd)),
  );
  const client = app.testClient();
  const headers = { Authorization: "x" };
  assert.equal((await client.get("/inline/1")).status, 401);
  assert.deepEqual((await client.get("/inline/1", { headers })).json(), { next: 2, path: "/inline/1" });
  assert.deepEqual((await client.get("/named/1", { headers })).json(), { id: 1 });
  assert.equal(app.urlFor("showNote", { id: 1 }), "/named/1");
  assert.equal((await client.post("/class", { headers })).text(), "POST");
  assert.throws(() => wrapView(1 as never, () => ""), { name: "TypeError" });
});
