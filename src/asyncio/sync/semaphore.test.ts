import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Event } from "./event.ts";
import { BoundedSemaphore, Semaphore } from "./semaphore.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask, currentTask, type Task } from "../core/tasks/task.ts";
import { virtualTime, waitAllTasksParked } from "../testing/index.ts";
import { timeout } from "../combine/timeout.ts";

/** Tasks, one for each name, that take a permit, note their name and keep the permit. */
function acquireInTurn(semaphore: Semaphore, names: readonly string[], order: string[]): Task<void>[] {
  return names.map((name) =>
    createTask(async () => {
      await semaphore.acquire();
      order.push(name);
    }),
  );
}

async function assertCancelled(task: Task<unknown>): Promise<void> {
  await assert.rejects(task, { name: "CancelledError" });
}

describe("Semaphore.acquire()", () => {
  test(
    "Semaphore.acquire() lets as many in as there are permits (test_acquire)",
    virtualTime(async () => {
      const semaphore = new Semaphore(3);
      const order: string[] = [];
      const tasks = acquireInTurn(semaphore, ["1", "2", "3", "4"], order);
      await waitAllTasksParked();
      assert.deepEqual([order, semaphore.locked], [["1", "2", "3"], true]);
      semaphore.release();
      for (const task of tasks) await task;
      assert.deepEqual(semaphore.statistics(), { value: 0, waiting: 0 });
    }),
  );

  test(
    "Semaphore.release() skips those that were cancelled: the third proceeds (test_acquire_cancel_before_awoken)",
    virtualTime(async () => {
      const semaphore = new Semaphore(0);
      const order: string[] = [];
      const [one, two, three, four] = acquireInTurn(semaphore, ["1", "2", "3", "4"], order) as [
        Task<void>,
        Task<void>,
        Task<void>,
        Task<void>,
      ];
      await waitAllTasksParked();
      one.cancel();
      two.cancel();
      semaphore.release();
      await waitAllTasksParked();
      assert.deepEqual([order, three.done(), four.done()], [["3"], true, false]);
      four.cancel();
      for (const task of [one, two, four]) await assertCancelled(task);
    }),
  );

  test(
    "Semaphore.acquire() cancelled in the turn of the release strands no permit (test_acquire_hang)",
    virtualTime(async () => {
      const semaphore = new Semaphore(0);
      const order: string[] = [];
      const [one, two] = acquireInTurn(semaphore, ["1", "2"], order) as [Task<void>, Task<void>];
      await waitAllTasksParked();
      one.cancel();
      semaphore.release();
      await two;
      assert.deepEqual([order, semaphore.locked], [["2"], true]);
      await assertCancelled(one);
    }),
  );

  test(
    "Semaphore.acquire() woken and then cancelled passes the permit on (test_acquire_no_hang)",
    virtualTime(async () => {
      const semaphore = new Semaphore(1);
      const order: string[] = [];
      await semaphore.acquire();
      const [two, three] = acquireInTurn(semaphore, ["2", "3"], order) as [Task<void>, Task<void>];
      await waitAllTasksParked();
      semaphore.release(); // wakes the first
      two.cancel();
      await three;
      await assertCancelled(two);
      semaphore.release();
      assert.deepEqual([order, semaphore.statistics()], [["3"], { value: 1, waiting: 0 }]);
    }),
  );

  test(
    "Semaphore.acquire() that is woken and cancelled by nobody left leaves the permit free",
    virtualTime(async () => {
      const semaphore = new Semaphore(0);
      const [only] = acquireInTurn(semaphore, ["1"], []) as [Task<void>];
      await waitAllTasksParked();
      semaphore.release();
      only.cancel();
      await assertCancelled(only);
      assert.deepEqual(semaphore.statistics(), { value: 1, waiting: 0 });
    }),
  );

  test(
    "Semaphore.acquire() serves in the order in which tasks came, also those that come back (test_acquire_fifo_order)",
    virtualTime(
      async () => {
        const semaphore = new Semaphore(1);
        const order: string[] = [];
        const twice = async (tag: string): Promise<void> => {
          for (const round of [1, 2]) {
            await semaphore.acquire();
            order.push(`${tag}_${round}`);
            await sleep(10);
            semaphore.release();
          }
        };
        const tasks = ["a", "b", "c"].map((tag) => createTask(() => twice(tag)));
        for (const task of tasks) await task;
        assert.deepEqual(order, ["a_1", "b_1", "c_1", "a_2", "b_2", "c_2"]);
      },
      { autoAdvance: true },
    ),
  );

  test(
    "Semaphore.acquire() by who has just released waits behind those that wait (test_acquire_fifo_order_2)",
    virtualTime(async () => {
      const semaphore = new Semaphore(1);
      const order: string[] = [];
      await semaphore.acquire();
      const again = createTask(async () => {
        semaphore.release();
        await semaphore.acquire();
        order.push("again");
        semaphore.release();
      });
      const others = ["b", "c"].map((name) => createTask(() => semaphore.with(() => void order.push(name))));
      for (const task of [...others, again]) await task;
      assert.deepEqual(order.toSpliced(order.indexOf("again"), 1), ["b", "c"]);
      const waiting = acquireInTurn(semaphore, ["d", "e"], order);
      await waiting[0];
      const last = createTask(async () => {
        semaphore.release();
        await semaphore.acquire();
        order.push("last");
      });
      await waiting[1];
      semaphore.release();
      await last;
      assert.deepEqual(order.slice(-3), ["d", "e", "last"]);
      semaphore.release();
    }),
  );

  test(
    "Semaphore.acquire() keeps the order when one in the middle is cancelled (test_acquire_fifo_order_3)",
    virtualTime(async () => {
      const semaphore = new Semaphore(0);
      const order: string[] = [];
      const tasks = acquireInTurn(semaphore, ["1", "2", "3", "4"], order);
      await waitAllTasksParked();
      tasks[1]!.cancel();
      for (let i = 0; i < 3; i++) semaphore.release();
      await tasks[3];
      assert.deepEqual(order, ["1", "3", "4"]);
      await assertCancelled(tasks[1]!);
    }),
  );

  test(
    "Semaphore.release() called several times in a turn serves as many in order, before a newcomer (test_acquire_fifo_order_4)",
    virtualTime(async () => {
      const semaphore = new Semaphore(0);
      const order: string[] = [];
      const tasks = acquireInTurn(semaphore, ["1", "2", "3"], order);
      await waitAllTasksParked();
      semaphore.release();
      semaphore.release();
      tasks.push(...acquireInTurn(semaphore, ["late"], order));
      await waitAllTasksParked();
      assert.deepEqual(order, ["1", "2"]);
      semaphore.release();
      semaphore.release();
      for (const task of tasks) await task;
      assert.deepEqual(order, ["1", "2", "3", "late"]);
    }),
  );

  test(
    "Semaphore.acquire() throws what is pending and takes nothing",
    virtualTime(async () => {
      const semaphore = new Semaphore(1);
      currentTask()!.cancel("stop");
      await assert.rejects(semaphore.acquire(), { reason: "stop" });
      assert.equal(semaphore.locked, false);
    }),
  );

  test("Semaphore.acquire() that never waits lets timers have their turn", async () => {
    const semaphore = new Semaphore(1);
    const limited = timeout(5, async () => {
      for (;;) await semaphore.with(() => {});
    });
    await assert.rejects(limited, { name: "TimeoutError" });
    assert.deepEqual(semaphore.statistics(), { value: 1, waiting: 0 });
  });
});

