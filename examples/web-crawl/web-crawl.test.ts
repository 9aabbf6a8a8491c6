import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Program } from "../_program.ts";
import { episodes, nameOf } from "./episodes.ts";
import type { Figures } from "./site.ts";

const file = (name: string): string => join(import.meta.dirname, name);

/** What a program printed, and what the site saw of it. */
interface Outcome {
  readonly lines: readonly string[];
  readonly figures: Figures;
}

/** Runs a program against a site of its own. */
async function runAgainstSite(
  context: { after(fn: () => Promise<void>): void },
  name: string,
  ...args: string[]
): Promise<Outcome> {
  const site = new Program(context, [file("site.ts"), ...args]);
  const [url] = await site.printed(/http:\/\/\S+/);
  const program = new Program(context, [file(name), "--base-url", url]);
  assert.equal(await program.ended, 0, program.output);
  const figures = (await (await fetch(`${url}/figures`)).json()) as Figures;
  await site.stop();
  return { lines: program.output.trimEnd().split("\n"), figures };
}

function one(n: number): string[] {
  return [`Getting TITLE for episode ${n}`, `Title found: #${n}: ${nameOf(n)}`];
}

describe("web-crawl", () => {
  let blocking: Outcome;
  let awaiting: Outcome;
  let concurrent: Outcome;
  const late: (() => Promise<void>)[] = [];
  const context = { after: (fn: () => Promise<void>) => void late.push(fn) };

  before(async () => {
    [blocking, awaiting] = await Promise.all([
      runAgainstSite(context, "blocking.ts"),
      runAgainstSite(context, "awaiting.ts"),
    ]);
    concurrent = await runAgainstSite(context, "concurrent.ts");
  });
  after(async () => {
    for (const fn of late) await fn();
  });

  test("blocking.ts and awaiting.ts print a page's lines before they ask for the next one", () => {
    const expected = [...episodes.flatMap((n) => [`Getting HTML for episode ${n}`, ...one(n)]), "Done."];
    assert.deepEqual(blocking.lines, expected);
    assert.deepEqual(awaiting.lines, expected);
  });

  test("concurrent.ts asks for all twenty, and then prints them in their order", () => {
    const asked = episodes.map((n) => `Getting HTML for episode ${n}`);
    assert.deepEqual(concurrent.lines, [...asked, ...episodes.flatMap(one), "Done."]);
  });

  test("concurrent.ts has all twenty in flight before the first answer, the others one", () => {
    assert.equal(concurrent.figures.inFlightAtFirstAnswer, 20);
    assert.equal(concurrent.figures.most, 20);
    assert.equal(blocking.figures.most, 1);
    assert.equal(awaiting.figures.most, 1);
    for (const { figures } of [blocking, awaiting, concurrent]) assert.equal(figures.requests, 20);
  });

  test("concurrent.ts is at least 15 times as fast as blocking.ts, and awaiting.ts is no faster, by the site's clock", () => {
    const ratio = blocking.figures.busy / concurrent.figures.busy;
    assert.ok(ratio >= 15, `it is ${ratio} times as fast`);
    const near = awaiting.figures.busy / blocking.figures.busy;
    assert.ok(near > 0.9 && near < 1.1, `awaiting takes ${near} times as long as blocking`);
  });
});

for (const name of ["blocking.ts", "awaiting.ts", "concurrent.ts"]) {
  test(`a page that fails takes its own line of ${name}, and no other`, async (context) => {
    const { lines } = await runAgainstSite(context, name, "--delay", "5", "--fail", "157");
    assert.equal(lines.filter((line) => line.startsWith("Title found: #")).length, 19);
    assert.match(
      lines.find((line) => line.startsWith("No title")) ?? "",
      /^No title for episode 157: Cannot GET \S+157 as the server answered 503/,
    );
    assert.equal(lines.at(-1), "Done.");
  });
}

test("the programs print in the tutorial's colours", async (context) => {
  const env = { FORCE_COLOR: "1", NO_COLOR: "", NODE_DISABLE_COLORS: "" };
  const program = new Program(context, [file("concurrent.ts"), "--delay", "5"], { env });
  assert.equal(await program.ended, 0, program.output);
  const paint = (color: number, text: string): string => `\u001B[${color}m${text}\u001B[39m\n`;
  const lines = [
    paint(33, "Getting HTML for episode 169"),
    paint(36, "Getting TITLE for episode 150"),
    paint(37, `Title found: #150: ${nameOf(150)}`),
  ];
  assert.ok(program.output.includes(lines.join("")), program.output);
});

test("main.ts runs all three against the bundled site, and compares them", async (context) => {
  const program = new Program(context, [file("main.ts"), "--delay", "20"]);
  assert.equal(await program.ended, 0, program.output);
  assert.equal(program.output.match(/^Done\.$/gm)?.length, 3);
  assert.match(
    program.output,
    // How many of the twenty are there within so short a delay depends on the machine.
    /\nblocking: [\d.]+ s; the site saw 1 in flight before its first answer\nawaiting: .*\nconcurrent: [\d.]+ s; the site saw (?!1 )\d+ in flight before its first answer\n$/,
  );
});

test("the bundled site ends with the program that started it, also if that is killed", async (context) => {
  const program = new Program(context, [file("concurrent.ts"), "--delay", "60000"]);
  await program.printed(/Getting HTML for episode 169/);
  program.signal("SIGKILL");
  // The site shares the program's standard error: that closes when the last of them has ended.
  assert.equal(await program.ended, "SIGKILL");
});
