import assert from "node:assert/strict";
import { test } from "node:test";
import type { HeadersLike } from "../../http/index.ts";
import type { HttpRequest } from "./http-request.ts";
import { Pottle } from "../app/pottle.ts";

/** Sends a request with these headers, and has `look` look at it. */
async function seen<T>(headers: HeadersLike, look: (request: HttpRequest) => T): Promise<T | undefined> {
  let found: T | undefined;
  const app = new Pottle();
  app.get("/", (_, request) => {
    found = look(request);
    return "";
  });
  await app.testClient().get("/", { headers });
  return found;
}

test("request.cookies has the cookies of all headers, in their order", async () => {
  const headers = ["Cookie", 'a=1; b="x y"', "cookie", "a=2; c=\xc3\xa9"];
  assert.deepEqual(await seen(headers, ({ cookies }) => [...cookies]), [
    ["a", "1"],
    ["b", "x y"],
    ["a", "2"],
    ["c", "é"],
  ]);
});

test("request.cookies is empty where there are none, and the same each time", async () => {
  assert.equal(await seen([], ({ cookies }) => cookies.size), 0);
  assert.equal(await seen([], (request) => request.cookies === request.cookies), true);
});

test("request.contentType is what the header says, if it is a media type", async () => {
  const essenceOf = (header: string): Promise<string | undefined> =>
    seen(["Content-Type", header], ({ contentType }) => contentType?.essence);
  assert.equal(await essenceOf("Text/Plain; charset=utf-8"), "text/plain");
  assert.equal(await essenceOf("nonsense"), undefined);
  assert.equal(await seen([], ({ contentType }) => contentType), undefined);
});
