import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { cases } from "./cases.ts";
import { findCPythons } from "./find-cpythons.ts";
import { readOptions } from "./options.ts";

const run = promisify(execFile);
const main = join(import.meta.dirname, "main.ts");
const pythons = await findCPythons();

/** The cells of the table's rows, without its head. */
function rowsOf(output: string): string[][] {
  const lines = output.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const quickRun = run(process.execPath, [main, "--quick"], { maxBuffer: 1e7 });

test("bench --quick prints a row for each case and peer, and judges nothing", async () => {
  const { stdout } = await quickRun;
  const rows = rowsOf(stdout);
  assert.equal(rows.length % cases.length, 0);
  assert.deepEqual(
    rows.filter(([title]) => title !== "").map(([title, peer]) => [title, peer]),
    cases.map(({ title, unit }) => [`${title} (${unit})`, "Pottle"]),
  );
  assert.equal(rows.filter(([, peer]) => peer === "bare promises").length, cases.length);
  assert.match(stdout, /^Not judged: the counts were tiny/m);
});

test("bench --quick gives each row three figures, and each but Pottle's three ratios", async () => {
  const { stdout } = await quickRun;
  for (const [, peer, own, ratio] of rowsOf(stdout)) {
    assert.match(own ?? "", /^-?[\d.]+(e[+-]\d+)? – -?[\d.]+(e[+-]\d+)? – -?[\d.]+(e[+-]\d+)?$/);
    assert.equal((ratio ?? "").split(" – ").length, peer === "Pottle" ? 1 : 3);
  }
});

const noPython = pythons.length === 0 && "no CPython from 3.11 on was found on this machine";

test("bench --quick measures every CPython found", { skip: noPython }, async () => {
  const { stdout } = await quickRun;
  const peers = new Set(rowsOf(stdout).map(([, peer]) => peer));
  for (const { name } of pythons) assert.ok(peers.has(name), `no row of ${name}`);
});

test("bench exits with 2 and says what it takes when an option makes no sense", async () => {
  await assert.rejects(
    run(process.execPath, [main, "--only", "spwan"]),
    (error: { code?: unknown; stderr?: unknown }) => {
      assert.equal(error.code, 2);
      assert.match(String(error.stderr), /unknown case: current value is spwan[^]*--only CASES/);
      return true;
    },
  );
});

test("bench --against measures another checkout's package in the same rounds, and nobody else", async () => {
  const root = join(import.meta.dirname, "../..");
  const { stdout } = await run(process.execPath, [main, "--quick", "--only", "gather,queue-1", "--against", root]);
  const peers = rowsOf(stdout).map(([, peer]) => peer);
  assert.deepEqual(peers, ["Pottle", "Pottle before", "Pottle", "Pottle before"]);
});

test("a program under use-checkout.ts imports the package of that checkout", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "pottle-bench-"));
  const exports = { "./asyncio": "./dist/asyncio/index.js" };
  await writeFile(join(folder.path, "package.json"), JSON.stringify({ name: "pottle", type: "module", exports }));
  await mkdir(join(folder.path, "dist", "asyncio"), { recursive: true });
  await writeFile(join(folder.path, "dist", "asyncio", "index.js"), "export const run = 'that one';");
  const hook = pathToFileURL(join(import.meta.dirname, "programs", "use-checkout.ts"));
  hook.searchParams.set("folder", folder.path);
  const program = 'import { run } from "pottle/asyncio"; console.log(run);';
  const args = ["--import", hook.href, "--input-type=module", "-e", program];
  const { stdout } = await run(process.execPath, args, { cwd: import.meta.dirname });
  assert.equal(stdout, "that one\n");
});

test("readOptions() refuses a checkout that is not built", () => {
  assert.throws(() => readOptions(["--against", import.meta.dirname]), {
    name: "RangeError",
    message: /checkout that is not built: current value is /,
  });
});

test("readOptions() takes cases by name and refuses a number of rounds that is none", () => {
  const options = readOptions(["--only", "gather,queue-1", "--rounds", "3"]);
  assert.deepEqual(
    options.cases.map(({ id }) => id),
    ["gather", "queue-1"],
  );
  assert.equal(options.rounds, 3);
  for (const rounds of ["0", "-1", "1.5", "NaN", "many", ""]) {
    assert.throws(() => readOptions([`--rounds=${rounds}`]), {
      name: "RangeError",
      message: new RegExp(`current value is ${rounds}$`),
    });
  }
});
