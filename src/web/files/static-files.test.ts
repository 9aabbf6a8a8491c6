import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { sleep, timeout } from "../../asyncio/index.ts";
import { serve } from "../../server/index.ts";
import { Pottle } from "../app/pottle.ts";
import { sendFile, sendFromDirectory } from "./send-file.ts";
import type { StaticOptions } from "./static-files.ts";
import type { TestResponse } from "../testing/test-response.ts";

const onLinux = { skip: existsSync("/proc/self/fd") ? false : "no /proc" };

// place/secret.txt, place/site/… and links from inside the site to what is inside and outside.
const place = mkdtempSync(join(tmpdir(), "pottle-static-"));
after(() => rmSync(place, { recursive: true }));
const site = join(place, "site");
const large = Buffer.alloc(5_000_000, "0123456789");
mkdirSync(join(site, "docs", "empty"), { recursive: true });
mkdirSync(join(site, ".git"));
writeFileSync(join(place, "secret.txt"), "secret");
mkdirSync(join(place, "site-2"));
writeFileSync(join(place, "site-2", "secret.txt"), "secret");
writeFileSync(join(site, "index.html"), "<p>index</p>");
writeFileSync(join(site, "a b.txt"), "0123456789");
writeFileSync(join(site, "ü.css"), "p {}");
writeFileSync(join(site, "empty.txt"), "");
writeFileSync(join(site, "large.bin"), large);
writeFileSync(join(site, "docs", "index.html"), "<p>docs</p>");
writeFileSync(join(site, ".git", "config"), "hidden");
writeFileSync(join(site, ".env"), "hidden");
symlinkSync(join(place, "secret.txt"), join(site, "out.txt"));
symlinkSync(place, join(site, "out"));
symlinkSync(join(place, "site-2"), join(site, "sibling"));
symlinkSync(join(site, "a b.txt"), join(site, "in.txt"));
symlinkSync(".env", join(site, "env.txt"));
symlinkSync("loop", join(site, "loop"));
symlinkSync(join(place, "site"), join(place, "link-to-site"));

function makeApp(options?: StaticOptions, folder = site): Pottle {
  const app = new Pottle({ dirname: place });
  app.static("/files", folder, options);
  return app;
}

function get(path: string, headers: Record<string, string> = {}, options?: StaticOptions): Promise<TestResponse> {
  return makeApp(options).testClient().get(path, { headers });
}

