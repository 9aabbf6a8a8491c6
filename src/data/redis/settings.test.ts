import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { connect, redis } from "./connect.ts";
import { Lifespan } from "../../http/index.ts";
import { RedisServer, skip } from "./redis-server.fixture.ts";
import { readSettings } from "./settings.ts";

test("readSettings() takes options from the URL", () => {
  const table: [url: string, settings: object][] = [
    ["redis://h?db=2", { db: 2 }],
    ["redis://h/?db=2", { db: 2 }],
    ["redis://h/2?db=2", { db: 2 }],
    ["redis://h?tls=true", { tls: {}, db: 0 }],
    ["redis://h?tls=false", { tls: undefined }],
    ["rediss://h?tls=true", { tls: {} }],
    ["/run/redis.sock?db=3&tls=false", { db: 3, tls: undefined }],
    ["unix:/run/redis.sock?db=3", { db: 3 }],
    [
      "redis://h?connectTimeout=1&retryFor=0&socketTimeout=2&pingInterval=Infinity",
      {
        connectTimeout: 1,
        retryFor: 0,
        socketTimeout: 2,
        pingInterval: Infinity,
      },
    ],
  ];
  for (const [url, settings] of table) assert.partialDeepStrictEqual(readSettings(url), settings, url);
  const defaults = { connectTimeout: 5_000, retryFor: 3_000, socketTimeout: 10_000, pingInterval: 15_000 };
  assert.partialDeepStrictEqual(readSettings("redis://h"), defaults);
  assert.partialDeepStrictEqual(readSettings("redis://h/1?db=1", { db: 4, tls: true }), { db: 4, tls: {} });
});

test("readSettings() refuses what a URL says wrongly, twice, or in vain, and shows no password", () => {
  const table: [url: string, name: string, message: RegExp][] = [
    ["redis://:secret@h?dbs=2", "TypeError", /'dbs' is not an option: there are db, tls, connectTimeout/],
    ["redis://h?password=secret", "TypeError", /'password' is not an option/],
    ["redis://h?DB=2", "TypeError", /'DB' is not an option/],
    ["redis://h?family=6", "TypeError", /'family' is not an option/],
    ["redis://h/1?db=2", "RangeError", /'db' must be said once/],
    ["redis://h?db=1&db=2", "RangeError", /'db' must be said once/],
    ["rediss://h?tls=false", "RangeError", /'tls' must be said once/],
    ["redis://h?tls=yes", "RangeError", /'tls' must be one of true, false: current value is "yes"/],
    ["redis://h?tls", "RangeError", /'tls' must be one of true, false: current value is ""/],
    ["redis://h?db=", "RangeError", /'db' must be a whole number >= 0: current value is NaN/],
    ["redis://h?db=0x2", "RangeError", /'db' must be/],
    ["redis://h/1e1", "RangeError", /'db' must be/],
    ["redis://h/1/2", "RangeError", /'db' must be/],
    ["redis://h?db=-1", "RangeError", /'db' must be/],
    ["redis://h?socketTimeout=soon", "RangeError", /'socketTimeout' must be a number of milliseconds > 0/],
    ["redis://h?socketTimeout=0", "RangeError", /'socketTimeout' must be a number of milliseconds > 0/],
    ["redis://h?pingInterval=0", "RangeError", /'pingInterval' must be/],
    ["redis://h/0#secret", "TypeError", /a text that cannot be read/],
    ["redis://user%zz:secret@h", "TypeError", /a text that cannot be read/],
  ];
  for (const [url, name, message] of table) {
    assert.throws(
      () => readSettings(url),
      (error: Error) => {
        assert.match(error.message, message, url);
        return (
          error.name === name &&
          error.message.startsWith("Cannot connect to Redis as ") &&
          !/secret/.test(error.message)
        );
      },
      url,
    );
  }
});

test("readSettings() refuses options that do not exist, and values of the wrong kind", () => {
  const table: [options: object, message: RegExp][] = [
    [{ passwrd: "secret" }, /'passwrd' is not an option: there are username, password, db, tls, /],
    [{ keyPrefix: "secret" }, /'keyPrefix' is not an option/],
    [{ url: "redis://secret" }, /'url' is not an option/],
    [{ password: 7 }, /'password' must be a string: current value is a number/],
    [{ username: ["secret"] }, /'username' must be a string: current value is an Array/],
    [{ tls: "secret" }, /'tls' must be true, false or the options of a connection/],
    [{ db: "2" }, /'db' must be a whole number/],
  ];
  for (const [options, message] of table) {
    assert.throws(() => readSettings("redis://h", options), { name: "TypeError", message });
  }
  for (const options of ["secret", null, ["secret"]]) {
    assert.throws(() => readSettings("redis://h", options as never), {
      name: "TypeError",
      message: /must be an object/,
    });
  }
  assert.throws(() => redis(new Lifespan(), { database: 2 } as never), { message: /'database' is not an option/ });
  assert.doesNotThrow(() => redis(new Lifespan(), { url: "redis://h", db: 2 }));
});

describe("connect()", { skip, timeout: 15_000 }, () => {
  test("connect() uses the database that the URL asks for, over a port as over a socket", async () => {
    await using server = await RedisServer.start("port");
    await using client = await connect(`${server.url}?db=2`);
    assert.match(String(await client.execute("CLIENT", "INFO")), / db=2 /);
  });

  test("connect() encrypts when the URL asks for it", async () => {
    await using server = await RedisServer.start("port");
    await assert.rejects(connect(`${server.url}?tls=true`, { connectTimeout: 500 }), { name: "RedisConnectError" });
    await assert.rejects(connect(server.url, { tls: true, connectTimeout: 500 }), { name: "RedisConnectError" });
    await using client = await connect(`${server.url}?tls=false`);
    assert.equal(await client.ping(), "PONG");
  });
});
