import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { gather } from "../../combine/gather.ts";
import { race } from "../../combine/race.ts";
import { taskGroup } from "../../combine/task-group.ts";
import { timeout } from "../../combine/timeout.ts";
import { run } from "../../run/runner.ts";
import { InvalidStateError } from "../errors/errors.ts";
import { setExceptionHandler } from "../errors/exception-handler.ts";
import { closeWithScope, openIn } from "./ownership.ts";
import { currentScope, Scope } from "./scope.ts";
import { checkpoint, sleep } from "../waits/sleep.ts";
import { createTask } from "../tasks/task.ts";

// A resource that records when it is closed.
class Thing {
  readonly #name: string;
  readonly #log: string[];
  readonly #forget: () => void;

  constructor(name: string, log: string[]) {
    this.#name = name;
    this.#log = log;
    this.#forget = closeWithScope((keeper) => this.close(keeper));
  }

  async close(keeper = "by hand"): Promise<void> {
    this.#forget();
    await checkpoint();
    this.#log.push(`${this.#name} ${keeper}`);
  }
}

function collectReports(t: TestContext): string[] {
  const reports: string[] = [];
  const before = setExceptionHandler(({ message }) => reports.push(message));
  t.after(() => setExceptionHandler(before));
  return reports;
}

function open(name: string, log: string[]): Thing {
  return new Thing(name, log);
}

test("closeWithScope() closes with the run, after its tasks, the last first", async () => {
  const log: string[] = [];
  await run(async () => {
    open("first", log);
    createTask(async () => {
      open("second", log);
      await sleep(60_000).finally(() => log.push("task over"));
    });
    await sleep(1);
    log.push("main over");
  });
  assert.deepEqual(log, ["main over", "task over", "second run", "first run"]);
});

test("closeWithScope() closes with the nearest group, but not with a time limit", async () => {
  const log: string[] = [];
  await run(async () => {
    await timeout(1_000, async () => open("of the run", log));
    await taskGroup(async (group) => {
      open("of the group", log);
      group.createTask(async () => void open("of its child", log));
    });
    log.push("after the group");
  });
  const order = ["of its child taskGroup", "of the group taskGroup", "after the group", "of the run run"];
  assert.deepEqual(log, order);
});

test("closeWithScope() leaves what children of gather() and race() open to the scope around", async () => {
  const log: string[] = [];
  await run(async () => {
    const [both, one] = await gather(
      () => open("gathered", log),
      () =>
        race(
          () => open("raced", log),
          () => sleep(60_000),
        ),
    );
    assert.ok(both instanceof Thing && one instanceof Thing);
    await checkpoint();
    log.push("main over");
  });
  assert.deepEqual(log.sort(), ["gathered run", "main over", "raced run"]);
});

test("closeWithScope() closes nothing at the top level, where the process keeps it", async () => {
  const log: string[] = [];
  const thing = new Thing("of the process", log);
  await checkpoint();
  assert.deepEqual(log, []);
  await thing.close();
  assert.deepEqual(log, ["of the process by hand"]);
});

test("closeWithScope() is taken back by the function that it returns: 100,000 that were closed by hand leave nothing", async () => {
  const log: string[] = [];
  const [kept, empty] = await run(async () => {
    const { owner } = currentScope();
    const before = owner.rare?.closers?.size ?? 0;
    for (let n = 0; n < 100_000; n++) closeWithScope(() => log.push("closed"))();
    const thing = new Thing("left", log);
    const opened = owner.rare!.closers!.size - before;
    void thing;
    return [opened, before];
  });
  assert.deepEqual([kept, empty, log], [1, 0, ["left run"]]);
});

test("closeWithScope() reports what fails while it is closed, and closes the others", async (t) => {
  const reports = collectReports(t);
  const log: string[] = [];
  await run(async () => {
    open("first", log);
    closeWithScope(() => Promise.reject(new Error("cannot")));
    open("last", log);
  });
  assert.deepEqual(log, ["last run", "first run"]);
  assert.deepEqual(reports, ["Closing what was opened in a run failed"]);
});

test("closeWithScope() names and leaves what does not close in time", async (t) => {
  const reports = collectReports(t);
  await run(async () => void closeWithScope(() => new Promise(() => {})), { shutdownTimeout: 10 });
  assert.deepEqual(reports, ["What was opened in a run did not close in time, and was left"]);
});

test("closeWithScope() refuses when the scope has ended that would keep the thing", async () => {
  const scope = new Scope(currentScope(), { kind: "job", ownsTasks: true });
  await scope.close();
  assert.throws(
    () => scope.run(() => closeWithScope(() => {})),
    (error) => error instanceof InvalidStateError && /the job as it has ended/.test(error.message),
  );
});

test("openIn() has another scope keep what a function and its tasks open, but not what their groups open", async () => {
  const log: string[] = [];
  const app = new Scope(undefined, { kind: "application", ownsTasks: true });
  const lasting = new Scope(app, { kind: "lasting", ownsTasks: true });
  await run(async () => {
    await openIn(lasting, async () => {
      open("direct", log);
      await createTask(async () => {
        await checkpoint();
        open("of a task", log);
        await taskGroup(() => void open("of a group", log));
      });
    });
    open("of the run", log);
  });
  assert.deepEqual(log, ["of a group taskGroup", "of the run run"]);
  await lasting.close();
  assert.deepEqual(log.slice(2), ["of a task lasting", "direct lasting"]);
});
