import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryExchange } from "../../http/index.ts";
import { Blueprint, Pottle, urlFor, type UrlValues } from "../index.ts";

function appOf(options: ConstructorParameters<typeof Pottle>[1] = {}): Pottle {
  const app = new Pottle(undefined, options);
  app.get("/", { name: "index" }, () => "");
  app.get("/todos/<int:id>", { name: "todo" }, ({ id }) => ({ id }));
  app.post("/todos/", { name: "todos" }, () => "");
  app.get("/todos/", { name: "todos.list" }, () => "");
  app.get("/api", { name: "api", host: "api.example.com" }, () => "");
  app.get("/x", { name: "tenant", host: "<tenant>.example.com" }, ({ tenant }) => tenant);
  return app;
}

const table: [name: string, values: UrlValues, url: string][] = [
  ["index", { _anchor: "top" }, "/#top"],
  ["todo", { id: 7, q: "a b", _anchor: "é #%?/" }, "/todos/7?q=a+b#%C3%A9%20%23%25?/"],
  ["todo", { id: 7, tag: ["a", 1, true], gone: undefined, also: null, big: 2n ** 64n }, ""],
  ["index", { _external: true }, "http://example.com:8000/"],
  ["index", { _scheme: "https" }, "https://example.com:8000/"],
  ["index", { _scheme: "https", _external: true, _anchor: "x" }, "https://example.com:8000/#x"],
  ["index", { _external: false }, "/"],
  ["todo", { id: 7, _method: "GET" }, "/todos/7"],
  ["api", {}, "http://api.example.com/api"],
  ["tenant", { tenant: "Acme", _scheme: "https" }, "https://acme.example.com/x"],
];
table[2]?.splice(2, 1, `/todos/7?tag=a&tag=1&tag=true&big=${2n ** 64n}`);

for (const [name, values, url] of table) {
  test(`Pottle.urlFor() outside a request builds ${url}`, () => {
    assert.equal(appOf({ serverName: "example.com:8000" }).urlFor(name, values), url);
  });
}

test("Pottle.urlFor() outside a request has the preferred scheme, and needs a server name for a host", () => {
  const app = appOf({ serverName: "example.com", preferredUrlScheme: "https" });
  assert.equal(app.urlFor("index", { _external: true }), "https://example.com/");
  assert.throws(() => appOf().urlFor("index", { _external: true }), {
    name: "BuildError",
    message: /outside a request the option 'serverName' is needed/,
  });
  assert.equal(appOf().urlFor("api"), "http://api.example.com/api");
});

test("Pottle.urlFor() refuses options and values of which no URL can be made", () => {
  const app = appOf({ serverName: "example.com" });
  const refused: [name: string, values: Record<string, unknown>, message: RegExp][] = [
    ["index", { _external: false, _scheme: "https" }, /one that is not '_external' has no '_scheme'/],
    ["index", { _external: "yes" }, /'_external' must be a boolean/],
    ["index", { _scheme: "java script" }, /'_scheme' must be a scheme/],
    ["index", { _anchor: {} }, /'_anchor' must be a text/],
    ["todo", { id: 7, _method: "PUT" }, /a route must answer '_method'/],
    ["index", { q: { a: 1 } }, /'q' of the query must be a text/],
    ["index", { q: [() => 1] }, /'q' of the query must be a text/],
    ["tenant", {}, /'tenant' must be a value for '<tenant>'/],
    ["tenant", { tenant: "evil.org/" }, /'tenant' must be a value/],
    ["tenant", { tenant: "evil@x" }, /a host must be a name/],
    ["tenant", { tenant: "evil#x" }, /a host must be a name/],
  ];
  for (const [name, values, message] of refused) {
    assert.throws(() => app.urlFor(name, values as UrlValues), { name: "BuildError", message }, JSON.stringify(values));
  }
});

test("Pottle.urlFor() in a request knows its scheme and host, and leads to other hosts by a whole URL", async () => {
  const app = new Pottle();
  app.get("/here", { name: "here" }, () => [
    urlFor("here", { _external: true }),
    urlFor("tenant", { tenant: "acme" }),
    urlFor("tenant", { tenant: "other" }),
  ]);
  app.get("/x", { name: "tenant", host: "<tenant>.example.com" }, ({ tenant }) => tenant);
  const ask = (host: string) => app.testClient().get("/here", { headers: { Host: host } });
  assert.deepEqual((await ask("Acme.example.com:8000")).json(), [
    "http://Acme.example.com:8000/here",
    "/x",
    "http://other.example.com:8000/x",
  ]);
});

test("Pottle.urlFor() prefers the server name of the application to the host that a client says", async () => {
  const app = appOf({ serverName: "example.com" });
  app.get("/here", () => urlFor("index", { _external: true }));
  const response = await app.testClient().get("/here", { headers: { Host: "evil.org" } });
  assert.equal(response.text(), "http://example.com/");
});

test("Pottle.urlFor() answers a request that says no host with 400, where the URL must have one", async () => {
  const app = appOf();
  app.get("/here", () => urlFor("index", { _external: true }));
  app.get("/path", () => urlFor("index"));
  for (const rawHeaders of [[], ["Host", "a,b"], ["Host", "evil.org/x"], ["Host", ""]]) {
    for (const [target, expected] of [
      ["/here", 400],
      ["/path", 200],
    ] as const) {
      const exchange = new MemoryExchange({ target, rawHeaders });
      await app.handle(exchange);
      assert.equal((await exchange.head()).status, expected, `${target} for ${rawHeaders.join(": ")}`);
    }
  }
});

