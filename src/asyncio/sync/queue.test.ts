import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type CancelledError, isCancelled, QueueEmpty, QueueFull, QueueShutDown } from "../core/errors/errors.ts";
import { LifoQueue, PriorityQueue, Queue } from "./queue.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask, currentTask, type Task } from "../core/tasks/task.ts";
import { virtualTime, waitAllTasksParked } from "../testing/index.ts";
import { timeout } from "../combine/timeout.ts";
import { waitFor } from "../combine/wait-for.ts";

type Make = (maxsize: number) => Queue<number>;

const kinds: Record<string, Make> = {
  Queue: (maxsize) => new Queue(maxsize),
  LifoQueue: (maxsize) => new LifoQueue(maxsize),
  PriorityQueue: (maxsize) => new PriorityQueue(maxsize),
};

async function putAll(queue: Queue<number>, ...items: number[]): Promise<void> {
  for (const item of items) await queue.put(item);
}

/** The class of the error that a wait threw. */
async function endOf(wait: Promise<unknown>): Promise<string> {
  try {
    await wait;
  } catch (error) {
    return (error as Error).name;
  }
  return "no error";
}

test(
  "Queue.put() waits for room when the queue is full (test_maxsize)",
  virtualTime(async () => {
    const queue = new Queue<number>(2);
    const done: number[] = [];
    const producer = createTask(async () => {
      for (const item of [1, 2, 3]) {
        await queue.put(item);
        done.push(item);
      }
    });
    await waitAllTasksParked();
    assert.deepEqual(done, [1, 2]);
    assert.deepEqual([queue.full, queue.size, queue.statistics().putters], [true, 2, 1]);
    assert.equal(await queue.get(), 1);
    await producer;
    assert.deepEqual(done, [1, 2, 3]);
    assert.deepEqual([queue.getNowait(), queue.getNowait()], [2, 3]);
  }),
);

describe("Queue.get()", () => {
  test(
    "Queue.get() hands a cancelled getter's item to the next getter (test_get_cancelled_race)",
    virtualTime(async () => {
      const queue = new Queue<number>(Infinity);
      const one = createTask(() => queue.get());
      const other = createTask(() => queue.get());
      await waitAllTasksParked();
      one.cancel();
      queue.putNowait(7);
      assert.equal(await other, 7);
      assert.equal(one.cancelled(), true);
    }),
  );

  test(
    "Queue.get() woken and cancelled in the same turn loses no item",
    virtualTime(async () => {
      const queue = new Queue<number>(Infinity);
      const one = createTask(() => queue.get());
      const other = createTask(() => queue.get());
      await waitAllTasksParked();
      queue.putNowait(7); // promised to the first
      one.cancel();
      assert.equal(await other, 7);
      assert.equal(one.cancelled(), true);
      assert.equal(queue.size, 0);
    }),
  );

  test(
    "Queue.get() that timed out leaves no waiter (test_cancelled_getters_not_being_held_in_self_getters)",
    virtualTime(async (clock) => {
      const queue = new Queue<number>(Infinity);
      const outcome = assert.rejects(
        waitFor(() => queue.get(), 100),
        { name: "TimeoutError" },
      );
      await waitAllTasksParked();
      assert.equal(queue.statistics().getters, 1);
      await clock.advance(100);
      await outcome;
      assert.equal(queue.statistics().getters, 0);
    }),
  );

  test(
    "Queue.get() drops nothing when one of two readers is cancelled (test_get_cancel_drop_one_pending_reader)",
    virtualTime(async () => {
      const queue = new Queue<number>(Infinity);
      const reader = createTask(() => queue.get());
      await waitAllTasksParked();
      queue.putNowait(1);
      queue.putNowait(2);
      reader.cancel();
      assert.equal(await endOf(reader), "CancelledError");
      assert.equal(await queue.get(), 1);
      assert.equal(await queue.get(), 2);
    }),
  );

  test(
    "Queue.get() gives the items to the readers that are left (test_get_cancel_drop_many_pending_readers)",
    virtualTime(async () => {
      const queue = new Queue<number>(Infinity);
      const [one, two, three] = [1, 2, 3].map(() => createTask(() => queue.get())) as [
        Task<number>,
        Task<number>,
        Task<number>,
      ];
      await waitAllTasksParked();
      queue.putNowait(1);
      queue.putNowait(2);
      one.cancel();
      assert.equal(await endOf(one), "CancelledError");
      assert.deepEqual(new Set([await two, await three]), new Set([1, 2]));
    }),
  );

  test(
    "Queue.get() serves those that wait before one that comes in the same turn as the item",
    virtualTime(async () => {
      const queue = new Queue<number>(Infinity);
      const waiting = createTask(() => queue.get());
      await waitAllTasksParked();
      queue.putNowait(1);
      assert.throws(() => queue.getNowait(), QueueEmpty); // it is promised
      const late = createTask(() => queue.get(), { eagerStart: true });
      assert.equal(await waiting, 1);
      queue.putNowait(2);
      assert.equal(await late, 2);
    }),
  );

  test(
    "Queue.get() throws what is pending and takes nothing",
    virtualTime(async () => {
      const queue = new Queue<number>(Infinity);
      queue.putNowait(1);
      currentTask()!.cancel("first");
      await assert.rejects(queue.get(), { name: "CancelledError", reason: "first" });
      assert.equal(queue.size, 1);
    }),
  );
});

