import { globSync } from "node:fs";
import { join } from "node:path";

/** One mistake that the library could have: a place in its source, and what stands there instead. */
export interface Mutation {
  /** The file, relative to the repository. */
  readonly file: string;
  /** The mistake, in words. */
  readonly mistake: string;
  /** What stands in the file, exactly once. */
  readonly find: string;
  /** What stands there instead. */
  readonly put: string;
  /** The test files that should notice; globs, relative to the repository. */
  readonly tests: readonly string[];
  /** Whether they test the built package. @default false */
  readonly isBuilt?: boolean;
}

/** A mistake in words, what stands in the file, what stands there instead. */
export type Edit = readonly [mistake: string, find: string, put: string];

const root = join(import.meta.dirname, "../..");

/** Mistakes in `<name>.ts` of floor 0, in whichever room, to be noticed by its test, those `also` named, and unnoticed.test.ts. */
export function inFile(name: string, also: readonly string[], edits: readonly Edit[]): Mutation[] {
  const [file] = globSync(`src/{base,asyncio}/**/${name}.ts`, { cwd: root });
  if (file === undefined)
    throw new Error(`Cannot plant mistakes as there is no such file: current value is ${name}.ts`);
  const tests = [name, ...also].map((each) => `src/{base,asyncio}/**/${each}.test.ts`);
  return inSource(file, [...tests, "test/mutations/unnoticed.test.ts"], edits);
}

/** Mistakes in any file, to be noticed by the tests in `tests`. */
export function inSource(file: string, tests: readonly string[], edits: readonly Edit[]): Mutation[] {
  return edits.map(([mistake, find, put]) => ({ file, mistake, find, put, tests }));
}
