import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { removeStaleSocket } from "./unix-socket.ts";
import { serve } from "../serve.ts";

const app = { handle: (): void => {} };

function temporaryPath(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "pottle-socket-"));
  context.after(() => rmSync(folder, { recursive: true }));
  return join(folder, "app.sock");
}

test("serve() listens on a Unix socket, and removes it at the end", async (context) => {
  const path = temporaryPath(context);
  const server = await serve(app, { host: `unix:${path}` });
  assert.equal(server.url, `unix:${path}`);
  assert.deepEqual(server.address, { scheme: "http", host: `unix:${path}`, port: 0 });
  assert.ok(existsSync(path));
  await server.close();
  assert.ok(!existsSync(path));
});

test("serve() says why it cannot listen on a Unix socket", async (context) => {
  const path = temporaryPath(context);
  await using server = await serve(app, { host: `unix:${path}` });
  await assert.rejects(serve(app, { host: server.url }), {
    name: "ListenError",
    code: "EADDRINUSE",
    message: `Cannot listen on unix:${path} as another program listens there, or the file is not a socket`,
  });
  await assert.rejects(serve(app, { host: "unix:" }), TypeError);
});

test("removeStaleSocket() leaves a socket in use, and other files", async (context) => {
  const path = temporaryPath(context);
  await removeStaleSocket(path);
  writeFileSync(path, "text");
  await removeStaleSocket(path);
  assert.ok(existsSync(path));
  rmSync(path);
  const { promise, resolve } = Promise.withResolvers<void>();
  const other = createServer().listen({ path }, resolve);
  await promise;
  context.after(() => other.close());
  await removeStaleSocket(path);
  assert.ok(existsSync(path));
});
