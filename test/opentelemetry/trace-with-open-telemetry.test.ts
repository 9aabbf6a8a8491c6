import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";
import { hasSubscribers } from "node:diagnostics_channel";
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { checkpoint, createTask, setExceptionHandler, sleep, taskGroup } from "../../src/asyncio/index.ts";
import { ClientSession } from "../../src/client/index.ts";
import { startMongoDouble } from "../../src/data/mongodb/testing/index.ts";
import { connect as connectMongo } from "../../src/data/mongodb/index.ts";
import { connect as connectPostgres, startPostgres } from "../../src/data/postgres/index.ts";
import { RedisServer, skip } from "../../src/data/redis/redis-server.fixture.ts";
import { connect as connectRedis } from "../../src/data/redis/index.ts";
import { ClientDisconnected, MemoryExchange, ServerShutdown, serveExchange } from "../../src/http/index.ts";
import { serve } from "../../src/server/index.ts";
import { Pottle } from "../../src/web/index.ts";
import { type RecordedSpan, type Recorder, registerRecorder } from "./recorder.fixture.ts";
import { traceWithOpenTelemetry, type TracingOptions } from "../../src/opentelemetry/index.ts";

function recorderOf(context: TestContext, options?: TracingOptions): Recorder {
  const { recorder, unregister } = registerRecorder();
  const tracing = traceWithOpenTelemetry(options);
  context.after(() => {
    tracing[Symbol.dispose]();
    unregister();
  });
  return recorder;
}

function only(recorder: Recorder): RecordedSpan {
  assert.equal(recorder.spans.length, 1);
  return recorder.spans[0]!;
}

const silence = (context: TestContext): void => {
  const previous = setExceptionHandler(() => {});
  context.after(() => setExceptionHandler(previous));
};

const app = new Pottle(import.meta);
app.get("/users/<int:id>", ({ id }) => `user ${id}`);
app.get("/bad", () => {
  throw new TypeError("no");
});
app.get("/tasks", async () => {
  const ids: (string | undefined)[] = [];
  const note = (): void => void ids.push(trace.getActiveSpan()?.spanContext().spanId);
  note();
  await sleep(1);
  note();
  await createTask(async () => {
    await sleep(1);
    note();
  });
  await taskGroup((group) => void group.createTask(() => note()));
  return ids;
});

test("a request has a span of kind SERVER with its method, path, route and status", async (context) => {
  const recorder = recorderOf(context);
  await using server = await serve(app, { port: 0 });
  await (await fetch(`${server.url}/users/7?secret=1`, { headers: { "User-Agent": "me" } })).text();
  await server.close();
  const { name, kind, attributes, status, ends, parentId } = only(recorder);
  assert.deepEqual([name, kind, ends, parentId], ["GET /users/<int:id>", SpanKind.SERVER, 1, undefined]);
  const { "network.peer.port": port, ...rest } = attributes;
  assert.equal(typeof port, "number");
  assert.deepEqual(rest, {
    "http.request.method": "GET",
    "server.address": "127.0.0.1",
    "server.port": server.address.port,
    "url.path": "/users/7",
    "url.scheme": "http",
    "network.protocol.version": "1.1",
    "network.peer.address": "127.0.0.1",
    "client.address": "127.0.0.1",
    "user_agent.original": "me",
    "http.route": "/users/<int:id>",
    "http.response.status_code": 200,
  });
  assert.deepEqual(status, { code: SpanStatusCode.UNSET });
});

test("a span of a request has the query of its target if that is asked for", async (context) => {
  const recorder = recorderOf(context, { urlQuery: true });
  await app.testClient().get("/users/7?a=1");
  assert.equal(only(recorder).attributes["url.query"], "a=1");
});

test("a request with traceparent continues the trace of its client", async (context) => {
  const recorder = recorderOf(context);
  const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
  await app.testClient().get("/users/7", { headers: { traceparent } });
  const span = only(recorder);
  assert.deepEqual([span.spanContext().traceId, span.parentId], ["a".repeat(32), "b".repeat(16)]);
});

test("the span of a request is active over awaits, in its tasks, and not outside of it", async (context) => {
  const recorder = recorderOf(context);
  const ids = (await app.testClient().get("/tasks")).json();
  const id = only(recorder).spanContext().spanId;
  assert.deepEqual(ids, [id, id, id, id]);
  assert.equal(trace.getActiveSpan(), undefined);
});

test("the span of a request that fails has the error and its class", async (context) => {
  silence(context);
  const recorder = recorderOf(context);
  assert.equal((await app.testClient().get("/bad")).status, 500);
  const { status, attributes, exceptions } = only(recorder);
  assert.equal(status.code, SpanStatusCode.ERROR);
  assert.deepEqual([attributes["error.type"], attributes["http.response.status_code"]], ["TypeError", 500]);
  assert.equal((exceptions[0] as Error).message, "no");
});

test("the span of a request that is answered with 404 is no error, and has no route", async (context) => {
  const recorder = recorderOf(context);
  await app.testClient().get("/nothing");
  const { name, status, attributes } = only(recorder);
  assert.deepEqual([name, status.code, attributes["http.route"]], ["GET", SpanStatusCode.UNSET, undefined]);
});

