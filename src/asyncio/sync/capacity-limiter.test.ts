import assert from "node:assert/strict";
import { test } from "node:test";
import { CapacityLimiter } from "./capacity-limiter.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask, currentTask, type Task } from "../core/tasks/task.ts";
import { virtualTime, waitAllTasksParked } from "../testing/index.ts";
import { timeout } from "../combine/timeout.ts";

/** Objects that borrow a token in turn and keep it. */
function borrowInTurn(limiter: CapacityLimiter, borrowers: readonly object[], order: object[]): Task<void>[] {
  return borrowers.map((borrower) =>
    createTask(async () => {
      await limiter.acquireOnBehalfOf(borrower);
      order.push(borrower);
    }),
  );
}

const [a, b, c] = [{ name: "a" }, { name: "b" }, { name: "c" }];

test(
  "CapacityLimiter.acquire() lets as many tasks in as there are tokens, in the order in which they came",
  virtualTime(async (clock) => {
    const limiter = new CapacityLimiter(2);
    let most = 0;
    let inside = 0;
    const order: number[] = [];
    const tasks = [1, 2, 3, 4, 5].map((n) =>
      createTask(() =>
        limiter.with(async () => {
          order.push(n);
          most = Math.max(most, ++inside);
          await sleep(10);
          inside--;
        }),
      ),
    );
    await clock.advance(30);
    for (const task of tasks) await task;
    assert.deepEqual([most, order, limiter.borrowedTokens], [2, [1, 2, 3, 4, 5], 0]);
  }),
);

test(
  "CapacityLimiter.acquire() refuses a second token to the same task",
  virtualTime(async () => {
    const limiter = new CapacityLimiter(2, { name: "pool" });
    await limiter.acquire();
    await assert.rejects(limiter.acquire(), {
      name: "InvalidStateError",
      message: "Cannot borrow a token of CapacityLimiter pool as this borrower has one",
    });
    limiter.release();
    assert.equal(limiter.availableTokens, 2);
  }),
);

test(
  "CapacityLimiter.acquireOnBehalfOf() that waits twice for one borrower gives it one token, and refuses the other wait",
  virtualTime(async () => {
    const limiter = new CapacityLimiter(1);
    await limiter.acquireOnBehalfOf(a);
    const order: object[] = [];
    const [first, second] = borrowInTurn(limiter, [b, b], order) as [Task<void>, Task<void>];
    const refused = assert.rejects(second, { name: "InvalidStateError" });
    await waitAllTasksParked();
    limiter.totalTokens = 3;
    await first;
    await refused;
    assert.deepEqual([order, limiter.borrowedTokens], [[b], 2]);
  }),
);

test(
  "CapacityLimiter.release() refuses a task that has no token",
  virtualTime(async () => {
    const limiter = new CapacityLimiter(1);
    await limiter.acquireOnBehalfOf(a);
    const refusal = {
      name: "InvalidStateError",
      message: "Cannot release a token of CapacityLimiter as this borrower has none",
    };
    assert.throws(() => limiter.release(), refusal);
    assert.throws(() => limiter.releaseOnBehalfOf(b), refusal);
    limiter.releaseOnBehalfOf(a);
  }),
);

test(
  "CapacityLimiter.acquireOnBehalfOf() cancelled in the turn of the release hands the token on, whichever comes first",
  virtualTime(async () => {
    for (const cancelFirst of [true, false]) {
      const limiter = new CapacityLimiter(1);
      const order: object[] = [];
      await limiter.acquireOnBehalfOf(a);
      const [second, third] = borrowInTurn(limiter, [b, c], order) as [Task<void>, Task<void>];
      await waitAllTasksParked();
      if (cancelFirst) second.cancel();
      limiter.releaseOnBehalfOf(a);
      if (!cancelFirst) second.cancel();
      await third;
      await assert.rejects(second, { name: "CancelledError" });
      assert.deepEqual([order, limiter.statistics().borrowers], [[c], [c]]);
    }
  }),
);

test(
  "CapacityLimiter.acquire() throws what is pending and borrows nothing",
  virtualTime(async () => {
    const limiter = new CapacityLimiter(1);
    currentTask()!.cancel("stop");
    await assert.rejects(limiter.acquire(), { reason: "stop" });
    assert.equal(limiter.borrowedTokens, 0);
  }),
);

