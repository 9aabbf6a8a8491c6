import assert from "node:assert/strict";
import { test } from "node:test";
import { Lock } from "./lock.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask, currentTask, type Task } from "../core/tasks/task.ts";
import { virtualTime, waitAllTasksParked } from "../testing/index.ts";
import { moveOnAfter, timeout } from "../combine/timeout.ts";

// The last acquisition of each lock, by any task.
const holds: WeakMap<Lock, Disposable> = new WeakMap();

async function take(lock: Lock): Promise<void> {
  holds.set(lock, await lock.acquire());
}

function release(lock: Lock): void {
  holds.get(lock)![Symbol.dispose]();
}

/** Tasks, one for each name, that take the lock in turn, note their name and keep the lock. */
function acquireInTurn(lock: Lock, names: readonly string[], order: string[]): Task<void>[] {
  return names.map((name) =>
    createTask(
      async () => {
        await take(lock);
        order.push(name);
      },
      { name },
    ),
  );
}

test(
  "Lock.acquire() hands the lock on in the order in which tasks came (test_acquire)",
  virtualTime(async () => {
    const lock = new Lock();
    const order: string[] = [];
    await take(lock);
    const tasks = acquireInTurn(lock, ["1", "2", "3"], order);
    for (const expected of [[], ["1"], ["1", "2"], ["1", "2", "3"]]) {
      await waitAllTasksParked();
      assert.deepEqual(order, expected);
      assert.equal(lock.locked, true);
      release(lock);
    }
    for (const task of tasks) await task;
    assert.equal(lock.locked, false);
  }),
);

test(
  "Lock.acquire() that is cancelled in the turn of the release lets the next one have the lock (test_cancel_race)",
  virtualTime(async () => {
    const lock = new Lock();
    const order: string[] = [];
    await take(lock);
    const [b, c] = acquireInTurn(lock, ["b", "c"], order) as [Task<void>, Task<void>];
    await waitAllTasksParked();
    b.cancel();
    release(lock);
    await c;
    assert.deepEqual([order, b.cancelled()], [["c"], true]);
    release(lock);
  }),
);

for (const [first, second] of [
  ["release", "cancel"],
  ["cancel", "release"],
] as const) {
  test(
    `Lock: ${first} and ${second} in one turn let exactly one task in (test_cancel_release_race)`,
    virtualTime(async () => {
      const lock = new Lock();
      const order: string[] = [];
      await take(lock);
      const [b, c] = acquireInTurn(lock, ["b", "c"], order) as [Task<void>, Task<void>];
      await waitAllTasksParked();
      const act = { release: () => release(lock), cancel: () => void b.cancel() };
      act[first]();
      act[second]();
      await c;
      assert.deepEqual(order, ["c"]);
      assert.equal(lock.statistics().holder, c);
      release(lock);
      assert.equal(lock.locked, false);
    }),
  );
}

test(
  "Lock.acquire() that was woken and then cancelled passes the lock on (test_finished_waiter_cancelled)",
  virtualTime(async () => {
    const lock = new Lock();
    const order: string[] = [];
    await take(lock);
    const [b, c, d] = acquireInTurn(lock, ["b", "c", "d"], order) as [Task<void>, Task<void>, Task<void>];
    await waitAllTasksParked();
    release(lock); // b is woken
    b.cancel();
    c.cancel();
    await d;
    assert.deepEqual([order, b.cancelled(), c.cancelled()], [["d"], true, true]);
    release(lock);
    assert.equal(lock.locked, false);
  }),
);

test(
  "Lock.acquire() by a newcomer waits for the one that was woken",
  virtualTime(async () => {
    const lock = new Lock();
    const order: string[] = [];
    await take(lock);
    const [old] = acquireInTurn(lock, ["old"], order);
    await waitAllTasksParked();
    release(lock);
    const [late] = acquireInTurn(lock, ["late"], order);
    await old;
    await waitAllTasksParked();
    assert.deepEqual(order, ["old"]);
    release(lock);
    await late;
    release(lock);
  }),
);

test("Lock.release() throws when the lock is not held (test_release_not_acquired)", async () => {
  assert.throws(() => new Lock().release(), {
    name: "InvalidStateError",
    message: "Cannot release Lock as it is not held",
  });
  const lock = new Lock({ name: "account" });
  await lock.acquire();
  lock.release();
  assert.throws(() => lock.release(), { message: "Cannot release Lock account as it is not held" });
});

