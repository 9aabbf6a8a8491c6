import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { createTask, Event, setExceptionHandler, sleep, TimeoutError } from "../asyncio/index.ts";
import { virtualTime } from "../asyncio/testing/index.ts";
import { Pottle, request as currentRequest } from "../web/index.ts";
import { type AnyMiddleware, fromConnect, nodeRequest, nodeResponse, type ConnectNext } from "./index.ts";

function appWith(...middlewares: AnyMiddleware[]): Pottle {
  const app = new Pottle(import.meta);
  app.get("/", () => "Hello");
  app.post("/echo", async (_, request) => await request.text());
  app.get("/user", () => ({ user: nodeRequest<{ user?: string }>().user ?? null }));
  app.get("/boom", () => {
    throw new Error("boom");
  });
  app.use(fromConnect(middlewares));
  return app;
}

function withoutReports(): Disposable {
  const before = setExceptionHandler(() => undefined);
  return { [Symbol.dispose]: () => void setExceptionHandler(before) };
}

const pass = (_req: IncomingMessage, _res: ServerResponse, next: ConnectNext): void => next();

test("fromConnect() runs middlewares in their order, and the application behind them", async () => {
  const order: number[] = [];
  const note =
    (n: number): AnyMiddleware =>
    (_req: IncomingMessage, _res: ServerResponse, next: ConnectNext) => {
      order.push(n);
      next();
    };
  const response = await appWith(note(1), note(2), note(3)).testClient().get("/");
  assert.deepEqual([response.text(), order], ["Hello", [1, 2, 3]]);
});

test("fromConnect() sends the headers of middlewares with the response of the application, whose own go first", async () => {
  const app = appWith((_req: IncomingMessage, res: ServerResponse, next: ConnectNext) => {
    res.setHeader("X-Powered-By", "middleware");
    res.setHeader("Content-Type", "text/plain");
    res.setHeader("Set-Cookie", "a=1");
    res.setHeader("Vary", "Origin");
    next();
  });
  app.afterRequest((response) => {
    response.headers.append("Set-Cookie", "b=2");
    response.headers.append("Vary", "Cookie");
  });
  const { headers } = await app.testClient().get("/");
  assert.deepEqual(
    [headers.get("X-Powered-By"), headers.get("Content-Type"), headers.getAll("Set-Cookie"), headers.getAll("Vary")],
    ["middleware", "text/html; charset=utf-8", ["a=1", "b=2"], ["Origin", "Cookie"]],
  );
});

test("fromConnect() leaves the body to the application unless a middleware reads it", async () => {
  const client = appWith(pass).testClient();
  assert.equal((await client.post("/echo", { body: "data" })).text(), "data");
  const reading = appWith((req: IncomingMessage, _res: ServerResponse, next: ConnectNext) => {
    req.on("data", () => undefined).on("end", () => next());
  });
  assert.equal((await reading.testClient().post("/echo", { body: "data" })).text(), "");
  const half = appWith((req: IncomingMessage, _res: ServerResponse, next: ConnectNext) => {
    req.once("readable", () => {
      req.read(2);
      next();
    });
  });
  assert.equal((await half.testClient().post("/echo", { body: "data" })).text(), "ta");
});

test("fromConnect() does not call the application if a middleware answers", async () => {
  const app = appWith((_req: IncomingMessage, res: ServerResponse) => void res.writeHead(401).end("who?"));
  app.beforeRequest(() => assert.fail("it is not reached"));
  const response = await app.testClient().get("/");
  assert.deepEqual([response.status, response.text()], [401, "who?"]);
});

test("fromConnect() passes an error to the next middleware that handles errors", async () => {
  const app = appWith(
    (_req: IncomingMessage, _res: ServerResponse, next: ConnectNext) => next(new Error("first")),
    () => assert.fail("it handles no errors"),
    (error: unknown, _req: IncomingMessage, res: ServerResponse, _next: ConnectNext) => {
      res.statusCode = 418;
      res.end((error as Error).message);
    },
  );
  const response = await app.testClient().get("/");
  assert.deepEqual([response.status, response.text()], [418, "first"]);
});

