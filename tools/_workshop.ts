// A copy of the repository, in a temporary folder, in which mistakes are planted and tests run: nothing is changed in the
// working tree.

import { randomUUID } from "node:crypto";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { Mutation } from "../test/mutations/_mutation.ts";
import { leftovers, MARK } from "./_leftovers.ts";
import { runProcess } from "./_process.ts";
import { root } from "./_repository.ts";

/** Milliseconds that one test may take under a mistake; a hang is noticed as a failure. */
const TEST_LIMIT_MS = 10_000;

/** Milliseconds that all tests of one mistake may take. */
const LIMIT_MS = 180_000;

/** What became of a mistake. */
export interface Verdict {
  readonly mutation: Mutation;
  /** `noticed` by a test, `missed` by all, or `broken`: it makes the source something that cannot run at all. */
  readonly result: "noticed" | "missed" | "broken";
  /** The names of the tests that failed. */
  readonly failed: readonly string[];
}

/**
 * The source with the mistake planted. How the source is laid out does not matter.
 *
 * @throws {RangeError} If what the mistake replaces is not there exactly once.
 */
export function plant(source: string, { file, mistake, find, put }: Mutation): string {
  const places = [...source.matchAll(patternOf(find))];
  if (places.length !== 1) {
    const where = `"${mistake}" in ${file}`;
    throw new RangeError(`Cannot plant ${where} as its place must be found once: current value is ${places.length}`);
  }
  const { index, 0: found } = places[0]!;
  return source.slice(0, index) + put + source.slice(index + found.length);
}

// White space matches any, or none beside punctuation; a formatter also moves a comma before what closes a list.
function patternOf(find: string): RegExp {
  const words = find.trim().match(/[\w$#"'`]+|[^\w$#"'`\s]/g) ?? [];
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
  return new RegExp(escaped.map((word) => (/^\\[)\]}]$/.test(word) ? `,?\\s*${word}` : word)).join("\\s*"), "g");
}

/** A copy of the repository, in which tests can be run. */
export class Workshop implements Disposable {
  /** Where it lies. */
  readonly folder: string = mkdtempSync(join(tmpdir(), "pottle-mutate-"));

  constructor(from: string = root) {
    const left = new Set(["node_modules", ".git", ".pottle", "dist"]);
    cpSync(from, this.folder, { recursive: true, filter: (path) => !left.has(relative(from, path)) });
    symlinkSync(join(from, "node_modules"), join(this.folder, "node_modules"));
    process.on("exit", this.#remove);
  }

  /** Plants a mistake, runs its tests, and takes it out again. */
  async judge(mutation: Mutation, knownToFail: ReadonlySet<string>): Promise<Verdict> {
    const path = join(this.folder, mutation.file);
    const source = readFileSync(path, "utf8");
    writeFileSync(path, plant(source, mutation));
    try {
      if (mutation.isBuilt === true) await this.build();
      const { failed, output } = await this.test(mutation.tests);
      const news = failed.filter((name) => !knownToFail.has(name));
      const isBroken = cannotRun(mutation, output);
      return { mutation, result: isBroken ? "broken" : news.length > 0 ? "noticed" : "missed", failed: news };
    } finally {
      writeFileSync(path, source);
      if (mutation.isBuilt === true) await this.build();
    }
  }

  /** Builds the package that it has. */
  async build(): Promise<void> {
    await runProcess(process.execPath, ["tools/build.ts", "--force"], { cwd: this.folder, limit: LIMIT_MS });
  }

  /** Runs test files; gives the names of the tests that fail. */
  async test(patterns: readonly string[]): Promise<{ failed: string[]; output: string }> {
    const found = globSync([...patterns], { cwd: this.folder });
    if (found.length === 0) return { failed: [], output: "" };
    const report = join(this.folder, "report.tap");
    writeFileSync(report, "");
    // Into a file: a runner that is made to exit may not have written all of it to a pipe.
    const reporter = ["--test-reporter=tap", `--test-reporter-destination=${report}`, "--test-force-exit"];
    const args = ["--test", ...reporter, `--test-timeout=${TEST_LIMIT_MS}`, ...found];
    const mark = randomUUID();
    const env = { NODE_TEST_CONTEXT: undefined, [MARK]: mark };
    const { timedOut } = await runProcess(process.execPath, args, { cwd: this.folder, env, limit: LIMIT_MS });
    // A program under a mistake may not stop when its test has ended.
    for (const { pid } of leftovers(mark)) process.kill(pid, "SIGKILL");
    const output = readFileSync(report, "utf8");
    const failed = failedTests(output);
    return { failed: timedOut ? [...failed, "the tests come to no end"] : failed, output };
  }

  // Also when the tool is interrupted.
  readonly #remove = (): void => rmSync(this.folder, { recursive: true, force: true });

  [Symbol.dispose](): void {
    process.off("exit", this.#remove);
    this.#remove();
  }
}

// A mistake that uses a name which is not there, or that no test gets past, is no mistake that anybody would make.
function cannotRun({ put }: Mutation, tap: string): boolean {
  const missing = [...tap.matchAll(/'?(\w+) is not defined/g)].map(([, name = ""]) => name);
  return missing.some((name) => put.includes(name)) || (!/^\s*ok /m.test(tap) && tap.includes("SyntaxError"));
}

function failedTests(tap: string): string[] {
  const names = [...tap.matchAll(/^\s*not ok \d+ - (.*?)(?: # .*)?$/gm)].map(([, name = ""]) =>
    name.replaceAll("\\#", "#"),
  );
  return [...new Set(names)];
}