test("Pottle.urlFor() refuses a slash that a converter of the application writes", () => {
  const any = { pattern: ".+", parse: (text: string) => text, build: (value: string) => value };
  const app = new Pottle(undefined, { converters: { any_: any } });
  app.get("/<any_:x>", ({ x }) => x);
  assert.equal(app.urlFor("/<any_:x>", { x: "a b" }), "/a%20b");
  assert.throws(() => app.urlFor("/<any_:x>", { x: "/evil.org" }), { name: "BuildError" });
});

test("Pottle.urlFor() leaves defaults out, and builds the path that has them if they are the values", () => {
  const app = new Pottle();
  const list = ({ page }: { page: number }): object => ({ page });
  app.get("/foo/", { defaults: { page: 1 }, name: "foo" }, list);
  app.get("/foo/<int:page>", { name: "foo" }, list);
  app.get("/old/<int:page>", { name: "foo", alias: true }, list);
  app.get("/elsewhere/<int:id>", { name: "elsewhere", buildOnly: true, host: "other.org" }, () => "");
  assert.equal(app.urlFor("foo"), "/foo/");
  assert.equal(app.urlFor("foo", { page: 1, q: 2 }), "/foo/?q=2");
  assert.equal(app.urlFor("foo", { page: 2 }), "/foo/2");
  assert.throws(() => app.urlFor("/foo/", { page: 2 }), { name: "BuildError", message: /no route has these values/ });
  assert.equal(app.urlFor("elsewhere", { id: 1 }), "http://other.org/elsewhere/1");
});

test("Pottle.urlFor() of a name with several methods takes the route that '_method' says", () => {
  const app = new Pottle();
  const view = (): string => "";
  app.get("/todos", { name: "todos" }, view);
  app.post("/todos/<int:id>", { name: "todos" }, view);
  assert.equal(app.urlFor("todos", { _method: "GET" }), "/todos");
  assert.equal(app.urlFor("todos", { id: 1, _method: "POST" }), "/todos/1");
  assert.equal(app.urlFor("todos", { id: 1 }), "/todos/1");
});

test("Pottle.urlBuildErrorHandler() answers for what cannot be built, in order, and gets the error", () => {
  const app = new Pottle();
  const seen: unknown[] = [];
  app.urlBuildErrorHandler((error, name, values) => {
    seen.push([error.name, name, values]);
    return undefined;
  });
  app.urlBuildErrorHandler((_, name) => (name === "shop" ? "https://shop.example.com/" : undefined));
  assert.equal(app.urlFor("shop", { id: 1, _anchor: "x" }), "https://shop.example.com/");
  assert.throws(() => app.urlFor("none"), { name: "BuildError" });
  assert.deepEqual(seen[0], ["BuildError", "shop", { id: 1, _anchor: "x" }]);
  assert.throws(() => app.urlBuildErrorHandler(1 as never), { name: "TypeError" });
});

test("Pottle.urlDefaults() and Pottle.urlValuePreprocessor() pass a value of the path by, for its routes only", async () => {
  const seen: unknown[] = [];
  const i18n = new Blueprint("i18n", { prefix: "/<any(en, de):lang>" });
  i18n.urlDefaults((name, values) => {
    seen.push(name);
    values["lang"] ??= "en";
  });
  i18n.urlValuePreprocessor((name, values) => {
    seen.push([name, { ...values }]);
    delete values["lang"];
    values["added"] = 1;
  });
  i18n.get("/about/<int:id>", { name: "about" }, (args) => ({ ...args }));
  const app = new Pottle();
  app.get("/plain", (args) => ({ ...args }));
  // During set-up, before all hooks are there.
  app.register(i18n);
  assert.equal(app.urlFor("i18n.about", { id: 7 }), "/en/about/7");
  assert.equal(app.urlFor("i18n.about", { id: 7, lang: "de" }), "/de/about/7");
  assert.equal(app.urlFor("/plain"), "/plain");
  app.urlDefaults((_, values) => void (values["q"] = 1));
  assert.equal(app.urlFor("i18n.about", { id: 7 }), "/en/about/7?q=1");
  const client = app.testClient();
  assert.deepEqual((await client.get("/de/about/7")).json(), { id: 7, added: 1 });
  assert.deepEqual((await client.get("/plain")).json(), {});
  assert.equal((await client.get("/none")).status, 404);
  assert.deepEqual(seen, ["i18n.about", "i18n.about", "i18n.about", ["i18n.about", { lang: "de", id: 7 }]]);
});

test("Pottle.urlValuePreprocessor() runs before beforeRequest, the application's first, and an error in it is answered", async () => {
  const order: string[] = [];
  const inner = new Blueprint("inner", { prefix: "/inner" });
  inner.urlValuePreprocessor(() => void order.push("blueprint"));
  inner.beforeRequest(() => void order.push("before"));
  inner.get("/", () => "");
  const app = new Pottle();
  app.urlValuePreprocessor(() => void order.push("application"));
  app.register(inner);
  app.get("/broken", () => "");
  await app.testClient().get("/inner/");
  assert.deepEqual(order, ["application", "blueprint", "before"]);
  const broken = new Pottle(undefined, { development: false });
  broken.urlValuePreprocessor(() => {
    throw new RangeError("no");
  });
  broken.errorHandler(RangeError, (error) => error.message);
  broken.get("/", () => "");
  assert.equal((await broken.testClient().get("/")).text(), "no");
});
