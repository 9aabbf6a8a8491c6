import assert from "node:assert/strict";
import { test } from "node:test";
import { isCancelled } from "../core/errors/errors.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask, type Task } from "../core/tasks/task.ts";
import { randomOf } from "../testing/index.ts";
import { IncompleteReadError, LimitOverrunError } from "./errors.ts";
import { StreamReader } from "./stream-reader.ts";

/** Starts a read, which waits by the time this returns. */
function begin<T>(read: () => Promise<T>): Task<T> {
  return createTask(read, { eagerStart: true });
}

function readerOf(...chunks: string[]): StreamReader {
  const reader = new StreamReader();
  for (const chunk of chunks) reader.feedData(Buffer.from(chunk));
  reader.feedEof();
  return reader;
}

test("StreamReader.readLine() assembles chunks and keeps the remainder (test_readline)", async () => {
  const reader = new StreamReader();
  reader.feedData(Buffer.from("chunk1 "));
  const line = begin(() => reader.readLine());
  reader.feedData(Buffer.from("chunk2 "));
  reader.feedData(Buffer.from("chunk3 "));
  reader.feedData(Buffer.from("\n chunk4"));
  assert.equal((await line).toString(), "chunk1 chunk2 chunk3 \n");
  reader.feedEof();
  assert.equal((await reader.read()).toString(), " chunk4");
});

test("StreamReader.readLine() gives the last line without its end, and nothing at the end", async () => {
  const reader = readerOf("some data");
  assert.equal((await reader.readLine()).toString(), "some data");
  assert.equal((await reader.readLine()).length, 0);
  assert.equal(reader.atEof(), true);
});

const limits: [name: string, chunks: string[], rest: string][] = [
  ["an end that comes too late, which is dropped with its line", ["li", "ne1\nline2\n"], "line2\n"],
  ["no end in sight, with all that came", ["li", "ne1", "li"], ""],
];

for (const [name, chunks, rest] of limits) {
  test(`StreamReader.readLine() refuses a line over the limit: ${name} (test_readline_limit)`, async () => {
    const reader = new StreamReader({ limit: 3 });
    for (const chunk of chunks) reader.feedData(Buffer.from(chunk));
    await assert.rejects(
      reader.readLine(),
      (error: Error) => error instanceof RangeError && error.cause instanceof LimitOverrunError,
    );
    reader.feedEof();
    assert.equal((await reader.read()).toString(), rest);
  });
}

const strict: [input: string, fits: boolean][] = [
  ["1234567\n", true],
  ["12345678\n", false],
  ["12345678", false],
];

for (const [input, fits] of strict) {
  test(`StreamReader.readLine() with a limit of 7 ${fits ? "gives" : "refuses"} ${JSON.stringify(input)} (test_readline_limit)`, async () => {
    const reader = new StreamReader({ limit: 7 });
    reader.feedData(Buffer.from(input));
    if (fits) assert.equal((await reader.readLine()).toString(), input);
    else await assert.rejects(reader.readLine(), RangeError);
  });
}

test("StreamReader.readUntil() finds a separator that is split over chunks (test_readuntil_multi_chunks_1)", async () => {
  const cases = [
    ["QWERTY", "IOP", "ASDF", "IOPAAxBB"],
    ["XY", "XYZ"],
  ] as const;
  for (const chunks of cases) {
    for (const separator of ["AAx", "XYZ"]) {
      if (!chunks.join("").includes(separator)) continue;
      const reader = new StreamReader();
      const found = begin(() => reader.readUntil(separator));
      for (const chunk of chunks) for (const byte of chunk) reader.feedData(Buffer.from(byte));
      const whole = chunks.join("");
      const end = whole.indexOf(separator) + separator.length;
      assert.equal((await found).toString(), whole.slice(0, end));
      assert.equal(reader.statistics().buffered, whole.length - end);
    }
  }
});

test("StreamReader.readUntil() at the end of the stream gives what came by its error (test_readuntil_eof)", async () => {
  const reader = readerOf("some dataAA");
  await assert.rejects(reader.readUntil("AAA"), (error: unknown) => {
    assert.ok(error instanceof IncompleteReadError);
    assert.equal(error.partial.toString(), "some dataAA");
    assert.equal(error.expected, undefined);
    return true;
  });
  assert.equal(reader.statistics().buffered, 0);
});

