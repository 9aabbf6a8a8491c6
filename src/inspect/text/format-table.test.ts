import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeSnapshot, fakeTask, fakeWait, type TaskLike } from "./_snapshot.fixture.ts";
import { formatTable } from "./format-table.ts";

const tasks: TaskLike[] = [
  { id: 1, name: "main", waits: [fakeWait("taskGroup of child")], awaitedBy: [] },
  { id: 2, name: "boss", waits: [fakeWait("task child")], awaitedBy: [] },
  {
    id: 3,
    name: "child",
    waits: [fakeWait("sleep")],
    awaitedBy: [
      { id: 1, callStack: ["inner", "outer"] },
      { id: 2, callStack: [] },
    ],
  },
];

// The table without the lines above it.
function rows(...some: TaskLike[]): string[] {
  return formatTable(fakeSnapshot(some.map(fakeTask)))
    .split("\n")
    .slice(3);
}

test("formatTable() gives one row for each task and task that awaits it, and lines the columns up (TestAsyncioToolsTable test_asyncio_utils)", () => {
  assert.deepEqual(rows(...tasks), [
    "task  name   state    waits for           since  held by  awaited by",
    "1     main   waiting  taskGroup of child  0 ms",
    "2     boss   waiting  task child          0 ms",
    "3     child  waiting  sleep               0 ms            main (1) at inner < outer",
    "3     child  waiting  sleep               0 ms            boss (2)",
  ]);
});

test("formatTable() calls an awaiter that is not there Unknown (TestAsyncioToolsEdgeCases test_task_with_missing_awaiter_id)", () => {
  assert.match(rows({ id: 1, name: "task", awaitedBy: [{ id: 999, callStack: [] }] })[1]!, / Unknown \(999\)$/);
});

test("formatTable() shows a task that has no name (TestAsyncioToolsEdgeCases test_task_with_no_name)", () => {
  assert.match(rows({ id: 1, name: undefined as unknown as string })[1]!, /^1 +\(no name\) +waiting$/);
});

test("formatTable() names the holders of capacity, and a task by its request", () => {
  const holders = [
    { id: 7, name: "first", fullName: "GET /a › first" },
    { id: 8, name: "second" },
  ];
  const wait = fakeWait("Semaphore db", { capacity: { usage: "4 of 4 taken", holders, held: 4, waiting: 3 } });
  assert.match(
    rows({ id: 9, name: "third", fullName: "GET /a › third", waits: [wait] })[1]!,
    /^9 +GET \/a › third +waiting +Semaphore db +0 ms +GET \/a › first \(7\), second \(8\) and 2 more$/,
  );
});
