import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { describeProgram } from "./list-processes.ts";

const repository = join(import.meta.dirname, "..", "..", "..");

for (const [line, program] of [
  ["pottle.cjs run app.ts --port 1", "pottle run app.ts --port 1"],
  ["/x/node_modules/.bin/pottle repl", "pottle repl"],
  ["/x/node_modules/.bin/pottle ps", undefined],
  ["--inspect --import x.ts examples/tour/app.ts now", "examples/tour/app.ts now"],
  ["-e 1 examples/tour/app.ts", undefined],
  ["/usr/lib/other/program.js", undefined],
  ["", undefined],
  ["dist/data/postgres/embedded/_supervisor.js {}", undefined],
  ["src/data/postgres/embedded/_supervisor.ts {}", undefined],
] as const) {
  test(`describeProgram() gives ${program ?? "nothing"} for: node ${line}`, () => {
    assert.equal(describeProgram(line === "" ? [] : line.split(" "), repository), program);
  });
}
