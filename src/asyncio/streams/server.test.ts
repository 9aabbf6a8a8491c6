import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import { ContextVar } from "../core/state/context-var.ts";
import { isCancelled } from "../core/errors/errors.ts";
import { Event } from "../sync/event.ts";
import { type ExceptionContext, setExceptionHandler } from "../core/errors/exception-handler.ts";
import { sleep } from "../core/waits/sleep.ts";
import { allTasks, createTask, currentTask, type Task } from "../core/tasks/task.ts";
import { taskGroup } from "../combine/task-group.ts";
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

/** Collects the reports to the exception handler during the test. */
function listen(context: TestContext): ExceptionContext[] {
  const heard: ExceptionContext[] = [];
  const before = setExceptionHandler((report) => void heard.push(report));
  context.after(() => setExceptionHandler(before));
  return heard;
}

test("startServer() fails where somebody listens, and leaves nothing", async () => {
  await using server = await startServer(echo, 0, "127.0.0.1");
  await assert.rejects(startServer(echo, server.port, "127.0.0.1"), { code: "EADDRINUSE" });
});

test("startServer() that is cancelled leaves nothing open", async () => {
  const tasks = allTasks().size;
  const start = createTask(() => startServer(echo, 0), { eagerStart: true });
  start.cancel();
  await assert.rejects(start, isCancelled);
  assert.equal(allTasks().size, tasks);
});

test("Server holds back a client that sends more than is read", async () => {
  const gate = new Event();
  await using server = await startServer(
    async (reader) => void (await gate.wait(), await reader.read()),
    0,
    "127.0.0.1",
  );
  const [, writer] = await openConnection(server.port, "127.0.0.1");
  await using _ = writer;
  writer.write(Buffer.alloc(50_000_000));
  const drain = createTask(() => writer.drain(), { eagerStart: true });
  await sleep(50);
  assert.equal(drain.done(), false);
  gate.set();
  await drain;
});

test("startServer() reports what a handler throws, and closes the connection (test_unhandled_exception)", async (context) => {
  const heard = listen(context);
  const failure = new Error("boom");
  await using server = await startServer(
    () => {
      throw failure;
    },
    0,
    "127.0.0.1",
  );
  const [reader, writer] = await openConnection(server.port, "127.0.0.1");
  await using _ = writer;
  assert.equal((await reader.read()).length, 0);
  assert.equal(heard.length, 1);
  assert.equal(heard[0]!.error, failure);
  assert.match(heard[0]!.message, /handler of a client .* failed/);
});

test("startServer() reports nothing when a handler is cancelled (test_unhandled_cancel)", async (context) => {
  const heard = listen(context);
  await using server = await startServer(
    async () => {
      currentTask()!.cancel();
      await sleep(1_000);
    },
    0,
    "127.0.0.1",
  );
  const [reader, writer] = await openConnection(server.port, "127.0.0.1");
  await using _ = writer;
  assert.equal((await reader.read()).length, 0);
  await server[Symbol.asyncDispose]();
  assert.deepEqual(heard, []);
});

test("Server.waitClosed() waits until it was closed and the last client has gone (TestServer2::test_wait_closed_basic)", async () => {
  const gate = new Event();
  const server = await startServer(() => gate.wait(), 0, "127.0.0.1");
  const closed = createTask(() => server.waitClosed(), { eagerStart: true });
  const [reader, writer] = await openConnection(server.port, "127.0.0.1");
  await using _ = writer;
  server.close();
  await sleep(20);
  assert.equal(server.isServing(), false);
  assert.equal(closed.done(), false);
  gate.set();
  await reader.read();
  writer.close();
  await closed;
  await server.waitClosed();
});

test("Server.waitClosed() waits for a handler that goes on when its connection is closed", async () => {
  const gate = new Event();
  const server = await startServer(
    async (_reader, writer) => {
      await writer[Symbol.asyncDispose]();
      await gate.wait();
    },
    0,
    "127.0.0.1",
  );
  const [reader, writer] = await openConnection(server.port, "127.0.0.1");
  await reader.read();
  await writer[Symbol.asyncDispose]();
  server.close();
  const closed = createTask(() => server.waitClosed(), { eagerStart: true });
  await sleep(20);
  assert.equal(closed.done(), false);
  gate.set();
  await closed;
});