describe("Queue.put()", () => {
  test(
    "Queue.put() that is cancelled and tried again neither loses nor doubles its item (test_put_cancel_drop)",
    virtualTime(async () => {
      const queue = new Queue<number>(1);
      await queue.put(1);
      const producer = createTask(() => queue.put(2));
      await waitAllTasksParked();
      producer.cancel();
      assert.equal(await endOf(producer), "CancelledError");
      assert.equal(await queue.get(), 1);
      assert.equal(queue.size, 0);
      await queue.put(2);
      assert.equal(await queue.get(), 2);
      assert.equal(queue.size, 0);
    }),
  );

  test(
    "Queue.put() that is cancelled is skipped: the next one follows (test_put_cancelled_race)",
    virtualTime(async () => {
      const queue = new Queue<string>(1);
      await queue.put("a");
      const skipped = createTask(() => queue.put("c"));
      const next = createTask(() => queue.put("b"));
      await waitAllTasksParked();
      skipped.cancel();
      assert.equal(await queue.get(), "a");
      await next;
      assert.equal(await queue.get(), "b");
      assert.equal(await endOf(skipped), "CancelledError");
    }),
  );

  test(
    "Queue.put() whose item was taken in has happened: a cancellation comes at the next wait",
    virtualTime(async () => {
      const queue = new Queue<string>(1);
      const seen: string[] = [];
      queue.putNowait("a");
      const producer = createTask(async () => {
        await queue.put("b");
        seen.push("put");
        await sleep(1);
      });
      await waitAllTasksParked();
      assert.equal(queue.getNowait(), "a"); // lets "b" in
      producer.cancel();
      assert.equal(await endOf(producer), "CancelledError");
      assert.deepEqual([seen, queue.getNowait()], [["put"], "b"]);
    }),
  );

  test(
    "Queue.put() throws what is pending and puts nothing",
    virtualTime(async () => {
      const queue = new Queue<number>(1);
      currentTask()!.cancel();
      assert.equal(await endOf(queue.put(1)), "CancelledError");
      assert.equal(queue.size, 0);
    }),
  );

  test(
    "Queue.put() lets those that wait in before one that comes later",
    virtualTime(async () => {
      const queue = new Queue<number>(1);
      queue.putNowait(1);
      const waiting = [2, 3].map((item) => createTask(() => queue.put(item)));
      await waitAllTasksParked();
      const taken = queue.getNowait();
      assert.throws(() => queue.putNowait(9), QueueFull);
      assert.deepEqual([taken, await queue.get(), await queue.get()], [1, 2, 3]);
      for (const task of waiting) await task;
    }),
  );
});

test("Queue.putNowait() throws QueueFull when there is no room, and says how much it takes (test_nonblocking_put_exception)", () => {
  const queue = new Queue<number>(1, { name: "jobs" });
  queue.putNowait(1);
  assert.throws(() => queue.putNowait(2), {
    name: "QueueFull",
    message: "Cannot put into Queue jobs as it is full: it takes 1",
  });
  assert.equal(queue.size, 1);
});

