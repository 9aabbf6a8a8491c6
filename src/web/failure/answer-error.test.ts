import assert from "node:assert/strict";
import { test } from "node:test";
import { sleep } from "../../asyncio/index.ts";
import { reportsOf } from "../app/_reports.fixture.ts";
import {
  abort,
  Blueprint,
  Conflict,
  HTTPError,
  InternalServerError,
  makeResponse,
  NotFound,
  Pottle,
  type TestResponse,
  TooManyRequests,
} from "../index.ts";

class AppError extends Error {}
class OutOfStock extends AppError {}

/** An application whose views throw, one for each path. */
function failingApp(errors: Record<string, unknown>): Pottle {
  const app = new Pottle();
  for (const [path, error] of Object.entries(errors)) {
    app.get(path, () => {
      throw error;
    });
  }
  return app;
}

async function answerOf(app: Pottle, path: string): Promise<[number, string]> {
  const response = await app.testClient().get(path);
  return [response.status, response.text()];
}

test("errorHandler() is found by status, then by the nearest class", async () => {
  const app = failingApp({ "/gone": new HTTPError(410), "/stock": new OutOfStock("x"), "/app": new AppError("y") });
  app.errorHandler(Error, (error) => `Error ${error.name}`);
  app.errorHandler(HTTPError, (error) => `HTTPError ${error.status}`);
  app.errorHandler(404, (_, request) => `404 ${request.path}`);
  app.errorHandler(NotFound, () => "never: the status goes before the class");
  app.errorHandler(OutOfStock, async (error) => {
    await sleep(0);
    return { out: error.message };
  });
  assert.deepEqual(await answerOf(app, "/none"), [404, "404 /none"]);
  assert.deepEqual(await answerOf(app, "/gone"), [410, "HTTPError 410"]);
  assert.deepEqual(await answerOf(app, "/stock"), [500, '{"out":"x"}']);
  assert.deepEqual(await answerOf(app, "/app"), [500, "Error Error"]);
});

test("errorHandler() of a blueprint goes before the application's, but sees no address that nobody has", async () => {
  const app = new Pottle();
  const outer = new Blueprint("outer", { prefix: "/outer" });
  const inner = new Blueprint("inner", { prefix: "/inner" });
  app.errorHandler(404, () => "app");
  app.errorHandler(AppError, () => "app");
  app.errorHandler(409, () => "app 409");
  outer.errorHandler(404, () => "outer");
  outer.errorHandler(Conflict, () => "outer Conflict");
  inner.errorHandler(AppError, () => "inner");
  inner.get("/404", () => abort(404));
  inner.get("/app", () => {
    throw new OutOfStock();
  });
  inner.get("/409", () => abort(409));
  outer.register(inner);
  app.register(outer);
  app.get("/404", () => abort(404));
  assert.deepEqual(await answerOf(app, "/outer/inner/404"), [404, "outer"]);
  assert.deepEqual(await answerOf(app, "/outer/inner/app"), [500, "inner"]);
  assert.deepEqual(await answerOf(app, "/outer/inner/409"), [409, "outer Conflict"]);
  assert.deepEqual(await answerOf(app, "/outer/inner/none"), [404, "app"]);
  assert.deepEqual(await answerOf(app, "/404"), [404, "app"]);
  assert.equal((await answerOf(app, "/outer/inner/404"))[1], "outer");
});

test("errorHandler() returns what a view may, with the status and the headers of the error unless it is a response", async () => {
  const app = failingApp({ "/429": new TooManyRequests("slow", { headers: ["Retry-After", "5"] }) });
  app.errorHandler(404, () => ({ error: "none" }));
  app.errorHandler(405, () => makeResponse("fine", 200));
  app.errorHandler(410, () => new Response("moved", { status: 203 }));
  app.errorHandler(429, () => "slow");
  app.get("/gone", () => abort(410));
  const client = app.testClient();
  assert.deepEqual(await answerOf(app, "/none"), [404, '{"error":"none"}']);
  assert.deepEqual([(await client.post("/gone")).status, (await client.get("/gone")).status], [200, 203]);
  assert.equal((await client.get("/429")).headers.get("Retry-After"), "5");
});

test("errorHandler(500) gets what nobody handled as a cause, and it is reported", async () => {
  const boom = new Error("boom");
  const app = failingApp({ "/boom": boom, "/text": "text" });
  const seen: unknown[] = [];
  app.errorHandler(500, (error) => {
    seen.push(error instanceof InternalServerError, error.cause);
    return "sorry";
  });
  const reports = await reportsOf(async () => {
    assert.deepEqual(await answerOf(app, "/boom"), [500, "sorry"]);
    assert.deepEqual(await answerOf(app, "/text"), [500, "sorry"]);
  });
  assert.deepEqual(seen, [true, boom, true, "text"]);
  assert.deepEqual(reports, ["Error while serving GET /boom: Error: boom", "Error while serving GET /text: text"]);
});

