import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { setExceptionHandler } from "../../asyncio/index.ts";
import type { Application } from "../../http/index.ts";
import { serve } from "../../server/index.ts";
import { abort, Pottle } from "../index.ts";

/** An application that answers with what it sees. */
const mirror: Application = {
  handle: (exchange) => exchange.respond(200, ["Content-Type", "text/plain"], `${exchange.method} ${exchange.target}`),
};

/** Encodes every byte, also where there is no need for it. */
function encodeAll(text: string): string {
  return Buffer.from(text)
    .toString("hex")
    .replace(/../g, (byte) => `%${byte}`);
}

function appWith(...prefixes: string[]): Pottle {
  const app = new Pottle();
  for (const prefix of prefixes) app.mount(prefix, mirror);
  return app;
}

const targets: [prefix: string, method: string, path: string, seen: string][] = [
  ["/m", "GET", "/m/", "GET /"],
  ["/m", "GET", "/m/a/b?x=%20&y", "GET /a/b?x=%20&y"],
  ["/m", "GET", "/m/a%2Fb%20c/", "GET /a%2Fb%20c/"],
  ["/m", "PURGE", "/m/a", "PURGE /a"],
  ["/m", "OPTIONS", "/m/a", "OPTIONS /a"],
  ["/m/n", "GET", "/m/n/a", "GET /a"],
  ["/m/", "GET", "/m/a", "GET /a"],
  ["/é", "GET", "/é/a", "GET /a"],
  ["/", "GET", "/a", "GET /a"],
  ["/", "GET", "/", "GET /"],
  // The prefix, spelled in a way that nobody spells it.
  ["/m", "GET", "/%6D/a%20b?x", "GET /a%20b?x"],
  ["/m/n", "GET", "/m%2Fn/a", "GET /a"],
];

for (const [prefix, method, path, seen] of targets) {
  test(`Pottle.mount() at ${prefix} shows the application of ${method} ${path} ${seen}`, async () => {
    const response = await appWith(prefix).testClient().request(method, path);
    assert.deepEqual([response.status, response.text()], [200, seen]);
  });
}

test("Pottle.mount() shows the application the path after the prefix, however the client spells it", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1 }).filter((one) => !/[/<>\\]/.test(one));
  const spelling = fc.constantFrom(encodeURIComponent, encodeAll);
  return fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1 }), text, spelling, spelling, async (prefix, rest, one, other) => {
      const client = appWith(`/${prefix.join("/")}`).testClient();
      const target = `/${prefix.map(one).join("/")}/${other(rest)}`;
      const response = await client.get(target);
      assert.equal(response.status, 200, target);
      assert.equal(decodeURIComponent(response.text()), `GET /${rest}`);
    }),
    { numRuns: 100 },
  );
});

test("Pottle.mount() does not answer what only begins like its prefix", async () => {
  const client = appWith("/m").testClient();
  for (const path of ["/", "/mm", "/mm/a", "/a/m/"]) assert.equal((await client.get(path)).status, 404, path);
});

test("Pottle.mount() sends the prefix on to the prefix with a slash, with its query, method and body", async () => {
  const response = await appWith("/m").testClient().post("/m?x=1", { body: "x" });
  assert.deepEqual([response.status, response.headers.get("Location")], [308, "/m/?x=1"]);
});

test("Pottle.mount() is routed by its text, as a path is, whatever was added first", async () => {
  const app = appWith("/m", "/m/n", "/");
  app.get("/m/own", () => "own");
  app.get("/<page>", ({ page }) => page);
  const client = app.testClient();
  assert.equal((await client.get("/m/own")).text(), "own");
  assert.equal((await client.post("/m/own")).text(), "POST /own");
  assert.equal((await client.get("/m/n/x")).text(), "GET /x");
  assert.equal((await client.get("/page")).text(), "page");
  assert.equal((await client.get("/m/x")).text(), "GET /x");
  assert.equal((await client.get("/else/x")).text(), "GET /else/x");
});