test("Queue.getNowait() throws QueueEmpty when there is nothing (test_nonblocking_get_exception)", () => {
  assert.throws(() => new Queue(1).getNowait(), {
    name: "QueueEmpty",
    message: "Cannot get from Queue as it is empty",
  });
});

test("LifoQueue gives the last item first (test_order)", () => {
  const queue = new LifoQueue<number>(Infinity);
  for (const item of [1, 3, 2]) queue.putNowait(item);
  assert.deepEqual([queue.getNowait(), queue.getNowait(), queue.getNowait()], [2, 3, 1]);
});

test("PriorityQueue gives the smallest item first (test_order)", () => {
  const queue = new PriorityQueue<number>(Infinity);
  for (const item of [1, 3, 2]) queue.putNowait(item);
  assert.deepEqual([queue.getNowait(), queue.getNowait(), queue.getNowait()], [1, 2, 3]);
});

test("PriorityQueue gives equal items in the order in which they were put, and takes a comparison of yours", () => {
  const pairs = new PriorityQueue<[number, object]>(Infinity);
  const [first, second] = [{ one: 1 }, { two: 2 }];
  for (const item of [
    [1, first],
    [0, second],
    [1, second],
  ] as [number, object][])
    pairs.putNowait(item);
  assert.deepEqual([pairs.getNowait()[1], pairs.getNowait()[1], pairs.getNowait()[1]], [second, first, second]);
  const longest = new PriorityQueue<string>(Infinity, { compare: (one, other) => other.length - one.length });
  for (const item of ["a", "ccc", "bb"]) longest.putNowait(item);
  assert.equal(longest.getNowait(), "ccc");
});

