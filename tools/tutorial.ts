// The tutorial builds examples/flaskr: the reader of its last page has the files of the example, to the byte. The last
// page that shows a file shows the example's; pages before it may show how the file began.
//
// `node tools/tutorial.ts` names what differs, and `node tools/tutorial.ts --update` puts the example's files into the
// pages. It does not touch what the pages say about them.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { files, isMain, root } from "./_repository.ts";
import { pageBefore, replaceShown, shownFiles } from "./_shown-files.ts";

const EXAMPLE = "examples/flaskr";
const LAST_PAGE = "docs/tutorial/07-deploy.md";

/** Tests of the repository, which need more than Pottle. */
const NOT_SHOWN = new Set(["tests/app.test.ts", "tests/count-lines.test.ts", "tests/database.test.ts"]);

/** The pages with the files of the example in them, by path. */
export function updatePages(folder: string = root): Map<string, string> {
  const read = (path: string): string => readFileSync(join(folder, path), "utf8");
  const shown = new Set(shownFiles(LAST_PAGE, read).keys());
  const pages = new Map<string, string>();
  for (let page: string | undefined = LAST_PAGE; page !== undefined; page = pageBefore(page, read(page))) {
    const here: string[] = [];
    const text = replaceShown(read(page), (name) => {
      here.push(name);
      return shown.has(name) ? read(join(EXAMPLE, name)) : undefined;
    });
    for (const name of here) shown.delete(name);
    pages.set(page, text);
  }
  return pages;
}

/** What keeps the tutorial from ending with the files of the example. */
export function checkTutorial(folder: string = root): string[] {
  const read = (path: string): string => readFileSync(join(folder, path), "utf8");
  const example = files([`${EXAMPLE}/**/*.{ts,html,css,sql}`], folder).map((file) => file.slice(EXAMPLE.length + 1));
  const shown = shownFiles(LAST_PAGE, read);
  const missing = example.filter((name) => !shown.has(name) && !NOT_SHOWN.has(name));
  const gone = [...shown.keys()].filter((name) => !example.includes(name));
  if (gone.length > 0) return gone.map((name) => `${EXAMPLE} has no ${name}, which the tutorial shows`);
  const changed = [...updatePages(folder)].filter(([page, text]) => text !== read(page));
  return [
    ...missing.map((name) => `no page of the tutorial shows ${name} of ${EXAMPLE}`),
    ...changed.map(([page]) => `${page} shows other files than ${EXAMPLE} has: node tools/tutorial.ts --update`),
  ];
}

if (isMain(import.meta.url)) {
  if (process.argv.includes("--update")) {
    for (const [page, text] of updatePages()) writeFileSync(join(root, page), text);
  }
  const problems = checkTutorial();
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}
