import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { createTask, Event, setExceptionHandler, sleep, timeout } from "../../asyncio/index.ts";
import { virtualTime, waitAllTasksParked } from "../../asyncio/testing/index.ts";
import { serve } from "../../server/index.ts";
import type { FormOptions } from "./form.ts";
import { Pottle } from "../app/pottle.ts";
import type { TestRequestOptions } from "../testing/test-call.ts";
import type { TestResponse } from "../testing/test-response.ts";
import type { UploadedFile } from "./uploaded-file.ts";

// Some views fail on purpose.
setExceptionHandler(() => undefined);

const hasProc = existsSync("/proc/self/fd");
const onLinux = { skip: hasProc ? false : "no /proc" };

/** The temporary files that this process has open. */
function temporaryFiles(): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.includes("pottle-upload") ? [path] : [];
    } catch {
      return [];
    }
  });
}

/** Waits until no temporary file is open. */
async function untilClosed(): Promise<void> {
  await timeout(5_000, async () => {
    while (temporaryFiles().length > 0) await sleep(1);
  });
}

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "pottle-form-"));
  context.after(() => rmSync(path, { recursive: true }));
  return path;
}

function formOf(entries: Readonly<Record<string, string | File>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(entries)) form.append(name, value);
  return form;
}

/** Sends a form to a view that answers with what it got. */
async function echo(request: TestRequestOptions, options?: FormOptions): Promise<TestResponse> {
  const app = new Pottle({}, { maxContentLength: 2_000_000 });
  app.post("/", async (_, it) => {
    const { fields, files } = await it.form(options);
    const shown = Array.from(files, (file) => [file.name, file.filename, file.contentType, file.size]);
    return { fields: [...fields], files: shown };
  });
  return await app.testClient().post("/", request);
}

test("request.form() reads a form that is urlencoded", async () => {
  const response = await echo({ form: new URLSearchParams("a=1&b=%C3%A9+x&a=2&__proto__=3") });
  assert.deepEqual(response.json(), {
    fields: [
      ["a", "1"],
      ["b", "é x"],
      ["a", "2"],
      ["__proto__", "3"],
    ],
    files: [],
  });
});

test("request.form() reads fields and files of a form that is multipart", async () => {
  const file = new File(["content"], "../ü.txt", { type: "text/plain" });
  const response = await echo({ form: formOf({ a: "1", __proto__x: "2", f: file, none: new File([], "") }) });
  assert.deepEqual(response.json(), {
    fields: [
      ["a", "1"],
      ["__proto__x", "2"],
    ],
    files: [["f", "ü.txt", "text/plain", 7]],
  });
});

test("request.form() is empty where there is no Content-Type", async () => {
  assert.deepEqual((await echo({})).json(), { fields: [], files: [] });
});

const multipart = { "Content-Type": "multipart/form-data; boundary=XX" };
const inUnknownCharset =
  '--XX\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=no\r\n\r\n1\r\n--XX--';
const urlencoded = { "Content-Type": "application/x-www-form-urlencoded" };
const refused: readonly (readonly [string, number, TestRequestOptions, FormOptions?])[] = [
  ["JSON", 415, { json: {} }],
  ["a type that is none", 415, { body: "x", headers: { "Content-Type": "nonsense" } }],
  ["a multipart form without a boundary", 400, { body: "x", headers: { "Content-Type": "multipart/form-data" } }],
  ["a multipart form without an end", 400, { body: "--XX\r\n", headers: multipart }],
  ["a part without a Content-Disposition", 400, { body: "--XX\r\nX: 1\r\n\r\n1\r\n--XX--", headers: multipart }],
  ["a part in an unknown charset", 400, { body: inUnknownCharset, headers: multipart }],
  ["a multipart form that is empty", 400, { headers: multipart }],
  ["an urlencoded form that is too large", 413, { form: { a: "x".repeat(500_000) } }],
  ["an urlencoded form that exceeds the limit of the view", 413, { form: { a: "xxxx" } }, { maxFieldSize: 5 }],
  ["a field that is too large", 413, { form: formOf({ a: "x".repeat(500_001) }) }],
  ["too many fields of an urlencoded form", 413, { form: { a: "1", b: "2", c: "3" } }, { maxParts: 2 }],
  ["a flood of fields", 413, { body: "a&".repeat(240_000), headers: urlencoded }],
  ["a field of which there may be none", 413, { form: { a: "1" } }, { maxParts: 0 }],
  ["too many parts", 413, { form: formOf({ a: "1", b: "2", c: "3" }) }, { maxParts: 2 }],
  ["a form that exceeds maxContentLength", 413, { form: formOf({ f: new File(["x".repeat(2_000_001)], "f") }) }],
  [
    "a form that is announced as too large",
    413,
    { body: "a=1", headers: { ...urlencoded, "Content-Length": "2000001" } },
  ],
  ["a limit that is none", 500, { form: { a: "1" } }, { maxParts: Number.NaN }],
];
for (const [what, status, request, options] of refused) {
  test(`request.form() answers ${what} with ${status}`, async () => {
    assert.equal((await echo(request, options)).status, status);
  });
}

