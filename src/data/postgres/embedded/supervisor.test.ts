// What happens to the server when the program that started it ends.

import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect as dial } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { test } from "node:test";
import { sleep, timeout } from "../../../asyncio/index.ts";
import { connect } from "../client.ts";
import { preparedFolder } from "../server.fixture.ts";
import { isAlive } from "./postmaster-pid.ts";
import { startPostgres } from "./start-postgres.ts";

const program = `
  import { startPostgres } from ${JSON.stringify(join(import.meta.dirname, "start-postgres.ts"))};
  const server = await startPostgres({ folder: process.argv[1] });
  console.log(JSON.stringify({ pid: server.pid, url: server.url }));
  if (process.argv[2] === "stay") setInterval(() => {}, 1_000);
`;

async function startProgram(
  option?: "stay",
  folder: string = preparedFolder(),
): Promise<[ChildProcessByStdio<null, Readable, null>, { readonly pid: number; readonly url: string }]> {
  const args = option === undefined ? [] : [option];
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, folder, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return [child, JSON.parse(line.toString()) as { readonly pid: number; readonly url: string }];
}

function supervisorOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(" ")[3]);
}

async function untilGone(pid: number): Promise<void> {
  await timeout(10_000, async () => {
    while (isAlive(pid)) await sleep(5);
  });
}

for (const signal of ["SIGKILL", "SIGTERM", "SIGINT"] as const) {
  test(`startPostgres() leaves no process behind when its program is ended by ${signal}`, async () => {
    const [child, { pid, url }] = await startProgram("stay");
    await using connection = await connect(url);
    const lost = assert.rejects(connection.query("select pg_sleep(60)"), { name: "ConnectionLostError" });
    const supervisor = supervisorOf(pid);
    child.kill(signal);
    await Promise.all([untilGone(pid), untilGone(supervisor), lost]);
  });
}

test("startPostgres() does not hold its program open, and ends with it", async () => {
  const [child, { pid }] = await startProgram();
  const [code] = (await once(child, "exit")) as [number];
  assert.equal(code, 0);
  await untilGone(pid);
});

test("startPostgres() outlives Ctrl+C at the terminal, so that its program can end in order", async () => {
  const [child, { pid, url }] = await startProgram("stay");
  const { port } = new URL(url);
  const supervisor = supervisorOf(pid);
  process.kill(supervisor, "SIGINT");
  const socket = dial(Number(port), "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
  assert.ok(isAlive(pid));
  child.kill("SIGKILL");
  await untilGone(pid);
});

test("startPostgres() stops the server itself if what should do it is killed", async () => {
  const server = await startPostgres({ folder: preparedFolder() });
  process.kill(supervisorOf(server.pid), "SIGKILL");
  await untilGone(server.pid);
  await server.stop();
});

test("startPostgres() ends a server whose program and supervisor were killed, and starts another on its data", async () => {
  const folder = preparedFolder();
  const [child, { pid, url }] = await startProgram("stay", folder);
  {
    await using connection = await connect(url);
    await connection.query("create table note as select 'kept' as text");
  }
  const supervisor = supervisorOf(pid);
  child.kill("SIGSTOP"); // so that it does not notice the end of the supervisor
  process.kill(supervisor, "SIGKILL");
  child.kill("SIGKILL");
  await Promise.all([once(child, "exit"), untilGone(supervisor)]);
  assert.ok(isAlive(pid), "the server goes on by itself");
  const servers = await Promise.all([startPostgres({ folder }), startPostgres({ folder })]);
  assert.equal(servers[0].pid, servers[1].pid);
  assert.notEqual(servers[0].pid, pid);
  await assert.rejects(connect(url), { name: "ConnectError" });
  {
    await using connection = await connect(servers[0].url);
    assert.deepEqual(await connection.query("select text from note"), [{ text: "kept" }]);
  }
  await Promise.all(servers.map((server) => server.stop()));
});
