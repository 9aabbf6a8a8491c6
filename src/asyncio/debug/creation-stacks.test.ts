import assert from "node:assert/strict";
import { test } from "node:test";
import { setExceptionHandler } from "../core/errors/exception-handler.ts";
import { callExceptionHandler } from "../core/errors/exception-handler.ts";
import { createTask } from "../core/tasks/task.ts";
import { creationStack } from "./creation-stacks.ts";
import { enableDebug } from "./enable-debug.ts";

async function nothing(): Promise<void> {}

test("creationStack() gives where a task was created (test_task_source_traceback)", async () => {
  const stop = enableDebug({ slowStepDuration: Infinity });
  async function create(): Promise<readonly string[] | undefined> {
    await nothing();
    const task = createTask(nothing);
    await task;
    return creationStack(task);
  }
  const stack = await createTask(async function parent() {
    return await create();
  });
  await stop();
  assert.match(stack?.[0] ?? "", /^create \(file:.*creation-stacks\.test\.ts:\d+:\d+\)$/);
  assert.match(stack?.[1] ?? "", /^async parent \(/);
  assert.equal(stack?.length, 2);
});

test("creationStack() gives nothing for a task that was created while debug mode was off", async () => {
  const task = createTask(nothing);
  await task;
  assert.equal(creationStack(task), undefined);
});

test("callExceptionHandler() prints in debug mode where the task was created, and by whom", async (t) => {
  const print = t.mock.method(console, "error", () => undefined);
  const before = setExceptionHandler(undefined);
  const stop = enableDebug({ slowStepDuration: Infinity });
  await createTask(
    async () => {
      const task = createTask(nothing, { name: "child" });
      await task;
      callExceptionHandler({ message: "Something happened", task });
    },
    { name: "parent" },
  );
  await stop();
  setExceptionHandler(before);
  assert.match(
    String(print.mock.calls[0]?.arguments[0]),
    /^Something happened\n {2}task child was created by task parent at\n {4}\S.*creation-stacks\.test\.ts:/,
  );
});
