import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { createTask, setExceptionHandler } from "../../asyncio/index.ts";
import { type Application, MemoryExchange, type Peer, serveExchange } from "../../http/index.ts";
import { serve } from "../../server/index.ts";
import { enableDevelopment } from "./development.ts";
import { abort } from "../message/abort.ts";
import { Pottle } from "../app/pottle.ts";
import type { PottleOptions } from "../app/pottle-options.ts";
import type { TestResponse } from "../testing/test-response.ts";

// What the views throw is expected here.
setExceptionHandler(() => undefined);

const shown: PottleOptions = { development: true };

/** An application whose view throws `error`. */
function failing(error: unknown, options: PottleOptions = shown): Pottle {
  const app = new Pottle({ dirname: import.meta.dirname }, options);
  app.get("/fails", () => {
    throw error;
  });
  app.get("/gone", () => abort(410, "<gone>"));
  return app;
}

function get(error: unknown, headers: Record<string, string> = {}, options?: PottleOptions): Promise<TestResponse> {
  return failing(error, options).testClient().get("/fails?q=<1>", { headers });
}

test("errorPage() shows the error, its source and the request where the application says so", async () => {
  const response = await get(new Error("no such luck"), { "X-Custom": "seen" });
  const page = response.text();
  assert.equal(response.status, 500);
  assert.match(page, /<h1>Error: no such luck<\/h1>/);
  assert.match(page, /<span class="here"> *\d+ {2} {2}const response = await get\(new Error\(&#34;no such luck&#34;\)/);
  assert.match(page, /<td>Request<\/td><td>GET \/fails<\/td>/);
  assert.match(page, /<td>\?q<\/td><td>&#60;1&#62;<\/td>/);
  assert.match(page, /<td>Route<\/td><td>\/fails<\/td>/);
  assert.match(page, /<td>X-Custom<\/td><td>seen<\/td>/);
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.match(response.headers.get("content-security-policy") ?? "", /^default-src 'none'/);
});

test("errorPage() escapes everything", async () => {
  const attack = `<script>alert("x")</script>`;
  const error = new Error(attack, { cause: new TypeError(attack) });
  error.name = attack;
  const response = await get(error, { [`X-A`]: attack });
  assert.doesNotMatch(response.text(), /<script/);
  assert.match(response.text(), /&#60;script&#62;alert/);
});

test("errorPage() shows the chain of causes and the errors of a group, each once", async () => {
  const root = new RangeError("root");
  const group = new AggregateError([root, new Error("other")], "group", { cause: root });
  const page = (await get(new Error("top", { cause: group }))).text();
  for (const title of ["Error: top", "AggregateError: group", "RangeError: root", "Error: other"]) {
    assert.equal(page.split(`${title}</h`).length, 2, title);
  }
});

test("errorPage() comes to an end where an error is its own cause", async () => {
  const error = new Error("round");
  error.cause = error;
  assert.match((await get(error)).text(), /<h1>Error: round<\/h1>/);
});

test("errorPage() does not show headers that may have secrets in them", async () => {
  const headers = {
    Cookie: "a=hush",
    Authorization: "hush",
    "X-Api-Key": "hush",
    "X-CSRF-Token": "hush",
    Accept: "*/*",
  };
  const page = (await get(new Error("x"), headers)).text();
  assert.doesNotMatch(page, /<td>[^<]*hush/);
  assert.equal(page.split("<td>(not shown)").length, 5);
  assert.match(page, /\*\/\*/);
});

test("errorPage() does not show secrets of the query or of the path, but the route, its name and its values", async () => {
  const app = new Pottle({ dirname: import.meta.dirname }, shown);
  app.get("/reset/<token>/<int:page>", { name: "reset" }, () => {
    throw new Error("x");
  });
  const page = (await app.testClient().get("/reset/hush/7?password=hush&q=seen&__proto__=<p>")).text();
  assert.doesNotMatch(page, /<(?:td|p class="soft")>[^<]*hush/);
  assert.match(page, /<td>Route<\/td><td>\/reset\/&#60;token&#62;\/&#60;int:page&#62;, named reset<\/td>/);
  for (const row of ["<td>&#60;page&#62;</td><td>7", "<td>?q</td><td>seen", "<td>?__proto__</td><td>&#60;p&#62;"])
    assert(page.includes(row), row);
});

const thrown: readonly (readonly [unknown, RegExp])[] = [
  ["<text>", /<h1>Thrown: &#39;&#60;text&#62;&#39;<\/h1>/],
  [{ a: 1 }, /<h1>Thrown: \{ a: 1 \}<\/h1>/],
  [null, /<h1>Thrown: null<\/h1>/],
  [Object.assign(new Error("m"), { stack: 5 }), /<h1>Error: m<\/h1>/],
];
for (const [value, title] of thrown) {
  test(`errorPage() shows ${String(title)}`, async () => assert.match((await get(value)).text(), title));
}

test("errorPage() is the plain page where the error cannot be looked at", async () => {
  const error = new Error("x");
  Object.defineProperty(error, "message", {
    get() {
      throw new Error("nor this");
    },
  });
  const response = await get(error);
  assert.equal(response.status, 500);
  assert.match(response.text(), /Something went wrong on the server/);
});

test("errorPage() shows no file that a message names, but sources of the program", async (context) => {
  const folder = writeProject(context);
  const error = new Error(
    `x\n    at view (${join(folder, "..", "secret.ts")}:1:1)\n    at view (${join(folder, "secret.txt")}:1:1)`,
  );
  error.stack = `Error: ${error.message}\n    at view (${pathToFileURL(join(folder, "own.ts")).href}:2:1)`;
  const app = new Pottle({ dirname: folder }, shown);
  app.get("/", () => {
    throw error;
  });
  const page = (await app.testClient().get("/")).text();
  assert.match(page, /<span class="here"> +2 {2}second<\/span>/);
  assert.doesNotMatch(page, /confidential/);
});

function writeProject(context: TestContext): string {
  const place = mkdtempSync(join(tmpdir(), "pottle-page-"));
  context.after(() => rmSync(place, { recursive: true }));
  const folder = join(place, "project");
  mkdirSync(folder);
  writeFileSync(join(place, "secret.ts"), "confidential\n");
  writeFileSync(join(folder, "own.ts"), "first\nsecond\nthird\n");
  writeFileSync(join(folder, "secret.txt"), "confidential\n");
  return folder;
}

test("errorPage() gives the stacks as JSON to a client that wants JSON", async () => {
  const error = new Error("no such luck", { cause: "the weather" });
  const response = await get(error, { Accept: "application/json" });
  const { errors, ...plain } = response.json<{ errors: string[] }>();
  assert.deepEqual(plain, {
    type: "about:blank",
    title: "Internal Server Error",
    status: 500,
    detail: "Something went wrong on the server.",
  });
  assert.match(errors[0] ?? "", /^Error: no such luck\n {4}at /);
  assert.equal(errors[1], "Thrown: 'the weather'");
});

test("errorPage() is the plain page for an error that is an answer", async () => {
  const response = await failing(undefined).testClient().get("/gone");
  assert.equal(response.status, 410);
  assert.match(response.text(), /<p>&#60;gone&#62;<\/p>/);
  assert.doesNotMatch(response.text(), /error-page/);
});

/** Whether an application that was told nothing shows an error to a client. */
async function isShown(headers: Record<string, string>, peer: Peer, options: PottleOptions = {}): Promise<boolean> {
  const app: Application = failing(new Error("no such luck"), options);
  const rawHeaders = Object.entries(headers).flat();
  const exchange = new MemoryExchange({ target: "/fails", rawHeaders, peer });
  exchange.upload.end();
  const body = createTask(async () => {
    await exchange.head();
    let text = "";
    for (let chunk = await exchange.download.read(); chunk; chunk = await exchange.download.read())
      text += Buffer.from(chunk).toString();
    return text;
  });
  await serveExchange(app, exchange);
  return /no such luck/.test(await body);
}

const local = { address: "127.0.0.1", port: 1 };

test("errorPage() shows nothing outside development, unless the application says so", async () => {
  assert.equal(await isShown({ Host: "localhost:5000" }, local), false);
  assert.equal(await isShown({ Host: "example.org" }, { address: "192.0.2.1", port: 1 }, shown), true);
});

test("errorPage() shows errors in development, to this machine only", async (context) => {
  context.after(enableDevelopment());
  for (const host of ["localhost", "LOCALHOST:5000", "127.0.0.1:80", "[::1]:5000", "app.localhost"]) {
    assert.equal(await isShown({ Host: host }, local), true, host);
  }
  assert.equal(await isShown({}, { address: "::1", port: 1 }), true);
  assert.equal(await isShown({}, { address: "::ffff:127.0.0.1", port: 1 }), true);
  for (const host of ["example.org", "localhost.example.org", "127.0.0.1.example.org", "[::2]"]) {
    assert.equal(await isShown({ Host: host }, local), false, host);
  }
  assert.equal(await isShown({ Host: "localhost" }, { address: "192.168.0.7", port: 1 }), false);
  assert.equal(await isShown({ Host: "localhost", "X-Forwarded-For": "192.0.2.1" }, local), false);
  assert.equal(await isShown({ Host: "localhost", Forwarded: "for=192.0.2.1" }, local), false);
  assert.equal(await isShown({ Host: "localhost" }, local, { development: false }), false);
});

test("errorPage() shows nothing of an application that serve() serves", async () => {
  await using server = await serve(failing(new Error("no such luck"), {}), { port: 0 });
  const response = await fetch(`${server.url}/fails`);
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /no such luck|error-page/);
});
