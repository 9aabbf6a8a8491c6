import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isCancelled } from "../core/errors/errors.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask, currentTask } from "../core/tasks/task.ts";
import { openConnection, openUnixConnection } from "./open-connection.ts";
import { startServer, startUnixServer } from "./start-server.ts";
import type { StreamReader } from "./stream-reader.ts";
import type { StreamWriter } from "./stream-writer.ts";

async function echo(reader: StreamReader, writer: StreamWriter): Promise<void> {
  for await (const line of reader) {
    writer.write(line);
    await writer.drain();
  }
}

test("startServer() and openConnection() carry lines both ways", async () => {
  await using server = await startServer(echo, 0, "127.0.0.1");
  const [reader, writer] = await openConnection(server.port, "127.0.0.1");
  await using _ = writer;
  writer.writeLines(["one\n", Buffer.from("two\n")]);
  assert.equal((await reader.readLine()).toString(), "one\n");
  assert.equal((await reader.readLine()).toString(), "two\n");
  writer.writeEof();
  assert.equal((await reader.read()).length, 0);
  assert.deepEqual(writer.peer, { host: "127.0.0.1", port: server.port });
  assert.equal(server.name, `127.0.0.1:${server.port}`);
});

test("startUnixServer() and openUnixConnection() meet at a path", async () => {
  const path = join(tmpdir(), `pottle-${process.pid}.sock`);
  try {
    await using server = await startUnixServer(echo, path);
    const [reader, writer] = await openUnixConnection(path);
    await using _ = writer;
    writer.write("one\n");
    assert.equal((await reader.readLine()).toString(), "one\n");
    assert.deepEqual(server.address, { host: path, port: 0 });
  } finally {
    rmSync(path, { force: true });
  }
});

test("openConnection() fails with the system's code where nobody listens", async () => {
  const server = await startServer(echo, 0, "127.0.0.1");
  const { port } = server;
  await server[Symbol.asyncDispose]();
  await assert.rejects(openConnection(port, "127.0.0.1"), { code: "ECONNREFUSED" });
});

test("openConnection() that is cancelled closes its socket", async () => {
  await using server = await startServer(() => sleep(Infinity), 0, "127.0.0.1");
  const opening = createTask(() => openConnection(server.port, "127.0.0.1"), { eagerStart: true });
  opening.cancel();
  await assert.rejects(opening, isCancelled);
});

test("StreamReader gives a task its own context back after each read", async () => {
  await using server = await startServer(echo, 0, "127.0.0.1");
  const [reader, writer] = await openConnection(server.port, "127.0.0.1");
  await using _ = writer;
  await createTask(
    async () => {
      writer.write("line\n");
      await reader.readLine();
      assert.equal(currentTask()?.name, "borrower");
    },
    { name: "borrower" },
  );
});
