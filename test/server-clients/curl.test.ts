// curl, over every kind of connection that it knows.

import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { letters } from "./_application.ts";
import { isMissing, run, Served, type ServedOptions } from "./_served.ts";

const skip = isMissing("curl");

/** Runs curl, and returns what it has received. */
async function curl(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run("curl", ["-sS", ...args]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  return stdout;
}

interface Way {
  readonly title: string;
  readonly version: string;
  readonly options: ServedOptions;
  readonly args: (served: Served) => readonly string[];
}

const ways: readonly Way[] = [
  { title: "by HTTP/1.1", version: "1.1", options: {}, args: () => [] },
  { title: "by HTTP/2 in the clear", version: "2", options: {}, args: () => ["--http2-prior-knowledge"] },
  {
    title: "by HTTP/1.1 and TLS",
    version: "1.1",
    options: { isSecure: true },
    args: ({ certFile }) => ["--http1.1", "--cacert", certFile],
  },
  {
    title: "by HTTP/2 and TLS",
    version: "2",
    options: { isSecure: true },
    args: ({ certFile }) => ["--http2", "--cacert", certFile],
  },
];

for (const { title, version, options, args } of ways) {
  test(`curl is answered ${title}`, { skip }, async () => {
    await using served = await Served.open(options);
    const { url } = served;
    const usual = args(served);
    const hello = `Hello by HTTP/${version} and ${options.isSecure === true ? "https" : "http"}`;
    assert.equal(await curl(...usual, "-w", " (%{http_version} %{http_code})", url), `${hello} (${version} 200)`);
    assert.match(await curl(...usual, "-I", url), /^HTTP\/[\d.]+ 200 .*content-length: \d+\r\n/is);
    assert.equal(await curl(...usual, `${url}/pieces`), "one two three");
    assert.equal((await curl(...usual, `${url}/large`)).length, 10_000_000);
    assert.equal(await curl(...usual, "-d", "name=value", `${url}/length`), "10 bytes");
    assert.deepEqual(
      await served.outcomes(5),
      Array.from({ length: 5 }, () => "served"),
    );
  });

  test(`curl uploads a file ${title}`, { skip }, async () => {
    await using served = await Served.open(options);
    const file = served.write("upload", "x".repeat(3_000_000));
    assert.equal(await curl(...args(served), "-T", file, `${served.url}/length`), "3000000 bytes");
  });

  test(`curl gets a part of a file ${title}`, { skip }, async () => {
    await using served = await Served.open(options);
    const address = `${served.url}/static/letters.txt`;
    assert.equal(await curl(...args(served), address), letters);
    const part = await curl(...args(served), "-i", "-r", "10-19", address);
    assert.match(part, /^HTTP\/[\d.]+ 206 .*content-range: bytes 10-19\/260\r\n.*\r\n\r\nklmnopqrst$/is);
    assert.equal(await curl(...args(served), "-r", "-3", address), "xyz");
  });

  test(`curl shows early hints and trailers ${title}`, { skip }, async () => {
    await using served = await Served.open(options);
    const hinted = await curl(...args(served), "-i", `${served.url}/hints`);
    assert.match(
      hinted,
      /^HTTP\/[\d.]+ 103 [^\n]*\r\nlink: <\/app.css>; rel=preload\r\n\r\nHTTP\/[\d.]+ 200 .*hinted$/is,
    );
    const trailed = await curl(...args(served), "-D", "-", "-H", "TE: trailers", `${served.url}/trailers`);
    assert.match(trailed, /\r\n\r\nthe bodyx-sum: 8\r\n$/i);
  });
}

test("curl sends a body when it is told to go on, and none that is not wanted", { skip }, async () => {
  await using served = await Served.open();
  const file = served.write("upload", "x".repeat(3_000_000));
  // It would wait so long for an answer, in seconds, before it sends the body all the same.
  const args = [
    "-sSv",
    "--expect100-timeout",
    "25",
    "-H",
    "Expect: 100-continue",
    "-w",
    " (%{size_upload})",
    "-T",
    file,
  ];
  const wanted = await run("curl", [...args, `${served.url}/length`]);
  assert.equal(wanted.stdout, "3000000 bytes (3000000)");
  assert.match(wanted.stderr, /^< HTTP\/1\.1 100 Continue\r$/m);
  const unwanted = await run("curl", [...args, `${served.url}/unwanted`]);
  assert.equal(unwanted.stdout, "not wanted (0)");
  assert.doesNotMatch(unwanted.stderr, /100 Continue/);
});

test("curl asks twice on one connection", { skip }, async () => {
  await using served = await Served.open();
  const args = ["-sS", "-w", " %{num_connects}\n", served.url, served.url];
  const hello = "Hello by HTTP/1.1 and http";
  assert.equal((await run("curl", args)).stdout, `${hello} 1\n${hello} 0\n`);
});

test("curl asks for HTTP/2 in the clear by an upgrade, which is not granted", { skip }, async () => {
  await using served = await Served.open();
  assert.equal(await curl("--http2", served.url), "Hello by HTTP/1.1 and http");
});

test("curl trusts no certificate that it does not know", { skip }, async () => {
  await using served = await Served.open({ isSecure: true });
  assert.equal((await run("curl", ["-sS", served.url])).code, 60);
  assert.equal(await curl("--cacert", served.certFile, served.url), "Hello by HTTP/2 and https");
});

test("curl is answered by a Unix socket", { skip }, async () => {
  const path = join(tmpdir(), `pottle-curl-${process.pid}.sock`);
  await using served = await Served.open({ host: `unix:${path}` });
  assert.equal(await curl("--unix-socket", path, "http://app/"), "Hello by HTTP/1.1 and http");
  assert.equal(await curl("--unix-socket", path, "--http2-prior-knowledge", "http://app/"), "Hello by HTTP/2 and http");
  assert.deepEqual(await served.outcomes(2), ["served", "served"]);
});

test("curl that is ended cancels its request", { skip }, async () => {
  await using served = await Served.open();
  const stop = served.stops.at("long");
  assert.equal((await run("curl", ["-sS", `${served.url}/wait/long`], stop.entered.wait())).code, "SIGTERM");
  assert.deepEqual(await served.outcomes(1), ["cancelled"]);
  assert(stop.isClean);
});
