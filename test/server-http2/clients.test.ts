// Real clients, where they are installed: curl, nghttp, h2load.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import type { Exchange } from "../../src/http/index.ts";
import { Http2Server } from "./_listener.ts";

const run = promisify(execFile);
const timeout = 30_000;

function isMissing(program: string): string | false {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program))) ? false : `${program} is not installed`;
}

async function answer(exchange: Exchange): Promise<void> {
  if (exchange.target === "/large") return exchange.respond(200, [], Buffer.alloc(10_000_000, "x"));
  let length = 0;
  for (let chunk = await exchange.read(); chunk !== undefined; chunk = await exchange.read())
    length += chunk.byteLength;
  await exchange.respond(
    200,
    ["Content-Type", "text/plain"],
    `${exchange.method} ${length} by HTTP/${exchange.httpVersion}`,
  );
}

for (const isSecure of [false, true]) {
  const scheme = isSecure ? "https" : "http";

  test(`curl is served by ${scheme}: GET, HEAD, an upload, a large response`, { skip: isMissing("curl") }, async () => {
    await using server = await Http2Server.open({ handle: answer }, { isSecure });
    const folder = mkdtempSync(join(tmpdir(), "pottle-http2-"));
    writeFileSync(join(folder, "upload"), Buffer.alloc(3_000_000));
    const url = `${scheme}://127.0.0.1:${server.port}`;
    const curl = async (...options: string[]): Promise<string> => {
      const usual = ["-sS", "-k", isSecure ? "--http2" : "--http2-prior-knowledge"];
      const { stdout } = await run("curl", [...usual, ...options], { timeout, maxBuffer: 20_000_000 });
      return stdout;
    };
    try {
      assert.equal(await curl(url), "GET 0 by HTTP/2");
      assert.match(await curl("-I", url), /^HTTP\/2 200 .*content-length: \d+/s);
      assert.equal(await curl("--data-binary", `@${join(folder, "upload")}`, url), "POST 3000000 by HTTP/2");
      assert.equal((await curl(`${url}/large`)).length, 10_000_000);
      // In the clear curl 7.88 breaks off at the second request, of whatever server.
      if (isSecure) assert.equal(await curl(url, url, url), "GET 0 by HTTP/2".repeat(3));
    } finally {
      rmSync(folder, { recursive: true });
    }
    assert(server.entries.every(({ outcome }) => outcome.kind === "served"));
  });

  test(`nghttp finds nothing wrong with what it gets by ${scheme}`, { skip: isMissing("nghttp") }, async () => {
    await using server = await Http2Server.open({ handle: answer }, { isSecure });
    const url = `${scheme}://127.0.0.1:${server.port}`;
    const urls = [`${url}/`, `${url}/large`, `${url}/other`];
    const { stdout } = await run("nghttp", ["-v", "-n", "--no-dep", ...urls], { timeout, maxBuffer: 20_000_000 });
    assert.equal(stdout.match(/:status: 200/g)?.length, 3);
    assert.doesNotMatch(stdout, /RST_STREAM|error_code=(?!NO_ERROR)/i);
    assert.deepEqual(
      server.entries.map(({ outcome, bytes }) => [outcome.kind, bytes > 0]),
      urls.map(() => ["served", true]),
    );
  });

  test(`h2load has each of its requests served by ${scheme}`, { skip: isMissing("h2load") }, async () => {
    await using server = await Http2Server.open({ handle: answer }, { isSecure });
    const url = `${scheme}://127.0.0.1:${server.port}/`;
    const { stdout } = await run("h2load", ["-n", "2000", "-c", "5", "-m", "50", url], { timeout });
    assert.match(stdout, /2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout/);
    assert.equal(server.entries.filter(({ outcome }) => outcome.kind === "served").length, 2_000);
  });
}