test("fromConnect() goes on to the application once an error was handled", async () => {
  const app = appWith(
    () => Promise.reject(new Error("rejected")),
    (_error: unknown, req: IncomingMessage, _res: ServerResponse, next: ConnectNext) => {
      Object.assign(req, { user: "rescued" });
      next();
    },
  );
  assert.deepEqual((await app.testClient().get("/user")).json(), { user: "rescued" });
});

test("fromConnect() answers an error that says a status of the client's with that, and any other with 500", async (context) => {
  context.mock.method(console, "error", () => undefined);
  const failing = (error: object): Pottle =>
    appWith((_req: IncomingMessage, res: ServerResponse, next: ConnectNext) => {
      res.setHeader("Set-Cookie", "a=1");
      next(error);
    });
  const tooLarge = Object.assign(new Error("request entity too large"), { status: 413, expose: true });
  const response = await failing(tooLarge).testClient().get("/");
  assert.deepEqual(
    [response.status, response.text(), response.headers.get("Set-Cookie")],
    [413, "request entity too large\n", undefined],
  );
  const hidden = Object.assign(new Error("a secret"), { statusCode: 403 });
  assert.equal((await failing(hidden).testClient().get("/")).text(), "Forbidden\n");
  const other = await failing(new Error("a secret")).testClient().get("/");
  assert.deepEqual([other.status, other.text().includes("secret")], [500, false]);
  assert.equal(other.outcome.kind, "failed");
});

test("fromConnect() sends the application's answer to an error of its own through the middlewares", async (context) => {
  context.mock.method(console, "error", () => undefined);
  const app = appWith((_req: IncomingMessage, res: ServerResponse, next: ConnectNext) => {
    res.setHeader("X-A", "1");
    next();
  });
  const response = await app.testClient().get("/boom");
  assert.deepEqual([response.status, response.headers.get("X-A")], [500, "1"]);
  assert.equal(response.outcome.kind, "failed");
});

test("fromConnect() passes 100,000 middlewares without a deep stack", async () => {
  let count = 0;
  const middlewares = Array<AnyMiddleware>(100_000).fill(
    (_req: IncomingMessage, _res: ServerResponse, next: ConnectNext) => {
      count++;
      next();
    },
  );
  assert.equal(
    (
      await appWith(...middlewares)
        .testClient()
        .get("/")
    ).text(),
    "Hello",
  );
  assert.equal(count, 100_000);
});

test("fromConnect() takes the first call of next only", async () => {
  let calls = 0;
  const app = appWith(
    (_req: IncomingMessage, _res: ServerResponse, next: ConnectNext) => {
      next();
      next();
      next(new Error("late"));
    },
    (_req: IncomingMessage, _res: ServerResponse, next: ConnectNext) => {
      calls++;
      next();
    },
  );
  assert.equal((await app.testClient().get("/")).text(), "Hello");
  assert.equal(calls, 1);
});

test("fromConnect() streams through middlewares, which may change the pieces", async () => {
  const app = new Pottle(import.meta);
  app.get("/", async function* () {
    for (const word of ["one ", "two ", "three"]) {
      await sleep(1);
      yield word;
    }
  });
  app.use(
    fromConnect((_req: IncomingMessage, res: ServerResponse, next: ConnectNext) => {
      const write = res.write.bind(res) as (chunk: unknown) => boolean;
      res.write = ((chunk: unknown) => write(Buffer.from(String(chunk)).toString().toUpperCase())) as typeof res.write;
      next();
    }),
  );
  assert.equal((await app.testClient().get("/")).text(), "ONE TWO THREE");
});

test("fromConnect() lets a view find what the middlewares have put on the request, and set headers by hand", async () => {
  const app = appWith((req: IncomingMessage, _res: ServerResponse, next: ConnectNext) => {
    Object.assign(req, { user: "Ada" });
    next();
  });
  app.get("/by-hand", () => {
    nodeResponse().setHeader("X-By", "hand");
    return "set";
  });
  assert.deepEqual((await app.testClient().get("/user")).json(), { user: "Ada" });
  assert.equal((await app.testClient().get("/by-hand")).headers.get("X-By"), "hand");
});

