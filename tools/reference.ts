// The reference: a page for each public face, with every name that it exports, its signature, and the first sentence of
// its doc comment. It is made of the declarations in dist/.
//
//   node tools/reference.ts            says which pages of docs/reference are not what the sources say
//   node tools/reference.ts --update   writes them anew

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.ts";
import { type Declaration, declarationsOf } from "./_declarations.ts";
import { firstSentence } from "./_doc-sentence.ts";
import { formatDeclarations } from "./_format-declarations.ts";
import { type Entry, type FacePage, indexPage, pageName, pageOf } from "./_reference-page.ts";
import { namesIn } from "./exports.ts";
import { faces, files, isMain, root } from "./_repository.ts";

/** The folder of the pages, relative to the repository. */
export const referenceFolder = "docs/reference";

/**
 * The pages by their file names, as the declarations in `dist/` say.
 *
 * @throws {Error} If a name that a face exports is not declared, or has no doc comment with a sentence.
 */
export function referencePages(folder: string = root): Map<string, string> {
  const found = faces(folder).map(({ subpath, file }) => ({ subpath, file, names: declaredNames(file, folder) }));
  const texts = formatDeclarations(found.flatMap(({ names }) => names.flat()));
  const pages: FacePage[] = found.map(({ subpath, file, names }) => ({
    subpath,
    source: readFileSync(join(folder, file), "utf8"),
    entries: names.map((all): Entry => entryOf(all, texts)),
  }));
  return new Map([
    ["README.md", indexPage(pages)],
    ...pages.map((page): [string, string] => [pageName(page.subpath), pageOf(page)]),
  ]);
}

/** The declarations of each name that a face exports. */
function declaredNames(face: string, folder: string): Declaration[][] {
  const declarations = face.replace(/^src\//, "dist/").replace(/\.ts$/, ".d.ts");
  return namesIn(join(folder, face)).map((name) => declarationsOf(name.replace(/^type /, ""), declarations, folder));
}

function entryOf(declarations: readonly Declaration[], texts: ReadonlyMap<Declaration, string>): Entry {
  const { name } = declarations[0]!;
  const comment = declarations.find((each) => firstSentence(each.comment) !== "")?.comment;
  if (comment === undefined) throw new Error(`Cannot describe ${name} as its doc comment has no sentence`);
  return { name, comment, declarations: declarations.map((each) => texts.get(each)!) };
}

/** The pages that are not as they should be, by their file names: stale, missing, or no longer any face's. */
export function stalePages(folder: string = root): string[] {
  const pages = referencePages(folder);
  const there = files([`${referenceFolder}/*.md`], folder).map((file) => file.slice(referenceFolder.length + 1));
  const stale = [...pages].filter(([name, text]) => read(join(folder, referenceFolder, name)) !== text);
  return [...stale.map(([name]) => name), ...there.filter((name) => !pages.has(name))];
}

function read(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function update(): void {
  const pages = referencePages();
  rmSync(join(root, referenceFolder), { recursive: true, force: true });
  mkdirSync(join(root, referenceFolder));
  for (const [name, text] of pages) writeFileSync(join(root, referenceFolder, name), text);
}

if (isMain(import.meta.url)) {
  await build();
  if (process.argv.includes("--update")) update();
  else {
    const stale = stalePages();
    for (const name of stale) console.error(`${referenceFolder}/${name} is not what the doc comments say`);
    if (stale.length > 0) {
      console.error('Run "npm run reference -- --update", and review it.');
      process.exitCode = 1;
    }
  }
}