for (const [kind, make] of Object.entries(kinds)) {
  describe(`${kind}.taskDone(), join() and shutdown()`, () => {
    test(`${kind}.taskDone() throws when every item is done (test_task_done_underflow)`, () => {
      const queue = make(Infinity);
      assert.throws(() => queue.taskDone(), { name: "RangeError", message: /every item is done: current value is 0/ });
    });

    test(
      `${kind}.join() ends when all items are done, not when they are taken (test_task_done)`,
      virtualTime(
        async () => {
          const queue = make(Infinity);
          let sum = 0;
          for (let i = 0; i < 100; i++) queue.putNowait(i);
          const consumers = [1, 2].map(() =>
            createTask(async () => {
              for await (const item of queue) {
                sum += item;
                await sleep(1);
                queue.taskDone();
              }
            }),
          );
          await queue.join();
          assert.equal(sum, 4_950);
          assert.equal(queue.statistics().unfinished, 0);
          queue.shutdown();
          for (const consumer of consumers) await consumer;
        },
        { autoAdvance: true },
      ),
    );

    test(
      `${kind}.join() ends at once when nothing was put, and again when all is done (test_join_empty_queue)`,
      virtualTime(async () => {
        const queue = make(Infinity);
        await queue.join();
        queue.putNowait(1);
        queue.getNowait();
        queue.taskDone();
        await queue.join();
      }),
    );

    test(
      `${kind}.shutdown() of an empty queue ends blocked gets, and refuses all that comes (test_shutdown_empty)`,
      virtualTime(async () => {
        const queue = make(2);
        const getter = createTask(() => queue.get());
        await waitAllTasksParked();
        queue.shutdown();
        assert.equal(await endOf(getter), "QueueShutDown");
        await queue.join();
        assert.equal(await endOf(queue.get()), "QueueShutDown");
        assert.equal(await endOf(queue.put(1)), "QueueShutDown");
        assert.throws(() => queue.getNowait(), QueueShutDown);
        assert.throws(() => queue.putNowait(1), {
          name: "QueueShutDown",
          message: `Cannot put into ${kind} as it was shut down`,
        });
      }),
    );

    test(
      `${kind}.shutdown() ends blocked puts; what is in can be taken, and join() waits for it (test_shutdown_nonempty)`,
      virtualTime(async () => {
        const queue = make(1);
        queue.putNowait(1);
        const putter = createTask(() => queue.put(2));
        const joiner = createTask(() => queue.join());
        await waitAllTasksParked();
        queue.shutdown();
        assert.equal(await endOf(putter), "QueueShutDown");
        assert.equal(await queue.get(), 1);
        assert.throws(() => queue.getNowait(), QueueShutDown);
        assert.equal(joiner.done(), false);
        queue.taskDone();
        await joiner;
      }),
    );

    test(
      `${kind}.shutdown(true) drops what is in and releases join() (test_shutdown_immediate)`,
      virtualTime(async () => {
        const queue = make(Infinity);
        await putAll(queue, 1, 2);
        const joiner = createTask(() => queue.join());
        await waitAllTasksParked();
        queue.shutdown(true);
        await joiner;
        assert.equal(queue.size, 0);
        assert.equal(await endOf(queue.get()), "QueueShutDown");
        assert.throws(() => queue.taskDone(), RangeError);
      }),
    );

    test(
      `${kind}.shutdown(true) leaves what was taken to be done: join() waits for it alone (test_shutdown_immediate_with_unfinished)`,
      virtualTime(async () => {
        const queue = make(Infinity);
        await putAll(queue, 1, 2);
        await queue.get();
        const joiner = createTask(() => queue.join());
        await waitAllTasksParked();
        queue.shutdown(true);
        await waitAllTasksParked();
        assert.equal(joiner.done(), false);
        queue.taskDone();
        await joiner;
        assert.throws(() => queue.taskDone(), RangeError);
      }),
    );

    test(
      `${kind}.shutdown() wakes every blocked getter and putter, and can be repeated`,
      virtualTime(async () => {
        const empty = make(1);
        const full = make(1);
        full.putNowait(0);
        const waits = [1, 2, 3].flatMap((item) => [createTask(() => empty.get()), createTask(() => full.put(item))]);
        await waitAllTasksParked();
        for (const queue of [empty, full, empty, full]) queue.shutdown();
        for (const wait of waits) assert.equal(await endOf(wait), "QueueShutDown");
        assert.equal(full.size, 1);
        full.shutdown(true);
        assert.equal(full.size, 0);
      }),
    );

    test(
      `${kind}.shutdown() keeps the promise of an item to a getter that was woken`,
      virtualTime(async () => {
        const queue = make(1);
        const getter = createTask(() => queue.get());
        await waitAllTasksParked();
        queue.putNowait(5);
        queue.shutdown();
        assert.equal(await getter, 5);
      }),
    );

    test(
      `${kind}.shutdown(true) takes the promise back from a getter that was woken`,
      virtualTime(async () => {
        const queue = make(1);
        const getter = createTask(() => queue.get());
        await waitAllTasksParked();
        queue.putNowait(5);
        queue.shutdown(true);
        assert.equal(await endOf(getter), "QueueShutDown");
        await queue.join();
      }),
    );

    test(
      `${kind}.shutdown() loses no item when the getter that it was promised to is cancelled`,
      virtualTime(async () => {
        const queue = make(1);
        const cancelled = createTask(() => queue.get());
        await waitAllTasksParked();
        queue.putNowait(5);
        queue.shutdown();
        const other = createTask(() => queue.get(), { eagerStart: true }); // comes while the item is promised
        const third = createTask(() => queue.get(), { eagerStart: true });
        cancelled.cancel();
        assert.equal(await other, 5);
        assert.equal(await endOf(third), "QueueShutDown");
        assert.equal(await endOf(cancelled), "CancelledError");
      }),
    );
  });
}