test("app.static() serves a file with its type, tag and date", async () => {
  const response = await get("/files/a%20b.txt");
  assert.equal(response.text(), "0123456789");
  const { "Last-Modified": modified, ETag: tag, ...others } = Object.fromEntries(response.headers);
  assert.match(modified ?? "", / GMT$/);
  assert.match(tag ?? "", /^W\/"a-/);
  assert.deepEqual(others, {
    "Accept-Ranges": "bytes",
    "Content-Type": "text/plain; charset=utf-8",
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Content-Length": "10",
  });
});

const found: Readonly<Record<string, string>> = {
  "/files/": "<p>index</p>",
  "/files/index.html": "<p>index</p>",
  "/files/%C3%BC.css": "p {}",
  "/files/empty.txt": "",
  "/files/docs/": "<p>docs</p>",
  "/files/in.txt": "0123456789",
};
for (const [path, content] of Object.entries(found)) {
  test(`app.static() answers ${path} with its file`, async () => {
    const response = await get(path);
    assert.equal(response.status, 200);
    assert.equal(response.text(), content);
  });
}

const missing = [
  "/files/none.txt",
  "/files/none/none.txt",
  "/files/a%20b.txt/",
  "/files/a%20b.txt/x",
  "/files/docs/empty/",
  "/files/docs/empty",
  "/files/../secret.txt",
  "/files/%2e%2e/secret.txt",
  "/files/..%2fsecret.txt",
  "/files/docs/..%2f..%2fsecret.txt",
  "/files/docs/../index.html",
  "/files/..%5csecret.txt",
  "/files/%2e%2e%5csecret.txt",
  "/files/..%2fsite-2%2fsecret.txt",
  "/files/etc/passwd",
  "/files/.%2f.env",
  "/files/%00",
  "/files/index.html%00.txt",
  "/files/.env",
  "/files/.git/config",
  "/files/.git/",
  "/files/env.txt",
  "/files/out.txt",
  "/files/out/secret.txt",
  "/files/sibling/secret.txt",
  "/files/loop",
  `/files/${"x".repeat(5000)}`,
  `/files/${"x/".repeat(3000)}`,
  "/files/...",
];
for (const path of missing) {
  test(`app.static() finds nothing at ${path.slice(0, 60)}`, async () => {
    const response = await get(path);
    assert.equal(response.status, 404);
    assert.doesNotMatch(response.text(), /secret|hidden/);
  });
}

test("app.static() answers no path with an error of its own, whatever it decodes to", async () => {
  const client = makeApp().testClient();
  const bits = [
    "..",
    "%2e%2e",
    "/",
    "%2f",
    "\\",
    "%5c",
    "%00",
    ".",
    "site",
    "secret.txt",
    "out",
    "%c0%ae",
    ":",
    "C:",
    "~",
  ];
  for (let seed = 0; seed < 500; seed++) {
    const path = Array.from(
      { length: 1 + (seed % 6) },
      (_, i) => bits[(seed * (i + 7) * 31 + i * seed) % bits.length],
    ).join("");
    const response = await client.get(`/files/${path}`);
    assert.ok([200, 308, 400, 404].includes(response.status), `${path} has status ${response.status}`);
    assert.doesNotMatch(response.text(), /^(?:secret|hidden)$/, path);
  }
});

test("app.static() sends a folder without a slash on to the one with it, also where it is mounted", async () => {
  const outer = new Pottle();
  outer.mount("/outer", makeApp());
  const response = await outer.testClient().get("/outer/files/docs");
  assert.equal(response.status, 308);
  assert.equal(response.headers.get("location"), "./docs/");
});

test("app.static() can serve a whole site, beside routes", async () => {
  const app = new Pottle({ dirname: place });
  app.static("/", "site");
  app.get("/api", () => "api");
  const client = app.testClient();
  assert.equal((await client.get("/")).text(), "<p>index</p>");
  assert.equal((await client.get("/docs/")).text(), "<p>docs</p>");
  assert.equal((await client.get("/api")).text(), "api");
});

test("app.static() serves a folder that is a link itself", async () => {
  const response = await makeApp({}, join(place, "link-to-site")).testClient().get("/files/docs/index.html");
  assert.equal(response.text(), "<p>docs</p>");
});

test("app.static() finds nothing in a folder that is not there", async () => {
  assert.equal((await makeApp({}, join(place, "none")).testClient().get("/files/")).status, 404);
});

test("app.static() shows what is hidden, or outside, where it is told to", async () => {
  assert.equal((await get("/files/.git/config", {}, { dotfiles: true })).text(), "hidden");
  assert.equal((await get("/files/out.txt", {}, { dotfiles: true })).status, 404);
  assert.equal((await get("/files/out/secret.txt", {}, { followLinks: true })).text(), "secret");
  assert.equal((await get("/files/.env", {}, { followLinks: true })).status, 404);
  assert.equal((await get("/files/../secret.txt", {}, { followLinks: true, dotfiles: true })).status, 404);
});

test("app.static() takes another index, or none, and another Cache-Control", async () => {
  assert.equal((await get("/files/", {}, { index: "a b.txt" })).text(), "0123456789");
  assert.equal((await get("/files/", {}, { index: false })).status, 404);
  const cacheControl = "public, max-age=60";
  assert.equal((await get("/files/in.txt", {}, { cacheControl })).headers.get("cache-control"), cacheControl);
});

test(
  "app.static() serves no pipe, which would never end",
  { skip: process.platform === "win32" ? "no mkfifo" : false },
  async () => {
    execFileSync("mkfifo", [join(site, "pipe")]);
    try {
      assert.equal((await timeout(5_000, () => get("/files/pipe"))).status, 404);
    } finally {
      rmSync(join(site, "pipe"));
    }
  },
);

test("app.static() answers conditions: 304 to who has the file, 412 to who demands another", async () => {
  const { headers } = await get("/files/in.txt");
  const [tag, modified] = [headers.get("etag")!, headers.get("last-modified")!];
  for (const condition of [
    { "If-None-Match": tag },
    { "If-None-Match": `"x", ${tag}` },
    { "If-Modified-Since": modified },
  ]) {
    const response = await get("/files/in.txt", condition);
    assert.equal(response.status, 304);
    assert.equal(response.text(), "");
    assert.equal(response.headers.get("etag"), tag);
    assert.equal(response.headers.has("content-type"), false);
  }
  assert.equal((await get("/files/in.txt", { "If-None-Match": '"x"' })).status, 200);
  assert.equal((await get("/files/in.txt", { "If-Match": '"x"' })).status, 412);
  assert.equal((await get("/files/in.txt", { "If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT" })).status, 412);
});

test("app.static() ignores ranges of HEAD, for which there are none", async () => {
  const response = await makeApp()
    .testClient()
    .head("/files/in.txt", { headers: { Range: "bytes=0-3" } });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-length"), "10");
});

for (const name of ["unknown.pottle", "none", "UPPER.TXT", "README.", ".hidden"]) {
  const type = name === "UPPER.TXT" ? "text/plain; charset=utf-8" : "application/octet-stream";
  test(`app.static() serves ${name} as ${type}`, async () => {
    writeFileSync(join(site, name), "<p>");
    const response = await get(`/files/${name}`, {}, { dotfiles: true });
    assert.deepEqual(response.headers.getAll("content-type"), [type]);
    const { headers } = await get(`/files/${name}`, { "If-None-Match": "*" }, { dotfiles: true });
    assert.equal(headers.has("content-type"), false);
  });
}

const ranges: readonly (readonly [range: string, status: number, contentRange: string | undefined, text: string])[] = [
  ["bytes=0-3", 206, "bytes 0-3/10", "0123"],
  ["bytes=4-", 206, "bytes 4-9/10", "456789"],
  ["bytes=-3", 206, "bytes 7-9/10", "789"],
  ["bytes=-100", 206, "bytes 0-9/10", "0123456789"],
  ["bytes=8-100", 206, "bytes 8-9/10", "89"],
  ["bytes=0-0", 206, "bytes 0-0/10", "0"],
  ["bytes=0-4,3-9", 200, undefined, "0123456789"],
  ["bytes=3-2", 200, undefined, "0123456789"],
  ["bytes=-", 200, undefined, "0123456789"],
  ["bytes=x", 200, undefined, "0123456789"],
  ["lines=0-1", 200, undefined, "0123456789"],
  ["Bytes=0-1", 206, "bytes 0-1/10", "01"],
  ["bytes=0-99999999999999999999999", 206, "bytes 0-9/10", "0123456789"],
  ["bytes=0-1, 0-1", 206, "bytes 0-1/10", "01"],
  ["bytes=0-1,2-3", 206, "bytes 0-3/10", "0123"],
  ["bytes=0-1,", 206, "bytes 0-1/10", "01"],
  ["bytes=8-,20-", 206, "bytes 8-9/10", "89"],
  [`bytes=${"0-0,".repeat(17)}`, 200, undefined, "0123456789"],
  ["bytes=+0-1", 200, undefined, "0123456789"],
  ["bytes=0--1", 200, undefined, "0123456789"],
  ["", 200, undefined, "0123456789"],
];
for (const [range, status, contentRange, text] of ranges) {
  test(`app.static() answers Range: ${range} with ${status}`, async () => {
    const response = await get("/files/in.txt", { Range: range });
    assert.equal(response.status, status);
    assert.equal(response.headers.get("content-range"), contentRange);
    assert.equal(response.text(), text);
    assert.equal(response.headers.get("content-length"), String(text.length));
  });
}

for (const range of ["bytes=-0", "bytes=99999999999999999999999-"]) {
  test(`app.static() answers Range: ${range} with 416`, async () => {
    assert.equal((await get("/files/in.txt", { Range: range })).status, 416);
  });
}

test("app.static() sends the end of an empty file, which is all of it", async () => {
  assert.equal((await get("/files/empty.txt", { Range: "bytes=-5" })).status, 200);
});

for (const [path, length] of [
  ["in.txt", 10],
  ["empty.txt", 0],
] as const) {
  test(`app.static() answers a range beyond ${path} with 416 and its length`, async () => {
    const response = await get(`/files/${path}`, { Range: "bytes=10-" });
    assert.equal(response.status, 416);
    assert.equal(response.headers.get("content-range"), `bytes */${length}`);
  });
}

test("app.static() answers a range of a large file", async () => {
  const response = await get("/files/large.bin", { Range: "bytes=1000005-3000004" });
  assert.deepEqual(Buffer.from(response.bytes()), large.subarray(1_000_005, 3_000_005));
});

test("app.static() ignores a range if the file is another one by now", async () => {
  const response = await get("/files/in.txt", { Range: "bytes=0-3", "If-Range": '"x"' });
  assert.equal(response.status, 200);
});

test("app.static() answers HEAD as GET, without the body", async () => {
  for (const [file, length] of [
    ["in.txt", "10"],
    ["large.bin", "5000000"],
    ["empty.txt", "0"],
  ] as const) {
    const response = await makeApp().testClient().head(`/files/${file}`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-length"), length);
    assert.equal(response.text(), "");
  }
});

test("app.static() answers other methods with 405", async () => {
  assert.equal((await makeApp().testClient().post("/files/in.txt")).status, 405);
});

/** How often this process has the large file open. */
function openCount(): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === join(site, "large.bin");
    } catch {
      return false;
    }
  }).length;
}

