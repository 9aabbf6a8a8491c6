// The snapshot of all that users can import, so that no name comes or goes unnoticed, and none is without a doc comment.
//
//   node tools/exports.ts            compares test/exports.snapshot.json with the faces of src/, and looks for doc comments
//   node tools/exports.ts --update   writes it anew: review the difference like any other code

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { undocumented } from "./documented.ts";
import { faces, isMain, root } from "./_repository.ts";

/** The exported names of every subpath, sorted; a type's name follows `type `. */
export type Exports = Record<string, string[]>;

/** Where the snapshot lies, relative to the repository. */
export const snapshotFile = "test/exports.snapshot.json";

/**
 * The names that each public face of the repository in `folder` exports.
 *
 * @throws {Error} If a face is missing, or exports with a star, which would hide its names from readers.
 */
export function readExports(folder: string = root): Exports {
  return Object.fromEntries(faces(folder).map(({ subpath, file }) => [subpath, namesIn(join(folder, file))]));
}

/** The names that a face exports. It is an explicit list: `export { a, type B } from "./a.ts"`. */
export function namesIn(file: string): string[] {
  if (!existsSync(file)) throw new Error(`Cannot list the exports as a face of package.json is missing: ${file}`);
  const source = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
  const star = /^export\s+(?:type\s+)?\*\s+from.*/m.exec(source);
  if (star) throw new Error(`Cannot list the exports of ${file} as it has a star, not a list: ${star[0]}`);
  const lists = [...source.matchAll(/^export\s+(type\s+)?\{([^}]*)\}/gm)].flatMap(([, type, list]) =>
    (list ?? "").split(",").flatMap((entry) => nameOf(entry, type !== undefined)),
  );
  const declared = [
    ...source.matchAll(/^export\s+(?:async\s+)?(const|let|class|function\*?|interface|type)\s+(\w+)/gm),
  ];
  const declarations = declared.map(([, kind, name]) =>
    /interface|type/.test(kind ?? "") ? `type ${name}` : `${name}`,
  );
  return [...lists, ...declarations].sort(compare);
}

/** What an entry of a list exports: nothing, `name`, `type Name`, or the name after `as`. */
function nameOf(entry: string, inTypeList: boolean): string[] {
  const match = /^(type\s+)?(?:\S+\s+as\s+)?(\S+)$/.exec(entry.trim());
  if (match === null) return [];
  return [inTypeList || match[1] !== undefined ? `type ${match[2]}` : `${match[2]}`];
}

/** Values before types, each in the order of their code units. */
function compare(a: string, b: string): number {
  const [typeA, typeB] = [a.startsWith("type "), b.startsWith("type ")];
  if (typeA !== typeB) return typeA ? 1 : -1;
  return a < b ? -1 : 1;
}

/** What came and went between two snapshots: one line a name, such as `+ pottle/asyncio: gather`. */
export function differences(before: Exports, after: Exports): string[] {
  const lines = (sign: string, these: Exports, others: Exports): string[] =>
    Object.entries(these).flatMap(([subpath, names]) =>
      names.filter((name) => !others[subpath]?.includes(name)).map((name) => `${sign} ${subpath}: ${name}`),
    );
  return [...lines("-", before, after), ...lines("+", after, before)];
}

/** The snapshot as it was last accepted; empty if there is none. */
export function readSnapshot(folder: string = root): Exports {
  const file = join(folder, snapshotFile);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Exports) : {};
}

if (isMain(import.meta.url)) {
  const current = readExports();
  if (process.argv.includes("--update")) {
    writeFileSync(join(root, snapshotFile), `${JSON.stringify(current, null, 2)}\n`);
  } else {
    const changes = differences(readSnapshot(), current);
    for (const change of changes) console.error(change);
    if (changes.length > 0) {
      console.error('The exports have changed. If that is meant, run "npm run exports -- --update" and review it.');
      process.exitCode = 1;
    }
    const bare = undocumented();
    for (const { file, line, name } of bare)
      console.error(`${file}:${line}: ${name} is exported without a doc comment`);
    if (bare.length > 0) process.exitCode = 1;
  }
}
