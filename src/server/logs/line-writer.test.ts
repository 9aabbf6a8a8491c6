import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { setImmediate as turnOver } from "node:timers/promises";
import { test, type TestContext } from "node:test";
import { type ExceptionContext, setExceptionHandler } from "../../asyncio/index.ts";
import type { LogDestination } from "./destination.ts";
import { LineWriter } from "./line-writer.ts";
import { LogOpenError } from "./log-open-error.ts";

function open(destination: LogDestination, bufferLimit = 1_000): LineWriter {
  return new LineWriter({ name: "log", destination, bufferLimit, describeDropped: (count) => `dropped ${count}` });
}

/** A stream that takes one text at a time, when it is told to. */
class Slow extends Writable {
  readonly taken: string[] = [];
  #next: ((error?: Error) => void) | undefined;

  override _write(chunk: Buffer, _encoding: string, next: (error?: Error) => void): void {
    this.taken.push(chunk.toString());
    this.#next = next;
  }

  async take(error?: Error): Promise<void> {
    this.#next?.(error);
    await turnOver();
    await turnOver();
  }
}

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "pottle-log-"));
  context.after(() => rmSync(path, { recursive: true }));
  return path;
}

function hearErrors(context: TestContext): ExceptionContext[] {
  const heard: ExceptionContext[] = [];
  const before = setExceptionHandler((one) => heard.push(one));
  context.after(() => setExceptionHandler(before));
  return heard;
}

test("LineWriter writes the lines of a turn of the event loop at once, at its end", async () => {
  const texts: string[] = [];
  await using writer = open((text) => void texts.push(text));
  writer.write("a");
  writer.write("b");
  assert.deepEqual(texts, []);
  assert.deepEqual(writer.statistics(), { written: 0, waiting: 2, dropped: 0 });
  await turnOver();
  writer.write("c");
  await turnOver();
  assert.deepEqual(texts, ["a\nb\n", "c\n"]);
  assert.deepEqual(writer.statistics(), { written: 3, waiting: 0, dropped: 0 });
});

test("LineWriter makes room in a busy turn by writing, if the destination takes it", async () => {
  const texts: string[] = [];
  await using writer = open((text) => void texts.push(text), 9);
  for (const line of ["aaaa", "bbbb", "cccc"]) writer.write(line);
  await turnOver();
  assert.deepEqual(texts, ["aaaa\n", "bbbb\n", "cccc\n"]);
  assert.equal(writer.statistics().dropped, 0);
});

test("LineWriter drops and counts what a stream does not take, and tells of it when it takes lines again", async () => {
  const stream = new Slow();
  await using writer = open(stream, 9);
  writer.write("1");
  await turnOver();
  for (const line of ["2222", "3333", "4444", "5555"]) writer.write(line);
  await turnOver();
  assert.deepEqual(writer.statistics(), { written: 1, waiting: 1, dropped: 3 });
  await stream.take();
  assert.deepEqual(stream.taken, ["1\n", "2222\ndropped 3\n"]);
  await stream.take();
  writer.write("6");
  await turnOver();
  await stream.take();
  assert.deepEqual(stream.taken.slice(2), ["6\n"]);
});

test("LineWriter keeps one line of any length for a stream that takes none", async () => {
  const stream = new Slow();
  await using writer = open(stream, 10);
  writer.write("1");
  await turnOver();
  writer.write("x".repeat(100));
  writer.write("y");
  await stream.take();
  assert.deepEqual(stream.taken, ["1\n", `${"x".repeat(100)}\ndropped 1\n`]);
  await stream.take();
});

test("LineWriter.close() waits until a stream has taken the last lines, and lets go of it", async () => {
  const stream = new Slow();
  const writer = open(stream);
  writer.write("1");
  await turnOver();
  writer.write("2");
  const closing = writer.close();
  await stream.take();
  writer.write("3");
  await stream.take();
  await stream.take();
  await closing;
  assert.deepEqual(stream.taken, ["1\n", "2\n", "3\n"]);
  writer.write("4");
  await writer.close();
  assert.deepEqual(writer.statistics(), { written: 3, waiting: 0, dropped: 1 });
  assert.deepEqual([stream.listenerCount("error"), stream.listenerCount("close")], [0, 0]);
});

test("LineWriter.close() does not wait for ever for a stream that takes nothing", async () => {
  const stream = new Slow();
  const writer = open(stream);
  writer.write("1");
  await turnOver();
  writer.write("2");
  await writer.close();
  assert.deepEqual(writer.statistics(), { written: 1, waiting: 0, dropped: 1 });
  // The text that it has may still fail, which must not end the process.
  await stream.take(new Error("too late"));
  assert.deepEqual(stream.taken, ["1\n"]);
});

