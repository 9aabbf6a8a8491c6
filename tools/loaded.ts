// The snapshot of what importing each face, and each command of `pottle`, loads, so that no program starts slower unnoticed.
//
//   node tools/loaded.ts            compares test/loaded-modules.snapshot.json with the sources
//   node tools/loaded.ts --update   writes it anew: review the difference like any other code
//
// Sources are counted by folder; packages and modules of Node are listed. What the built package loads is fewer files, as
// each face is bundled, but the same code.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { faces, isMain, root } from "./_repository.ts";
import { runProcess } from "./_process.ts";

/** What a face loads when it is imported. */
export interface Loaded {
  /** How many of our modules, by folder of `src/`. */
  readonly sources: Readonly<Record<string, number>>;
  /** The packages. */
  readonly packages: readonly string[];
  /** The modules of Node that are imported by name. */
  readonly node: readonly string[];
}

/** Where the snapshot lies, relative to the repository. */
export const snapshotFile = "test/loaded-modules.snapshot.json";

const probe = `
  import { registerHooks } from "node:module";
  const urls = new Set();
  registerHooks({
    load(url, context, next) {
      urls.add(url);
      return next(url, context);
    },
  });
  await import(process.argv[1]);
  console.log(JSON.stringify([...urls]));
`;

/** The commands, by the file that has each, and what `run` loads to serve and to start workers. */
const commands = ["run", "serve-application", "workers/run-workers", "repl", "ps", "pstree"];

/** What each public face and each command loads, each in a process of its own. */
export async function readLoaded(folder: string = root): Promise<Record<string, Loaded>> {
  const all: Record<string, Loaded> = {};
  for (const { subpath, file } of faces(folder)) all[subpath] = await loadedBy(join(folder, file), folder);
  for (const name of commands) all[`pottle ${name}`] = await loadedBy(join(folder, `src/cli/${name}.ts`), folder);
  return all;
}

async function loadedBy(file: string, folder: string): Promise<Loaded> {
  const { code, output } = await runProcess(process.execPath, ["--input-type=module", "-e", probe, file], {
    cwd: root,
  });
  if (code !== 0) throw new Error(`Cannot list what ${file} loads as it cannot be imported:\n${output}`);
  return sort(JSON.parse(output) as string[], folder);
}

function sort(urls: readonly string[], folder: string): Loaded {
  const home = new URL(`file://${folder}/src/`).href;
  const sources: Record<string, number> = {};
  for (const url of urls.filter((each) => each.startsWith(home)).sort()) {
    const [floor = "", room = ""] = url.slice(home.length).split("/");
    const name = floor === "asyncio" && !room.endsWith(".ts") ? `${floor}/${room}` : floor;
    sources[name] = (sources[name] ?? 0) + 1;
  }
  return {
    sources,
    packages: unique(urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? [])),
    node: unique(urls.filter((url) => url.startsWith("node:"))),
  };
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

/** The snapshot as it was last accepted. */
export function readSnapshot(): Record<string, Loaded> {
  return JSON.parse(readFileSync(join(root, snapshotFile), "utf8")) as Record<string, Loaded>;
}

if (isMain(import.meta.url)) {
  const current = await readLoaded();
  if (process.argv.includes("--update")) {
    writeFileSync(join(root, snapshotFile), `${JSON.stringify(current, null, 2)}\n`);
  } else if (!isDeepStrictEqual(current, readSnapshot())) {
    console.error('What the faces load has changed. If that is meant, run "npm run loaded -- --update" and review it.');
    process.exitCode = 1;
  }
}
