import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { compareVersions, findCPythons } from "./find-cpythons.ts";

const answer = {
  executable: "/opt/one",
  implementation: "cpython",
  release: "3.12.9",
  version: [3, 12, 9],
  compiler: "GCC 12",
  optimized: true,
  freeThreaded: false,
  uvloop: null,
};

/** A folder of programs that answer what `programs` says, whatever they are asked. */
function interpreters(context: TestContext, programs: Record<string, string>): NodeJS.ProcessEnv {
  const folder = mkdtempSync(join(tmpdir(), "pottle-bench-"));
  context.after(() => rmSync(folder, { recursive: true }));
  for (const [path, output] of Object.entries(programs)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\necho '${output}'\n`, { mode: 0o755 });
  }
  return { PATH: `${join(folder, "bin")}:${join(folder, "missing")}`, PYENV_ROOT: join(folder, "pyenv") };
}

function answering(changes: Partial<Record<keyof typeof answer, unknown>>): string {
  return JSON.stringify({ ...answer, ...changes });
}

test("findCPythons() looks on the PATH and at pyenv's versions, newest first, each once", async (context) => {
  const environment = interpreters(context, {
    "bin/python3": answering({}),
    "bin/python3.12": answering({}),
    "bin/python3-config": answering({ executable: "/opt/config" }),
    "pyenv/versions/3.13.1/bin/python3": answering({
      executable: "/opt/two",
      release: "3.13.1",
      version: [3, 13, 1],
      uvloop: "0.21",
    }),
    "pyenv/versions/3.13.1/bin/python3.13": answering({
      executable: "/opt/two",
      release: "3.13.1",
      version: [3, 13, 1],
      uvloop: "0.21",
    }),
  });
  const found = await findCPythons(environment);
  assert.deepEqual(
    found.map(({ name, executable, uvloop }) => [name, executable, uvloop]),
    [
      ["CPython 3.13.1", "/opt/two", "0.21"],
      ["CPython 3.12.9", "/opt/one", undefined],
    ],
  );
});

test("findCPythons() leaves out what is older than 3.11, no CPython, or does not answer", async (context) => {
  const environment = interpreters(context, {
    "bin/python3.10": answering({ executable: "/opt/old", version: [3, 10, 13] }),
    "bin/python3.11": answering({ executable: "/opt/least", version: [3, 11, 0] }),
    "bin/python3.12": answering({ executable: "/opt/other", implementation: "pypy" }),
    "bin/python3.13": "python3.13: command not found",
  });
  const found = await findCPythons(environment);
  assert.deepEqual(
    found.map(({ executable }) => executable),
    ["/opt/least"],
  );
});

const versions: [number[], number[], number][] = [
  [[3, 12, 0], [3, 12, 0], 0],
  [[3, 9, 0], [3, 12, 0], -1],
  [[3, 12, 4], [3, 12, 10], -1],
  [[4, 0, 0], [3, 99, 99], 1],
];

for (const [one, other, expected] of versions) {
  test(`compareVersions() puts ${one.join(".")} and ${other.join(".")} in order`, () => {
    assert.equal(Math.sign(compareVersions(one, other)), expected);
    assert.equal(Math.sign(compareVersions(other, one)), expected === 0 ? 0 : -expected);
  });
}
