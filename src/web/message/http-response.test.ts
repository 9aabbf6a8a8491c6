import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { makeResponse } from "./from-result.ts";
import { Pottle } from "../app/pottle.ts";

test("response.setCookie() and deleteCookie() send a header each, and return the response", async () => {
  const app = new Pottle();
  app.get("/", () => makeResponse("Hello").setCookie("a", "1").setCookie("b", "é", { path: "/x" }).deleteCookie("c"));
  const response = await app.testClient().get("/");
  assert.equal(response.text(), "Hello");
  assert.deepEqual(response.headers.getAll("set-cookie"), [
    "a=1; HttpOnly; Path=/; SameSite=Lax",
    'b="\\303\\251"; HttpOnly; Path=/x; SameSite=Lax',
    "c=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly; Path=/; SameSite=Lax",
  ]);
});

test("response.deleteCookie() names the path and domain of the cookie", () => {
  const response = makeResponse("").deleteCookie("a", { path: "/x", domain: "example.org", secure: true });
  assert.match(response.headers.get("set-cookie") ?? "", /^a=; Domain=example\.org; .*; Secure; HttpOnly; Path=\/x; /);
});

test("response.setCookie() warns of a cookie that browsers may drop, and sends it", async () => {
  const response = makeResponse("");
  response.setCookie("small", "x".repeat(4000));
  const warning = once(process, "warning") as Promise<[Error]>;
  response.setCookie("big", "x".repeat(4093));
  assert.match((await warning)[0].message, /^Cookie 'big' has \d+ bytes: browsers may drop what is over 4093$/);
  assert.equal(response.headers.getAll("set-cookie").length, 2);
});

test("response.setCookie() leaves the response as it was if the cookie is refused", () => {
  const response = makeResponse("");
  assert.throws(() => response.setCookie("a b", ""), TypeError);
  assert.equal(response.headers.has("set-cookie"), false);
});
