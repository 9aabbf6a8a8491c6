// The names of CPython's own tests of asyncio whose behaviour ours demand as well. A test of ours names the one it
// answers at the end of its own name: `Lock.release() … (test_release_not_acquired)`.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { files, root } from "./_repository.ts";

const NAMES = "test/conformance-names.txt";

/** The names, each with its class: `LockTests::test_acquire`. */
export function conformanceNames(folder: string = root): string[] {
  return readFileSync(join(folder, NAMES), "utf8").trim().split("\n");
}

/** A name without its class, as tests of ours give it. */
export function shortName(name: string): string {
  return name.slice(name.indexOf("::") + 2);
}

/** The names that a test's own name has in parentheses. */
export function namesAnswered(testName: string): string[] {
  return [...testName.matchAll(/\(([^()]*)\)/g)].flatMap(([, inside]) => inside?.match(/\btest_\w+/g) ?? []);
}

/** How many tests in the sources of `folder` answer each name. */
export function answeredNames(folder: string = root): Map<string, number> {
  const counts = new Map<string, number>();
  for (const file of files(["src/**/*.test.ts", "test/**/*.test.ts", "examples/**/*.test.ts"], folder)) {
    const source = readFileSync(join(folder, file), "utf8");
    for (const name of namesInTexts(source)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

// A table of tests has a bare name as one of its cells.
function namesInTexts(source: string): string[] {
  const texts = [...source.matchAll(/(["`])((?:\\.|(?!\1).)*)\1/gs)].map(([, , text = ""]) => text);
  return texts.flatMap((text) => (/^test_\w+$/.test(text) ? [text] : namesAnswered(text)));
}
