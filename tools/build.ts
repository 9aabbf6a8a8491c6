// Builds dist/: the declarations with tsc, the JavaScript with esbuild.
//
//   node tools/build.ts          builds if a source is newer than what was built of it
//   node tools/build.ts --force  builds in any case

import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { bundle, isChunk } from "./_bundle.ts";
import { files, isMain, isTest, root } from "./_repository.ts";
import { runProcess } from "./_process.ts";

/** What decides how sources are built, besides the sources. */
const SETTINGS = ["tsconfig.json", "tsconfig.build.json"];

/** Whether a file that should be in `dist/` is missing, or older than its source or the compiler's settings. */
export function isStale(folder: string = root): boolean {
  const sources = files(["src/**/*.ts"], folder).filter((file) => !isTest(file));
  const settings = Math.max(...SETTINGS.map((file) => modified(join(folder, file)) ?? 0));
  return sources.some((source) => {
    const built = modified(join(folder, builtOf(source)));
    return built === undefined || built < Math.max(settings, modified(join(folder, source)) ?? 0);
  });
}

/** The files of `dist/` whose source is gone, so that no user imports what no longer exists. */
export function orphans(folder: string = root): string[] {
  const expected = new Set(
    files(["src/**/*.ts"], folder)
      .filter((file) => !isTest(file))
      .map((source) => builtOf(source).replace(/\.d\.ts$/, ".js")),
  );
  return files(["dist/**/*.{js,d.ts,js.map,d.ts.map}"], folder).filter((file) => {
    return !isChunk(file) && !expected.has(file.replace(/(?:\.d\.ts|\.js)(?:\.map)?$/, ".js"));
  });
}

/**
 * Builds the repository's `dist/` if it is stale, or in any case with `force`.
 *
 * @throws {Error} If a source does not compile; its message is what the compiler said.
 */
export async function build(force = false): Promise<void> {
  for (const file of orphans()) rmSync(join(root, file));
  if (!force && !isStale()) return;
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { code, output } = await runProcess(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root });
  if (code !== 0) throw new Error(`Cannot build as a source does not compile:\n${output}`);
  for (const file of files(["dist/**/*.{js,js.map}"])) rmSync(join(root, file));
  await bundle();
}

function builtOf(source: string): string {
  return source.replace(/^src\//, "dist/").replace(/\.ts$/, ".d.ts");
}

function modified(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

if (isMain(import.meta.url)) {
  await build(process.argv.includes("--force")).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
