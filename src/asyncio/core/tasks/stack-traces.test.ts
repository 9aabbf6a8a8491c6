// V8 itself traces errors through tasks, but it follows only promises with one reaction. These tests check that task.ts
// and gather.ts settle their promises accordingly. Debug mode is off here.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gather } from "../../combine/gather.ts";
import { sleep } from "../waits/sleep.ts";
import { createTask } from "./task.ts";
import { taskGroup } from "../../combine/task-group.ts";
import { checkLeaks } from "../../testing/index.ts";
import { timeout } from "../../combine/timeout.ts";

async function innermost(): Promise<never> {
  await sleep(1);
  throw new Error("traced");
}

async function inner(): Promise<never> {
  await innermost();
  assert.fail();
}

/** The functions of this file in the error's stack, the innermost first. */
async function trace(outermost: () => Promise<unknown>): Promise<string[]> {
  try {
    await outermost();
  } catch (error) {
    const stack = (error as Error).stack ?? "";
    return [...stack.matchAll(/at (?:async )?(\w+) \(.*stack-traces\.test\.ts/g)].map((match) => match[1]!);
  }
  return assert.fail("nothing was thrown");
}

const traced: Record<string, () => Promise<unknown>> = {
  async plainAwait() {
    await inner();
  },
  async awaitedTask() {
    await createTask(inner);
  },
  async taskOfTask() {
    await createTask(async function middle() {
      await createTask(inner);
    });
  },
  async eagerTask() {
    await createTask(inner, { eagerStart: true });
  },
  async gathered() {
    await gather(inner, () => sleep(5));
  },
  async promiseAll() {
    await Promise.all([inner(), sleep(5)]);
  },
  async promiseAllOfTasks() {
    await Promise.all([createTask(inner), createTask(() => sleep(5))]);
  },
  async limited() {
    await timeout(1_000, inner);
  },
};

for (const [name, fn] of Object.entries(traced)) {
  test(`Task leaves the stack trace of an error whole without debug mode: ${name}`, () =>
    checkLeaks(async () => {
      const expected = name === "taskOfTask" ? ["innermost", "inner", "middle", name] : ["innermost", "inner", name];
      const functions = await createTask(() => trace(fn), { ownsTasks: true });
      assert.deepEqual(
        functions.filter((each) => expected.includes(each)),
        expected,
      );
    }));
}

test("taskGroup() leaves each error its own stack trace", () =>
  checkLeaks(async () => {
    const group = taskGroup(async (tasks) => {
      tasks.createTask(inner);
    });
    await assert.rejects(group, (error) => {
      const [traceable] = (error as AggregateError).errors as [Error];
      assert.match(traceable.stack ?? "", /innermost[\s\S]*async inner/);
      return true;
    });
  }));
