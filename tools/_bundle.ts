// Makes the JavaScript of dist/ out of src/, a few files for each face instead of one for each source: a program pays a
// fifth of a millisecond for every module that it loads, and `pottle/asyncio` alone is made of a hundred.
//
//   dist/asyncio/index.js             a face; so dist/client/index.js, and the other files that are started by name
//   dist/asyncio/chunk-4QXZ2R7A.js    what several of them share, so that it is there once
//
// The names of the sources are kept, and source maps lead back to them.

import { readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { faces, files, isTest, root } from "./_repository.ts";

/** The command, which is loaded by the program in bin/. */
const command = "src/cli/main.ts";

/** Files that threads and processes of their own are started with: each has all that it needs in it. */
const programs = [
  "src/asyncio/debug/slow-step-worker.ts",
  "src/asyncio/threads/_thread-worker.ts",
  "src/cli/reload/guard.ts",
  "src/data/postgres/embedded/_supervisor.ts",
];

/** Whether a built file is one that several faces share. */
export function isChunk(file: string): boolean {
  return /(?:^|\/)chunk-[A-Z0-9]+\.js(?:\.map)?$/.test(file);
}

/**
 * Writes the JavaScript of all faces and programs, with source maps.
 *
 * @throws {Error} If a source cannot be read or parsed.
 */
export async function bundle(): Promise<void> {
  const entries = [...faces().map(({ file }) => file), command];
  await build({ ...settings(), entryPoints: entries, splitting: true, chunkNames: "asyncio/chunk-[hash]" });
  await build({ ...settings(), entryPoints: programs });
  for (const file of files(["dist/**/*.js"])) {
    const path = join(root, file);
    writeFileSync(path, takeBuiltins(keepClassNames(readFileSync(path, "utf8"))));
  }
}

// To import a module of Node by a statement is to read all that it exports, some of which loads more of Node: `node:http`
// loads fetch, `node:fs` all of `node:fs/promises`. Each statement keeps its lines, for the source map.
function takeBuiltins(built: string): string {
  return built.replaceAll(/^import \{([^}]*)\} from "(node:[^"]+)";/gm, (_, names: string, module: string) => {
    return `const {${names.replaceAll(" as ", ": ")}} = process.getBuiltinModule("${module}");`;
  });
}

// A class that mentions itself becomes `var Name = class _Name`, and users would be shown `_Name`. (The bundler's own way
// to keep names costs a call for every function at every start.)
function keepClassNames(built: string): string {
  const names = [...built.matchAll(/^var (\w+) = class _\1\b/gm)].map(([, name]) => name);
  if (names.length === 0) return built;
  return built.replace(new RegExp(`\\b_(${names.join("|")})\\b`, "g"), "$1");
}

function settings(): BuildOptions {
  return {
    absWorkingDir: root,
    outdir: "dist",
    outbase: "src",
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    // Node 24 has it, which the bundler does not know.
    supported: { using: true },
    packages: "external",
    sourcemap: true,
    sourcesContent: false,
    legalComments: "none",
    logLevel: "error",
    define: { "import.meta.url": "placeUrl" },
    plugins: [keepPlaces, joinBase],
  };
}

// A source asks by `import.meta.url` for a file beside it, or which frames of a stack are its folder's: it is told the
// place that it would have if it were built by itself.
const keepPlaces: Plugin = {
  name: "keep-places",
  setup(setup) {
    setup.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      return { contents: source.includes("import.meta.url") ? placeOf(path) + source : source, loader: "ts" };
    });
  },
};

// Every face loads this file; what src/base/ holds is put beside it, as each file of its own costs every start.
const joinBase: Plugin = {
  name: "join-base",
  setup(setup) {
    setup.onLoad({ filter: /[\\/]src[\\/]asyncio[\\/]core[\\/]state[\\/]runtime\.ts$/ }, async ({ path }) => {
      const bases = files(["src/base/*.ts"]).filter((file) => !isTest(file));
      const imports = bases.map((file) => `import ${JSON.stringify(join(root, file))};`);
      return { contents: [await readFile(path, "utf8"), ...imports].join("\n"), loader: "ts" };
    });
  },
};

// On the first line, so that the lines of the source map stay.
function placeOf(path: string): string {
  const built = relative(join(root, "src"), path).replaceAll("\\", "/").replace(/\.ts$/, ".js");
  const end = JSON.stringify(`/dist/${built}`);
  return `const { url: ownUrl } = import.meta, placeUrl = ownUrl.slice(0, ownUrl.lastIndexOf("/dist/")) + ${end}; `;
}
