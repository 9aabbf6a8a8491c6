import assert from "node:assert/strict";
import { hasSubscribers } from "node:diagnostics_channel";
import { connect } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { createTask, Event, publishFigures, setExceptionHandler } from "../../asyncio/index.ts";
import type { Application } from "../../http/index.ts";
import { Gate } from "../gate.fixture.ts";
import { dispatchByPrefix, metrics, type MetricsApplication, serve } from "../index.ts";
import { ask } from "../middleware/ask.fixture.ts";

/** The samples of a text, by name and labels. It fails if the text is not in the format of Prometheus. */
function samplesOf(format: string): Map<string, number> {
  const samples = new Map<string, number>();
  const kinds = new Map<string, string>();
  assert(format.endsWith("\n"));
  for (const line of format.slice(0, -1).split("\n")) {
    const [, help] = /^# HELP (\w+) \S/.exec(line) ?? [];
    const [, typed, kind] = /^# TYPE (\w+) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (typed !== undefined) {
      assert(!kinds.has(typed), `${typed} comes twice`);
      kinds.set(typed, kind!);
    }
    if (help !== undefined || typed !== undefined) continue;
    const [, name, labels = "", value] =
      /^(\w+)(\{\w+="(?:[^"\\\n]|\\["\\n])*"(?:,\w+="(?:[^"\\\n]|\\["\\n])*")*\})? (\S+)$/.exec(line) ??
      assert.fail(`not a sample: ${line}`);
    const family = name!.replace(/_(?:bucket|sum|count)$/, "");
    assert(kinds.has(name!) || kinds.get(family) === "histogram", `${name} has no type`);
    assert(!samples.has(name! + labels), `${line} comes twice`);
    samples.set(name! + labels, value === "+Inf" ? Infinity : Number(value));
  }
  return samples;
}

/** Starts it, and stops it after the test. */
async function started(context: TestContext, application: MetricsApplication): Promise<MetricsApplication> {
  await application.lifespan?.start();
  context.after(() => application.lifespan?.stop());
  return application;
}

const answering: Application = {
  handle: (exchange) => exchange.respond(Number(exchange.target.slice(1)), [], "12345"),
};

test("metrics() counts requests by method and class of status", async (context) => {
  const application = await started(context, metrics());
  for (const [method, target] of [
    ["GET", "/200"],
    ["GET", "/204"],
    ["POST", "/404"],
    ["GET", "/503"],
    ["BREW", "/301"],
    ["get", "/301"],
  ] as const)
    await ask(answering, { method, target });
  const requests = [...samplesOf(application.format())].filter(([name]) =>
    name.startsWith("pottle_http_requests_total"),
  );
  assert.deepEqual(requests, [
    ['pottle_http_requests_total{method="GET",status="2xx"}', 2],
    ['pottle_http_requests_total{method="GET",status="5xx"}', 1],
    ['pottle_http_requests_total{method="POST",status="4xx"}', 1],
    ['pottle_http_requests_total{method="other",status="3xx"}', 2],
  ]);
});

test("metrics() counts the durations of requests, their bytes and errors", async (context) => {
  const before = setExceptionHandler(() => {});
  context.after(() => setExceptionHandler(before));
  const application = await started(context, metrics({ buckets: [0.000_001, 60] }));
  await ask(answering, { target: "/200" });
  await ask({ handle: () => Promise.reject(new Error("no")) }, { target: "/" });
  const samples = samplesOf(application.format());
  const name = "pottle_http_request_duration_seconds";
  assert.equal(samples.get(`${name}_bucket{le="0.000001"}`), 0);
  assert.equal(samples.get(`${name}_bucket{le="60"}`), 2);
  assert.equal(samples.get(`${name}_bucket{le="+Inf"}`), 2);
  assert.equal(samples.get(`${name}_count`), 2);
  assert(samples.get(`${name}_sum`)! > 0);
  assert.equal(samples.get("pottle_http_response_body_bytes_total"), 5 + "Internal Server Error".length);
  assert.equal(samples.get("pottle_http_request_errors_total"), 1);
});

test("metrics() tells of requests in flight, connections and tasks, and counts what is refused and cancelled", async () => {
  const gate = new Gate();
  const application = metrics();
  const left = new Event();
  await using server = await serve(dispatchByPrefix({ "/metrics": application, "/": gate }), {
    port: 0,
    onAccess: ({ outcome }) => outcome.kind === "cancelled" && left.set(),
  });
  const { port, host } = server.address;
  const refused = connect(port, host);
  refused.write("GET / HTTP/1.1\r\n\r\n");
  await text(refused);
  const waiting = connect(port, host).on("error", () => {});
  waiting.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await gate.entered.wait();
  const response = await fetch(`${server.url}/metrics`);
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const samples = samplesOf(await response.text());
  assert.equal(samples.get("pottle_http_requests_in_flight"), 2);
  assert.equal(samples.get("pottle_connections"), 2);
  assert(samples.get("pottle_tasks")! >= 3);
  assert.equal(samples.get('pottle_http_requests_total{method="GET",status="4xx"}'), 1);
  waiting.destroy();
  await left.wait();
  await server.close();
  const after = samplesOf(application.format());
  assert.equal(after.get("pottle_http_requests_in_flight"), 0);
  assert.equal(after.get("pottle_connections"), 0);
  assert.equal(after.get('pottle_http_requests_total{method="GET",status="none"}'), 1);
  assert.equal(after.get('pottle_http_requests_total{method="GET",status="2xx"}'), 1);
});

