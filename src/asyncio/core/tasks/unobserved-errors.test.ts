import assert from "node:assert/strict";
import { test } from "node:test";
import { runProgram } from "../../program.fixture.ts";
import { ContextVar } from "../state/context-var.ts";
import { type ExceptionContext, setExceptionHandler } from "../errors/exception-handler.ts";
import { Future } from "./future.ts";
import { collectGarbage } from "../../../base/garbage.fixture.ts";
import { currentScope, Scope } from "../scopes/scope.ts";
import { sleep } from "../waits/sleep.ts";
import { createTask, type Task } from "./task.ts";
import { virtualTime, waitAllTasksParked } from "../../testing/index.ts";

type Reports = ExceptionContext[];

/** Passes to `body` a scope in which tasks can fail, and the reports that are made meanwhile. */
function reporting(body: (reports: Reports, scope: Scope) => Promise<void>): () => Promise<void> {
  return virtualTime(async () => {
    const reports: Reports = [];
    const before = setExceptionHandler((context) => reports.push(context));
    const scope = new Scope(currentScope(), { kind: "job", ownsTasks: true });
    try {
      await scope.run(body, reports, scope);
    } finally {
      await scope.close();
      setExceptionHandler(before);
    }
  });
}

const problem = new Error("no");

async function fail(): Promise<never> {
  throw problem;
}

// In a separate function, so that nothing on the stack keeps the future alive.
function drop(): void {
  new Future<void>({ name: "dropped" }).setException(problem);
  new Future<void>().setResult(); // because the newest future is kept for a while
}

async function untilReported(reports: Reports): Promise<void> {
  for (let round = 0; round < 50 && reports.length === 0; round++) await collect();
}

// Finalization callbacks run after the turn.
async function collect(): Promise<void> {
  await collectGarbage();
  await new Promise((resolve) => void setImmediate(resolve));
}

test(
  "Future whose error nobody awaited is reported when it is collected (test_tb_logger_exception_unretrieved)",
  reporting(async (reports) => {
    drop();
    await untilReported(reports);
    assert.deepEqual(reports, [{ message: "Future dropped failed and nobody awaited it", error: problem }]);
  }),
);

test(
  "Future whose error nobody awaited is reported when the scope that it was made in ends, once",
  reporting(async (reports, scope) => {
    const future = new Future<void>({ name: "kept" });
    future.setException(problem);
    await waitAllTasksParked();
    assert.deepEqual(reports, []);
    await scope.close();
    assert.deepEqual(reports, [{ message: "Future kept failed and nobody awaited it", error: problem, future }]);
    await collect();
    assert.equal(reports.length, 1);
  }),
);

test(
  "Task whose error nobody awaited is reported when the scope that owns it ends, never while somebody can await it",
  reporting(async (reports, scope) => {
    const task = createTask(fail, { name: "sad" });
    const late = createTask(fail);
    await waitAllTasksParked();
    assert.deepEqual([task.done(), reports.length], [true, 0]);
    await assert.rejects(late, problem);
    await scope.close();
    assert.deepEqual(reports, [{ message: "Task sad failed and nobody awaited it", error: problem, task }]);
  }),
);

const listeners: [name: string, listen: (future: Future<void>) => unknown][] = [
  ["exception() (test_tb_logger_exception_retrieved)", (future) => future.exception()],
  ["result() (test_tb_logger_exception_result_retrieved)", (future) => assert.throws(() => future.result(), problem)],
  ["await", (future) => assert.rejects(async () => await future, problem)],
  ["catch()", (future) => future.catch(() => {})],
  ["Promise.allSettled()", (future) => Promise.allSettled([future])],
];

for (const [name, listen] of listeners) {
  test(
    `Future whose error was asked for is not reported: ${name}`,
    reporting(async (reports, scope) => {
      const future = new Future<void>();
      future.setException(problem);
      await listen(future);
      await scope.close();
      assert.deepEqual(reports, []);
    }),
  );
}

test(
  "Future that was awaited before it failed is not reported",
  reporting(async (reports, scope) => {
    const future = new Future<void>();
    const outcome = assert.rejects(async () => await future, problem);
    await waitAllTasksParked();
    future.setException(problem);
    await outcome;
    await scope.close();
    assert.deepEqual(reports, []);
  }),
);

test(
  "Future whose result was asked for is not reported (test_tb_logger_result_retrieved)",
  reporting(async (reports, scope) => {
    const future = new Future<number>();
    future.setResult(1);
    assert.equal(future.result(), 1);
    await scope.close();
    assert.deepEqual(reports, []);
  }),
);

test(
  "Future that has a result or was cancelled is not reported when nobody asks (test_tb_logger_not_called_after_cancel)",
  reporting(async (reports, scope) => {
    const [good, cancelled] = [new Future<number>(), new Future<number>()];
    good.setResult(1);
    cancelled.cancel();
    createTask(() => sleep(60_000)).cancel();
    await waitAllTasksParked();
    await scope.close();
    assert.deepEqual(reports, []);
  }),
);

test(
  "Task that failed, was never awaited and is cancelled afterwards is still reported: cancel() returned false",
  reporting(async (reports, scope) => {
    const task = createTask(fail);
    await waitAllTasksParked();
    assert.equal(task.cancel(), false);
    await scope.close();
    assert.equal(reports.length, 1);
  }),
);

test(
  "Task.then() without a handler for errors leaves the error to the promise that it gives",
  reporting(async (reports, scope) => {
    const task = createTask(fail);
    await assert.rejects(
      task.then(() => {}),
      problem,
    );
    await scope.close();
    // The error of the task itself was not observed.
    assert.equal(reports.length, 1);
  }),
);

test(
  "setExceptionHandler() has the handler called in the context of the task that failed (test_task_exc_handler_correct_context)",
  virtualTime(async () => {
    const name = new ContextVar("name", "foo");
    let seen: [string, Task<unknown> | undefined] | undefined;
    const before = setExceptionHandler(({ task }) => (seen = [name.get(), task]));
    const scope = new Scope(currentScope(), { ownsTasks: true });
    try {
      const task = createTask(
        async () => {
          name.set("bar");
          throw problem;
        },
        { owner: scope },
      );
      await waitAllTasksParked();
      await scope.close();
      assert.deepEqual(seen, ["bar", task]);
      assert.equal(name.get(), "foo");
    } finally {
      setExceptionHandler(before);
    }
  }),
);

test("Task outside any run whose error nobody awaited is reported when the process exits, which then fails", async () => {
  const { code, stderr } = await runProgram(`
    import { createTask } from "./index.ts";
    globalThis.kept = createTask(() => Promise.reject(new RangeError("no")), { name: "lost" });
  `);
  assert.equal(code, 1);
  assert.match(stderr, /Task lost failed and nobody awaited it/);
});
