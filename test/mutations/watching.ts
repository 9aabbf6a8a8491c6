import { type Edit, inFile, inSource, type Mutation } from "./_mutation.ts";

const debugging = [
  "debug/enable-debug",
  "debug/creation-stacks",
  "debug/slow-steps",
  "debug/process-view",
  "call-graph",
];
const trees = ["src/inspect/text/{await-cycles,format-*}.test.ts"];
const session = ["src/cli/repl.test.ts", "src/cli/repl/session.test.ts"];

/** Mistakes in what shows a program to its author: debug mode, tables and trees, the prompt. */
export const watchingMutations: readonly Mutation[] = [
  ...inFile("debug/enable-debug", debugging, [
    ["slow steps are not watched for", "detectSlowSteps(slowStepDuration),", ""],
    ["creations are not kept", "spawn: (task) => recordCreation(task, currentTask()),", ""],
    ["debug mode stays off", "mode.stop = newest === undefined ? undefined : start(newest);", ""],
  ]),
  ...inSource("src/inspect/text/await-cycles.ts", trees, [
    ["circles are not found", "if (place !== undefined) this.cycles.push(", "if (place === -1) this.cycles.push("],
    [
      "only the first circle is found",
      "if (place !== undefined) this.cycles.push(",
      "if (place !== undefined && this.cycles.length === 0) this.cycles.push(",
    ],
    ["a circle has its way in", "[...this.#path.slice(place).map(", "[...this.#path.map("],
    ["an awaiter that is unknown fails", "this.#awaiters.get(step.id)?.[", "this.#awaiters.get(step.id)!["],
    ["a task is searched again and again", "this.#finished.add(id);", ""],
  ]),
  ...inSource("src/inspect/text/awaiter-lines.ts", trees, [
    ["who awaits is not shown", "descend(place, callStack).under.push(task);", "descend(place, callStack);"],
    ["the same call is shown twice", "let next = place.calls.get(call);", "let next: Call | undefined;"],
    [
      "what awaits in a circle is left out",
      "for (const task of this.#tasks) if (!this.#shown.has(task.id)) this.#addTree(task);",
      "",
    ],
  ]),
  ...inSource("src/inspect/text/describe.ts", trees, [
    ["a task without a name fails", 'name === undefined || name === "" ? "(no name)"', 'name!.trim() === "" ? ""'],
  ]),
  ...inSource("src/inspect/text/format-table.ts", trees, [
    ["an unknown awaiter fails", "names.get(id) ?? `Unknown (${id})`", "names.get(id)!.trim()"],
    [
      "a task without a name fails",
      'fullName === undefined || fullName === "" ? "(no name)"',
      'fullName!.trim() === "" ? ""',
    ],
    ["one row for each task", "Math.max(rows.length, awaiters.length)", "rows.length"],
  ]),
  ...inFile(
    "waits/stuck-tasks",
    ["waits/deadlock"],
    [
      [
        "a task with another flow is stuck",
        'const isGather = task.combinator === "gather";',
        'const isGather = task.combinator !== "shield";',
      ],
      ["one holder of several is enough", "blockers: holders, needs: 1", "blockers: holders, needs: holders.length"],
      [
        "what was handed on is not looked for",
        "if (resource.isBoundToHolder !== true) this",
        "if (resource === undefined) this",
      ],
    ],
  ),
  ...inFile(
    "waits/deadlock",
    [],
    [
      ["a circle is reported at each look", "for (const { park } of circle) reported.add(park);", ""],
      [
        "contended capacity is not looked at again",
        "timer ??= outside(setTimeout, lookAgain, lookInterval).unref();",
        "",
      ],
    ],
  ),
  ...inBuilt("src/cli/repl/session.ts", session, [
    [
      "each line has a context of its own",
      "const options = { name: line.filename, context: this.#context,",
      "const options = { name: line.filename, context: copyContext(),",
    ],
    ["exit() is an error", 'if (error instanceof SessionExit) return { kind: "exit", code: error.code };', ""],
    ["values are lost", 'return { kind: "value", value: box.value };', 'return { kind: "done" };'],
    [
      "an error is no error",
      'isInterrupt(error) ? { kind: "interrupted" } : { kind: "error", error }',
      'isInterrupt(error) ? { kind: "interrupted" } : { kind: "done" }',
    ],
    [
      "Ctrl+C does nothing",
      'return this.#running?.cancel(new KeyboardInterrupt("SIGINT")) ?? false;',
      "return this.#running !== undefined;",
    ],
  ]),
];

function inBuilt(file: string, tests: readonly string[], edits: readonly Edit[]): Mutation[] {
  return inSource(file, tests, edits).map((mutation) => ({ ...mutation, isBuilt: true }));
}