test("StreamReader.readUntil() over the limit leaves the bytes where they are (test_readuntil_limit_found_sep)", async () => {
  const reader = new StreamReader({ limit: 3 });
  reader.feedData(Buffer.from("some dataAA"));
  await assert.rejects(
    reader.readUntil("AAA"),
    (error: unknown) => error instanceof LimitOverrunError && error.consumed === 9,
  );
  assert.equal(reader.statistics().buffered, 11);
  reader.feedData(Buffer.from("A"));
  await assert.rejects(
    reader.readUntil("AAA"),
    (error: unknown) => error instanceof LimitOverrunError && error.consumed === 9,
  );
  assert.equal((await reader.readExactly(12)).toString(), "some dataAAA");
});

const several: [separators: string[], input: string, expected: string][] = [
  [["A", "long sep"], "some dataA rest", "some dataA"],
  [["longer sep", "long"], "data longer sep", "data long"],
  [["ABCDE", "D"], "xABCDE", "xABCD"],
  [["DE", "ABCDE"], "xABCDE", "xABCDE"],
];

for (const [separators, input, expected] of several) {
  test(`StreamReader.readUntil() of ${separators.join(" or ")} takes the one that ends first (test_readuntil_multi_separator)`, async () => {
    assert.equal((await readerOf(input).readUntil(separators)).toString(), expected);
  });
}

test("StreamReader.readUntil() refuses to have no separator, or an empty one", async () => {
  const reader = readerOf("data");
  await assert.rejects(reader.readUntil(""), RangeError);
  await assert.rejects(reader.readUntil([]), RangeError);
});

test("StreamReader.readExactly() gives exactly as many bytes, however they come (test_readexactly)", async () => {
  const reader = new StreamReader();
  const data = begin(() => reader.readExactly(36));
  for (let i = 0; i < 3; i++) reader.feedData(Buffer.from("123456789012345678"));
  assert.equal((await data).toString(), "123456789012345678".repeat(2));
  assert.equal(reader.statistics().buffered, 18);
});

test("StreamReader.readExactly() at the end of the stream says how much came (test_readexactly_eof)", async () => {
  const reader = new StreamReader();
  const data = begin(() => reader.readExactly(36));
  reader.feedData(Buffer.from("123456789012345678"));
  reader.feedEof();
  await assert.rejects(data, (error: unknown) => {
    assert.ok(error instanceof IncompleteReadError);
    assert.match(error.message, /18 bytes read on a total of 36/);
    assert.equal(error.partial.length, 18);
    assert.equal(error.expected, 36);
    return true;
  });
});

test("StreamReader.readExactly() of nothing gives nothing, and refuses less (test_readexactly_zero_or_less)", async () => {
  const reader = new StreamReader();
  reader.feedData(Buffer.from("data"));
  assert.equal((await reader.readExactly(0)).length, 0);
  await assert.rejects(reader.readExactly(-1), RangeError);
  await assert.rejects(reader.readExactly(Number.NaN), RangeError);
  assert.equal(reader.statistics().buffered, 4);
});

test("StreamReader.setException() after a cancelled read harms nobody (test_exception_cancel)", async () => {
  const reader = new StreamReader();
  const read = begin(() => reader.readLine());
  read.cancel();
  reader.setException(new Error("reset"));
  await assert.rejects(read, isCancelled);
  await assert.rejects(reader.readLine(), /reset/);
});

test("StreamReader.read() that is cancelled in the turn in which bytes come has taken none", async () => {
  const reader = new StreamReader();
  const read = begin(() => reader.read(10));
  reader.feedData(Buffer.from("kept"));
  read.cancel();
  await assert.rejects(read, isCancelled);
  assert.equal((await reader.read(10)).toString(), "kept");
});

test("StreamReader.read() without a count reads until the end", async () => {
  const reader = new StreamReader();
  const all = begin(() => reader.read());
  reader.feedData(Buffer.from("a"));
  reader.feedData(Buffer.from("b"));
  assert.equal(all.done(), false);
  reader.feedEof();
  assert.equal((await all).toString(), "ab");
});

test("StreamReader.read() refuses a second reader", async () => {
  const reader = new StreamReader();
  const first = begin(() => reader.read(1));
  await assert.rejects(reader.read(1), /another task reads/);
  reader.feedData(Buffer.from("x"));
  assert.equal((await first).toString(), "x");
});

