import assert from "node:assert/strict";
import { test } from "node:test";
import { gather } from "../combine/gather.ts";
import { sleep } from "../core/sleep.ts";
import { createTask } from "../core/task.ts";
import { formatAwaitTree } from "./await-tree.ts";
import { snapshotTasks, type TaskSnapshot } from "./task-snapshot.ts";

// A task that is awaited by others at the given calls, innermost first.
function snapshot(
  id: number,
  name: string | undefined,
  ...awaitedBy: [id: number, ...callStack: string[]][]
): TaskSnapshot {
  return { id, name, waits: [], awaitedBy: awaitedBy.map(([awaiter, ...callStack]) => ({ id: awaiter, callStack })) };
}

const trees: { name: string; tasks: TaskSnapshot[]; expected: string }[] = [
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
└── main
    └── join
        ├── root1 (2)
        │   └── bloch1
        │       └── child (4)
        └── root2 (3)
            └── bloch2
                └── child (4)`,
  },
  {
    name: "gives several trees for several roots (TestAsyncioToolsTree test_asyncio_utils)",
    tasks: [snapshot(1, "one"), snapshot(2, "two"), snapshot(3, "child", [1]), snapshot(4, "other", [2])],
    expected: `
one (1)
└── child (3)
two (2)
└── other (4)`,
  },
  {
    name: "shows what a shared task waits for once",
    tasks: [snapshot(1, "one"), snapshot(2, "two"), snapshot(3, "shared", [1], [2]), snapshot(4, "leaf", [3])],
    expected: `
one (1)
└── shared (3)
    └── leaf (4)
two (2)
└── shared (3), see above`,
  },
  {
    name: "shows the same call under a parent once (TestAsyncioToolsEdgeCases test_duplicate_coroutine_frames)",
    tasks: [snapshot(1, "main"), snapshot(2, "a", [1, "frame"]), snapshot(3, "b", [1, "frame"])],
    expected: `
main (1)
└── frame
    ├── a (2)
    └── b (3)`,
  },
  {
    name: "shows a task that has no name (TestAsyncioToolsEdgeCases test_task_with_no_name)",
    tasks: [snapshot(1, undefined), snapshot(2, "", [1])],
    expected: `
(no name) (1)
└── (no name) (2)`,
  },
  {
    name: "lists circles, and ends (TestAsyncioToolsBasic test_cycle_detection)",
    tasks: [snapshot(1, "main"), snapshot(2, "a", [3]), snapshot(3, "b", [2], [1])],
    expected: `
main (1)
└── b (3)
    └── a (2)
        └── b (3), see above
circle: 2 → 3 → 2`,
  },
  {
    name: "shows tasks that only await each other",
    tasks: [snapshot(1, "a", [2]), snapshot(2, "b", [1])],
    expected: `
a (1)
└── b (2)
    └── a (1), see above
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
  test(`formatAwaitTree() ${name}`, () => assert.equal(`\n${formatAwaitTree(tasks)}`, expected));
}

test("snapshotTasks() looks through what only stands for others", async () => {
  const child = createTask(() => sleep(30_000), { name: "child" });
  const parent = createTask(() => gather(child), { name: "parent" });
  await sleep(0);
  await sleep(0);
  const tree = formatAwaitTree(snapshotTasks().filter(({ id }) => id >= child.id));
  child.cancel();
  await assert.rejects(parent, { name: "CancelledError" });
  assert.equal(tree, `parent (${parent.id}) waits for gather of child\n└── child (${child.id}) waits for sleep`);
});

test("snapshotTasks() is plain data", async () => {
  const task = createTask(() => sleep(30_000), { name: "sleeper" });
  await sleep(0);
  const tasks = snapshotTasks();
  task.cancel();
  await assert.rejects(task);
  assert.ok(tasks.length > 0);
  assert.deepEqual(JSON.parse(JSON.stringify(tasks)), tasks);
});
