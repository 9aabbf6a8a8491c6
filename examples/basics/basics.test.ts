import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Program } from "../_program.ts";

const outputs: Readonly<Record<string, string>> = {
  coroutine: `called: true
returned: 49
`,
  run: `a forgotten task is over as well
main has ended
`,
  await: `Hello,
World!
took about 0.3 s
`,
  gather: `fetching 1
fetching 2
fetching 3
fetched 3
fetched 2
fetched 1
[ 'data 1', 'data 2', 'data 3' ]
took about 0.3 s
`,
  "background-task": `${"working in the background\n".repeat(5)}cleaned up
cancelled: five seconds are over
`,
  "context-manager": `connected to db
db: one
disconnected from db
connected to cache
cache: two
disconnected from cache
`,
  "async-generator": `3
2
1
the countdown is closed
only 10
the countdown is closed
`,
  error: `the other one was stopped
caught RangeError: too far
`,
};

describe("basics", { concurrency: true }, () => {
  for (const [name, output] of Object.entries(outputs)) {
    test(`${name}.ts prints what the lesson says`, async (context) => {
      const program = new Program(context, [join(import.meta.dirname, `${name}.ts`)]);
      assert.equal(await program.ended, 0);
      // One after the other would take twice as long; a busy machine a little longer.
      assert.equal(program.output.replace(/about 0\.[45] s/, "about 0.3 s"), output);
    });
  }
});

test("background-task.ts cleans up after Ctrl+C, and exits with 130", async (context) => {
  const program = new Program(context, [join(import.meta.dirname, "background-task.ts")]);
  await program.printed(/working/);
  program.signal("SIGINT");
  assert.equal(await program.ended, 130);
  assert.equal(program.output, "working in the background\ncleaned up\n");
});
