import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { once } from "node:events";
import { Client } from "undici";
import { ListenError, serve } from "../index.ts";
import { parseBind } from "./bind.ts";

for (const [text, host, port, isSecure] of [
  ["127.0.0.1:8000", "127.0.0.1", 8000, true],
  ["127.0.0.1", "127.0.0.1", 5000, true],
  ["localhost:0", "localhost", 0, true],
  [":8000", "::", 8000, true],
  ["[::1]:8000", "::1", 8000, true],
  ["[::]", "::", 5000, true],
  ["http://0.0.0.0:80", "0.0.0.0", 80, false],
  ["https://0.0.0.0:443", "0.0.0.0", 443, true],
  ["unix:/run/app.sock", "unix:/run/app.sock", 0, true],
  ["http://unix:/run/app.sock", "unix:/run/app.sock", 0, false],
] as const) {
  test(`parseBind() reads ${text}`, () => assert.deepEqual(parseBind(text, 5000, true), { host, port, isSecure }));
}

test("parseBind() reads fd://3", () => {
  assert.deepEqual(parseBind("fd://3", 5000, false), { host: "fd://3", port: 0, fd: 3, isSecure: false });
});

for (const text of [
  "",
  ":",
  "a:b",
  "a:70000",
  "::1:80",
  "unix:",
  "fd://",
  "fd://x",
  "ftp://a",
  "a b:80",
  "a/b",
  5,
  null,
]) {
  test(`parseBind() refuses ${JSON.stringify(text)}`, () =>
    assert.throws(() => parseBind(text, 5000, false), /^(Range|Type)Error: Cannot serve as 'bind' must be /));
}

test("parseBind() refuses https:// without TLS", () =>
  assert.throws(() => parseBind("https://a:1", 1, false), /a place that speaks HTTPS needs the option 'tls'/));

const app = {
  handle: (exchange: { respond(status: number, headers: string[], body: string): Promise<void> }) =>
    exchange.respond(200, [], "hello"),
};

test("serve() listens on several places, and closes all of them", async () => {
  const path = join(tmpdir(), `pottle-bind-${process.pid}.sock`);
  const server = await serve(app, { bind: ["127.0.0.1:0", `unix:${path}`, "[::1]:0"], socketMode: 0o600 });
  assert.equal(server.urls.length, 3);
  assert.deepEqual([server.url, server.address], [server.urls[0], server.addresses[0]]);
  for (const url of [server.urls[0]!, server.urls[2]!]) assert.equal(await (await fetch(url)).text(), "hello");
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const client = new Client("http://localhost", { socketPath: path });
  assert.equal(await (await client.request({ method: "GET", path: "/" })).body.text(), "hello");
  await client.close();
  await server.close();
  await assert.rejects(fetch(server.urls[2]!));
});

test("serve() listens nowhere if one of the places is taken", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as { port: number };
  await assert.rejects(serve(app, { bind: ["127.0.0.1:0", `127.0.0.1:${port}`] }), ListenError);
  other.close();
  await once(other, "close");
});

test("serve() takes over a socket that listens already, as from a supervisor", async () => {
  const supervisor = createServer().listen(0, "127.0.0.1");
  await once(supervisor, "listening");
  const { _handle: handle } = supervisor as unknown as { readonly _handle: { readonly fd: number } };
  const { port } = supervisor.address() as { port: number };
  const index = new URL("../index.ts", import.meta.url).href;
  const program = `
    const { serve } = await import(${JSON.stringify(index)});
    const server = await serve({ handle: (exchange) => exchange.respond(200, [], "from a child") }, { bind: "fd://3" });
    console.log(server.url);
    process.stdin.on("end", () => server.close()).resume();`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["pipe", "pipe", "inherit", handle.fd],
  });
  const [line] = (await once(child.stdout!, "data")) as [Buffer];
  supervisor.close();
  assert.equal(String(line).trim(), `http://127.0.0.1:${port}`);
  assert.equal(await (await fetch(`http://127.0.0.1:${port}`)).text(), "from a child");
  child.stdin!.end();
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

for (const options of [
  { bind: [] },
  { bind: 5 },
  { bind: "a:1", host: "b" },
  { bind: "a:1", engine: "node:http" },
  { maxConnections: 5, engine: "node:http" },
  { engine: "apache" },
  { socketMode: 0o7777 },
  { maxHeaderSize: 0 },
  { maxConnections: 0 },
  { minBodyRate: -1 },
]) {
  test(`serve() refuses ${JSON.stringify(options)}`, async () => {
    await assert.rejects(serve(app, options as never), /^(Range|Type)Error: Cannot serve as /);
  });
}