test("metrics() listens to nothing before its lifespan starts and after it stops", async (context) => {
  const channels = ["pottle:request:end", "pottle:request:refused", "pottle:request:error"];
  const enable = context.mock.method(Object.getPrototypeOf(monitorEventLoopDelay()) as { enable(): boolean }, "enable");
  const application = metrics();
  await ask(answering, { target: "/200" });
  assert.deepEqual(channels.map(hasSubscribers), [false, false, false]);
  assert.equal(enable.mock.callCount(), 0);
  await application.lifespan?.start();
  assert.deepEqual(channels.map(hasSubscribers), [true, true, true]);
  assert.equal(enable.mock.callCount(), 1);
  await application.lifespan?.stop();
  assert.deepEqual(channels.map(hasSubscribers), [false, false, false]);
  assert.doesNotMatch(application.format(), /pottle_http_requests_total{|event_loop_delay/);
});

test("metrics() tells how late the event loop was", async (context) => {
  const application = await started(context, metrics());
  const delay = 'pottle_event_loop_delay_seconds{quantile="1"}';
  assert.equal(samplesOf(application.format()).get(delay), 0);
  // A delay is seen if the loop is looked at before it and after it, which a busy machine may put off.
  do {
    await nextLook();
    for (const until = performance.now() + 200; performance.now() < until;);
    await nextLook();
  } while (samplesOf(application.format()).get(delay)! < 0.1);
  const samples = samplesOf(application.format());
  assert(samples.get('pottle_event_loop_seconds_total{state="active"}')! > 0.1);
  assert(samples.get('pottle_event_loop_seconds_total{state="idle"}')! >= 0);
});

async function nextLook(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50));
}

test("metrics() has the figures of pools and clients, those of one name together", (context) => {
  const name = 'postgres "a\\b"\n';
  const pools = [{ statistics: () => ({ inUse: 2, idle: 1, more: "no" }) }, { statistics: () => ({ inUse: 3 }) }];
  for (const pool of pools) context.after(publishFigures(name, pool));
  const samples = samplesOf(metrics().format());
  const source = String.raw`postgres \"a\\b\"\n`;
  assert.equal(samples.get(`pottle_figure{source="${source}",figure="inUse"}`), 5);
  assert.equal(samples.get(`pottle_figure{source="${source}",figure="idle"}`), 1);
  assert.equal(samples.get("pottle_figures_left_out"), 0);
});

test("metrics() leaves out figures beyond a bound, and says how many", (context) => {
  const client = { statistics: () => ({ open: 1 }) };
  for (let i = 0; i < 250; i++) context.after(publishFigures(`HTTP client ${i}`, client));
  const samples = samplesOf(metrics().format());
  assert.equal([...samples.keys()].filter((key) => key.startsWith("pottle_figure{")).length, 200);
  assert.equal(samples.get("pottle_figures_left_out"), 50);
});

test("metrics() has no series that clients can add to", async (context) => {
  const application = await started(context, metrics());
  const ids = async (): Promise<string[]> => {
    for (let i = 0; i < 20; i++)
      await ask(answering, { method: `M${i}`, target: "/200", rawHeaders: ["Host", `h${i}`, "User-Agent", `u${i}`] });
    return [...samplesOf(application.format()).keys()];
  };
  assert.deepEqual(await ids(), await ids());
});

test("metrics() answers GET and HEAD, under every path", async () => {
  const application = metrics();
  const { status, headers, body } = await ask(application, { target: "/any/path" });
  assert.equal(status, 200);
  assert(headers.includes("text/plain; version=0.0.4; charset=utf-8"));
  samplesOf(body);
  assert.deepEqual((await ask(application, { method: "HEAD", target: "/" })).body, "");
  const refused = await ask(application, { method: "POST", target: "/" });
  assert.equal(refused.status, 405);
  assert.deepEqual(refused.headers.slice(2, 4), ["Allow", "GET, HEAD"]);
});

const badBuckets: [buckets: unknown, error: typeof Error][] = [
  [[], RangeError],
  [[1, 1], RangeError],
  [[1, NaN], RangeError],
  [[1, Infinity], RangeError],
  [["1"], TypeError],
  [1, TypeError],
];

for (const [buckets, error] of badBuckets) {
  test(`metrics() refuses the buckets ${String(buckets)}`, () => {
    assert.throws(
      () => metrics({ buckets: buckets as number[] }),
      (thrown: unknown) => {
        assert(thrown instanceof error);
        assert.match(thrown.message, /^Cannot count for metrics as 'buckets' must be a list of increasing numbers: /);
        return true;
      },
    );
  });
}

test("metrics() counts a task that waits", async () => {
  const before = samplesOf(metrics().format()).get("pottle_tasks")!;
  const end = new Event();
  const task = createTask(() => end.wait());
  assert.equal(samplesOf(metrics().format()).get("pottle_tasks"), before + 1);
  end.set();
  await task;
});
