import assert from "node:assert/strict";
import { test } from "node:test";
import { abort, Pottle } from "pottle";
import { sleep } from "pottle/asyncio";
import { serve } from "pottle/server";
import { createApp } from "./app.ts";
import { sunTimesOfDay } from "./cached-data.ts";
import { toLocalTime } from "./4-services/services/sun.ts";
import { loadSettings, type Settings } from "./4-services/settings.ts";

const cached = loadSettings("dev", {});
const live: Settings = { ...cached, useCachedData: false, weatherKey: "k y" };

function noFetch(url: string): Promise<never> {
  return Promise.reject(new Error(`asked for ${url}`));
}

const answers: [path: string, status: number, type: string, body: unknown][] = [
  ["/", 200, "text/html; charset=utf-8", "Welcome to the city_scape API. Use /api/city/* for API calls."],
  ["/api/weather/97201/us", 200, "application/json", '{"reason":"no API key","status":"disabled"}'],
  ["/api/sun/97201/us", 200, "application/json", JSON.stringify(sunTimesOfDay)],
  ["/api/city/x", 404, "text/html; charset=utf-8", "The page was not found."],
];

for (const [path, status, type, body] of answers) {
  test(`cityscape answers ${path} without asking anybody`, async () => {
    const response = await createApp(cached, noFetch).testClient().get(path);
    assert.deepEqual([response.status, response.headers.get("Content-Type"), response.text()], [status, type, body]);
  });
}

test("cityscape answers with cached weather if it has a key", async () => {
  const app = createApp({ ...cached, weatherKey: "key" }, noFetch);
  assert.equal((await app.testClient().get("/api/weather/97201/us")).json<{ name: string }>().name, "Portland");
});

test("cityscape waits for two requests for the sun as long as for one", async () => {
  const client = createApp(cached, noFetch).testClient();
  const start = performance.now();
  await Promise.all([client.get("/api/sun/97201/us"), client.get("/api/sun/97202/us")]);
  const ms = performance.now() - start;
  assert.ok(ms > 288 + 399 - 20 && ms < 1_900, `took ${ms} ms`);
});

test("cityscape stops asking when the client leaves", async () => {
  const asked: string[] = [];
  const app = createApp(live, async (url) => {
    asked.push(url);
    return sleep(60_000, {});
  });
  const call = app.testClient().open("GET", "/api/sun/97201/us");
  call.disconnect();
  assert.equal((await call.over()).outcome.kind, "cancelled");
  assert.deepEqual(asked, ["https://api.zippopotam.us/us/97201"]);
});

/** Stands for all three services. */
function services(): Pottle {
  const app = new Pottle(import.meta);
  app.get("/us/97201", () => ({ places: [{ latitude: "45.5", longitude: "-122.7" }] }));
  app.get("/us/empty", () => ({ places: [] }));
  app.get("/json", (_, request) => {
    const here = request.query === "lat=45.5&lng=-122.7";
    return here ? { results: { sunrise: "2:04:09 PM", day_length: "14:24:39" }, status: "OK" } : abort(400);
  });
  app.get("/data/2.5/weather", (_, request) => {
    if (request.args.get("zip") === "none,us")
      return new Response("null", { headers: { "Content-Type": "application/json" } });
    return { zip: request.args.get("zip"), key: request.args.get("appid") };
  });
  return app;
}

test("cityscape asks live services by the addresses of its settings", async () => {
  await using server = await serve(services(), { port: 0 });
  const { url } = server;
  const app = createApp({ ...live, weatherUrl: url, locationUrl: url, sunUrl: url });
  await using client = await app.testClient().start();
  assert.deepEqual((await client.get("/api/weather/97201/us")).json(), { zip: "97201,us", key: "k y" });
  assert.deepEqual((await client.get("/api/sun/97201/us")).json(), {
    sunrise: toLocalTime("2:04:09 PM"),
    day_length: "14:24:39",
  });
  assert.equal((await client.get("/api/weather/none/us")).status, 404);
  assert.equal((await client.get("/api/sun/empty/us")).status, 404);
});

test("cityscape answers with 500 if a service fails", async () => {
  const app = createApp(live, noFetch);
  const response = await app.testClient().get("/api/weather/97201/us");
  assert.deepEqual([response.status, response.outcome.kind], [500, "failed"]);
  const other = await createApp(live).testClient().get("/api/weather/97201/us");
  assert.match(String(other.outcome.kind === "failed" && other.outcome.error), /as the app does not serve/);
});

const times: [utc: string, offset: number, local: string][] = [
  ["2:04:09 PM", -480, "06:04:09 AM"],
  ["4:28:48 AM", -480, "08:28:48 PM"],
  ["12:00:00 AM", 0, "12:00:00 AM"],
  ["12:30:05 PM", 0, "12:30:05 PM"],
  ["11:59:59 PM", 330, "05:29:59 AM"],
  ["14:24:39", -480, "14:24:39"],
];

test("toLocalTime() moves what has AM or PM, and leaves other times as they are", () => {
  for (const [utc, offset, local] of times) assert.equal(toLocalTime(utc, offset), local);
});

test("loadSettings() knows two modes, and takes key and cache from the environment", () => {
  assert.equal(loadSettings("prod", {}).dev, false);
  const { weatherKey, useCachedData } = loadSettings("dev", { WEATHER_KEY: "abc", USE_CACHED_DATA: "false" });
  assert.deepEqual([weatherKey, useCachedData], ["abc", false]);
  assert.throws(() => loadSettings("test"), { message: "Config not found for test." });
});