test("Server.closeClients() sends what was written, then ends each connection (test_close_clients)", async () => {
  const seen = new Event();
  const server = await startServer(
    async (reader, writer) => {
      writer.write("x".repeat(100_000));
      seen.set();
      assert.equal((await reader.read()).length, 0);
    },
    0,
    "127.0.0.1",
  );
  const [reader, writer] = await openConnection(server.port, "127.0.0.1");
  await using _ = writer;
  await seen.wait();
  server.close();
  server.closeClients();
  assert.equal((await reader.read()).length, 100_000);
  await server.waitClosed();
});

test("Server.abortClients() ends each connection at once (test_abort_clients)", async () => {
  const seen = new Event();
  const server = await startServer(
    async (reader, writer) => {
      writer.write(Buffer.alloc(50_000_000));
      seen.set();
      await reader.read().catch((error: unknown) => assert.ok(error instanceof ConnectionResetError));
    },
    0,
    "127.0.0.1",
  );
  const [reader, writer] = await openConnection(server.port, "127.0.0.1");
  await using _ = writer;
  await seen.wait();
  server.close();
  server.abortClients();
  await server.waitClosed();
  const rest = await reader.read().catch((error: unknown) => {
    assert.ok(error instanceof ConnectionResetError);
    return Buffer.alloc(0);
  });
  assert.ok(rest.length < 50_000_000);
});

test("Server.serveForever() that is cancelled ends its clients, whose finally has run", async () => {
  const begun = new Event();
  const steps: string[] = [];
  const server = await startServer(
    async () => {
      begun.set();
      try {
        await sleep(Infinity);
      } finally {
        await sleep(1);
        steps.push("cleaned up");
      }
    },
    0,
    "127.0.0.1",
  );
  const serving = createTask(() => server.serveForever(), { eagerStart: true });
  const [reader, writer] = await openConnection(server.port, "127.0.0.1");
  await using _ = writer;
  await begun.wait();
  serving.cancel();
  await assert.rejects(serving, isCancelled);
  assert.deepEqual(steps, ["cleaned up"]);
  assert.equal((await reader.read()).length, 0);
  assert.equal(server.statistics().clients, 0);
});

test("Server that nobody closes ends with the group in which it was started", async () => {
  let port = 0;
  await taskGroup(async () => {
    const server = await startServer(echo, 0, "127.0.0.1");
    port = server.port;
  });
  await assert.rejects(openConnection(port, "127.0.0.1"), { code: "ECONNREFUSED" });
});

test("startServer() ends what a handler started when the handler ends", async () => {
  const begun = new Event();
  let inner: Task<void> | undefined;
  await using server = await startServer(
    async (reader) => {
      inner = createTask(() => sleep(Infinity));
      begun.set();
      await reader.readLine();
    },
    0,
    "127.0.0.1",
  );
  const [reader, writer] = await openConnection(server.port, "127.0.0.1");
  await using _ = writer;
  await begun.wait();
  writer.write("\n");
  await reader.read();
  assert.equal(inner?.cancelled(), true);
});

test("startServer() lets handlers see the context variables of whoever called it", async () => {
  const user = new ContextVar("user", "nobody");
  await createTask(async () => {
    user.set("ada");
    await using server = await startServer((_reader, writer) => writer.write(user.get()), 0, "127.0.0.1");
    const [reader, writer] = await openConnection(server.port, "127.0.0.1");
    await using _ = writer;
    assert.equal((await reader.read()).toString(), "ada");
  });
});

test("Server forgets a client that has gone", async () => {
  await using server = await startServer(echo, 0, "127.0.0.1");
  for (let i = 0; i < 3; i++) {
    const socket = connect(server.port, "127.0.0.1");
    socket.end("x\n").resume();
    await once(socket, "close");
  }
  while (server.statistics().clients > 0) await sleep(1);
  assert.deepEqual(server.statistics(), { clients: 0, accepted: 3, serving: true });
});
