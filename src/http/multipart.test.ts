import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createTask, sleep, timeout } from "../asyncio/index.ts";
import { waitAllTasksParked } from "../asyncio/testing/index.ts";
import { type MultipartEvent, type MultipartLimits, readMultipart } from "./multipart.ts";

const type = "multipart/form-data; boundary=XX";
const limits: MultipartLimits = { maxFieldSize: 100, maxParts: 10 };

/** A body that comes in pieces of `size` bytes. */
async function* pieces(body: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Reads a form to its end: fields as they are, files joined. */
async function readAll(body: string | Uint8Array, size = 7, given: Partial<MultipartLimits> = {}): Promise<unknown[]> {
  const parts: unknown[] = [];
  const contents = new Map<unknown, { content: string }>();
  for await (const event of readMultipart(type, pieces(body, size), { ...limits, ...given })) {
    if (event.kind === "field") parts.push([event.name, event.value]);
    else if (event.kind === "file") {
      const part = { ...event.part, content: "" };
      parts.push(part);
      contents.set(event.part, part);
    } else if (event.kind === "data") contents.get(event.part)!.content += Buffer.from(event.chunk).toString("latin1");
  }
  return parts;
}

function field(name: string, value: string): string {
  return `--XX\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
}

function file(name: string, filename: string, content: string, contentType = "text/plain"): string {
  const disposition = `form-data; name="${name}"; filename="${filename}"`;
  return `--XX\r\nContent-Disposition: ${disposition}\r\nContent-Type: ${contentType}\r\n\r\n${content}\r\n`;
}

for (const size of [1, 7, 1000]) {
  test(`readMultipart() reads fields and files from pieces of ${size} bytes`, async () => {
    const body = `${field("a", "1")}${file("f", "ü/x.txt", "one\r\n--X")}${field("a", "é")}${file("f", "", "")}--XX--\r\n`;
    assert.deepEqual(await readAll(body, size), [
      ["a", "1"],
      { name: "f", filename: "ü/x.txt", contentType: "text/plain", content: "one\r\n--X" },
      ["a", "é"],
      ["f", ""],
    ]);
  });
}

test("readMultipart() reads files that are larger than busboy's buffer, one after another", async () => {
  const content = "x".repeat(300_000);
  const body = `${file("f", "1", content)}${file("f", "2", content)}${field("a", "1")}--XX--`;
  const parts = (await readAll(body, 100_000)) as { content: string }[];
  assert.deepEqual(
    parts.map((part) => (Array.isArray(part) ? part : part.content.length)),
    [300_000, 300_000, ["a", "1"]],
  );
});

const malformed: Readonly<Record<string, string>> = {
  "an empty body": "",
  "no end": field("a", "1"),
  "an end within a field": `--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\n1`,
  "an end within a file": file("f", "1", "x").slice(0, -2),
  "an end within a head": "--XX\r\nContent-Disp",
  "another boundary": field("a", "1").replaceAll("XX", "YY"),
  "a head that is none": "--XX\r\n: x\r\n\r\n1\r\n--XX--",
  "a head with a control character": "--XX\r\nContent-Disposition: \x01\r\n\r\n1\r\n--XX--",
  "a head that is too large": `--XX\r\nX: ${"x".repeat(70_000)}\r\n\r\n1\r\n--XX--`,
  "a field without a name": `--XX\r\nContent-Disposition: form-data\r\n\r\n1\r\n--XX--`,
  "a file without a name": `--XX\r\nContent-Disposition: form-data; filename="x"\r\n\r\n1\r\n--XX--`,
};
for (const [what, body] of Object.entries(malformed)) {
  for (const size of [1, 100_000]) {
    test(`readMultipart() refuses ${what}, in pieces of ${size} bytes`, async () => {
      await timeout(5_000, () => assert.rejects(readAll(body, size), { name: "MultipartSyntaxError" }));
    });
  }
}

for (const wrong of ["", "text/plain", "multipart/form-data", "multipart/mixed; boundary=XX"]) {
  test(`readMultipart() refuses the type '${wrong}'`, async () => {
    const events = readMultipart(wrong, pieces("", 1), limits);
    await assert.rejects(events.next(), { name: "MultipartSyntaxError" });
  });
}

test("readMultipart() takes as much as its limits say, and no more", async () => {
  const full = `${field("a", "x".repeat(100))}${field("b", "2").repeat(8)}${file("f", "1", "x".repeat(1000))}--XX--`;
  assert.equal((await readAll(full)).length, 10);
  const long = readAll(`${field("a", "x".repeat(101))}--XX--`);
  await assert.rejects(long, { name: "MultipartLimitError", limit: 100, message: /its field is too large/ });
  const many = readAll(`${field("b", "2").repeat(11)}--XX--`);
  await assert.rejects(many, { name: "MultipartLimitError", limit: 10, message: /too many parts/ });
});

test("readMultipart() stops reading at the first limit", async () => {
  let read = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      read++;
      yield Buffer.from(field("a", "1"));
    }
  }
  const events = readMultipart(type, endless(), limits);
  await assert.rejects(Array.fromAsync(events), { name: "MultipartLimitError" });
  assert.ok(read <= 13, `it read ${read} parts`);
});

test("readMultipart() ends, and closes the body, when its task is cancelled in the middle of a file", async () => {
  let isClosed = false;
  async function* stalling(): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from(file("f", "1", "x".repeat(100)).slice(0, -10));
      await sleep(Infinity);
    } finally {
      isClosed = true;
    }
  }
  const events: MultipartEvent[] = [];
  const task = createTask(async () => {
    for await (const event of readMultipart(type, stalling(), limits)) events.push(event);
  });
  await waitAllTasksParked();
  task.cancel();
  await assert.rejects(async () => task, { name: "CancelledError" });
  assert.equal(isClosed, true);
  assert.equal(events[0]?.kind, "file");
});

test("readMultipart() ends, with a form or an error of its own, whatever the body", async () => {
  const valid = `${field("a", "1")}${file("f", "x.txt", "content")}${field("b", "2")}--XX--\r\n`;
  const bits = fc.constantFrom(
    "--XX",
    "--",
    "\r\n",
    "\r",
    "\n",
    "X",
    ":",
    'name="',
    '"',
    ";",
    "filename*=UTF-8''%",
    "\0",
  );
  const garbled = fc.tuple(fc.nat(valid.length), fc.nat(20), fc.array(bits)).map(([at, length, junk]) => {
    return valid.slice(0, at) + junk.join("") + valid.slice(at + length);
  });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        garbled,
        fc.array(bits).map((all) => all.join("")),
      ),
      fc.integer({ min: 1, max: 40 }),
      async (body, size) => {
        try {
          await timeout(5_000, () => readAll(body, size));
        } catch (error) {
          assert.match((error as Error).name, /^Multipart(?:Syntax|Limit)Error$/);
        }
      },
    ),
    { numRuns: 300 },
  );
});
