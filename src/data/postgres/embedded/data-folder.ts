import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { platform } from "node:os";
import { join } from "node:path";
import { runProgram } from "./run-program.ts";
import { requireOurs, temporaryFolder } from "./temporary-folder.ts";
import { canReach, giveTo, type User } from "./user.ts";

/** @internal The name of the server's one user. */
export const userName = "app";

/** @internal The folder of a server, as it lies on the disk. */
export interface DataFolder {
  /** What the server calls its data directory. */
  readonly data: string;
  /** What the server has to say. */
  readonly logFile: string;
  /** The password of the user {@link userName}: other users of the machine can reach the port as well. */
  readonly password: string;
}

const passwordFile = "pottle.password";

/**
 * @internal Finds the data in `folder`, or makes it.
 *
 * @param bin - The folder with the programs in it.
 * @throws {EmbeddedPostgresError} If it cannot be made.
 * @throws {CancelledError} If it is cancelled; a folder that is only half made is removed.
 */
export async function prepareData(folder: string, bin: string, user: User): Promise<DataFolder> {
  const place = placeFor(folder, user);
  const data = join(place, "data");
  if (!existsSync(join(data, "PG_VERSION"))) await makeData(place, data, bin, user);
  const password = readFileSync(join(data, passwordFile), "utf8");
  return { data, password, logFile: join(place, "server.log") };
}

// The server of root runs as nobody, who may not enter root's own folder, for one: then the data is among temporary files.
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

// Made under another name: what has the name `data` is complete, also if this process is killed, or is not the only one.
async function makeData(folder: string, data: string, bin: string, user: User): Promise<void> {
  const draft = mkdtempSync(join(folder, "new-"));
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

function initArgs(data: string, secret: string): string[] {
  // The locale that knows all letters and no country has another name, or none, elsewhere.
  const locale = platform() === "linux" ? ["--locale=C.UTF-8"] : ["--locale=C", "--encoding=UTF8"];
  const access = ["-U", userName, "--auth=scram-sha-256", `--pwfile=${secret}`];
  return ["-D", data, ...access, ...locale, "--no-sync", "--no-instructions", "--wal-segsize=1"];
}

function publish(made: string, data: string): void {
  try {
    renameSync(made, data);
  } catch (error) {
    if (!existsSync(join(data, "PG_VERSION"))) throw error; // else another process was faster
  }
}