describe("Queue's async iterator", () => {
  test(
    "Queue[Symbol.asyncIterator]() gives items until the queue is shut down and empty",
    virtualTime(async () => {
      const queue = new Queue<number>(1);
      const consumer = createTask(async () => {
        const items: number[] = [];
        for await (const item of queue) items.push(item);
        return items;
      });
      await putAll(queue, 1, 2, 3);
      queue.shutdown();
      assert.deepEqual(await consumer, [1, 2, 3]);
    }),
  );

  test(
    "Queue[Symbol.asyncIterator]() takes nothing more when the loop is left",
    virtualTime(async () => {
      const queue = new Queue<number>(Infinity);
      await putAll(queue, 1, 2);
      for await (const item of queue) {
        assert.equal(item, 1);
        break;
      }
      assert.equal(await queue.get(), 2);
    }),
  );

  test(
    "Queue[Symbol.asyncIterator]() throws a cancellation of its consumer",
    virtualTime(async () => {
      const queue = new Queue<number>(1);
      const consumer = createTask(async () => {
        for await (const _ of queue);
      });
      await waitAllTasksParked();
      consumer.cancel();
      assert.equal(await endOf(consumer), "CancelledError");
      assert.equal(queue.statistics().getters, 0);
    }),
  );
});

test("Queue refuses to be made without a bound that is a whole number >= 1 or Infinity, and says what it was given", () => {
  const cases: [unknown, string, RegExp][] = [
    [undefined, "TypeError", /Infinity for a queue without a bound.*current value is undefined/],
    ["10", "TypeError", /current value is "10"/],
    [0, "RangeError", /current value is 0/],
    [-1, "RangeError", /current value is -1/],
    [1.3, "RangeError", /current value is 1.3/],
    [NaN, "RangeError", /current value is NaN/],
  ];
  for (const [maxsize, name, message] of cases) {
    for (const make of Object.values(kinds)) assert.throws(() => make(maxsize as never), { name, message });
  }
});

test("PriorityQueue refuses an item that has no order, and a comparison that is no function", async () => {
  const queue = new PriorityQueue<unknown>(1);
  for (const [item, shown] of [
    [NaN, "NaN"],
    [undefined, "undefined"],
    [{ id: 1 }, "\\{ id: 1 \\}"],
    [[{}], "\\[ \\{\\} \\]"],
  ] as const) {
    const refusal = { name: "TypeError", message: new RegExp(`no order of its own .*: current value is ${shown}$`) };
    assert.throws(() => queue.putNowait(item), refusal);
    await assert.rejects(queue.put(item), refusal);
  }
  assert.equal(queue.size, 0);
  assert.throws(() => new PriorityQueue(1, { compare: "name" as never }), {
    name: "TypeError",
    message: /current value is/,
  });
});

test(
  "Queue.statistics() counts items, what is not done, and who waits",
  virtualTime(async () => {
    const queue = new Queue<number>(1, { name: "jobs" });
    const none = { size: 0, maxsize: 1, unfinished: 0, getters: 0, putters: 0, isShutDown: false };
    assert.deepEqual(queue.statistics(), none);
    const getter = createTask(() => queue.get());
    await waitAllTasksParked();
    assert.deepEqual(queue.statistics(), { ...none, getters: 1 });
    assert.equal(getter.waitsFor, "it waits for Queue jobs");
    await putAll(queue, 1, 2);
    const putter = createTask(() => queue.put(3));
    await waitAllTasksParked();
    assert.deepEqual(queue.statistics(), { ...none, size: 1, unfinished: 2, putters: 1 });
    queue.shutdown(true);
    assert.deepEqual(queue.statistics(), { ...none, unfinished: 1, isShutDown: true });
    assert.equal(await endOf(putter), "QueueShutDown");
    assert.deepEqual([queue.empty, await getter], [true, 1]);
  }),
);

test(
  "Queue.join() throws what is pending",
  virtualTime(async () => {
    const queue = new Queue<number>(1);
    currentTask()!.cancel("first");
    await assert.rejects(queue.join(), { reason: "first" });
    queue.putNowait(1);
    const joiner = createTask(() => queue.join());
    await waitAllTasksParked();
    joiner.cancel("second");
    assert.equal(((await joiner.catch((error: unknown) => error)) as CancelledError).reason, "second");
  }),
);

test("Queue.get() and Queue.put() that never wait let timers have their turn", async () => {
  const queue = new Queue<number>(1);
  const limited = timeout(5, async () => {
    for (;;) {
      await queue.put(1);
      await queue.get();
    }
  });
  await assert.rejects(limited, { name: "TimeoutError" });
});