test("StreamReader gives what came before an error, then the error", async () => {
  const reader = new StreamReader();
  reader.feedData(Buffer.from("line\nhalf"));
  reader.setException(new Error("reset"));
  assert.equal((await reader.readLine()).toString(), "line\n");
  await assert.rejects(reader.readLine(), /reset/);
});

test("StreamReader pauses its source over twice the limit, and resumes it when that was read", async () => {
  const reader = new StreamReader({ limit: 4 });
  const calls: string[] = [];
  reader.setSource({ pause: () => calls.push("pause"), resume: () => calls.push("resume") });
  reader.feedData(Buffer.from("12345678"));
  assert.deepEqual(calls, []);
  reader.feedData(Buffer.from("9"));
  assert.deepEqual(calls, ["pause"]);
  await reader.readExactly(4);
  assert.deepEqual(calls, ["pause"]);
  await reader.readExactly(1);
  assert.deepEqual(calls, ["pause", "resume"]);
});

test("StreamReader resumes its source while a read waits for more than it would hold", async () => {
  const reader = new StreamReader({ limit: 4 });
  const calls: string[] = [];
  reader.setSource({ pause: () => calls.push("pause"), resume: () => calls.push("resume") });
  reader.feedData(Buffer.from("123456789"));
  const data = begin(() => reader.readExactly(10));
  assert.deepEqual(calls, ["pause", "resume"]);
  reader.feedData(Buffer.from("0"));
  assert.equal((await data).toString(), "1234567890");
});

test("StreamReader is iterated line by line", async () => {
  const lines: string[] = [];
  for await (const line of readerOf("a\nb", "b\n", "c")) lines.push(line.toString());
  assert.deepEqual(lines, ["a\n", "bb\n", "c"]);
});

test("StreamReader gives bytes that later bytes do not change", async () => {
  const reader = new StreamReader();
  reader.feedData(Buffer.from("one\ntwo\n"));
  const one = await reader.readLine();
  for (let i = 0; i < 100; i++) reader.feedData(Buffer.from("xxxxxxxx"));
  const two = await reader.readLine();
  reader.feedData(Buffer.from("yyyyyyyy"));
  assert.equal(one.toString() + two.toString(), "one\ntwo\n");
});

test("StreamReader gives a line that does not keep alive what came along with it", async () => {
  const reader = new StreamReader();
  reader.feedData(Buffer.alloc(1_000_000, "x\n"));
  assert.ok((await reader.readLine()).buffer.byteLength < 500_000);
});

for (const limit of [0, -1, 1.5, Number.NaN]) {
  test(`StreamReader refuses a limit of ${limit}`, () => {
    assert.throws(() => new StreamReader({ limit }), RangeError);
  });
}

/** Records what a read takes from the stream; a cancelled read takes nothing. */
async function note(read: () => Promise<Buffer>, got: Buffer[]): Promise<void> {
  try {
    got.push(await read());
  } catch (error) {
    if (!(error instanceof IncompleteReadError)) throw error;
    got.push(error.partial);
  }
}

for (let seed = 1; seed <= 20; seed++) {
  test(`StreamReader loses and doubles no byte when reads are cancelled at random (seed ${seed})`, async () => {
    const random = randomOf(seed);
    const reader = new StreamReader({ limit: 8 });
    const sent = Array.from({ length: 500 }, (_, index) => `${index}\n`).join("");
    let fed = 0;
    const feedSome = (): void => {
      if (fed >= sent.length) return;
      const size = 1 + Math.floor(random() * 6);
      reader.feedData(Buffer.from(sent.slice(fed, fed + size)));
      fed += size;
      if (fed >= sent.length) reader.feedEof();
    };
    const reads = [
      () => reader.readLine(),
      () => reader.read(3),
      () => reader.readUntil(),
      () => reader.readExactly(2),
    ];
    const got: Buffer[] = [];
    while (!reader.atEof()) {
      const read = begin(() => note(reads[Math.floor(random() * reads.length)]!, got));
      if (random() < 0.7) feedSome();
      if (random() < 0.5) read.cancel();
      for (await sleep(0); !read.done(); await sleep(0)) feedSome();
      await read.catch((error: unknown) => assert.ok(isCancelled(error)));
    }
    assert.equal(Buffer.concat(got).toString(), sent);
  });
}
