import assert from "node:assert/strict";
import { test } from "node:test";
import { asyncContextManager } from "./async-context-manager.ts";
import { InvalidStateError, isCancelled } from "../core/errors/errors.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask } from "../core/tasks/task.ts";

test("asyncContextManager() opens, runs and closes (test_contextmanager_plain)", async () => {
  const state: number[] = [];
  const manager = asyncContextManager(async function* () {
    state.push(1);
    yield 42;
    state.push(999);
  });
  const result = await manager().with((value) => {
    state.push(value);
    return "result";
  });
  assert.deepEqual(state, [1, 42, 999]);
  assert.equal(result, "result");
});

test("asyncContextManager() runs the generator's finally, and throws on (test_contextmanager_finally)", async () => {
  const state: unknown[] = [];
  const manager = asyncContextManager(async function* () {
    try {
      yield 42;
    } finally {
      await sleep(1);
      state.push("closed");
    }
  });
  const failure = new RangeError("boom");
  await assert.rejects(
    manager().with(() => {
      throw failure;
    }),
    (error) => error === failure,
  );
  assert.deepEqual(state, ["closed"]);
});

test("asyncContextManager() throws the body's error on as it is where the generator does nothing (test_contextmanager_no_reraise)", async () => {
  const manager = asyncContextManager(async function* () {
    yield;
  });
  const failure = new TypeError("boom");
  await assert.rejects(
    manager().with(() => Promise.reject(failure)),
    (error) => error === failure && failure.cause === undefined,
  );
});

test("asyncContextManager() throws the body's error into the generator, which may keep or replace it", async () => {
  const failure = new Error("boom");
  let seen: unknown;
  const keeping = asyncContextManager(async function* () {
    try {
      yield;
    } catch (error) {
      seen = error;
    }
  });
  const result = await keeping().with(() => {
    throw failure;
  });
  assert.equal(seen, failure);
  assert.equal(result, undefined);
  const replacing = asyncContextManager(async function* () {
    try {
      yield;
    } catch (error) {
      throw new TypeError("other", { cause: error });
    }
  });
  await assert.rejects(
    replacing().with(() => Promise.reject(failure)),
    { name: "TypeError", cause: failure },
  );
});

test("asyncContextManager() refuses a generator that does not yield (test_contextmanager_trap_no_yield)", async () => {
  const manager = asyncContextManager(async function* (): AsyncGenerator<number, void, void> {});
  await assert.rejects(
    manager().with(() => {}),
    InvalidStateError,
  );
  await assert.rejects(manager().enter(), InvalidStateError);
});

test("asyncContextManager() refuses a second yield after an error, and closes the generator", async () => {
  let closed = false;
  const manager = asyncContextManager(async function* () {
    try {
      try {
        yield 1;
      } catch {
        yield 2;
      }
    } finally {
      closed = true;
    }
  });
  await assert.rejects(
    manager().with(() => Promise.reject(new Error("boom"))),
    InvalidStateError,
  );
  assert.equal(closed, true);
});

test("asyncContextManager() refuses a second yield, and closes the generator (test_contextmanager_trap_second_yield)", async () => {
  let closed = false;
  const manager = asyncContextManager(async function* () {
    try {
      yield 1;
      yield 2;
    } finally {
      closed = true;
    }
  });
  await assert.rejects(
    manager().with(() => {}),
    InvalidStateError,
  );
  assert.equal(closed, true);
});

test("asyncContextManager() is entered by `await using`, closes once, and can be entered again", async () => {
  const steps: string[] = [];
  const manager = asyncContextManager(async function* (name: string) {
    steps.push(`open ${name}`);
    yield name;
    steps.push(`close ${name}`);
  })("a");
  for (let i = 0; i < 2; i++) {
    await using entered = await manager.enter();
    assert.equal(entered.value, "a");
    await entered[Symbol.asyncDispose]();
  }
  assert.deepEqual(steps, ["open a", "close a", "open a", "close a"]);
});

test("asyncContextManager() closes when its body is cancelled", async () => {
  const steps: unknown[] = [];
  const manager = asyncContextManager(async function* () {
    try {
      yield;
    } catch (error) {
      steps.push(isCancelled(error));
      throw error;
    } finally {
      await sleep(1);
      steps.push("closed");
    }
  });
  const task = createTask(() => manager().with(() => sleep(Infinity)));
  await sleep(0);
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.deepEqual(steps, [true, "closed"]);
});

test("asyncContextManager() refuses what is no function", () => {
  assert.throws(() => asyncContextManager(42 as never), TypeError);
});
