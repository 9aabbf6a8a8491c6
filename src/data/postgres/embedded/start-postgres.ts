import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { platform } from "node:os";
import { join, resolve } from "node:path";
import { park, sleep } from "../../../asyncio/index.ts";
import { EmbeddedPostgresError } from "../errors.ts";
import { type DataFolder, prepareData } from "./data-folder.ts";
import type { EmbeddedPostgres } from "./embedded-postgres.ts";
import { findBinaries } from "./find-binaries.ts";
import { joinServer, writeSupervisor } from "./join-server.ts";
import { findServer, readPostmasterPid } from "./postmaster-pid.ts";
import { prepareBinaries } from "./prepare-binaries.ts";
import { Supervisor } from "./supervisor.ts";
import { serverUser, type User } from "./user.ts";

/** Options for starting an embedded PostgreSQL server. */
export interface StartPostgresOptions {
  /** The folder of the data; created if it does not exist. @default ".pottle/postgres" in the working directory */
  readonly folder?: string;
  /** The folder from which the package with the programs is resolved. @default the working directory */
  readonly appFolder?: string;
  /** The port to listen on; it can be reached only from this machine. @default 0, a free port */
  readonly port?: number;
  /** Settings of the server, as in postgresql.conf. @default {} */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/**
 * How long the server may take until it accepts connections, in milliseconds. After a crash, it has to recover first.
 */
const readyLimit = 60_000;

/** How long to wait for a server that cannot be joined, in milliseconds: it may be starting or about to end. */
const strangerLimit = 3_000;

/**
 * Starts a real PostgreSQL server on this machine, for development and tests. You need not install a server or create
 * an account. Do not use it for anything else: it does not wait until data is on the disk, so a power failure may
 * destroy the data.
 *
 * The programs come from the package `embedded-postgres`, from the folder in the environment variable `PG_BIN`, or from
 * the system. If a server is already running on the folder, it is used, with its existing settings. The server ends
 * with the last process that uses it, for whatever reason that process ends.
 *
 * @returns The server. The caller must stop it: `await using` does that.
 * @throws {EmbeddedPostgresError} If the server cannot be started; the message says why, and what to install.
 * @throws {CancelledError} If the call is cancelled; nothing is left running.
 * @example
 * await using server = await startPostgres();
 * await using connection = await connect(server.url);
 * const [row] = await connection.query("select 1 + 1 as sum");
 * console.log(row); // { sum: 2 }
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<EmbeddedPostgres> {
  const { appFolder = process.cwd(), folder = join(appFolder, ".pottle", "postgres") } = options;
  const user = serverUser();
  const bin = prepareBinaries(findBinaries(appFolder), user);
  const place = await prepareData(resolve(folder), bin, user);
  for (const start = performance.now(); ; await sleep(20)) {
    const server = (await joinServer(place)) ?? (await tryLaunch(place, bin, user, options));
    if (server !== undefined) return server;
    const limit = findServer(place.data)?.isReady === true ? strangerLimit : readyLimit;
    if (performance.now() - start > limit) throw isTaken(place);
  }
}

function isTaken({ data }: DataFolder): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `Cannot start PostgreSQL as one that cannot be shared runs on ${data}: stop process ${findServer(data)?.pid}, or use another folder`,
  );
}

// Returns `undefined` if a server is already there, if another one starts at the same moment, or if the free port was
// taken meanwhile.
async function tryLaunch(
  place: DataFolder,
  bin: string,
  user: User,
  { port, settings = {} }: StartPostgresOptions,
): Promise<EmbeddedPostgres | undefined> {
  if (findServer(place.data) !== undefined) return undefined;
  writeFileSync(place.logFile, "", { mode: 0o600 });
  const isAnyPort = (port === undefined || port === 0) && settings["port"] === undefined;
  const all = { ...defaults(isAnyPort ? await findFreePort() : (port ?? 0)), ...settings };
  const args = ["-D", place.data, ...settingArgs(all)];
  const token = randomBytes(18).toString("base64url");
  const command = { program: join(bin, "postgres"), args, cwd: place.data, logFile: place.logFile, ...user };
  const supervisor = new Supervisor(command, token);
  try {
    return await follow(supervisor, place, token);
  } catch (error) {
    await supervisor.stop();
    if (isAnyPort && hasLostPort(place)) return undefined;
    throw error;
  }
}

function hasLostPort({ logFile }: DataFolder): boolean {
  return readFileSync(logFile, "utf8").includes("Address already in use");
}

async function follow(supervisor: Supervisor, place: DataFolder, token: string): Promise<EmbeddedPostgres | undefined> {
  const report = await supervisor.report();
  if (!(await untilReady(supervisor, place, report?.pid))) return undefined;
  writeSupervisor(place, { port: report!.port, token, server: report!.pid });
  const server = await joinServer(place);
  supervisor.letGo();
  return server;
}

async function untilReady(supervisor: Supervisor, { data, logFile }: DataFolder, pid?: number): Promise<boolean> {
  const end = performance.now() + readyLimit;
  for (; ; await sleep(10)) {
    const found = readPostmasterPid(data);
    if (found?.isReady === true && found.pid === pid) return true;
    if (!supervisor.hasEnded && performance.now() < end) continue;
    // Another server was faster. It may already have ended together with the program that used it.
    if ((found !== undefined && found.pid !== pid) || wasFolderTaken(logFile, pid)) return false;
    throw notReady(logFile);
  }
}

/** @internal Whether the log shows that a server other than process `pid` has used the folder meanwhile. */
export function wasFolderTaken(logFile: string, pid: number | undefined): boolean {
  const log = readFileSync(logFile, "utf8");
  if (log.includes('lock file "postmaster.pid" already exists')) return true;
  const ended = log.matchAll(/\[(\d+)\] LOG: +database system is shut down$/gm);
  return [...ended].some(([, other]) => Number(other) !== pid);
}

function defaults(port: number): Record<string, string | number> {
  return {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "", // the paths of application folders may exceed the limit for socket paths
    fsync: "off",
    lc_messages: "C", // this package reads them too
    // Ends a query when its client has disconnected, even if the client could not send a cancel request.
    ...(platform() === "linux" ? { client_connection_check_interval: "1s" } : {}),
  };
}

function settingArgs(settings: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

function notReady(logFile: string): EmbeddedPostgresError {
  const lines = readFileSync(logFile, "utf8").trim().split("\n").slice(-5).join("\n");
  return new EmbeddedPostgresError(`Cannot start PostgreSQL as it did not come up: its log ends with\n${lines}`);
}

function findFreePort(): Promise<number> {
  return park({ kind: "port" }, (wait) => {
    const probe = createServer();
    probe.once("error", (error) => wait.fail(error));
    probe.listen({ host: "127.0.0.1", port: 0 }, () => {
      const address = probe.address();
      probe.close(() => wait.wake(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
