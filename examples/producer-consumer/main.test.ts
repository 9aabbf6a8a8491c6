import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { Program } from "../_program.ts";

const file = join(import.meta.dirname, "main.ts");
const start = (context: TestContext, ...args: string[]): Program => new Program(context, [file, ...args]);

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

describe("the program, ten times as fast", { concurrency: true }, () => {
  for (const [name, items, least, most] of [
    ["blocking", 20, 25, 40],
    ["one", 20, 15, 28],
    ["three", 60, 29, 40],
    ["two", 40, 19, 30],
    ["shutdown", 40, 19, 30],
  ] as const) {
    test(`${name} prints each item, what it comes to, and the length of the queue`, async (context) => {
      const program = start(context, name, "--seed", "1", "--speed", "10");
      assert.equal(await program.ended, 0, program.output);
      const { output } = program;
      assert.match(output, /^App started\.$/m);
      assert.equal(count(output, /^ -- generated item \d+$/gm), items);
      assert.equal(count(output, /^ \+\+\+ Processed value \d+ after \d+\.\d\d sec\.$/gm), items);
      const [, total] = /^App exiting, total time: (\d+\.\d\d) sec\.$/m.exec(output)!;
      assert.ok(Number(total) > least && Number(total) < most, `${total} s`);
      assert.match(output, /^Response times: best [\d.]+ sec\., worst [\d.]+ sec\., .* Total time: [\d.]+ sec\.$/m);
      assert.match(output, name === "one" ? /^1 │$/m : /^ ?\d+ │.*█/m);
      assert.match(output, /^The same pauses once more: --seed 1 --speed 10$/m);
    });
  }

  test("blocking generates everything before it processes anything, in order", async (context) => {
    const program = start(context, "blocking", "--speed", "100");
    assert.equal(await program.ended, 0);
    const steps = [...program.output.matchAll(/generated item (\d+)|Processed value (\d+)/g)];
    const numbers = Array.from({ length: 20 }, (_, index) => index + 1);
    assert.deepEqual(
      steps.map(([, item, value]) => item ?? value),
      [...numbers, ...numbers.map((n) => n * n)].map(String),
    );
  });

  test("one processes each item before it generates the next", async (context) => {
    const program = start(context, "one", "--speed", "10");
    assert.equal(await program.ended, 0);
    const steps = [...program.output.matchAll(/(generated|Processed)/g)].map(([word]) => word);
    assert.deepEqual(steps, Array.from({ length: 20 }, () => ["generated", "Processed"]).flat());
  });

  test("Ctrl+C ends it, also while the thread is blocked", async (context) => {
    for (const [name, code] of [
      ["blocking", "SIGINT"],
      ["one", 130],
    ] as const) {
      const program = start(context, name);
      await program.printed(/generated item 1/);
      program.signal("SIGINT");
      assert.equal(await program.ended, code);
      assert.doesNotMatch(program.output, /App exiting/);
    }
  });

  test("it says what it cannot do, with exit code 2", async (context) => {
    for (const [args, message] of [
      [["four"], /unknown run: current value is four/],
      [["--speed", "0"], /--speed must be a number > 0: current value is 0/],
      [["--seed", ""], /--seed must be a number >= 0: current value is \n/],
      [["--sped", "1"], /'--sped'/],
    ] as const) {
      const program = start(context, ...args);
      assert.equal(await program.ended, 2);
      assert.match(program.stderr, message);
      assert.match(program.stderr, /node main\.ts \[RUN…\]/);
    }
  });
});
