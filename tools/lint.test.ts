import assert from "node:assert/strict";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fixture } from "./_fixture.ts";
import { runProcess } from "./_process.ts";
import { root } from "./_repository.ts";

const declarations = `
  export declare function createTask<T>(fn: () => T): Promise<T>;
  export declare function gather<T>(fn: () => T): Promise<T>;
  export interface TaskGroup { createTask<T>(fn: () => T): Promise<T> }
`;

/** Lines 2 and 3 are right; 4 and 5 forget a promise; 6 hands an async function to who does not wait for it. */
const program = `import { createTask, gather, type TaskGroup } from "pottle/asyncio";
export const start = (group: TaskGroup): void => void group.createTask(() => 1);
createTask(() => 1); export function f(group: TaskGroup): void { group.createTask(() => 1); }
gather(() => 1);
Promise.resolve(1);
[1].forEach(async () => {});
`;

const settings = JSON.stringify({ compilerOptions: { module: "nodenext", types: [], strict: true } });

/** The rules, and where, as `rule line`, that oxlint finds broken in the program. */
async function lint(context: TestContext, config: string): Promise<string[]> {
  const folder = fixture(context, {
    "package.json": '{ "name": "app", "type": "module" }',
    "tsconfig.json": settings,
    ".oxlintrc.json": config,
    "app.ts": program,
    "node_modules/pottle/package.json": readFileSync(join(root, "package.json"), "utf8"),
    "node_modules/pottle/dist/asyncio/index.d.ts": declarations,
  });
  symlinkSync(join(root, "node_modules", ".bin"), join(folder, "node_modules", ".bin")); // where oxlint looks for tsgolint
  const oxlint = join(root, "node_modules", "oxlint", "bin", "oxlint");
  const { output } = await runProcess(process.execPath, [oxlint, "--format", "unix", "app.ts"], { cwd: folder });
  return [...output.matchAll(/^app\.ts:(\d+):.*\((no-floating-promises|no-misused-promises)\)/gm)]
    .map(([, line, rule]) => `${rule} ${line}`)
    .toSorted();
}

function readmeConfig(): string {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  return /```json\n(\{\s*"plugins"[\s\S]*?)```/.exec(readme)?.[1] ?? "";
}

const configs: [string, () => string][] = [
  ["the README", readmeConfig],
  ["this repository", () => readFileSync(join(root, ".oxlintrc.json"), "utf8")],
];

for (const [title, read] of configs) {
  test(`the lint configuration of ${title} knows tasks as safe, and finds forgotten promises`, async (context) => {
    assert.deepEqual(await lint(context, read()), [
      "no-floating-promises 4",
      "no-floating-promises 5",
      "no-misused-promises 6",
    ]);
  });
}