test("app.static() reads no faster than the client, and closes the file when it leaves", onLinux, async () => {
  const app = makeApp();
  await using server = await serve(app, { port: 0 });
  const sockets = Array.from({ length: 5 }, () => connect(server.address.port, server.address.host));
  for (const socket of sockets) {
    await once(socket, "connect");
    // Paused: it takes what the kernel does.
    socket.pause();
    socket.write("GET /files/large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  await timeout(5_000, async () => {
    while (openCount() < 5) await sleep(1);
  });
  for (const socket of sockets) socket.destroy();
  await timeout(5_000, async () => {
    while (openCount() > 0 || server.statistics().requests > 0) await sleep(1);
  });
});

test("app.static() closes the file after it was sent, and after a failure", onLinux, async () => {
  await get("/files/large.bin");
  assert.equal(openCount(), 0);
  const call = makeApp().testClient().open("GET", "/files/large.bin");
  await call.head();
  await call.read();
  call.disconnect();
  await call.over();
  assert.equal(openCount(), 0);
});

function fileApp(view: () => Promise<object>): Pottle {
  const app = new Pottle({ dirname: place });
  app.get("/", view);
  return app;
}

test("sendFile() sends a file, by a path that begins at the application's folder", async () => {
  const response = await fileApp(() => sendFile("site/a b.txt"))
    .testClient()
    .get("/", { headers: { Range: "bytes=1-2" } });
  assert.equal(response.status, 206);
  assert.equal(response.text(), "12");
  assert.equal(response.headers.has("content-disposition"), false);
});

