import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { platform } from "node:os";
import { join } from "node:path";
import { EmbeddedPostgresError } from "../errors.ts";
import { isAlive } from "./postmaster-pid.ts";
import { runProgram } from "./run-program.ts";
import { requireOurs, temporaryFolder } from "./temporary-folder.ts";
import { canReach, giveTo, type User } from "./user.ts";

/** @internal The name of the server's only user. */
export const userName = "app";

/** @internal The files of a server on the disk. */
export interface DataFolder {
  /** The server's data directory. */
  readonly data: string;
  /** The server's log file. */
  readonly logFile: string;
  /**
   * The password of the user {@link userName}. It is needed because other users of the machine can reach the port too.
   */
  readonly password: string;
}

const passwordFile = "pottle.password";

/**
 * @internal Finds the data in `folder`, or creates it.
 *
 * @param bin - The folder that contains the programs.
 * @throws {EmbeddedPostgresError} If the data cannot be created.
 * @throws {CancelledError} If the call is cancelled; an incomplete folder is removed.
 */
export async function prepareData(folder: string, bin: string, user: User): Promise<DataFolder> {
  try {
    const place = placeFor(folder, user);
    const data = join(place, "data");
    if (!isMade(data, user)) await makeData(place, data, bin, user);
    const password = readFileSync(join(data, passwordFile), "utf8");
    return { data, password, logFile: join(place, "server.log") };
  } catch (error) {
    throw explain(error, folder);
  }
}

// Converts a system error for a folder or a file.
function explain(error: unknown, folder: string): unknown {
  if (!(error instanceof Error) || !("syscall" in error)) return error;
  const message = `Cannot start PostgreSQL as its data cannot be kept in ${folder}: ${error.message}`;
  return new EmbeddedPostgresError(message, { cause: error });
}

function isMade(data: string, user: User): boolean {
  const folder = statSync(data, { throwIfNoEntry: false });
  if (folder === undefined) return false;
  const uid = user.uid ?? process.getuid?.();
  if (uid !== undefined && folder.uid !== uid) {
    refuse(data, `belongs to user ${folder.uid}, and the server would run as user ${uid}`);
  }
  for (const file of ["PG_VERSION", passwordFile]) {
    if (!existsSync(join(data, file))) refuse(data, `has no ${file}, so it was not made by Pottle or is damaged`);
  }
  return true;
}

function refuse(data: string, reason: string): never {
  throw new EmbeddedPostgresError(`Cannot start PostgreSQL as ${data} ${reason}: remove it, or use another folder`);
}

// If this process runs as root, the server runs as the user nobody, who may not be able to enter the folder, such as
// one in root's home. Then the data is stored among temporary files.
function placeFor(folder: string, user: User): string {
  makeFolder(folder);
  if (canReach(user, folder)) return folder;
  const place = temporaryFolder(folder);
  makeFolder(place);
  requireOurs(place);
  return place;
}

function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (!existsSync(join(folder, ".gitignore"))) writeFileSync(join(folder, ".gitignore"), "*\n");
}

// The data is created under another name and then renamed. So a folder with the name `data` is always complete, even if
// this process is killed or another one does the same.
async function makeData(folder: string, data: string, bin: string, user: User): Promise<void> {
  removeOrphans(folder);
  const draft = mkdtempSync(join(folder, `new-${process.pid}-`));
  giveTo(user, draft);
  try {
    const secret = join(draft, passwordFile);
    writeFileSync(secret, randomBytes(18).toString("base64url"), { mode: 0o600 });
    giveTo(user, secret);
    const made = join(draft, "data");
    await runProgram(join(bin, "initdb"), initArgs(made, secret), user, folder);
    renameSync(secret, join(made, passwordFile));
    publish(made, data);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

// Removes incomplete folders of processes that were killed while they created data.
function removeOrphans(folder: string): void {
  for (const name of readdirSync(folder)) {
    const maker = /^new-(\d+)-/.exec(name)?.[1];
    if (maker === undefined || isAlive(Number(maker))) continue;
    rmSync(join(folder, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

function initArgs(data: string, secret: string): string[] {
  // C.UTF-8 handles all letters without country-specific rules. Other systems have another name for this locale, or
  // lack it.
  const locale = platform() === "linux" ? ["--locale=C.UTF-8"] : ["--locale=C", "--encoding=UTF8"];
  const access = ["-U", userName, "--auth=scram-sha-256", `--pwfile=${secret}`];
  return ["-D", data, ...access, ...locale, "--no-sync", "--no-instructions", "--wal-segsize=1"];
}

function publish(made: string, data: string): void {
  try {
    renameSync(made, data);
  } catch (error) {
    if (!existsSync(join(data, "PG_VERSION"))) throw error; // otherwise another process was faster
  }
}
