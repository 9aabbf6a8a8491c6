import assert from "node:assert/strict";
import { test } from "node:test";
import { isCancelled } from "../core/errors/errors.ts";
import { Event } from "../sync/event.ts";
import { createTask } from "../core/tasks/task.ts";
import { ConnectionResetError } from "./errors.ts";
import { openConnection } from "./open-connection.ts";
import { startServer } from "./start-server.ts";
import type { StreamReader } from "./stream-reader.ts";
import type { StreamWriter } from "./stream-writer.ts";

async function echo(reader: StreamReader, writer: StreamWriter): Promise<void> {
  for await (const line of reader) {
    writer.write(line);
    await writer.drain();
  }
}

test("StreamWriter.drain() lets ten tasks wait at once, and all go on (test_multiple_drain)", async () => {
  const gate = new Event();
  await using server = await startServer(
    async (reader) => {
      await gate.wait();
      await reader.read();
    },
    0,
    "127.0.0.1",
  );
  const [, writer] = await openConnection(server.port, "127.0.0.1");
  await using _ = writer;
  while (writer.statistics().buffered < 10_000_000) writer.write(Buffer.alloc(1_000_000));
  const drains = Array.from({ length: 10 }, () => createTask(() => writer.drain(), { eagerStart: true }));
  assert.equal(writer.statistics().draining, 10);
  gate.set();
  await Promise.all(drains);
});

test("StreamWriter.drain() fails when the peer closes while much is written (test_drain_raises)", async () => {
  await using server = await startServer((_reader, writer) => writer.abort(), 0, "127.0.0.1");
  const [, writer] = await openConnection(server.port, "127.0.0.1");
  await assert.rejects(async () => {
    for (;;) {
      writer.write("foo\n");
      await writer.drain();
    }
  }, ConnectionResetError);
  await writer[Symbol.asyncDispose]();
});

test("StreamWriter.drain() that is cancelled leaves the other waits alone", async () => {
  const gate = new Event();
  await using server = await startServer(
    async (reader) => void (await gate.wait(), await reader.read()),
    0,
    "127.0.0.1",
  );
  const [, writer] = await openConnection(server.port, "127.0.0.1");
  await using _ = writer;
  writer.write(Buffer.alloc(20_000_000));
  const [first, second] = [
    createTask(() => writer.drain(), { eagerStart: true }),
    createTask(() => writer.drain(), { eagerStart: true }),
  ];
  first.cancel();
  await assert.rejects(first, isCancelled);
  gate.set();
  await second;
});

test("StreamWriter.write() is refused once the writer was closed or its end written", async () => {
  await using server = await startServer(echo, 0, "127.0.0.1");
  const [, writer] = await openConnection(server.port, "127.0.0.1");
  assert.equal(writer.canWriteEof(), true);
  writer.writeEof();
  assert.throws(() => writer.write("x"), /the end was written/);
  writer.close();
  assert.equal(writer.isClosing(), true);
  assert.throws(() => writer.write("x"), /closed/);
  await writer.waitClosed();
});

test("StreamWriter flushes what was written before it is closed", async () => {
  const size = 5_000_000;
  await using server = await startServer((_reader, writer) => writer.write(Buffer.alloc(size)), 0, "127.0.0.1");
  const [reader, writer] = await openConnection(server.port, "127.0.0.1");
  await using _ = writer;
  assert.equal((await reader.read()).length, size);
});
