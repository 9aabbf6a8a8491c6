import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Pottle } from "../app/pottle.ts";
import { redirect, type RedirectStatus } from "./redirect.ts";

const locations: readonly (readonly [given: string | URL, sent: string])[] = [
  ["/a?b=c#d", "/a?b=c#d"],
  ["a%20b", "a%20b"],
  ["/é ü", "/%C3%A9%20%C3%BC"],
  ["/🍺", "/%F0%9F%8D%BA"],
  ['/"<>`', "/%22%3C%3E%60"],
  ["/\\example.org", "/%5Cexample.org"],
  ["https://example.org/é", "https://example.org/%C3%A9"],
  ["https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"],
  [new URL("https://example.org/é"), "https://example.org/%C3%A9"],
  ["/\ud800", "/%EF%BF%BD"],
];
for (const [given, sent] of locations) {
  test(`redirect() sends ${JSON.stringify(String(given))} as ${sent}`, () => {
    assert.equal(redirect(given).headers.get("location"), sent);
  });
}

test("redirect() has a page with a link, escaped", async () => {
  const app = new Pottle();
  app.get("/", () => redirect("/a'b&c"));
  const response = await app.testClient().get("/");
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
  assert.match(response.text(), /<a href="\/a&#39;b&#38;c">\/a&#39;b&#38;c<\/a>/);
});

for (const status of [301, 302, 303, 307, 308] as const) {
  test(`redirect() has the status ${status}`, () => assert.equal(redirect("/", status).status, status));
}

for (const status of [200, 300, 304, 404, Number.NaN]) {
  test(`redirect() refuses the status ${status}`, () => {
    assert.throws(() => redirect("/", status as RedirectStatus), {
      name: "RangeError",
      message: /must be one of 301, 302/,
    });
  });
}

for (const location of ["", "/\r\nSet-Cookie: a=1", "/\n", "/\0", "/\x7f", "/\x85", "https://ü:x/"]) {
  test(`redirect() refuses ${JSON.stringify(location)}`, () => {
    assert.throws(() => redirect(location), { name: "TypeError", message: /^Cannot redirect as 'location' must be / });
  });
}

test("redirect() sends what may stand in a header, whatever the location", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (location) => {
      fc.pre(location !== "" && !/\p{Cc}/u.test(location));
      assert.match(redirect(`/${location}`).headers.get("location") ?? "", /^\/[!-~]*$/);
    }),
  );
});
