import { posix } from "node:path";

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

/** Mistakes in `src/asyncio/<name>.ts`, to be noticed by the tests beside it, by those `also` named, and by unnoticed.test.ts. */
export function inFile(name: string, also: readonly string[], edits: readonly Edit[]): Mutation[] {
  const tests = [name, ...also, "../../test/mutations/unnoticed"].map((each) =>
    posix.join("src/asyncio", `${each}.test.ts`),
  );
  return inSource(`src/asyncio/${name}.ts`, tests, edits);
}

/** Mistakes in any file, to be noticed by the tests in `tests`. */
export function inSource(file: string, tests: readonly string[], edits: readonly Edit[]): Mutation[] {
  return edits.map(([mistake, find, put]) => ({ file, mistake, find, put, tests }));
}