test("a method that a client invents is not in the name of its span", async (context) => {
  const recorder = recorderOf(context);
  await app.testClient().request("BREW", "/users/7");
  const { name, attributes } = only(recorder);
  assert.deepEqual(
    [name, attributes["http.request.method"], attributes["http.request.method_original"]],
    ["HTTP", "_OTHER", "BREW"],
  );
});

test("the span of a mounted application has the route with its prefix", async (context) => {
  const recorder = recorderOf(context);
  const outer = new Pottle(import.meta);
  outer.mount("/v1", app);
  await outer.testClient().get("/v1/users/7");
  assert.equal(only(recorder).attributes["http.route"], "/v1/users/<int:id>");
});

const cancellations: readonly [what: string, reason: Error, code: SpanStatusCode, status: number | undefined][] = [
  [
    "whose client has left is marked, and no error",
    new ClientDisconnected(undefined, 1),
    SpanStatusCode.UNSET,
    undefined,
  ],
  ["that the server has cancelled is marked, and an error", new ServerShutdown(1), SpanStatusCode.ERROR, 503],
];

for (const [what, reason, code, answered] of cancellations) {
  test(`the span of a request ${what}`, async (context) => {
    const recorder = recorderOf(context);
    const exchange = new MemoryExchange({ target: "/" });
    const task = serveExchange({ handle: () => sleep(60_000) }, exchange);
    if (reason instanceof ClientDisconnected) exchange.disconnect();
    else task.cancel(reason);
    await assert.rejects(task);
    const { status, attributes, ends } = only(recorder);
    assert.deepEqual([status.code, ends, attributes["pottle.cancelled"]], [code, 1, true]);
    assert.equal(attributes["error.type"], reason.name);
    assert.equal(attributes["http.response.status_code"], answered);
  });
}

test("a request of the HTTP client has a span of kind CLIENT, and the server's is its child", async (context) => {
  const recorder = recorderOf(context);
  await using server = await serve(app, { port: 0 });
  await using session = new ClientSession();
  assert.equal(await (await session.get(`${server.url}/users/7?secret=1`)).text(), "user 7");
  await server.close();
  const [call, served] = recorder.spans as [RecordedSpan, RecordedSpan];
  assert.deepEqual([call.name, call.kind, call.ends], ["GET", SpanKind.CLIENT, 1]);
  assert.deepEqual(call.attributes, {
    "http.request.method": "GET",
    "server.address": "127.0.0.1",
    "server.port": server.address.port,
    "url.full": `${server.url}/users/7`,
    "http.response.status_code": 200,
  });
  assert.deepEqual(
    [served.parentId, served.spanContext().traceId],
    [call.spanContext().spanId, call.spanContext().traceId],
  );
});

test("a redirect that the HTTP client follows has a span of its own", async (context) => {
  const recorder = recorderOf(context, { requests: false });
  const redirecting = new Pottle(import.meta);
  redirecting.get("/", () => new Response(null, { status: 302, headers: { Location: "/there" } }));
  redirecting.get("/there", () => "there");
  await using server = await serve(redirecting, { port: 0 });
  await using session = new ClientSession();
  await (await session.get(server.url)).text();
  assert.deepEqual(
    recorder.spans.map(({ attributes }) => [
      attributes["http.response.status_code"],
      attributes["http.request.resend_count"],
    ]),
    [
      [302, undefined],
      [200, 1],
    ],
  );
});

test("the span of a request of the HTTP client that is answered with 404, or fails, is an error", async (context) => {
  const recorder = recorderOf(context, { requests: false });
  await using session = new ClientSession();
  await using server = await serve(app, { port: 0 });
  await (await session.get(`${server.url}/nothing`)).text();
  await server.close();
  await assert.rejects(session.get(`${server.url}/nothing`));
  const [missing, failed] = recorder.spans as [RecordedSpan, RecordedSpan];
  assert.deepEqual([missing.status.code, missing.attributes["error.type"]], [SpanStatusCode.ERROR, "404"]);
  assert.deepEqual([failed.status.code, failed.ends], [SpanStatusCode.ERROR, 1]);
  assert.equal(failed.attributes["error.type"], "ClientConnectorError");
});

test("the span of a request of the HTTP client that is cancelled is marked, and no error", async (context) => {
  const recorder = recorderOf(context, { requests: false });
  const hanging = new Pottle(import.meta);
  const reached = Promise.withResolvers<void>();
  hanging.get("/", async () => {
    reached.resolve();
    await sleep(60_000);
    return "late";
  });
  await using server = await serve(hanging, { port: 0 });
  await using session = new ClientSession();
  const task = createTask(() => session.get(server.url));
  await reached.promise;
  task.cancel();
  await assert.rejects(task);
  const { attributes, status, ends } = only(recorder);
  assert.deepEqual([attributes["pottle.cancelled"], status.code, ends], [true, SpanStatusCode.UNSET, 1]);
});

