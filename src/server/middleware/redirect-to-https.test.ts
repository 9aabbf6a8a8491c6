import assert from "node:assert/strict";
import { test } from "node:test";
import { Lifespan } from "../../http/index.ts";
import { ask, mirror } from "./ask.fixture.ts";
import { dispatchByPrefix } from "./dispatch-by-prefix.ts";
import { redirectToHttps, type RedirectToHttpsOptions } from "./redirect-to-https.ts";
import { trustProxies } from "./trust-proxies.ts";

for (const [host, target, location] of [
  ["example.com", "/", "https://example.com/"],
  ["example.com:8080", "/a%20b?c=d&e", "https://example.com/a%20b?c=d&e"],
  ["[::1]:8080", "/", "https://[::1]/"],
  ["example.com", "//evil.com/", "https://example.com//evil.com/"],
  ["example.com", "*", "https://example.com/"],
  ["example.com", "http://evil.com/x", "https://example.com/x"],
] as const) {
  test(`redirectToHttps() sends ${target} at ${host} to ${location}`, async () => {
    const { status, headers } = await ask(redirectToHttps(mirror()), { target, rawHeaders: ["Host", host] });
    assert.equal(status, 307);
    assert.deepEqual(headers.slice(0, 2), ["Location", location]);
  });
}

for (const host of [undefined, "", "a b", "a/b", "user@example.com", "a,b", "example.com:x"]) {
  test(`redirectToHttps() answers 400 for the host ${String(host)}, unless it was given one`, async () => {
    const head = { target: "/x", rawHeaders: host === undefined ? [] : ["Host", host] };
    assert.equal((await ask(redirectToHttps(mirror()), head)).status, 400);
    const { headers } = await ask(redirectToHttps(mirror(), { host: "example.com:8443", status: 308 }), head);
    assert.equal(headers[1], "https://example.com:8443/x");
  });
}

test("redirectToHttps() lets what a trusted proxy had by HTTPS pass, and keeps the prefix of a dispatcher", async () => {
  const rawHeaders = ["Host", "example.com", "X-Forwarded-Proto", "https"];
  const behind = trustProxies(redirectToHttps(mirror()), { trusted: ["127.0.0.1"] });
  assert.equal((await ask(behind, { target: "/", rawHeaders })).status, 200);
  const dispatched = dispatchByPrefix({ "/a ?b": redirectToHttps(mirror()) });
  const { headers } = await ask(dispatched, { target: "/a%20%3Fb/c", rawHeaders });
  assert.equal(headers[1], "https://example.com/a%20%3Fb/c");
});

test("redirectToHttps() keeps the lifespan", () => {
  const lifespan = new Lifespan();
  assert.equal(redirectToHttps({ ...mirror(), lifespan }).lifespan, lifespan);
});

for (const [options, name, message] of [
  [{ host: "a/b" }, "RangeError", /'host' must be a host, .*: current value is "a\/b"/],
  [{ host: 5 as never }, "TypeError", /'host' must be a host/],
  [{ status: 200 as never }, "RangeError", /'status' must be one of 301, 302, 307, 308/],
] as [RedirectToHttpsOptions, string, RegExp][]) {
  test(`redirectToHttps() refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => redirectToHttps(mirror(), options), { name, message });
  });
}
