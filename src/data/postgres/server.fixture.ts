// A server for the tests of one file, with its own folder.

import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { sleep } from "../../asyncio/index.ts";
import type { Connection } from "./client.ts";
import { prepareData } from "./embedded/data-folder.ts";
import { findBinaries } from "./embedded/find-binaries.ts";
import { prepareBinaries } from "./embedded/prepare-binaries.ts";
import { serverUser } from "./embedded/user.ts";
import type { EmbeddedPostgres } from "./embedded/embedded-postgres.ts";
import { startPostgres, type StartPostgresOptions } from "./embedded/start-postgres.ts";

// In memory if possible, because most of the time is spent on files.
const place = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const user = serverUser();
const template = join(import.meta.dirname, "../../../.pottle/postgres-template");
await prepareData(template, prepareBinaries(findBinaries(process.cwd()), user), user);

/** Starts a server that is stopped at the end of the test file. */
export async function testServer(options: StartPostgresOptions = {}): Promise<EmbeddedPostgres> {
  const server = await startPostgres({ folder: preparedFolder(), ...options });
  after(() => server.stop());
  return server;
}

/**
 * Makes a folder that contains the data of a new server. The data is copied, which takes a tenth of the time that
 * creating it takes.
 */
export function preparedFolder(): string {
  const folder = testFolder();
  prepare(folder);
  return folder;
}

/** Copies the data of a new server into a folder. */
export function prepare(folder: string): void {
  execFileSync("cp", ["-a", join(template, "data"), folder]);
}

/** Makes a folder that the server's user can enter. It is removed at the end of the test file. */
export function testFolder(): string {
  const folder = mkdtempSync(join(place, "pottle-postgres-test-"));
  chmodSync(folder, 0o755);
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** How many queries the server cancelled on request, according to its log. */
export function countCancelled(server: EmbeddedPostgres): number {
  return readFileSync(server.logFile, "utf8").split("canceling statement due to user request").length - 1;
}

/** Waits until the server reports `count` running queries with `part` in their text. */
export async function untilRunning(watcher: Connection, part: string, count = 1): Promise<void> {
  while ((await countRunning(watcher, part)) < count) await sleep(2);
}

/** How many queries with `part` in their text are running, according to the server. */
export async function countRunning(watcher: Connection, part: string): Promise<number> {
  return (await runningProcesses(watcher, part)).length;
}

/** The IDs of the server processes that run such queries. */
export async function runningProcesses(watcher: Connection, part: string): Promise<number[]> {
  const rows = await watcher.query<{ pid: number }>(
    "select pid from pg_stat_activity where state = 'active' and query like $1 and pid <> pg_backend_pid()",
    [`%${part}%`],
  );
  return rows.map(({ pid }) => pid);
}