test(
  "Semaphore.locked is true while earlier tasks have been promised every permit",
  virtualTime(async () => {
    const semaphore = new Semaphore(0, { name: "pool" });
    const [task] = acquireInTurn(semaphore, ["1"], []);
    await waitAllTasksParked();
    assert.equal(task!.waitsFor, "it waits for Semaphore pool");
    semaphore.release();
    assert.deepEqual([semaphore.locked, semaphore.statistics()], [true, { value: 0, waiting: 0 }]);
    await task;
  }),
);

test("Semaphore.with() and `using` give the permit back, whatever happens", async () => {
  const semaphore = new Semaphore(1);
  assert.equal(await semaphore.with(async () => "value"), "value");
  await assert.rejects(
    semaphore.with(() => {
      throw new RangeError("inside");
    }),
    RangeError,
  );
  {
    using permit = await semaphore.acquire();
    assert.deepEqual([permit !== undefined, semaphore.locked], [true, true]);
  }
  assert.equal(semaphore.locked, false);
});

test("Semaphore.release() may make more permits than there were", () => {
  const semaphore = new Semaphore(0);
  semaphore.release();
  semaphore.release();
  assert.equal(semaphore.statistics().value, 2);
});

test("BoundedSemaphore.release() throws when no permit is held (test_release_not_acquired)", async () => {
  const semaphore = new BoundedSemaphore(1, { name: "two" });
  const refusal = {
    name: "RangeError",
    message: /Cannot release BoundedSemaphore two as none of its permits is held: current value is 1/,
  };
  assert.throws(() => semaphore.release(), refusal);
  await semaphore.acquire();
  semaphore.release();
  assert.throws(() => semaphore.release(), refusal);
  assert.throws(() => new BoundedSemaphore().release(), /Cannot release BoundedSemaphore as none/);
});

