import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, gather, Lock, sleep, type Task, type TaskView, taskGroup, timeout } from "../../asyncio/index.ts";
import { fakeSnapshot, fakeTask } from "./_snapshot.fixture.ts";
import { endAfter, settle } from "./_tasks.fixture.ts";
import { formatTree } from "./format-tree.ts";
import { takeSnapshot } from "../record/snapshot.ts";

// A task that others await at the given calls, the innermost first.
function snapshot(
  id: number,
  name: string | undefined,
  ...awaitedBy: [id: number, ...callStack: string[]][]
): TaskView {
  const awaiters = awaitedBy.map(([awaiter, ...callStack]) => ({ id: awaiter, callStack }));
  return fakeTask({ id, name: name as string, awaitedBy: awaiters });
}

const trees: { name: string; tasks: TaskView[]; expected: string }[] = [
  {
    name: "shows who is awaited under each awaiter, with the calls between them (TestAsyncioToolsTree test_asyncio_utils)",
    tasks: [
      snapshot(1, "main"),
      snapshot(2, "root1", [1, "join", "main"]),
      snapshot(3, "root2", [1, "join", "main"]),
      snapshot(4, "child", [2, "bloch1"], [3, "bloch2"]),
    ],
    expected: `
main (1)
└─ main
   └─ join
      ├─ root1 (2)
      │  └─ bloch1
      │     └─ child (4)
      └─ root2 (3)
         └─ bloch2
            └─ child (4)`,
  },
  {
    name: "gives several trees for several roots (TestAsyncioToolsTree test_asyncio_utils)",
    tasks: [snapshot(1, "one"), snapshot(2, "two"), snapshot(3, "child", [1]), snapshot(4, "other", [2])],
    expected: `
one (1)
└─ child (3)
two (2)
└─ other (4)`,
  },
  {
    name: "shows what a shared task waits for once",
    tasks: [snapshot(1, "one"), snapshot(2, "two"), snapshot(3, "shared", [1], [2]), snapshot(4, "leaf", [3])],
    expected: `
one (1)
└─ shared (3)
   └─ leaf (4)
two (2)
└─ shared (3), see above`,
  },
  {
    name: "shows the same call under a parent once (TestAsyncioToolsEdgeCases test_duplicate_coroutine_frames)",
    tasks: [snapshot(1, "main"), snapshot(2, "a", [1, "frame"]), snapshot(3, "b", [1, "frame"])],
    expected: `
main (1)
└─ frame
   ├─ a (2)
   └─ b (3)`,
  },
  {
    name: "shows a task that has no name (TestAsyncioToolsEdgeCases test_task_with_no_name)",
    tasks: [snapshot(1, undefined), snapshot(2, "", [1])],
    expected: `
(no name) (1)
└─ (no name) (2)`,
  },
  {
    name: "lists circles, and ends (TestAsyncioToolsBasic test_cycle_detection)",
    tasks: [snapshot(1, "main"), snapshot(2, "a", [3]), snapshot(3, "b", [2], [1])],
    expected: `
main (1)
└─ b (3)
   └─ a (2)
      └─ b (3), see above
circle: 2 → 3 → 2`,
  },
  {
    name: "shows tasks that only await each other",
    tasks: [snapshot(1, "a", [2]), snapshot(2, "b", [1])],
    expected: `
a (1)
└─ b (2)
   └─ a (1), see above
circle: 1 → 2 → 1`,
  },
  {
    name: "shows a task whose awaiter is unknown (TestAsyncioToolsEdgeCases test_task_with_missing_awaiter_id)",
    tasks: [snapshot(1, "a", [999])],
    expected: `
a (1)`,
  },
  { name: "gives nothing for no tasks", tasks: [], expected: "\n" },
];

for (const { name, tasks, expected } of trees) {
  test(`formatTree() by awaiter ${name}`, () =>
    assert.equal(`\n${formatTree(fakeSnapshot(tasks), { by: "awaiter" })}`, expected));
}

/** The text of the tasks that a task owns, without values that differ from run to run. */
function look(task: Task<unknown>, by: "owner" | "awaiter"): string {
  const { root } = takeSnapshot({ limit: Infinity, awaiters: true });
  const tasks = root.tasks.filter(({ id }) => id >= task.id);
  return formatTree({ root: { ...root, tasks } }, { by })
    .replaceAll(/\(\d+\)/g, "(n)")
    .replaceAll(/\d+(\.\d+)? m?s/g, "a while");
}

test("formatTree() by awaiter looks through what only stands for others", async (context) => {
  const child = createTask(() => sleep(30_000), { name: "child" });
  createTask(() => gather(child), { name: "parent" });
  endAfter(context);
  await settle();
  assert.equal(
    look(child, "awaiter"),
    "parent (n): gather of child, a while\n└─ child (n): sleep, a while, a while left",
  );
});

test("formatTree() by owner shows tasks under the scopes that own them, with limits and waits", async (context) => {
  const parent = createTask(
    () => timeout(30_000, () => taskGroup((group) => void group.createTask(() => sleep(30_000), { name: "child" }))),
    { name: "parent" },
  );
  endAfter(context);
  await settle();
  assert.equal(
    look(parent, "owner"),
    `process
└─ parent (n)
   └─ timeout [a while left]
      ├─ waits for taskGroup of child, a while
      └─ taskGroup
         └─ child (n): sleep, a while, a while left`,
  );
});

test("formatTree() names the request that a holder belongs to", async (context) => {
  const lock = new Lock({ name: "db" });
  const request = createTask(
    async () => {
      createTask(() => lock.with(() => sleep(30_000)), { name: "first" });
      await sleep(30_000);
    },
    { name: "GET /a", ownsTasks: true },
  );
  endAfter(context);
  await settle();
  createTask(() => lock.acquire(), { name: "seeker" });
  await settle();
  assert.match(look(request, "owner"), /seeker \(n\): Lock db, a while, held by GET \/a › first \(n\)/);
});

test("formatTree() by awaiter finds the same calls among 20,000 in no time that grows with the square", () => {
  const stack = (i: number): [number, ...string[]] => [1, `call ${i % 10}`];
  const tasks = [snapshot(1, "main"), ...Array.from({ length: 20_000 }, (_, i) => snapshot(i + 2, "t", stack(i)))];
  assert.equal(formatTree(fakeSnapshot(tasks), { by: "awaiter" }).split("\n").length, 20_011);
});