// Random operations, followed by a count: each item that was put was taken once or is still in the queue, no matter
// what was cancelled.
type Operation = {
  readonly do: "put" | "get" | "cancel" | "settle" | "getNowait" | "putNowait";
  readonly which: number;
};

const operation: fc.Arbitrary<Operation> = fc.record({
  do: fc.constantFrom("put", "put", "get", "get", "cancel", "settle", "getNowait", "putNowait"),
  which: fc.nat(1_000),
});

async function operate(make: Make, maxsize: number, operations: readonly Operation[], ending: string): Promise<void> {
  const queue = make(maxsize);
  const put = new Set<number>();
  const taken: number[] = [];
  const putters = new Map<Task<unknown>, number>();
  const getters = new Set<Task<unknown>>();
  let next = 0;
  const act: Record<Operation["do"], (which: number) => unknown> = {
    put: () => {
      const item = next++;
      putters.set(
        createTask(async () => void put.add((await queue.put(item), item))),
        item,
      );
    },
    get: () => getters.add(createTask(async () => void taken.push(await queue.get()))),
    putNowait: () => {
      if (queue.full) return assert.throws(() => queue.putNowait(next), QueueFull);
      queue.putNowait(next);
      return put.add(next++);
    },
    getNowait: () => {
      try {
        taken.push(queue.getNowait());
      } catch (error) {
        assert.ok(error instanceof QueueEmpty);
      }
    },
    cancel: (which) => [...putters.keys(), ...getters].at(which % Math.max(putters.size + getters.size, 1))?.cancel(),
    settle: () => waitAllTasksParked(),
  };
  for (const one of operations) {
    await act[one.do](one.which);
    assert.ok(queue.size <= maxsize);
  }
  if (ending === "shutdown") queue.shutdown();
  await waitAllTasksParked();
  const { size, getters: waiting, putters: blocked } = queue.statistics();
  assert.ok(size === 0 || waiting === 0, "a getter waits while there are items");
  assert.ok(size === maxsize || blocked === 0, "a putter waits while there is room");
  for (const task of [...putters.keys(), ...getters]) {
    task.cancel();
    const end = await endOf(task);
    assert.ok(["no error", "CancelledError", "QueueShutDown"].includes(end), end);
  }
  while (!queue.empty) taken.push(queue.getNowait());
  assert.equal(new Set(taken).size, taken.length, "no item is taken twice");
  // An item may be in the queue although its producer was cancelled in the same turn: then the cancellation came at the
  // producer's next wait.
  for (const [task, item] of putters) if (task.cancelled() && taken.includes(item)) put.add(item);
  assert.deepEqual(new Set(taken), put);
}

for (const [kind, make] of Object.entries(kinds)) {
  test(`${kind} neither loses nor doubles an item, whatever is put, taken and cancelled in whatever order`, async () => {
    const operations = fc.array(operation, { maxLength: 60, size: "max" });
    const all = fc.tuple(
      fc.constantFrom(1, 2, 5, Infinity),
      operations,
      fc.constantFrom("shutdown", "none"),
      fc.integer(),
    );
    await fc.assert(
      fc.asyncProperty(all, async ([maxsize, steps, ending, seed]) => {
        await virtualTime(() => operate(make, maxsize, steps, ending), seed % 2 === 0 ? {} : { seed })();
      }),
      { numRuns: 100 },
    );
  });
}

test(
  "Queue gives items in the order in which they were put, through getters that wait and getters that do not",
  virtualTime(async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), async (steps) => {
        const queue = new Queue<number>(3);
        const producer = createTask(async () => {
          for (let item = 0; item < steps.length; item++) await queue.put(item);
        });
        const order: number[] = [];
        for (const settle of steps) {
          if (settle) await waitAllTasksParked();
          order.push(await queue.get());
        }
        await producer;
        assert.deepEqual(order, steps.keys().toArray());
      }),
      { numRuns: 30 },
    );
  }),
);

test("isCancelled() tells the error of a cancelled get", async () => {
  const task = createTask(() => new Queue(1).get());
  await waitAllTasksParked();
  task.cancel();
  assert.equal(isCancelled(await task.catch((error: unknown) => error)), true);
});