describe("queries", () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  before(async () => void (postgres = await startPostgres()));
  after(() => postgres[Symbol.asyncDispose]());

  test("a query of PostgreSQL in a view has a span, which is a child of the request's", async (context) => {
    await using connection = await connectPostgres(postgres.url);
    const recorder = recorderOf(context);
    const views = new Pottle(import.meta);
    views.get("/", () => connection.sql`select 'secret' as a, ${7}::int as b`);
    assert.deepEqual((await views.testClient().get("/")).json(), [{ a: "secret", b: 7 }]);
    const [request, query] = recorder.spans as [RecordedSpan, RecordedSpan];
    assert.deepEqual([query.parentId, query.kind, query.ends], [request.spanContext().spanId, SpanKind.CLIENT, 1]);
    const { "server.port": port, "db.namespace": database, "server.address": address, ...rest } = query.attributes;
    assert.deepEqual([typeof port, typeof database, typeof address], ["number", "string", "string"]);
    assert.equal(query.name, `SELECT ${String(database)}`);
    assert.deepEqual(rest, {
      "db.system.name": "postgresql",
      "db.operation.name": "SELECT",
      "db.query.text": "select ? as a, $1::int as b",
    });
  });

  test("the span of a query that the server refuses has its code, and not its message", async (context) => {
    await using connection = await connectPostgres(postgres.url);
    const recorder = recorderOf(context, { queryText: false });
    await assert.rejects(connection.query("select 'secret'::int"));
    const { attributes, status } = only(recorder);
    assert.deepEqual(status, { code: SpanStatusCode.ERROR });
    assert.deepEqual([attributes["error.type"], attributes["db.response.status_code"]], ["22P02", "22P02"]);
    assert.equal(attributes["db.query.text"], undefined);
  });

  test("the span of a query that is cancelled is marked, and no error", async (context) => {
    await using connection = await connectPostgres(postgres.url);
    const recorder = recorderOf(context);
    const task = createTask(() => connection.query("select pg_sleep(60)"));
    await checkpoint();
    task.cancel();
    await assert.rejects(task);
    const { attributes, status, ends } = only(recorder);
    assert.deepEqual([attributes["pottle.cancelled"], status.code, ends], [true, SpanStatusCode.UNSET, 1]);
  });
});

test("a command of Redis has a span, and a pipeline has one", { skip }, async (context) => {
  await using server = await RedisServer.start("port");
  await using client = await connectRedis(server.url);
  const recorder = recorderOf(context);
  await client.set("secret", "secret");
  await client.pipeline((redis) => [redis.get("secret"), redis.ping()]);
  await assert.rejects(client.incr("secret"));
  const [set, pipeline, incr] = recorder.spans as [RecordedSpan, RecordedSpan, RecordedSpan];
  assert.deepEqual([set.name, set.ends, incr.status.code], ["SET", 1, SpanStatusCode.ERROR]);
  assert.deepEqual([pipeline.name, pipeline.attributes["db.operation.batch.size"]], ["PIPELINE", 2]);
  assert.equal(set.attributes["server.address"], "127.0.0.1");
  assert.doesNotMatch(JSON.stringify(recorder.spans.map(({ attributes, status }) => [attributes, status])), /secret/);
});

test("an operation of MongoDB has a span with its collection", async (context) => {
  await using double = await startMongoDouble();
  await using client = await connectMongo(`${double.url}/shop`);
  const recorder = recorderOf(context);
  await client.collection("fruits").insertMany([{ a: 1 }, { a: 2 }]);
  assert.equal((await client.collection("fruits").find({}).toArray()).length, 2);
  const [insert, find] = recorder.spans as [RecordedSpan, RecordedSpan];
  assert.deepEqual([insert.name, find.name], ["insertMany fruits", "find fruits"]);
  const { "server.port": port, "server.address": address, ...rest } = insert.attributes;
  assert.deepEqual([typeof port, address], ["number", "127.0.0.1"]);
  assert.deepEqual(rest, {
    "db.system.name": "mongodb",
    "db.namespace": "shop",
    "db.collection.name": "fruits",
    "db.operation.name": "insertMany",
    "db.operation.batch.size": 2,
  });
  assert.ok(recorder.spans.every(({ ends }) => ends === 1));
});

test("traceWithOpenTelemetry() subscribes to nothing after it was disposed of, nor to what is switched off", () => {
  const channels = ["pottle:request:start", "tracing:pottle:client:request:start", "tracing:pottle:query:start"];
  const subscribed = (): boolean[] => channels.map((name) => hasSubscribers(name));
  const tracing = traceWithOpenTelemetry({ clientRequests: false });
  assert.deepEqual(subscribed(), [true, false, true]);
  tracing[Symbol.dispose]();
  assert.deepEqual(subscribed(), [false, false, false]);
});

test("traceWithOpenTelemetry() refuses an option that is not a boolean", () => {
  assert.throws(() => traceWithOpenTelemetry({ requests: 1 as never }), {
    name: "TypeError",
    message: "Cannot trace with OpenTelemetry as 'requests' must be true or false: current value is 1",
  });
});