test("sendFile() has a file saved, under its name or another, and takes a type", async () => {
  const named = await fileApp(() => sendFile("site/a b.txt", { asAttachment: true }))
    .testClient()
    .get("/");
  assert.equal(named.headers.get("content-disposition"), 'attachment; filename="a b.txt"');
  const options = { asAttachment: true, downloadName: "é.csv", mimetype: "text/csv", cacheControl: "no-store" };
  const renamed = await fileApp(() => sendFile("site/a b.txt", options))
    .testClient()
    .get("/");
  assert.equal(
    renamed.headers.get("content-disposition"),
    "attachment; filename=\"_.csv\"; filename*=UTF-8''%C3%A9.csv",
  );
  assert.deepEqual(renamed.headers.getAll("content-type"), ["text/csv"]);
  assert.equal(renamed.headers.get("cache-control"), "no-store");
});

test("sendFromDirectory() keeps to its folder", async () => {
  const statusOf = async (path: string): Promise<number> =>
    (
      await fileApp(() => sendFromDirectory("site", path))
        .testClient()
        .get("/")
    ).status;
  assert.equal(await statusOf("a b.txt"), 200);
  for (const path of ["../secret.txt", "/etc/passwd", "out.txt", ".env", ""])
    assert.equal(await statusOf(path), 404, path);
});

test("sendFile() answers with 404 where there is no file", async () => {
  assert.equal(
    (
      await fileApp(() => sendFile("none"))
        .testClient()
        .get("/")
    ).status,
    404,
  );
});

test("sendFile() takes no condition or range of a POST request as being about the file", async () => {
  const app = new Pottle({ dirname: place });
  app.post("/", () => sendFile("site/a b.txt"));
  for (const headers of [{ "If-None-Match": "*" }, { "If-Match": '"x"' }, { Range: "bytes=0-1" }] as const) {
    assert.equal((await app.testClient().post("/", { headers: { ...headers } })).text(), "0123456789");
  }
});

test("sendFile() cannot be used outside a request", async () => {
  await assert.rejects(sendFile("none"), { name: "InvalidStateError" });
});