test(
  "CapacityLimiter.totalTokens can grow, which lets those that wait in, and shrink below what is borrowed",
  virtualTime(async () => {
    const limiter = new CapacityLimiter(1);
    const order: object[] = [];
    const tasks = borrowInTurn(limiter, [a, b, c], order);
    await waitAllTasksParked();
    assert.deepEqual(order, [a]);
    limiter.totalTokens = 2;
    await waitAllTasksParked();
    assert.deepEqual(order, [a, b]);
    limiter.totalTokens = 1;
    assert.deepEqual([limiter.borrowedTokens, limiter.availableTokens, limiter.totalTokens], [2, 0, 1]);
    limiter.releaseOnBehalfOf(a);
    await waitAllTasksParked();
    assert.deepEqual(order, [a, b]);
    limiter.releaseOnBehalfOf(b);
    for (const task of tasks) await task;
    assert.deepEqual(order, [a, b, c]);
  }),
);

test("CapacityLimiter.acquire() outside any task borrows for the limiter itself", async () => {
  const limiter = new CapacityLimiter(Infinity);
  await limiter.acquire();
  assert.deepEqual(limiter.statistics().borrowers, [limiter]);
  await assert.rejects(limiter.acquire(), { name: "InvalidStateError" });
  limiter.release();
  assert.equal(limiter.availableTokens, Infinity);
});

test(
  "CapacityLimiter.with() gives the token back when its function throws or is cancelled",
  virtualTime(async (clock) => {
    const limiter = new CapacityLimiter(1);
    await assert.rejects(
      limiter.with(() => {
        throw new RangeError("inside");
      }),
      RangeError,
    );
    const limited = assert.rejects(
      timeout(10, () => limiter.with(() => sleep(60_000))),
      { name: "TimeoutError" },
    );
    await clock.advance(10);
    await limited;
    assert.equal(limiter.borrowedTokens, 0);
  }),
);

test("CapacityLimiter.acquire() that never waits lets timers have their turn", async () => {
  const limiter = new CapacityLimiter(1);
  const limited = timeout(5, async () => {
    for (;;) await limiter.with(() => {});
  });
  await assert.rejects(limited, { name: "TimeoutError" });
  assert.equal(limiter.borrowedTokens, 0);
});

test(
  "CapacityLimiter.statistics() tells who has borrowed what, and how many wait",
  virtualTime(async () => {
    const limiter = new CapacityLimiter(1, { name: "pool" });
    assert.deepEqual(limiter.statistics(), { total: 1, borrowed: 0, borrowers: [], waiting: 0 });
    await limiter.acquire();
    const [waiting] = borrowInTurn(limiter, [a], []);
    await waitAllTasksParked();
    assert.equal(waiting!.waitsFor, "it waits for CapacityLimiter pool");
    assert.deepEqual(limiter.statistics(), { total: 1, borrowed: 1, borrowers: [currentTask()], waiting: 1 });
    limiter.release();
    await waiting;
  }),
);

test("CapacityLimiter refuses a number of tokens that is none, and a borrower that is no object", async () => {
  const limiter = new CapacityLimiter(1);
  for (const [total, name, shown] of [
    [0, "RangeError", "0"],
    [1.5, "RangeError", "1.5"],
    [NaN, "RangeError", "NaN"],
    ["1", "TypeError", '"1"'],
    [undefined, "TypeError", "undefined"],
  ] as const) {
    const refusal = { name, message: new RegExp(`a whole number >= 1, or Infinity: current value is ${shown}$`) };
    assert.throws(() => new CapacityLimiter(total as never), refusal);
    assert.throws(() => void (limiter.totalTokens = total as never), refusal);
  }
  assert.equal(limiter.totalTokens, 1);
  for (const [borrower, shown] of [
    ["me", '"me"'],
    [null, "null"],
    [7, "7"],
  ] as const) {
    const refusal = { name: "TypeError", message: new RegExp(`must be an object: current value is ${shown}$`) };
    await assert.rejects(limiter.acquireOnBehalfOf(borrower as never), refusal);
  }
});

test(
  "CapacityLimiter.holders() are the tasks that have borrowed its tokens, if only tasks have",
  virtualTime(async () => {
    const limiter = new CapacityLimiter(2);
    await createTask(async () => {
      await limiter.acquire();
      assert.deepEqual(limiter.holders(), [currentTask()]);
      await limiter.acquireOnBehalfOf({});
      assert.deepEqual(limiter.holders(), []);
    });
  }),
);