test("request.form() takes as many fields as there may be", async () => {
  assert.equal((await echo({ form: { a: "1", b: "2" } }, { maxParts: 2 })).status, 200);
  assert.equal((await echo({ body: "", headers: urlencoded }, { maxParts: 0 })).status, 200);
});

test(
  "request.form() answers a form that does not come in time with 408",
  virtualTime(async (clock) => {
    async function* stalling(): AsyncGenerator<string> {
      yield "a=1";
      await sleep(Infinity);
    }
    const response = createTask(() => echo({ body: stalling(), headers: urlencoded }));
    await clock.advance(60_000);
    assert.equal((await response).status, 408);
  }),
);

test("request.form() may be asked for again, and after bytes()", async () => {
  const app = new Pottle();
  app.post("/", async (_, it) => {
    const bytes = await it.bytes();
    const form = await it.form();
    return { size: bytes.length, same: form === (await it.form()), a: form.fields.get("a") };
  });
  const client = app.testClient();
  assert.deepEqual((await client.post("/", { form: { a: "1" } })).json(), { size: 3, same: true, a: "1" });
  assert.equal((await client.post("/", { form: formOf({ a: "1" }) })).json<{ a: string }>().a, "1");
});

test("request.form() has what bytes() had read before it was cancelled", async () => {
  const [begun, more] = [new Event(), new Event()];
  async function* slow(): AsyncGenerator<string> {
    yield "a=1&";
    begun.set();
    await more.wait();
    yield "b=2";
  }
  const app = new Pottle();
  app.post("/", async (_, it) => {
    const reading = createTask(() => it.bytes());
    await begun.wait();
    await waitAllTasksParked();
    reading.cancel();
    await assert.rejects(async () => reading, { name: "CancelledError" });
    more.set();
    return { fields: [...(await it.form()).fields] };
  });
  const response = await app.testClient().post("/", { body: slow(), headers: urlencoded });
  assert.deepEqual(response.json(), {
    fields: [
      ["a", "1"],
      ["b", "2"],
    ],
  });
});

test("request.maxContentLength is the application's, until the view gives the request another", async () => {
  const app = new Pottle({}, { maxContentLength: 5 });
  app.post("/", async (_, it) => {
    const before = it.maxContentLength;
    it.maxContentLength = 10;
    return { before, text: await it.text() };
  });
  app.post("/wrong", (_, it) => {
    it.maxContentLength = Number.NaN;
    return "";
  });
  const client = app.testClient();
  assert.deepEqual((await client.post("/", { body: "1234567" })).json(), { before: 5, text: "1234567" });
  assert.equal((await client.post("/", { body: "12345678901" })).status, 413);
  assert.equal((await client.post("/wrong", { body: "" })).status, 500);
});

test(
  "UploadedFile is in memory or in a temporary file, reads the same from both, and is gone after the request",
  onLinux,
  async () => {
    const content = Buffer.alloc(700_000, "0123456789");
    let kept: UploadedFile | undefined;
    const app = new Pottle();
    app.post("/", async (_, it) => {
      const { files } = await it.form();
      const [small, large] = [files.get("small")!, files.get("large")!];
      kept = large;
      assert.equal(await small.text(), "little");
      assert.deepEqual(await large.bytes(), content);
      assert.deepEqual(Buffer.concat(await Array.fromAsync(large.stream)), content);
      const [path] = temporaryFiles();
      // It has no name any more, so that nothing is left if the process is killed.
      assert.match(path ?? "", /\(deleted\)$/);
      return { files: temporaryFiles().length };
    });
    const form = formOf({
      small: new File(["little"], "s"),
      large: new File([content], "l"),
      more: new File(["x"], "m"),
    });
    const response = await app.testClient().post("/", { form });
    assert.deepEqual(response.json(), { files: 1 });
    await untilClosed();
    await assert.rejects(kept!.bytes(), { name: "InvalidStateError", message: /the request that brought it is over$/ });
  },
);

