import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { runProgram } from "../../program.fixture.ts";
import { callExceptionHandler, type ExceptionContext, setExceptionHandler } from "./exception-handler.ts";
import { Future } from "../tasks/future.ts";
import { sleep } from "../waits/sleep.ts";
import { createTask, currentTask } from "../tasks/task.ts";
import { taskGroup } from "../../combine/task-group.ts";
import { virtualTime, waitAllTasksParked } from "../../testing/index.ts";

/** The reports that are made while `body` runs. */
async function reportsOf(body: () => unknown): Promise<ExceptionContext[]> {
  const reports: ExceptionContext[] = [];
  const before = setExceptionHandler((context) => reports.push(context));
  try {
    await body();
    await waitAllTasksParked();
  } finally {
    setExceptionHandler(before);
  }
  return reports;
}

/** Captures what is printed on standard error while the test runs. */
function captureErrors(t: TestContext): unknown[][] {
  const printed: unknown[][] = [];
  t.mock.method(console, "error", (...args: unknown[]) => void printed.push(args));
  return printed;
}

test("callExceptionHandler() hears of a done callback that fails, and everything goes on (test_default_exc_handler_callback)", async () => {
  const called: string[] = [];
  const error = new Error("callback");
  const task = createTask(() => sleep(1, "value"), { name: "watched" });
  task.addDoneCallback(() => {
    throw error;
  });
  task.addDoneCallback(() => called.push("the next one"));
  const reports = await reportsOf(() => task);
  assert.deepEqual(reports, [{ message: "A done callback of task watched failed", error }]);
  assert.deepEqual(called, ["the next one"]);
});

test("callExceptionHandler() prints message and error on standard error while no handler is set (test_default_exc_handler_callback)", (t) => {
  const printed = captureErrors(t);
  const error = new Error("disk full");
  callExceptionHandler({ message: "The cache could not be written", error });
  callExceptionHandler({ message: "Something else" });
  assert.deepEqual(printed, [["The cache could not be written:", error], ["Something else"]]);
});

test("setExceptionHandler() hands over message, error and task, and undefined restores the default (test_set_exc_handler_custom)", async (t) => {
  const printed = captureErrors(t);
  const error = new Error("from a task");
  const reports = await reportsOf(() =>
    taskGroup(async () => {
      createTask(
        async () => {
          throw error;
        },
        { name: "lost" },
      );
      await waitAllTasksParked();
    }),
  );
  assert.equal(reports.length, 1);
  assert.equal(reports[0]!.message, "Task lost failed and nobody awaited it");
  assert.equal(reports[0]!.error, error);
  assert.equal(reports[0]!.task?.name, "lost");
  assert.equal(printed.length, 0);
  setExceptionHandler(undefined);
  callExceptionHandler({ message: "by default" });
  assert.deepEqual(printed, [["by default"]]);
});

test(
  "setExceptionHandler() hears of a future that failed and that nobody awaited",
  virtualTime(async () => {
    const error = new Error("set");
    const reports = await reportsOf(() => taskGroup(() => new Future({ name: "answer" }).setException(error)));
    assert.equal(reports[0]?.message, "Future answer failed and nobody awaited it");
    assert.equal(reports[0].future?.name, "answer");
  }),
);

test("setExceptionHandler() returns the handler before", () => {
  const first = (): void => {};
  const second = (): void => {};
  assert.equal(setExceptionHandler(first), undefined);
  assert.equal(setExceptionHandler(second), first);
  assert.equal(setExceptionHandler(undefined), second);
});

test("setExceptionHandler() refuses what is no function, and keeps the handler (test_set_exc_handler_custom)", () => {
  const handler = (): void => {};
  setExceptionHandler(handler);
  for (const [value, shown] of [
    ["log", "log"],
    [null, "null"],
    [5, "5"],
  ] as const) {
    assert.throws(() => setExceptionHandler(value as never), {
      name: "TypeError",
      message: new RegExp(`must be a function or undefined: current value is "?${shown}"?$`),
    });
  }
  assert.equal(setExceptionHandler(undefined), handler);
});

test("setExceptionHandler() with a handler that fails: what it was told and its own error are printed (test_set_exc_handler_broken)", (t) => {
  const printed = captureErrors(t);
  const broken = new Error("broken handler");
  setExceptionHandler(() => {
    throw broken;
  });
  callExceptionHandler({ message: "First" });
  callExceptionHandler({ message: "Second" });
  setExceptionHandler(undefined);
  const report = ["The exception handler failed:", broken];
  assert.deepEqual(printed, [["First"], report, ["Second"], report]);
});

test("setExceptionHandler() with an async handler that fails: its error is printed, not left unhandled (test_set_exc_handler_broken)", async (t) => {
  const printed = captureErrors(t);
  const broken = new Error("broken handler");
  // oxlint-disable-next-line typescript/no-misused-promises -- what a user may do
  setExceptionHandler(async () => {
    throw broken;
  });
  callExceptionHandler({ message: "First" });
  setExceptionHandler(undefined);
  await waitAllTasksParked();
  assert.deepEqual(printed, [["First"], ["The exception handler failed:", broken]]);
});

test("callExceptionHandler() says so when an error cannot be shown (test_default_exc_handler_broken)", (t) => {
  const printed = captureErrors(t);
  const error = Object.assign(new Error("odd"), {
    [Symbol.for("nodejs.util.inspect.custom")]: () => {
      throw new TypeError("not this way");
    },
  });
  callExceptionHandler({ message: "First", error });
  assert.deepEqual(printed, [
    ["First:", "an error that cannot be shown, as showing it throws TypeError: not this way"],
  ]);
});

test(
  "callExceptionHandler() calls the handler in the context of the task that it tells of",
  virtualTime(async () => {
    const task = createTask(() => sleep(0), { name: "subject" });
    await task;
    const names: (string | undefined)[] = [];
    const before = setExceptionHandler(() => names.push(currentTask()?.name));
    callExceptionHandler({ message: "of the subject", task });
    callExceptionHandler({ message: "of nobody" });
    setExceptionHandler(before);
    assert.deepEqual(names, ["subject", "test"]);
  }),
);

test("callExceptionHandler() is told at exit of a task outside any run that failed: exit code 1 and the full error", async () => {
  const source = `
    import { createTask } from "./index.ts";
    createTask(async () => { throw new Error("nobody hears", { cause: new Error("the cause") }); }, { name: "lost" });
  `;
  const { code, stderr } = await runProgram(source);
  assert.equal(code, 1);
  for (const text of ["Task lost failed and nobody awaited it", "Error: nobody hears\n    at ", "the cause"]) {
    assert.ok(stderr.includes(text), `${text} in ${stderr}`);
  }
});
