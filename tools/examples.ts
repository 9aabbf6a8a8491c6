// Type-checks and runs every example that readers are shown: the ```ts blocks of README and docs, and the @example
// of doc comments. It sees the built package, as users do, so build first.
//
// - Each document has a folder, so that a block beginning with `// app.ts` can be imported by a later one as
//   "./app.ts". Each block runs in a process of its own, which must end by itself, with exit code 0.
// - Blocks of other languages are files too, if they begin with a name: `<!-- templates/base.html -->`. A page can go on
//   with the files of another: see _shown-files.ts.
// - An example of a doc comment may leave out the imports of Pottle's exports and of `assert`.
// - ```ts no-run is for what serves for ever: it is type-checked only.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { namesIn } from "./exports.ts";
import { runProcess } from "./_process.ts";
import { faces, files, isMain, isTest, root } from "./_repository.ts";
import { shownFiles } from "./_shown-files.ts";
import { docSnippets, markdownSnippets, type Snippet } from "./_snippets.ts";

/** Milliseconds that one example may take. */
const LIMIT_MS = 20_000;

/** How many examples run at once. */
const PARALLEL = 2;

/** What went wrong with an example. */
export interface Problem {
  /** The file and line that show the example. */
  readonly where: string;
  /** What the compiler or the program said. */
  readonly what: string;
}

/** An example, written to a file of its own. */
interface Program extends Snippet {
  /** The file that it was written to. */
  readonly path: string;
  /** How many lines were put before its code. */
  readonly added: number;
}

/** The snippets of the repository in `folder`. */
export function findSnippets(folder: string = root): Snippet[] {
  const read = (file: string): string => readFileSync(join(folder, file), "utf8");
  const markdown = files(["README.md", "docs/**/*.md", "examples/**/*.md"], folder);
  const sources = files(["src/**/*.ts"], folder).filter((file) => !isTest(file));
  return [
    ...markdown.flatMap((file) => markdownSnippets(file, read(file))),
    ...sources.flatMap((file) => docSnippets(file, read(file))),
  ];
}

/**
 * Type-checks the snippets of `folder` and runs them.
 *
 * @param only If given, only files whose path contains it.
 */
