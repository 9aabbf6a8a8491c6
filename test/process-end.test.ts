import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { Program } from "../src/asyncio/program.fixture.ts";

test("ClientSession that is made in run() and not closed does not keep the process alive", async (context) => {
  const server = createServer((_request, response) => response.end("hello"));
  server.keepAliveTimeout = 20_000;
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  context.after(() => new Promise((resolve) => server.close(resolve)));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  using program = new Program(`
    import { run } from "./index.ts";
    import { ClientSession } from "../client/index.ts";
    await run(async () => {
      const session = new ClientSession();
      await (await session.get("${url}")).text();
    });
    console.log("over", performance.now());
    process.on("exit", () => console.log("exit", performance.now()));
  `);
  const { stdout, stderr, code } = await program.ending();
  assert.deepEqual([code, stderr], [0, ""]);
  const [over, exit] = [...stdout.matchAll(/[\d.]+/g)].map(Number);
  assert.ok(exit! - over! < 5_000, stdout);
});

test("a client that outlives run() does not keep the process alive, whatever run() left of its responses", async (context) => {
  const server = createServer((request, response) => {
    if (request.url === "/large") response.write(Buffer.alloc(5_000_000));
    else if (request.url === "/quick") response.end("quick");
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  context.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  using program = new Program(`
    import { createTask, run, sleep } from "./index.ts";
    import { ClientSession } from "../client/index.ts";
    const session = new ClientSession({ baseUrl: "${url}" });
    await run(async () => {
      await (await session.get("quick")).text();
      await session.get("large");
      createTask(() => session.get("never"));
      await sleep(50);
    });
    console.log("over", performance.now());
    process.on("exit", () => console.log("exit", performance.now()));
  `);
  const { stdout, stderr, code } = await program.ending();
  assert.deepEqual([code, stderr], [0, ""]);
  const [over, exit] = [...stdout.matchAll(/[\d.]+/g)].map(Number);
  assert.ok(exit! - over! < 5_000, stdout);
});
