import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createTask, sleep, timeout } from "../../asyncio/index.ts";
import { waitAllTasksParked } from "../../asyncio/testing/index.ts";
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

test("readMultipart() reads files that are larger than a chunk, one after another", async () => {
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
  "a head that is a line without a colon": "--XX\r\n--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XX--",
  "another boundary": field("a", "1").replaceAll("XX", "YY"),
  "a head that is none": "--XX\r\n: x\r\n\r\n1\r\n--XX--",
  "a head with a control character": "--XX\r\nContent-Disposition: \x01\r\n\r\n1\r\n--XX--",
  "a head that is too large": `--XX\r\nX: ${"x".repeat(70_000)}\r\n\r\n1\r\n--XX--`,
  "a field without a name": `--XX\r\nContent-Disposition: form-data\r\n\r\n1\r\n--XX--`,
  "a file without a name": `--XX\r\nContent-Disposition: form-data; filename="x"\r\n\r\n1\r\n--XX--`,
  "a part without a Content-Disposition": `--XX\r\nContent-Type: text/plain\r\n\r\n1\r\n${field("a", "1")}--XX--`,
  "a part of another disposition": "--XX\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--XX--",
  "a part whose disposition is malformed": '--XX\r\nContent-Disposition: form-data; name="a\r\n\r\n1\r\n--XX--',
  "a file whose name has an unknown charset": `--XX\r\nContent-Disposition: form-data; name="a"; filename*=no-such''x\r\n\r\n1\r\n--XX--`,
  "a part whose head has too many lines": `--XX\r\n${"a:\r\n".repeat(2_500)}Content-Disposition: form-data; name="a"\r\n\r\n1\r\n--XX--`,
  "a part without a head": "--XX\r\n\r\n1\r\n--XX--",
  "a field in an unknown charset": `--XX\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=no-such\r\n\r\n1\r\n--XX--`,
  "the boundary as a line of a field": `${field("a", "1\r\n--XX\r\n2")}--XX--`,
  "the boundary as a line of a file": `${file("f", "1", "--XX \r\n2")}--XX--`,
  "two names": `--XX\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n1\r\n--XX--`,
  "two dispositions":
    field("a", "1").replace("\r\n\r\n", "\r\nContent-Disposition: form-data; name=b\r\n\r\n") + "--XX--",
  "an end in the middle of a field": `${field("a", "1\r\n--XX--\r\n2")}--XX--`,
  "an end in the middle, and parts after it": `${field("a", "1")}--XX--\r\n${field("b", "2")}--XX--`,
};
for (const [what, body] of Object.entries(malformed)) {
  for (const size of [1, 100_000]) {
    test(`readMultipart() refuses ${what}, in pieces of ${size} bytes`, async () => {
      await timeout(5_000, () => assert.rejects(readAll(body, size), { name: "MultipartSyntaxError" }));
    });
  }
}

const wrongTypes = ["", "text/plain", "multipart/form-data", "multipart/mixed; boundary=XX"];
for (const wrong of [...wrongTypes, 'multipart/form-data; boundary=""']) {
  test(`readMultipart() refuses the type '${wrong}'`, async () => {
    const events = readMultipart(wrong, pieces("", 1), limits);
    await assert.rejects(events.next(), { name: "MultipartSyntaxError" });
  });
}

for (const boundary of ["XX", '"XX"', '"X\\X"', "X+X", "X.X_(')/:=?,X", "X X"]) {
  test(`readMultipart() takes the boundary ${boundary}`, async () => {
    const text = boundary.replaceAll(/["\\]/g, "");
    const body = field("a", `1--${text}\n--${text}`).replace("--XX", `--${text}`);
    const events = readMultipart(`multipart/form-data; boundary=${boundary}`, pieces(`${body}--${text}--`, 3), limits);
    assert.deepEqual(await Array.fromAsync(events), [{ kind: "field", name: "a", value: `1--${text}\n--${text}` }]);
  });
}

const kept = ["1\r\n--XXX\r\n2", "\r\n--XX-\r\n", "--XX\n2", "\r\n--XX--x", "\r\n", "\r\n--", "\r", "", "\uFEFFx"];
for (const size of [1, 1000]) {
  for (const value of kept) {
    test(`readMultipart() keeps ${JSON.stringify(value)} in pieces of ${size} bytes`, async () => {
      const body = `${field("a", value)}${file("f", "1", value)}--XX--`;
      const content = Buffer.from(value).toString("latin1");
      assert.deepEqual(await readAll(body, size), [
        ["a", value],
        { name: "f", filename: "1", contentType: "text/plain", content },
      ]);
    });
  }
}

test("readMultipart() reads what is allowed, if unusual: blanks behind a boundary, an empty value without a line, folds", async () => {
  const padded = field("a", "1").replace("--XX", "--XX \t");
  const bare = '--XX\r\nContent-Disposition:\r\n form-data;\r\n\tNAME="b"\r\n\r\n';
  const named = `--XX\r\ncontent-disposition: Form-Data; name=c; filename="x"; filename*=utf-8'en'%e2%82%ac.txt\r\n\r\n2\r\n`;
  const latin = `--XX\r\nContent-Disposition: form-data; name="d\\"\\\\\\x"\r\nContent-Type: text/plain; charset=latin1\r\n\r\né\r\n`;
  assert.deepEqual(await readAll(Buffer.from(`${padded}${bare}${named}${latin}--XX--  `, "latin1")), [
    ["a", "1"],
    ["b", ""],
    { name: "c", filename: "€.txt", contentType: "text/plain", content: "2" },
    [String.raw`d"\\x`, "é"],
  ]);
});

test("readMultipart() skips what stands before the first boundary and after the last one", async () => {
  assert.deepEqual(await readAll(`before\r\n${field("a", "1")}--XX--\r\nafter\r\n`), [["a", "1"]]);
});

test("readMultipart() gives a value as it was sent or refuses the form, whatever is like the boundary in it", async () => {
  const bits = fc.constantFrom(
    "\r\n--XX",
    "\r\n--X",
    "--XX",
    "--",
    "\r\n",
    "\r",
    "\n",
    "-",
    "X",
    " ",
    "\t",
    ":",
    "text",
  );
  const values = fc.array(
    fc.array(bits, { maxLength: 6 }).map((all) => all.join("")),
    { minLength: 1, maxLength: 3 },
  );
  await fc.assert(
    fc.asyncProperty(values, fc.boolean(), fc.integer({ min: 1, max: 40 }), async (sent, areFiles, size) => {
      const parts = sent.map((value, i) => (areFiles ? file("f", `${i}`, value) : field(`${i}`, value)));
      let read: unknown[];
      try {
        read = await timeout(5_000, () => readAll(`${parts.join("")}--XX--\r\n`, size));
      } catch (error) {
        assert.equal((error as Error).name, "MultipartSyntaxError");
        assert.ok(
          sent.some((value) => `\r\n${value}`.includes("\r\n--XX")),
          "a form without the boundary is read",
        );
        return;
      }
      const got = read.map((part) =>
        Array.isArray(part) ? (part[1] as unknown) : (part as { content: string }).content,
      );
      assert.deepEqual(got, sent);
    }),
    { numRuns: 1_000 },
  );
});

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
