// The options `trustedProxies` and `proxyHops` of `serve()`.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { get, type IncomingMessage, type RequestOptions } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { test } from "node:test";
import type { AccessEntry, Application } from "../http/index.ts";
import { serve } from "./serve.ts";
import { checkServeOptions, type ServeOptions } from "./serve-options.ts";

const mirror: Application = {
  handle: (exchange) => {
    const { peer, scheme, basePath, rawHeaders } = exchange;
    const host = rawHeaders[rawHeaders.findIndex((text) => text.toLowerCase() === "host") + 1];
    return exchange.respond(200, [], JSON.stringify([peer?.address ?? null, scheme, host, basePath ?? ""]));
  },
};

const headers = {
  Host: "inner",
  Forwarded: 'for=6.6.6.6, for="127.0.0.3";proto=https;host="example.org:9443"',
  "X-Forwarded-For": "6.6.6.6, 203.0.113.9, 127.0.0.2",
  "X-Forwarded-Proto": "https",
  "X-Forwarded-Host": "example.com",
  "X-Forwarded-Port": "8443",
  "X-Forwarded-Prefix": "/app",
};

async function ask(options: RequestOptions): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  get({ ...options, headers }, resolve).on("error", reject);
  return await json(await promise);
}

for (const [what, options, expected] of [
  ["believes one trusted proxy", { trustedProxies: ["127.0.0.0/8"] }, "127.0.0.2"],
  ["counts hops of trusted proxies", { trustedProxies: ["127.0.0.0/8"], proxyHops: 3 }, "203.0.113.9"],
] as [string, ServeOptions, string][]) {
  for (const engine of ["pottle", "node:http"] as const) {
    test(`serve() ${what}, and has the access log show the client, by ${engine}`, async () => {
      const entries: AccessEntry[] = [];
      const onAccess = (entry: AccessEntry): void => void entries.push(entry);
      const server = await serve(mirror, { ...options, port: 0, engine, onAccess });
      const { port } = server.address;
      assert.deepEqual(await ask({ host: "127.0.0.1", port }), [expected, "https", "example.com:8443", "/app"]);
      await server.close();
      assert.deepEqual(
        entries.map(({ peer, client }) => [peer?.address, client?.address]),
        [["127.0.0.1", expected]],
      );
    });
  }
}

for (const [what, options] of [
  ["no option", {}],
  ["a peer that is not trusted", { trustedProxies: ["10.0.0.0/8", "unix"], proxyHops: 9 }],
] as [string, ServeOptions][]) {
  test(`serve() with ${what} believes nothing that is forwarded`, async () => {
    await using server = await serve(mirror, { ...options, port: 0 });
    const { port } = server.address;
    assert.deepEqual(await ask({ host: "127.0.0.1", port }), ["127.0.0.1", "http", "inner", ""]);
  });
}

test("serve() believes Forwarded in place of X-Forwarded headers, if it is asked to", async () => {
  const trustedProxies = ["127.0.0.0/8"];
  await using server = await serve(mirror, { trustedProxies, proxyHeaders: "forwarded", port: 0 });
  const { port } = server.address;
  assert.deepEqual(await ask({ host: "127.0.0.1", port }), ["127.0.0.3", "https", "example.org:9443", ""]);
});

test("serve() refuses proxyHeaders that are none of the two, or without trusted proxies", () => {
  assert.throws(() => checkServeOptions({ trustedProxies: ["unix"], proxyHeaders: "X-Forwarded" as never }), {
    name: "RangeError",
    message: "Cannot serve as 'proxyHeaders' must be one of x-forwarded, forwarded: current value is \"X-Forwarded\"",
  });
  assert.throws(() => checkServeOptions({ proxyHeaders: "forwarded" }), {
    name: "RangeError",
    message: "Cannot serve as 'proxyHeaders' needs 'trustedProxies', which is not set: current value is \"forwarded\"",
  });
});

for (const [trustedProxies, expected] of [
  [["unix"], ["127.0.0.2", "https", "example.com:8443", "/app"]],
  [["127.0.0.1"], [null, "http", "inner", ""]],
] as const) {
  test(`serve() with trustedProxies: ${trustedProxies.join()} on a Unix socket`, async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "pottle-"));
    context.after(() => rmSync(folder, { recursive: true }));
    const socketPath = join(folder, "app.sock");
    await using server = await serve(mirror, { host: `unix:${socketPath}`, trustedProxies });
    assert.deepEqual(await ask({ socketPath }), expected);
    assert.equal(server.addresses.length, 1);
  });
}

// Sends a request, and resets the connection at once.
const vanishing = `
const socket = require("node:net").connect(+process.argv[1], "127.0.0.1");
const request = "POST /vanished HTTP/1.1\\r\\nHost: a\\r\\nX-Forwarded-For: 10.9.9.9\\r\\nContent-Length: 0\\r\\n\\r\\n";
socket.write(request, () => socket.resetAndDestroy());
`;

for (const engine of ["pottle", "node:http"] as const) {
  test(`serve() by ${engine} does not take a client that has reset its connection for one on a Unix socket`, async () => {
    const targets: string[] = [];
    const application: Application = {
      handle: (exchange) => {
        targets.push(exchange.target);
        return mirror.handle(exchange);
      },
    };
    await using server = await serve(application, { port: 0, engine, trustedProxies: ["unix"] });
    const { port } = server.address;
    // Blocks this process, so that the connection is accepted after it was reset.
    assert.equal(spawnSync(process.execPath, ["-e", vanishing, String(port)]).status, 0);
    assert.deepEqual(await ask({ host: "127.0.0.1", port, path: "/after" }), ["127.0.0.1", "http", "inner", ""]);
    assert.deepEqual(targets, ["/after"]);
  });
}

test("serve() reads its proxies once: a list that is changed later has no effect", () => {
  const trustedProxies = ["127.0.0.1"];
  const { proxies } = checkServeOptions({ trustedProxies });
  trustedProxies.push("0.0.0.0/0");
  assert.deepEqual(proxies, { trusted: ["127.0.0.1"], hops: 1, headers: "x-forwarded" });
});

for (const [options, name, message] of [
  [{ trustedProxies: [] }, "RangeError", /^Cannot serve as 'trustedProxies' must name a proxy: current value is \[\]$/],
  [{ trustedProxies: "10.0.0.1" as never }, "TypeError", /'trustedProxies' must be a list of addresses/],
  [
    { trustedProxies: ["localhost"] },
    "RangeError",
    /^Cannot serve as 'trustedProxies' must have addresses, networks such as 10\.0\.0\.0\/8, or 'unix': current value is "localhost"$/,
  ],
  [
    { trustedProxies: ["10.0.0.1"], proxyHops: 0 },
    "RangeError",
    /'proxyHops' must be a whole number from 1 to 100: current value is 0$/,
  ],
  [
    { proxyHops: 2 },
    "RangeError",
    /^Cannot serve as 'proxyHops' needs 'trustedProxies', which is not set: current value is 2$/,
  ],
] as [ServeOptions, string, RegExp][]) {
  test(`serve() refuses ${JSON.stringify(options)}`, async () => {
    await assert.rejects(serve(mirror, { ...options, port: 0 }), { name, message });
  });
}