test("UploadedFile.save() writes it all, replaces what was there, and leaves no other file", async (context) => {
  const place = folder(context);
  const path = join(place, "saved");
  writeFileSync(path, "before");
  const content = Buffer.alloc(700_000, "0123456789");
  const app = new Pottle();
  app.post("/", async (_, it) => {
    const { files } = await it.form();
    await files.get("f")!.save(path);
    return "";
  });
  assert.equal((await app.testClient().post("/", { form: formOf({ f: new File([content], "f") }) })).status, 200);
  assert.deepEqual(readFileSync(path), content);
  assert.deepEqual(readdirSync(place), ["saved"]);
});

test("UploadedFile.save() leaves what was there if it fails, or its client leaves", async (context) => {
  const place = folder(context);
  const app = new Pottle();
  app.post("/nowhere", async (_, it) => {
    await (await it.form()).files.get("f")!.save(join(place, "none", "x"));
    return "";
  });
  const saving = new Event();
  app.post("/left", async (_, it) => {
    const file = (await it.form()).files.get("f")!;
    saving.set();
    await file.save(join(place, "left"));
    return "";
  });
  const form = (): FormData => formOf({ f: new File([Buffer.alloc(1_000_000)], "f") });
  assert.equal((await app.testClient().post("/nowhere", { form: form() })).status, 500);
  const call = app.testClient().open("POST", "/left", { form: form() });
  await saving.wait();
  call.disconnect();
  assert.equal((await call.over()).outcome.kind, "cancelled");
  assert.deepEqual(readdirSync(place), []);
});

test(
  "request.form() closes its temporary file at once when the client leaves in the middle of an upload",
  onLinux,
  async () => {
    const app = new Pottle();
    const outcome = new Event();
    app.post("/", async (_, it) => {
      await it.form();
      return "";
    });
    await using server = await serve(app, {
      port: 0,
      onAccess: ({ outcome: { kind } }) => kind === "cancelled" && outcome.set(),
    });
    const socket = connect(server.address.port, server.address.host);
    await once(socket, "connect");
    const head = `--XX\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n`;
    socket.write(
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=XX\r\nContent-Length: 9000000\r\n\r\n${head}`,
    );
    socket.write(Buffer.alloc(800_000));
    await timeout(5_000, async () => {
      while (temporaryFiles().length === 0) await sleep(1);
    });
    socket.destroy();
    await timeout(5_000, () => outcome.wait());
    await untilClosed();
  },
);

test("request.form() closes its temporary file when the form turns out to be malformed", onLinux, async () => {
  const head = `--XX\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n`;
  const response = await echo({ body: head + "x".repeat(800_000), headers: multipart });
  assert.equal(response.status, 400);
  await untilClosed();
});

test("request.form() answers a multipart form over a socket", async () => {
  const app = new Pottle();
  app.post("/", async (_, it) => {
    const { fields, files } = await it.form();
    return `${fields.get("a")} ${files.get("f")?.size}`;
  });
  await using server = await serve(app, { port: 0 });
  const body = formOf({ a: "1", f: new File([Buffer.alloc(3_000_000)], "f") });
  const response = await fetch(server.url, { method: "POST", body });
  assert.equal(await response.text(), "1 3000000");
});

test("request.form() leaves no file open, whatever the body, and whenever its client leaves", onLinux, async () => {
  const app = new Pottle();
  app.post("/", async (_, it) => {
    const { files } = await it.form({ memory: 0 });
    for (const file of files) await file.bytes();
    return "";
  });
  const head = `--XX\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n`;
  const piece = fc.constantFrom(
    head,
    "content",
    "\r\n",
    "--XX",
    "--",
    "x".repeat(70_000),
    `${head}y\r\n`,
    "\r\n--XX--",
  );
  const upload = fc.tuple(fc.array(piece, { maxLength: 8 }), fc.nat(10));
  await fc.assert(
    fc.asyncProperty(upload, async ([body, leavesAt]) => {
      async function* leaving(): AsyncGenerator<string> {
        for (const [i, text] of body.entries()) {
          if (i === leavesAt) call.disconnect();
          yield text;
        }
      }
      const call = app.testClient().open("POST", "/", { body: leaving(), headers: multipart });
      const { outcome, status } = await timeout(5_000, () => call.over());
      assert.ok(outcome.kind === "cancelled" || status === 200 || status === 400, `${outcome.kind} ${status}`);
      await untilClosed();
    }),
    { numRuns: 100 },
  );
});

test("TestClient sends one kind of body", async () => {
  const both = { form: { a: "1" }, json: {} };
  await assert.rejects(async () => echo(both), { name: "TypeError", message: /current value has json and form$/ });
});
