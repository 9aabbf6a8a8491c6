import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createTask } from "../../asyncio/index.ts";
import { describeError, describeValue } from "./describe.ts";
import { hideOwnWarnings } from "./hide-own-warnings.ts";
import { Session } from "./session.ts";

/** Runs an input line by line in a session of its own; returns all that it shows and prints. */
function converse(context: TestContext, input: string): Promise<string> {
  let shown = "";
  context.mock.method(console, "log", (value: unknown) => (shown += `${String(value)}\n`));
  const body = async (): Promise<string> => {
    using _ = hideOwnWarnings();
    const session = new Session();
    let text = "";
    for (const line of input.split("\n")) {
      text += text === "" ? line : `\n${line}`;
      const outcome = await session.execute(text);
      if (outcome.kind !== "incomplete") text = "";
      if (outcome.kind === "value" && outcome.value !== undefined) shown += `${describeValue(outcome.value)}\n`;
      if (outcome.kind === "error") shown += `${describeError(outcome.error)}\n`;
    }
    return shown;
  };
  return createTask(body, { ownsTasks: true });
}

const inputs: Readonly<Record<string, readonly [input: string, shown: string]>> = {
  "awaits and shows the value": ['await sleep(10, "hello")', "'hello'\n"],
  "does not show undefined": ["undefined\nlet x", ""],
  "has each line be a task of its own": [
    "[currentTask() instanceof Task, currentTask().name]",
    "[ true, '<line 1>' ]\n",
  ],
  "has asyncio by its name and its names": [
    "asyncio.gather === gather\ntypeof openConnection + typeof PIPE",
    "true\n'functionstring'\n",
  ],
  "takes TypeScript": ["const q: Queue<number> = new Queue<number>(1)\nq.maxsize as number", "1\n"],
  "keeps what lines declare": [
    "const a = 1, { b, c: [d, ...e] } = { b: 2, c: [3, 4] }\nclass C { x = a }\nfunction f() { return new C().x + b }\n[f(), d, e]",
    "[ 3, 3, [ 4 ] ]\n",
  ],
  "lets names be declared again": ["const a = 1\nconst a = a + 1; a\nvar a; a\nlet a; a", "2\n2\n"],
  imports: [
    'import { sep } from "node:path"; import * as path from "node:path"; import fs, { existsSync as ex } from "node:fs"\n[sep, path.sep, typeof fs.statSync, ex("/")]',
    "[ '/', '/', 'function', true ]\n",
  ],
  "shows an object": ["{ a: 1, b: { c: 2 } }", "{ a: 1, b: { c: 2 } }\n"],
  "takes a block for a block": ["{ const a = 1; console.log(a); }", "1\n"],
  "has the last value": ["1 + 1\n_ * 2", "2\n4\n"],
  "shows a task in short": ['createTask(() => sleep(50), { name: "nap" })', "Task { nap: it waits for sleep }\n"],
  "iterates with for await": [
    "for await (const x of (async function* () { yield 1; yield 2 })()) console.log(x)",
    "1\n2\n",
  ],
  "closes what for await leaves": [
    "async function* g() { try { yield 1 } finally { await sleep(1); console.log('closed') } }\nfor await (const x of g()) break\nfor await (const x of [sleep(1, 'a')]) x",
    "closed\n",
  ],
  "calls a function before its declaration": ["f(); function f() { console.log('called') }", "called\n"],
  "disposes of what a line is using": [
    "{ using r = { [Symbol.dispose]() { console.log('disposed') } }; }",
    "disposed\n",
  ],
  "awaits in nested expressions": ["(await sleep(1, [await sleep(1, 2)]))[0] + await (1, sleep(1, 3))", "5\n"],
  "does not await a value, and keeps what it does going": [
    "const p = sleep(5, 'late')\np instanceof Promise\nconst [q] = [sleep(5, 'later')]\nasync function f() { await new Promise(setImmediate); return sleep(1, 'own') }\nlet r = f(); [f()].length\nawait p + await q + await r",
    "true\n1\n'latelaterown'\n",
  ],
  "cancels what a line starts and does not keep": [
    "async function f() { try { await sleep(60_000) } finally { console.log('over') } }\nf().catch(() => {}); undefined",
    "over\n",
  ],
};

for (const [what, [input, expected]] of Object.entries(inputs)) {
  test(`Session ${what}`, async (context) => {
    assert.equal(await converse(context, input), expected);
  });
}

const errors: Readonly<Record<string, readonly [input: string, shown: RegExp]>> = {
  "an error that a line throws": ["throw new RangeError('far')", /^Uncaught RangeError: far\n {4}at <line 1>:1:7\n$/],
  "what is no error": ["throw 5", /^Uncaught 5\n$/],
  "wrong syntax": ["foo(]", /^Uncaught SyntaxError: Expression expected\n$/],
  "wrong types": ["let x: = 1", /^Uncaught SyntaxError: /],
  "an export": ["export const x = 1", /^Uncaught SyntaxError: Cannot export at the prompt as nothing can import it\n$/],
  "a missing export": [
    'import { slep } from "node:fs"',
    /^Uncaught SyntaxError: The module 'node:fs' does not export 'slep'\n/,
  ],
  "an exit code that is none": ["exit(-1)", /^Uncaught RangeError: .*current value is -1\n/],
};

for (const [what, [input, expected]] of Object.entries(errors)) {
  test(`Session shows ${what}, and goes on`, async (context) => {
    const shown = await converse(context, `${input}\n"next"`);
    assert.match(shown.replace(/'next'\n$/, ""), expected);
    assert.match(shown, /'next'\n$/);
  });
}
