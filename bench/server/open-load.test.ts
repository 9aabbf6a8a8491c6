import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";

interface Summary {
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

async function load(context: TestContext, answer: RequestListener): Promise<Summary> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  context.after(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const program = join(import.meta.dirname, "programs", "open-load.mjs");
  const args = [program, String(port), "/", "200", "1", "4", "7"];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Summary;
}

test("open-load sends the requests of a rate, and says how long the answers took", async (context) => {
  const { requests, p50, p99, p999 } = await load(context, (_, response) => response.end("here"));
  assert.ok(requests > 100 && requests < 300, `${requests} requests`);
  assert.ok(p50 > 0 && p50 <= p99 && p99 <= p999);
});

test("open-load counts the time of the requests that were to be sent while a server stood still", async (context) => {
  let held: (() => void)[] | undefined = [];
  let timer: NodeJS.Timeout | undefined;
  const answer: RequestListener = (_, response) => {
    timer ??= setTimeout(() => {
      for (const release of held!) release();
      held = undefined;
    }, 500);
    if (held === undefined) response.end("late");
    else held.push(() => void response.end("late"));
  };
  // Only 4 connections waited, but about a hundred requests were due: a quarter of them for more than 250 ms.
  const { p50, p99 } = await load(context, answer);
  assert.ok(p99 > 400, `p99 is ${p99} ms`);
  assert.ok(p50 < p99);
});

test("open-load fails if an answer is an error", async (context) => {
  const refuse: RequestListener = (_, response) => void response.writeHead(500).end("no");
  await assert.rejects(load(context, refuse), { stderr: /^HTTP\/1\.1 500 / });
});
