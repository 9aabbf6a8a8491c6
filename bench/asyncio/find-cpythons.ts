import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** A CPython of this machine. */
export interface CPython {
  /** What it is called: `CPython 3.13.0`. */
  readonly name: string;
  /** Its interpreter, with all links followed. */
  readonly executable: string;
  /** Major, minor, micro. */
  readonly version: readonly number[];
  /** How it was built, in words. */
  readonly build: string;
  /** The version of uvloop, where there is one. */
  readonly uvloop: string | undefined;
}

/** What the interpreter says of itself. */
interface Answer {
  readonly executable: string;
  readonly implementation: string;
  readonly release: string;
  readonly version: readonly number[];
  readonly compiler: string;
  readonly optimized: boolean;
  readonly freeThreaded: boolean;
  readonly uvloop: string | null;
}

const question = `
import json, os, platform, sys, sysconfig
try:
    import uvloop
except ImportError:
    uvloop = None
print(json.dumps({
    "executable": os.path.realpath(sys.executable),
    "implementation": sys.implementation.name,
    "release": platform.python_version(),
    "version": sys.version_info[:3],
    "compiler": platform.python_compiler(),
    "optimized": "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or ""),
    "freeThreaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "uvloop": uvloop and uvloop.__version__,
}))`;

const run = promisify(execFile);

/**
 * Every CPython on the `PATH` and among pyenv's versions that has `asyncio.timeout`, thus from 3.11 on; the newest
 * first. One that is found by several names counts once.
 *
 * @param environment - Where `PATH` and `PYENV_ROOT` are looked up.
 */
export async function findCPythons(environment: NodeJS.ProcessEnv = process.env): Promise<CPython[]> {
  const answers = await Promise.all(candidates(environment).map(ask));
  const unique = new Map<string, CPython>();
  for (const answer of answers)
    if (answer !== undefined && isMeant(answer)) unique.set(answer.executable, describe(answer));
  return [...unique.values()].sort((one, other) => compareVersions(other.version, one.version));
}

/** Below zero if `one` is the older version, above if it is the newer. */
export function compareVersions(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((part, i) => part !== other[i]);
  return index === -1 ? 0 : one[index]! - (other[index] ?? 0);
}

function candidates(environment: NodeJS.ProcessEnv): string[] {
  const folders = [...pyenvFolders(environment), ...(environment["PATH"] ?? "").split(delimiter)];
  const found = folders.flatMap((folder) =>
    list(folder)
      .filter((name) => /^python3(\.\d+)?t?$/.test(name))
      .map((name) => join(folder, name)),
  );
  return [...new Set(found)];
}

function pyenvFolders(environment: NodeJS.ProcessEnv): string[] {
  const versions = join(environment["PYENV_ROOT"] ?? join(homedir(), ".pyenv"), "versions");
  return list(versions).map((version) => join(versions, version, "bin"));
}

// A folder that is named and is not there holds nothing.
function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

// What cannot be run, a pyenv shim for a version that is not installed for example, is no Python of this machine.
async function ask(executable: string): Promise<Answer | undefined> {
  try {
    const { stdout } = await run(executable, ["-E", "-c", question], { timeout: 30_000 });
    return JSON.parse(stdout) as Answer;
  } catch {
    return undefined;
  }
}

function isMeant({ implementation, version }: Answer): boolean {
  return implementation === "cpython" && compareVersions(version, [3, 11, 0]) >= 0;
}

function describe({ executable, release, version, compiler, optimized, freeThreaded, uvloop }: Answer): CPython {
  const build = `${compiler}, configured ${optimized ? "with" : "without"} --enable-optimizations`;
  return {
    name: `CPython ${release}${freeThreaded ? "t" : ""}`,
    executable,
    version,
    build,
    uvloop: uvloop ?? undefined,
  };
}
