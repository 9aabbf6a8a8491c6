import assert from "node:assert/strict";
import { test } from "node:test";
import { formatTaskTable, taskTable } from "./task-table.ts";
import type { TaskSnapshot } from "./task-snapshot.ts";

const tasks: TaskSnapshot[] = [
  { id: 1, name: "main", waits: ["taskGroup of child"], awaitedBy: [] },
  { id: 2, name: "boss", waits: ["task child"], awaitedBy: [] },
  {
    id: 3,
    name: "child",
    waits: ["sleep"],
    awaitedBy: [
      { id: 1, callStack: ["inner", "outer"] },
      { id: 2, callStack: [] },
    ],
  },
];

test("taskTable() gives one row for each task and task that awaits it (TestAsyncioToolsTable test_asyncio_utils)", () => {
  assert.deepEqual(taskTable(tasks), [
    { id: 1, name: "main", waits: "taskGroup of child", callStack: "", awaitedBy: "", awaiterId: undefined },
    { id: 2, name: "boss", waits: "task child", callStack: "", awaitedBy: "", awaiterId: undefined },
    { id: 3, name: "child", waits: "sleep", callStack: "inner < outer", awaitedBy: "main", awaiterId: 1 },
    { id: 3, name: "child", waits: "sleep", callStack: "", awaitedBy: "boss", awaiterId: 2 },
  ]);
});

test("taskTable() calls an awaiter that is not there Unknown (TestAsyncioToolsEdgeCases test_task_with_missing_awaiter_id)", () => {
  const [row] = taskTable([{ id: 1, name: "task", waits: [], awaitedBy: [{ id: 999, callStack: [] }] }]);
  assert.equal(row?.awaitedBy, "Unknown");
});

test("taskTable() shows a task that has no name (TestAsyncioToolsEdgeCases test_task_with_no_name)", () => {
  assert.equal(taskTable([{ id: 1, waits: [], awaitedBy: [] }])[0]?.name, "(no name)");
});

test("formatTaskTable() lines the columns up", () => {
  const expected = [
    "task  name   waits for           awaited by  its task  at",
    "1     main   taskGroup of child",
    "2     boss   task child",
    "3     child  sleep               main        1         inner < outer",
    "3     child  sleep               boss        2",
  ];
  assert.deepEqual(formatTaskTable(taskTable(tasks)).split("\n"), expected);
});
