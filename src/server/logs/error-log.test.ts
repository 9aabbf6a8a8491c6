import assert from "node:assert/strict";
import { test } from "node:test";
import { setExceptionHandler } from "../../asyncio/index.ts";
import type { Application } from "../../http/index.ts";
import { serve } from "../index.ts";
import { ErrorLog } from "./error-log.ts";

const request = { method: "GET", target: "/a", peer: { address: "127.0.0.1", port: 1234 } };

async function record(error: unknown, format: "text" | "json", of = request): Promise<string> {
  let text = "";
  await using log = new ErrorLog({ format, to: (lines) => void (text += lines) });
  log.onError(error, of);
  await log.close();
  return text;
}

test("an ErrorLog has a record with method, target, client, and the error with stack and causes", async () => {
  const text = await record(new TypeError("no", { cause: new Error("why") }), "text");
  const [first = "", ...others] = text.trimEnd().split("\n");
  assert.match(
    first,
    /^\[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] GET \/a from 127\.0\.0\.1:1234: TypeError: no$/,
  );
  assert(others.every((line) => line.startsWith("    ")));
  assert.match(text, /\n +at .*error-log\.test\.ts/);
  assert.match(text, /\[cause\]: Error: why/);
});

const proxied = { ...request, client: { address: "198.51.100.7", port: 0 } };

test("an ErrorLog names the client that a trusted proxy has named", async () => {
  const text = await record("no", "text", proxied);
  assert.match(text, /GET \/a from 198\.51\.100\.7: 'no'\n$/);
});

test("an ErrorLog as JSON has one object for each error", async () => {
  const text = await record(new TypeError("no\nmore"), "json");
  assert.match(text, /^[ -~]+\n$/);
  const { time, stack, ...rest } = JSON.parse(text) as Record<string, string>;
  assert(Math.abs(Date.now() - Date.parse(time ?? "")) < 60_000);
  assert.match(stack ?? "", /^TypeError: no\nmore\n +at /);
  assert.deepEqual(rest, { method: "GET", target: "/a", client: "127.0.0.1:1234", error: "TypeError: no" });
});

test("an error cannot forge a record, whatever its text", async () => {
  const text = await record(new Error("x\n[01/Jan/2026:00:00:00 +0000] GET /b\u001b[2J\r\nmore"), "text", {
    ...request,
    target: '/"\n',
  });
  const [first = "", ...others] = text.trimEnd().split("\n");
  assert(first.includes(String.raw`/\"\x0a from`), first);
  assert(others.every((line) => line.startsWith("    ")));
  assert(!text.includes("\r") && !text.includes("\u001b"), text);
});

test("an ErrorLog has a record of an error that cannot be shown", async () => {
  const error = new Proxy(new Error("no"), {
    get(target, name) {
      if (name === Symbol.for("nodejs.util.inspect.custom")) return () => assert.fail("not shown");
      return Reflect.get(target, name) as unknown;
    },
  });
  assert.match(await record(error, "text"), /GET \/a from 127\.0\.0\.1:1234: /);
  const hostile = {
    [Symbol.for("nodejs.util.inspect.custom")]: () => {
      throw new Error("never");
    },
  };
  assert.match(await record(hostile, "text"), /an error that cannot be shown, as showing it throws Error: never\n$/);
});

test("serve() writes the error log that is asked for, in place of the exception handler", async (context) => {
  const heard: unknown[] = [];
  const before = setExceptionHandler((one) => heard.push(one));
  context.after(() => setExceptionHandler(before));
  let text = "";
  const errors: unknown[] = [];
  const failure = new Error("no database");
  const app: Application = { handle: () => Promise.reject(failure) };
  {
    const errorLog = { to: (lines: string) => void (text += lines) };
    await using server = await serve(app, { port: 0, errorLog, onError: (error) => errors.push(error) });
    assert.equal((await fetch(`${server.url}/b`)).status, 500);
  }
  assert.match(text, /GET \/b from 127\.0\.0\.1:\d+: Error: no database\n +at /);
  assert.deepEqual([heard, errors], [[], [failure]]);
});
