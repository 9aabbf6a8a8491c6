import assert from "node:assert/strict";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import { isCancelled } from "../core/errors/errors.ts";
import { Event } from "../sync/event.ts";
import { type ExceptionContext, setExceptionHandler } from "../core/errors/exception-handler.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask } from "../core/tasks/task.ts";
import { ConnectionResetError } from "./errors.ts";
import { openConnection } from "./open-connection.ts";
import { startServer } from "./start-server.ts";
import type { StreamReader } from "./stream-reader.ts";
import type { StreamWriter } from "./stream-writer.ts";
import { first } from "../../base/certificates.fixture.ts";

const { cert, key } = first;

async function echo(reader: StreamReader, writer: StreamWriter): Promise<void> {
  for await (const line of reader) writer.write(line);
}

/** Collects the reports to the exception handler during the test. */
function listen(context: TestContext): ExceptionContext[] {
  const heard: ExceptionContext[] = [];
  const before = setExceptionHandler((report) => void heard.push(report));
  context.after(() => setExceptionHandler(before));
  return heard;
}

test("startServer() and openConnection() encrypt with a certificate", async () => {
  await using server = await startServer(echo, 0, "127.0.0.1", { tls: { key, cert } });
  const [reader, writer] = await openConnection(server.port, "127.0.0.1", { tls: { ca: cert } });
  await using _ = writer;
  assert.equal(writer.encrypted, true);
  writer.write("secret\n");
  assert.equal((await reader.readLine()).toString(), "secret\n");
  assert.throws(() => writer.writeEof(), /encrypted/);
});

test("openConnection() refuses a certificate that it does not know", async (context) => {
  const heard = listen(context);
  await using server = await startServer(echo, 0, "127.0.0.1", { tls: { key, cert } });
  await assert.rejects(openConnection(server.port, "127.0.0.1", { tls: true }), {
    code: "DEPTH_ZERO_SELF_SIGNED_CERT",
  });
  await server[Symbol.asyncDispose]();
  assert.ok(heard.every(({ message }) => message.includes("TLS handshake")));
});

test("Server ends a client in the middle of its handshake when it is closed", async (context) => {
  const heard = listen(context);
  const server = await startServer(echo, 0, "127.0.0.1", { tls: { key, cert } });
  const socket = connect(server.port, "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));
  const closed = new Promise((resolve) => socket.once("close", resolve).on("error", () => {}));
  await sleep(20); // until the server has accepted it
  await server[Symbol.asyncDispose]();
  await closed;
  assert.deepEqual(heard, []);
});

async function starttls(reader: StreamReader, writer: StreamWriter): Promise<void> {
  await reader.readLine();
  writer.write("ready\n");
  await writer.startTls({ key, cert });
  writer.write(`you said ${String(await reader.readLine())}`);
}

test("StreamWriter.startTls() encrypts an open connection from both sides", async () => {
  await using server = await startServer(starttls, 0, "127.0.0.1");
  const [reader, writer] = await openConnection(server.port, "127.0.0.1");
  await using _ = writer;
  writer.write("STARTTLS\n");
  assert.equal((await reader.readLine()).toString(), "ready\n");
  await writer.startTls({ ca: cert });
  assert.equal(writer.encrypted, true);
  writer.write("secret\n");
  assert.equal((await reader.readLine()).toString(), "you said secret\n");
  await assert.rejects(writer.startTls(), /is encrypted/);
});

test("StreamWriter.startTls() fails for a certificate that it does not know, and closes the connection", async (context) => {
  listen(context);
  await using server = await startServer(starttls, 0, "127.0.0.1");
  const [reader, writer] = await openConnection(server.port, "127.0.0.1");
  writer.write("STARTTLS\n");
  await reader.readLine();
  await assert.rejects(writer.startTls(), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  await writer[Symbol.asyncDispose]();
});

test("StreamWriter.startTls() refuses bytes that came in clear text before it", async () => {
  await using server = await startServer((_reader, writer) => writer.write("ready\ninjected\n"), 0, "127.0.0.1");
  const [reader, writer] = await openConnection(server.port, "127.0.0.1");
  await using _ = writer;
  await reader.readLine();
  await assert.rejects(writer.startTls({ ca: cert }), /came in clear text: current value is 9/);
});

test("startServer() reports a handshake that fails", async (context) => {
  const heard = listen(context);
  await using server = await startServer(echo, 0, "127.0.0.1", { tls: { key, cert } });
  const [reader, writer] = await openConnection(server.port, "127.0.0.1");
  await using _ = writer;
  writer.write("GET / HTTP/1.1\r\n\r\n");
  await reader.read().catch((error: unknown) => assert.ok(error instanceof ConnectionResetError));
  assert.match(heard[0]?.message ?? "", /TLS handshake with server .* failed/);
});

test("StreamWriter.startTls() that is cancelled closes the connection", async () => {
  const silent = new Event();
  await using server = await startServer(() => silent.wait(), 0, "127.0.0.1");
  const [, writer] = await openConnection(server.port, "127.0.0.1");
  const start = createTask(() => writer.startTls({ ca: cert }), { eagerStart: true });
  await sleep(5);
  start.cancel();
  await assert.rejects(start, isCancelled);
  await writer[Symbol.asyncDispose]();
  silent.set();
});