test("LineWriter reports once that a stream fails, and counts what it drops", async (context) => {
  const heard = hearErrors(context);
  const stream = new Slow();
  await using writer = open(stream);
  writer.write("1");
  await turnOver();
  writer.write("2");
  await stream.take(new Error("gone"));
  writer.write("3");
  await turnOver();
  assert.deepEqual(heard, [{ message: "Cannot write the log", error: new Error("gone") }]);
  assert.equal(writer.statistics().dropped, 2);
});

test("LineWriter reports that a stream was closed", async (context) => {
  const heard = hearErrors(context);
  const stream = new PassThrough();
  await using writer = open(stream);
  stream.destroy();
  writer.write("1");
  await turnOver();
  assert.equal(heard.length, 1);
  assert.match(String(heard[0]?.error), /Cannot write to the stream of the log as it was closed/);
});

test("LineWriter waits for the promise of a function, and collects meanwhile", async () => {
  const texts: string[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const writer = open((text) => {
    texts.push(text);
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    return gate.promise;
  });
  writer.write("a");
  await turnOver();
  writer.write("b");
  await turnOver();
  writer.write("c");
  await turnOver();
  assert.deepEqual(texts, ["a\n"]);
  gates[0]!.resolve();
  await turnOver();
  assert.deepEqual(texts, ["a\n", "b\nc\n"]);
  gates[1]!.resolve();
  await writer.close();
});

for (const [kind, fail] of [
  ["throws", () => raise()],
  ["rejects", async () => raise()],
] as const) {
  test(`LineWriter reports that a function ${kind}, and goes on`, async (context) => {
    const heard = hearErrors(context);
    const texts: string[] = [];
    await using writer = open((text) => {
      texts.push(text);
      return text === "a\n" ? fail() : undefined;
    });
    writer.write("a");
    await turnOver();
    await turnOver();
    writer.write("b");
    await turnOver();
    assert.deepEqual(texts, ["a\n", "b\n"]);
    assert.deepEqual(heard, [{ message: "Cannot write the log", error: new Error("no") }]);
  });
}

function raise(): never {
  throw new Error("no");
}

test("LineWriter appends to a file", async (context) => {
  const path = join(folder(context), "log");
  for (const line of ["a", "é€"]) {
    await using writer = open(path);
    writer.write(line);
  }
  assert.equal(readFileSync(path, "utf8"), "a\né€\n");
});

test("LineWriter refuses a file that cannot be opened, and says why", (context) => {
  const place = folder(context);
  const pipe = join(place, "pipe");
  execFileSync("mkfifo", [pipe]);
  const cases: [path: string, code: string, reason: string][] = [
    [place, "EISDIR", "it is a folder"],
    [join(place, "none", "log"), "ENOENT", "its folder does not exist"],
    [pipe, "ENXIO", "it is a pipe that nothing reads"],
  ];
  for (const [path, code, reason] of cases) {
    assert.throws(
      () => open(path),
      (error: unknown) => {
        assert(error instanceof LogOpenError);
        assert.deepEqual([error.path, error.code], [path, code]);
        assert.equal(error.message, `Cannot open the log '${path}' as ${reason}`);
        return true;
      },
    );
  }
});

test("LineWriter reports a full disk once, keeps what it has, and drops beyond the bound", async (context) => {
  const heard = hearErrors(context);
  const writer = open("/dev/full", 9);
  for (const line of ["1", "2222", "3333", "4444"]) {
    writer.write(line);
    await turnOver();
  }
  assert.equal(heard.length, 1);
  assert.match(String(heard[0]?.error), /ENOSPC/);
  assert.deepEqual(writer.statistics(), { written: 1, waiting: 1, dropped: 2 });
  await writer.close();
});

test("LineWriter drops what the reader of a named pipe does not take, and goes on when it does", async (context) => {
  const path = join(folder(context), "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = open(path, 100_000);
  const line = "x".repeat(10_000);
  for (let i = 0; i < 50; i++) {
    writer.write(line);
    await turnOver();
  }
  const { waiting, dropped } = writer.statistics();
  assert(waiting <= 10 && dropped > 10, JSON.stringify({ waiting, dropped }));
  const read = (): string => {
    const buffer = Buffer.alloc(65_536);
    try {
      return buffer.toString("utf8", 0, readSync(reader, buffer));
    } catch {
      return "";
    }
  };
  let text = "";
  while (!text.includes("dropped")) {
    text += read();
    await turnOver();
  }
  await writer.close();
  assert(text.endsWith(`dropped ${dropped}\n`));
  assert(text.split("\n").every((one) => one === line || one === "" || one === `dropped ${dropped}`));
});
