import { type Edit, inFile, inSource, type Mutation } from "./_mutation.ts";

const debugging = ["debug/enable-debug", "debug/creation-stacks", "debug/slow-steps", "debug/task-tree", "call-graph"];
const session = ["src/cli/repl.test.ts", "src/cli/repl/session.test.ts"];

/** Mistakes in what shows a program to its author: debug mode, tables and trees, the prompt. */
export const watchingMutations: readonly Mutation[] = [
  ...inFile("debug/enable-debug", debugging, [
    ["slow steps are not watched for", "detectSlowSteps(slowStepDuration),", ""],
    ["creations are not kept", "spawn: (task) => recordCreation(task, currentTask()),", ""],
    ["debug mode stays off", "mode.stop = newest === undefined ? undefined : start(newest);", ""],
  ]),
  ...inFile(
    "debug/await-cycles",
    ["debug/await-tree"],
    [
      ["circles are not found", "if (start !== -1) state.cycles.push([...path.slice(start), id]);", ""],
      [
        "only the first circle is found",
        "if (start !== -1) state.cycles.push(",
        "if (start !== -1 && state.cycles.length === 0) state.cycles.push(",
      ],
      ["a circle has its way in", "[...path.slice(start), id]", "[...path, id, id]"],
      ["an awaiter that is unknown fails", "state.awaiters.get(id) ?? []", "state.awaiters.get(id)!"],
    ],
  ),
  ...inFile(
    "debug/await-tree",
    [],
    [
      [
        "who awaits is not shown",
        "descend(node, callStack).children.push(this.#node(child));",
        "descend(node, callStack);",
      ],
      [
        "the same call is shown twice",
        "let next = place.children.find((child) => child.label === label);",
        "let next: TreeNode | undefined;",
      ],
      [
        "what awaits in a circle is left out",
        "for (const task of this.#tasks) if (!this.#shown.has(task.id)) trees.push(this.#node(task));",
        "",
      ],
    ],
  ),
  ...inFile(
    "debug/task-snapshot",
    ["debug/await-tree", "debug/task-table", "debug/task-tree"],
    [["a task without a name fails", 'name === undefined || name === "" ? "(no name)" : name', "name!.trim()"]],
  ),
  ...inFile(
    "debug/task-table",
    [],
    [
      ["an unknown awaiter fails", 'names.get(id) ?? "Unknown"', "names.get(id)!.trim()"],
      ["a task without a name fails", 'name === undefined || name === "" ? "(no name)" : name', "name!.trim()"],
      [
        "one row for each task",
        "return task.awaitedBy.map(({ id, callStack }) => ({",
        "return task.awaitedBy.slice(0, 1).map(({ id, callStack }) => ({",
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