test(
  "BoundedSemaphore.release() hands the permit on to those that wait, and does not count it twice",
  virtualTime(async () => {
    const semaphore = new BoundedSemaphore(1);
    await semaphore.acquire();
    const order: string[] = [];
    const [task] = acquireInTurn(semaphore, ["1"], order);
    await waitAllTasksParked();
    semaphore.release();
    await task;
    semaphore.release();
    assert.throws(() => semaphore.release(), RangeError);
  }),
);

test("Semaphore and BoundedSemaphore refuse a number of permits that is none, and say what they were given", () => {
  const cases: [unknown, string, string][] = [
    [-1, "RangeError", "-1"],
    [0.5, "RangeError", "0.5"],
    [NaN, "RangeError", "NaN"],
    [Infinity, "RangeError", "Infinity"],
    ["3", "TypeError", '"3"'],
    [null, "TypeError", "null"],
  ];
  for (const [value, name, shown] of cases) {
    const refusal = { name, message: new RegExp(`a whole number >= 0: current value is ${shown}$`) };
    assert.throws(() => new Semaphore(value as never), refusal);
    assert.throws(() => new BoundedSemaphore(value as never), refusal);
  }
});

test(
  "Semaphore.holders() are the tasks that hold its permits, as long as all of them are known",
  virtualTime(async () => {
    const semaphore = new Semaphore(3);
    const names = (): string[] => semaphore.holders().map(({ name }) => name);
    const release = new Event();
    const one = createTask(
      async () => {
        await semaphore.acquire();
        await semaphore.acquire();
        await release.wait();
        semaphore.release();
        await sleep(60_000);
      },
      { name: "one" },
    );
    await waitAllTasksParked();
    assert.deepEqual(names(), ["one"]);
    release.set();
    await waitAllTasksParked();
    assert.deepEqual([names(), semaphore.statistics().value], [["one"], 2]);
    const permit = await createTask(() => semaphore.acquire(), { name: "two" });
    assert.deepEqual(names(), ["one", "two"]);
    permit[Symbol.dispose](); // by a task other than the one that acquired it
    assert.deepEqual(names(), ["one"]);
    await createTask(async () => semaphore.release(), { name: "another" });
    assert.deepEqual(names(), []); // it is unknown which task's permit that was
    one.cancel();
    await assert.rejects(one);
  }),
);

test("Semaphore.holders() are not known where code outside any task holds a permit", async () => {
  const semaphore = new Semaphore(2);
  const permit = await semaphore.acquire();
  await createTask(async () => {
    using other = await semaphore.acquire();
    assert.deepEqual([other !== undefined, semaphore.holders()], [true, []]);
  });
  permit[Symbol.dispose]();
});