test("errorHandler() keeps what it handled from being reported", async () => {
  const app = failingApp({ "/stock": new OutOfStock("x") });
  app.errorHandler(AppError, () => makeResponse("none left", 409));
  let response: TestResponse | undefined;
  const reports = await reportsOf(async () => (response = await app.testClient().get("/stock")));
  assert.deepEqual([response?.status, response?.outcome, reports], [409, { kind: "served" }, []]);
});

test("errorHandler() that returns an HTTPError, such as its own, is answered as if it had thrown it", async () => {
  const app = failingApp({ "/stock": new OutOfStock("x"), "/429": new TooManyRequests("slow") });
  app.errorHandler(HTTPError, (error) => error);
  app.errorHandler(OutOfStock, () => new Conflict("none left"));
  const none = await app.testClient().get("/none");
  assert.deepEqual([none.status, none.headers.get("content-type")], [404, "text/html; charset=utf-8"]);
  assert.match(none.text(), /There is nothing at this address/);
  const reports = await reportsOf(async () => {
    assert.deepEqual((await answerOf(app, "/429"))[0], 429);
    assert.match((await answerOf(app, "/stock")).join(), /^409,[^]*none left/);
  });
  assert.deepEqual(reports, []);
});

const failing: [title: string, handler: () => string][] = [
  [
    "throws",
    () => {
      throw new Error("handler");
    },
  ],
  ["returns nothing", () => undefined as unknown as string],
];

for (const [title, handler] of failing) {
  test(`errorHandler() that ${title} is answered with 500 and reported, and is not asked again`, async () => {
    const app = failingApp({ "/stock": new OutOfStock("x") });
    let asked = 0;
    app.errorHandler(Error, () => {
      asked++;
      return handler();
    });
    app.errorHandler(404, handler);
    const reports = await reportsOf(async () => {
      const [status, text] = await answerOf(app, "/stock");
      assert.equal(status, 500);
      assert.match(text, /Something went wrong/);
      assert.equal((await answerOf(app, "/none"))[0], 500);
    });
    assert.equal(asked, 2);
    assert.equal(reports.length, 3);
    for (const report of reports) assert.match(report, /Error: handler|TypeError: Cannot make a response/);
  });
}

test("errorHandler() may end with abort(), by a status or by a response", async () => {
  const app = failingApp({ "/stock": new OutOfStock("x"), "/app": new AppError("y") });
  app.errorHandler(OutOfStock, () => abort(404));
  app.errorHandler(404, () => "handled");
  app.errorHandler(AppError, () => abort(makeResponse("aborted", 418)));
  assert.deepEqual(await answerOf(app, "/stock"), [404, "handled"]);
  assert.deepEqual(await answerOf(app, "/app"), [418, "aborted"]);
});

test("errorHandler() refuses what is no status, class or function, and a second one for the same", () => {
  const app = new Pottle();
  for (const status of [200, 399, 600, 404.5, NaN]) {
    assert.throws(() => app.errorHandler(status, () => ""), { name: "RangeError", message: /from 400 to 599/ });
  }
  assert.throws(() => app.errorHandler("404" as unknown as number, () => ""), { name: "TypeError" });
  assert.throws(() => app.errorHandler(404, "x" as never), {
    name: "TypeError",
    message: /'handler' must be a function/,
  });
  app.errorHandler(404, () => "");
  app.errorHandler(AppError, () => "");
  assert.throws(() => app.errorHandler(404, () => ""), { name: "SetupError", message: /already: for 404$/ });
  assert.throws(() => app.errorHandler(AppError, () => ""), { name: "SetupError", message: /already: for AppError$/ });
});

test("abort() ends a view with a response of its own, through the hooks", async () => {
  const app = new Pottle();
  app.get("/", () => abort(makeResponse({ a: 1 }, 202)));
  app.get("/platform", () => abort(new Response("x", { status: 201 })));
  app.afterRequest((response) => void response.headers.set("X-A", "b"));
  const response = await app.testClient().get("/");
  assert.deepEqual([response.status, response.text(), response.headers.get("X-A")], [202, '{"a":1}', "b"]);
  assert.deepEqual(await answerOf(app, "/platform"), [201, "x"]);
});

test("abort() throws the class of its status, with a description of its own", () => {
  const statuses = [
    400, 401, 402, 403, 404, 406, 408, 409, 410, 411, 412, 414, 415, 416, 417, 418, 421, 422, 423, 424, 428, 429, 431,
    451, 500, 501, 502, 503, 504, 505,
  ];
  const names = new Set<string>();
  for (const status of statuses) {
    assert.throws(
      () => abort(status),
      (error) => {
        assert(error instanceof HTTPError);
        assert.deepEqual([error.status, error.constructor.name], [status, error.name]);
        assert.match(error.description, /^[A-Z].*\.$/);
        names.add(error.name);
        return true;
      },
    );
  }
  assert.equal(names.size, statuses.length);
  assert.throws(() => abort(409, "mine"), { name: "Conflict", description: "mine" });
  assert.throws(() => abort(499), { name: "HTTPError", status: 499 });
});