test("nodeRequest() says that there are no middlewares where there are none", async () => {
  const app = new Pottle(import.meta);
  app.get("/", () => {
    assert.throws(
      () => nodeRequest(),
      /InvalidStateError: Cannot use nodeRequest\(\) as it must be called in a request/,
    );
    assert.throws(() => nodeResponse(), /Cannot use nodeResponse\(\)/);
    return "ok";
  });
  assert.equal((await app.testClient().get("/")).text(), "ok");
});

test("fromConnect() cancels the view when the client leaves, and tells the middlewares", async () => {
  const heard: string[] = [];
  const begun = new Event();
  const app = appWith((_req: IncomingMessage, res: ServerResponse, next: ConnectNext) => {
    res.on("close", () => heard.push(`closed, whole: ${res.writableFinished}`));
    next();
  });
  app.get("/slow", async () => {
    begun.set();
    try {
      return await sleep(60_000, "never");
    } finally {
      heard.push(`finally of ${currentRequest().path}`);
    }
  });
  const call = app.testClient().open("GET", "/slow");
  await begun.wait();
  call.disconnect();
  assert.equal((await call.over()).outcome.kind, "cancelled");
  await sleep(0);
  assert.deepEqual(heard.sort(), ["closed, whole: false", "finally of /slow"]);
});

test("fromConnect() ends a request whose client leaves in a middleware that waits for ever", async () => {
  const begun = new Event();
  const call = appWith(() => begun.set())
    .testClient()
    .open("GET", "/");
  await begun.wait();
  call.disconnect();
  assert.equal((await call.over()).outcome.kind, "cancelled");
});

test(
  "fromConnect() answers with 500 when the middlewares have not gone on within their time limit",
  virtualTime(async (clock) => {
    using quiet = withoutReports();
    assert.ok(quiet);
    const asked = createTask(() =>
      appWith(() => undefined)
        .testClient()
        .get("/"),
    );
    await clock.advance(119_999);
    assert.equal(asked.done(), false);
    await clock.advance(1);
    const { status, outcome } = await asked;
    assert.ok(status === 500 && outcome.kind === "failed" && outcome.error instanceof TimeoutError);
  }),
);

test("fromConnect() answers HEAD with the head of GET", async () => {
  const response = await appWith(pass).testClient().head("/");
  assert.deepEqual([response.status, response.text(), response.headers.get("Content-Length")], [200, "", "5"]);
});

test("fromConnect() refuses a bad header of the application, which can answer again", async () => {
  const app = new Pottle(import.meta);
  app.mount(
    "/",
    fromConnect(pass)({
      handle: async (exchange) => {
        await assert.rejects(exchange.respond(200, ["X", "a\r\nb"], ""), /InvalidHeaderError/);
        assert.equal(exchange.responded, false);
        await exchange.respond(200, [], "fine");
        await assert.rejects(exchange.respond(200, [], "again"), /AlreadyRespondedError/);
      },
    }),
  );
  assert.equal((await app.testClient().get("/")).text(), "fine");
});

test("fromConnect() leaves a body that a middleware encodes as it is", async () => {
  const { default: compression } = await import("compression");
  const app = appWith(compression({ threshold: 0 }) as AnyMiddleware);
  const response = await app.testClient().get("/", { headers: { "Accept-Encoding": "gzip" } });
  assert.equal(response.headers.get("Content-Encoding"), "gzip");
  assert.equal(gunzipSync(response.bytes()).toString(), "Hello");
});

test("fromConnect() refuses what is no middleware, and a negative limit", () => {
  assert.throws(() => fromConnect([7 as never]), /Cannot use middlewares of Connect as a function is needed/);
  assert.throws(() => fromConnect(pass, { timeout: -1 }), /'timeout' must be a number of milliseconds >= 0/);
});