export async function checkExamples(folder: string = root, only = ""): Promise<{ count: number; problems: Problem[] }> {
  const snippets = findSnippets(folder).filter(({ file }) => file.includes(only));
  mkdirSync(join(folder, ".pottle"), { recursive: true });
  const place = mkdtempSync(join(folder, ".pottle", "examples-"));
  try {
    writeShownFiles(snippets, place, folder);
    const programs = writePrograms(snippets, place, exportedNames(folder));
    const mistyped = await typeCheck(programs, place, folder);
    const failed = await runAll(programs.filter((program) => !program.noRun));
    return { count: snippets.length, problems: [...mistyped, ...failed] };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** Which subpath exports a name; the first that does, by the order of package.json from the ground floor up. */
function exportedNames(folder: string): Map<string, string> {
  const origin = new Map<string, string>();
  const upwards = faces(folder).toSorted((a, b) => Number(a.subpath === "pottle") - Number(b.subpath === "pottle"));
  for (const { subpath, file } of upwards) {
    for (const entry of namesIn(join(folder, file))) {
      const name = entry.replace("type ", "");
      if (!origin.has(name)) origin.set(name, subpath);
    }
  }
  return origin;
}

/** Writes the files that stand beside the programs of a page. */
function writeShownFiles(snippets: readonly Snippet[], place: string, folder: string): void {
  const pages = new Set(snippets.map(({ file }) => file).filter((file) => file.endsWith(".md")));
  for (const page of pages) {
    for (const [name, text] of shownFiles(page, (file) => readFileSync(join(folder, file), "utf8"))) {
      const path = join(place, folderOf(page), name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }
}

/** The folder of the programs of a file. */
function folderOf(file: string): string {
  return file.replace(/\.\w+$/, "");
}

function writePrograms(snippets: readonly Snippet[], place: string, origin: ReadonlyMap<string, string>): Program[] {
  return snippets.map((snippet) => {
    const path = join(place, folderOf(snippet.file), nameOf(snippet));
    const imports = snippet.file.endsWith(".md") ? [] : missingImports(snippet.code, origin);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, [...imports, snippet.code].join("\n"));
    return { ...snippet, path, added: imports.length };
  });
}

/** A block that begins with a comment such as `// app.ts` is that file; others are named after their line. */
function nameOf({ code, line }: Snippet): string {
  return /^\/\/ ((?:[\w-]+\/)*[\w.-]+\.ts)\b/.exec(code)?.[1] ?? `line-${line}.ts`;
}

/** The imports that an example of a doc comment leaves out, because its reader is looking at the export. */
export function missingImports(code: string, origin: ReadonlyMap<string, string>): string[] {
  const plain = code.replace(/\/\/.*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\])*"/g, "");
  const used = new Set([...plain.matchAll(/(?<![.\w$])[A-Za-z_$][\w$]*(?!\s*:(?!:))/g)].map(([name]) => name));
  const declared = new Set(
    [...code.matchAll(/\b(?:const|let|using|class|function\*?|type|interface)\s+(\w+)/g)].map((m) => m[1]),
  );
  for (const [, list] of code.matchAll(/^import\s([^"]*)/gm))
    for (const name of list?.match(/\w+/g) ?? []) declared.add(name);
  const bySubpath = Map.groupBy(
    [...used].filter((name) => !declared.has(name) && origin.has(name)),
    (name) => origin.get(name),
  );
  const imports = [...bySubpath].map(([subpath, names]) => `import { ${names.sort().join(", ")} } from "${subpath}";`);
  return used.has("assert") && !declared.has("assert")
    ? ['import assert from "node:assert/strict";', ...imports]
    : imports;
}

async function typeCheck(programs: readonly Program[], place: string, folder: string): Promise<Problem[]> {
  const options = { noEmit: true, declaration: false, isolatedDeclarations: false, verbatimModuleSyntax: false };
  const settings = { extends: join(root, "tsconfig.json"), compilerOptions: options, include: ["**/*.ts"] };
  writeFileSync(join(place, "tsconfig.json"), JSON.stringify(settings));
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { code, output } = await runProcess(process.execPath, [tsc, "-p", place, "--pretty", "false"], { cwd: folder });
  return code === 0
    ? []
    : output
        .trim()
        .split("\n")
        .map((line) => inOriginal(line, programs, folder));
}

/** Turns `file(line,column): error …` of the compiler into the line that readers see. */
function inOriginal(message: string, programs: readonly Program[], folder: string): Problem {
  const [, path = "", line = "", what = ""] = /^(.+?)\((\d+),\d+\): (.*)$/.exec(message) ?? [];
  const program = programs.find((candidate) => relative(folder, candidate.path) === path);
  if (program === undefined) return { where: "tsc", what: message };
  return { where: `${program.file}:${program.line + Number(line) - 1 - program.added}`, what };
}

async function runAll(programs: readonly Program[]): Promise<Problem[]> {
  const problems: Problem[] = [];
  const queue = programs.values();
  const work = async (): Promise<void> => {
    for (const program of queue) problems.push(...(await runOne(program)));
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return problems;
}

async function runOne({ path, file, line }: Program): Promise<Problem[]> {
  const { code, output, timedOut } = await runProcess(process.execPath, [path], {
    cwd: dirname(path),
    limit: LIMIT_MS,
  });
  if (code === 0) return [];
  const reason = timedOut ? `still running after ${LIMIT_MS} ms` : `exit code ${code}`;
  return [{ where: `${file}:${line}`, what: `${reason}\n${output}` }];
}

if (isMain(import.meta.url)) {
  const { count, problems } = await checkExamples(root, process.argv[2]);
  for (const { where, what } of problems) console.error(`${where}: ${what.trimEnd()}`);
  console.log(`${count} examples, ${problems.length} problems`);
  if (problems.length > 0) process.exitCode = 1;
}