test("Pottle.mount() leaves 404, 405 and errors to the application", async () => {
  const inner = new Pottle();
  inner.get("/teapot", () => abort(418, "inner"));
  inner.get("/boom", () => {
    throw new Error("boom");
  });
  const app = new Pottle();
  app.mount("/m", inner);
  const client = app.testClient();
  assert.match((await client.get("/m/teapot")).text(), /inner/);
  assert.equal((await client.get("/m/none")).status, 404);
  assert.equal((await client.post("/m/teapot")).headers.get("Allow"), "GET, HEAD, OPTIONS");
  const reports: string[] = [];
  const before = setExceptionHandler(({ message, error }) => reports.push(`${message}: ${String(error)}`));
  const failed = await client.get("/m/boom");
  setExceptionHandler(before);
  assert.deepEqual([failed.status, failed.outcome.kind], [500, "failed"]);
  assert.deepEqual(reports, ["Error while serving GET /m/boom: Error: boom"]);
});

test("Pottle.mount() answers for an application that fails without an answer", async () => {
  const app = new Pottle();
  app.mount("/m", {
    handle: () => {
      throw new Error("boom");
    },
  });
  const before = setExceptionHandler(() => {});
  const response = await app.testClient().get("/m/");
  setExceptionHandler(before);
  assert.equal(response.status, 500);
  assert.match(response.text(), /Something went wrong/);
});

test("Pottle.urlFor() of a mounted application begins with the prefixes of all mounts around it", async () => {
  const inner = new Pottle();
  inner.get("/x/<name>", function show() {
    return { url: inner.urlFor("show", { name: "é", q: 1 }) };
  });
  inner.get("/s/", () => "");
  const middle = new Pottle();
  middle.mount("/ä", inner);
  const outer = new Pottle();
  outer.mount("/a b", middle);
  const response = await outer.testClient().get("/a%20b/ä/x/1");
  assert.deepEqual(response.json(), { url: "/a%20b/%C3%A4/x/%C3%A9?q=1" });
  const moved = await outer.testClient().get("/a b/ä/s");
  assert.deepEqual([moved.status, moved.headers.get("Location")], [308, "/a%20b/%C3%A4/s/"]);
});

test("Pottle.mount() starts the application after what was registered before, and stops it in reverse", async () => {
  const log: string[] = [];
  const inner = new Pottle();
  inner.onStart(() => void log.push("inner start"));
  inner.onStop(() => void log.push("inner stop"));
  const app = new Pottle();
  app.onStart(() => void log.push("start"));
  app.onStop(() => void log.push("stop"));
  app.mount("/a", inner);
  app.mount("/b", inner);
  const client = await app.testClient().start();
  await client.stop();
  assert.deepEqual(log, ["start", "inner start", "inner stop", "stop"]);
});

test("Pottle.mount() refuses a prefix that is none, what is no application, and a circle", () => {
  const app = new Pottle();
  for (const prefix of ["m", "", "/<x>", "/<", "/a//b", "//"]) {
    assert.throws(() => app.mount(prefix, mirror), { name: "PathSyntaxError" }, prefix);
  }
  for (const value of [undefined, null, {}, () => ""]) {
    assert.throws(() => app.mount("/m", value as Application), {
      name: "TypeError",
      message: /^Cannot mount at '\/m' as 'application' must have a function 'handle': current value is /,
    });
  }
  const inner = new Pottle();
  app.mount("/inner", inner);
  for (const [one, other] of [
    [app, app],
    [inner, app],
  ] as const) {
    assert.throws(() => one.mount("/m", other), {
      name: "SetupError",
      message: "Cannot mount an application in itself: current prefix is '/m'",
    });
  }
});

test("Pottle.mount() runs over sockets, bodies and streams included", async () => {
  const inner = new Pottle();
  inner.post("/echo", async (_, request) => [request.path, await request.text()]);
  inner.get("/stream", async function* () {
    yield "a";
    yield "b";
  });
  const app = new Pottle();
  app.mount("/m", inner);
  await using server = await serve(app, { port: 0 });
  const echo = await fetch(`${server.url}/m/echo`, { method: "POST", body: "hello" });
  assert.deepEqual(await echo.json(), ["/echo", "hello"]);
  assert.equal(await (await fetch(`${server.url}/m/stream`)).text(), "ab");
});