test(
  "Lock.acquire() is not re-entrant: who holds it and asks again waits for itself",
  virtualTime(async (clock) => {
    const lock = new Lock();
    await lock.acquire();
    const again = moveOnAfter(100, () => lock.acquire());
    await clock.advance(100);
    assert.equal(await again, undefined);
    lock.release();
    assert.equal(lock.locked, false);
  }),
);

test(
  "Lock.acquire() throws what is pending and takes nothing",
  virtualTime(async () => {
    const lock = new Lock();
    currentTask()!.cancel("stop");
    await assert.rejects(lock.acquire(), { name: "CancelledError", reason: "stop" });
    assert.equal(lock.locked, false);
  }),
);

test(
  "Lock.with() releases the lock when its function returns, throws and is cancelled",
  virtualTime(async (clock) => {
    const lock = new Lock();
    assert.equal(await lock.with(() => "value"), "value");
    await assert.rejects(
      lock.with(async () => {
        throw new RangeError("inside");
      }),
      RangeError,
    );
    const limited = assert.rejects(
      timeout(10, () => lock.with(() => sleep(60_000))),
      { name: "TimeoutError" },
    );
    await waitAllTasksParked();
    assert.equal(lock.locked, true);
    await clock.advance(10);
    await limited;
    assert.equal(lock.locked, false);
  }),
);

test(
  "Lock.with() that is cancelled while it waits neither runs its function nor releases the lock",
  virtualTime(async () => {
    const lock = new Lock();
    let ran = false;
    await lock.acquire();
    const task = createTask(() => lock.with(() => void (ran = true)));
    await waitAllTasksParked();
    task.cancel();
    await assert.rejects(task, { name: "CancelledError" });
    assert.deepEqual([ran, lock.locked], [false, true]);
    lock.release();
  }),
);

test(
  "Lock.acquire() gives what `using` releases at the end of the block",
  virtualTime(async () => {
    const lock = new Lock();
    {
      using held = await lock.acquire();
      assert.deepEqual([held !== undefined, lock.locked], [true, true]);
    }
    assert.equal(lock.locked, false);
  }),
);

test(
  "Lock.statistics() tells who holds it and how many wait",
  virtualTime(async () => {
    const lock = new Lock({ name: "account" });
    assert.deepEqual(lock.statistics(), { locked: false, holder: undefined, waiting: 0 });
    await take(lock);
    const [waiting] = acquireInTurn(lock, ["waiting"], []);
    await waitAllTasksParked();
    assert.deepEqual(lock.statistics(), { locked: true, holder: currentTask(), waiting: 1 });
    assert.equal(waiting!.waitsFor, "it waits for Lock account");
    release(lock);
    await waiting;
    assert.equal(lock.holder(), waiting);
    release(lock);
    assert.equal(lock.holder(), undefined);
  }),
);

test("Lock.acquire() that never waits lets timers have their turn", async () => {
  const lock = new Lock();
  const limited = timeout(5, async () => {
    for (;;) await lock.with(() => {});
  });
  await assert.rejects(limited, { name: "TimeoutError" });
  assert.equal(lock.locked, false);
});

test(
  "Lock.release() by a task that does not hold it is refused, and names both",
  virtualTime(async () => {
    const lock = new Lock({ name: "account" });
    const owner = createTask(() => lock.with(() => sleep(60_000)), { name: "owner" });
    await waitAllTasksParked();
    const thief = createTask(async () => lock.release(), { name: "thief" });
    await assert.rejects(thief, {
      name: "InvalidStateError",
      message: "Cannot release Lock account as it is held by task owner, not by task thief",
    });
    assert.equal(lock.holder(), owner);
    owner.cancel();
    await assert.rejects(owner);
    await lock.acquire();
    await assert.rejects(
      createTask(async () => lock.release(), { name: "thief" }),
      /held by task test, not by task thief/,
    );
    lock.release();
  }),
);

test(
  "Lock.acquire() gives an acquisition that releases itself, once, and never a later one",
  virtualTime(async () => {
    const lock = new Lock({ name: "account" });
    const first = await lock.acquire();
    first[Symbol.dispose]();
    const second = await lock.acquire();
    assert.throws(() => first[Symbol.dispose](), {
      name: "InvalidStateError",
      message: "Cannot release Lock account as this acquisition was released already",
    });
    assert.equal(lock.locked, true);
    second[Symbol.dispose]();
    assert.equal(lock.locked, false);
  }),
);
