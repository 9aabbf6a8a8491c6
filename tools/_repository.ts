// Where things lie in this repository, for the tools that look at all of it.

import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";

/** The repository's folder. */
export const root: string = join(import.meta.dirname, "..");

/** One public face of the package: a subpath that users import, and the source file behind it. */
export interface Face {
  /** What users import, such as `pottle/asyncio`. */
  readonly subpath: string;
  /** The source file, relative to the repository, such as `src/asyncio/index.ts`. */
  readonly file: string;
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
}

/** The public faces that `exports` of the package.json in `folder` lists, in its order. */
export function faces(folder: string = root): Face[] {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  return Object.entries(manifest.exports).flatMap(([key, target]) =>
    typeof target === "string" ? [] : [{ subpath: manifest.name + key.slice(1), file: sourceOf(target.default) }],
  );
}

/** The source of a built file: `./dist/asyncio/index.js` comes from `src/asyncio/index.ts`. */
function sourceOf(built: string): string {
  return built.replace(/^\.\/dist\//, "src/").replace(/\.js$/, ".ts");
}

/** The files in `folder` that match, relative to it, with `/` on every platform, sorted. */
export function files(patterns: readonly string[], folder: string = root): string[] {
  const found = globSync(patterns, { cwd: folder, exclude: (name) => name.split(sep).includes("node_modules") });
  return found.map((file) => file.replaceAll(sep, "/")).sort();
}

/** Whether a file is a test, and so may look into more than the code it tests. */
export function isTest(file: string): boolean {
  return /\.(?:test|fixture)\.ts$/.test(file);
}

/** Whether the tool at `url` was started itself, rather than imported. */
export function isMain(url: string): boolean {
  return process.argv[1] !== undefined && url === new URL(`file://${process.argv[1]}`).href;
}
