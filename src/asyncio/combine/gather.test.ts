import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError } from "../core/errors/errors.ts";
import { setExceptionHandler } from "../core/errors/exception-handler.ts";
import { Future } from "../core/tasks/future.ts";
import { gather } from "./gather.ts";
import { currentScope, Scope } from "../core/scopes/scope.ts";
import { shield } from "./shield.ts";
import { sleep } from "../core/waits/sleep.ts";
import { allTasks, createTask, currentTask, type Task } from "../core/tasks/task.ts";
import { timeout } from "./timeout.ts";
import { checkLeaks, virtualTime, waitAllTasksParked } from "../testing/index.ts";

type Three<T> = [T, T, T];

function futures(): Three<Future<number>> {
  return [new Future<number>(), new Future<number>(), new Future<number>()];
}

test(
  "gather() is done when all are, and gives the results in the order of its arguments (test_success)",
  virtualTime(async () => {
    const [a, b, c] = futures();
    const all = gather(a, b, c);
    for (const [future, value] of [
      [b, 1],
      [a, 2],
    ] as const) {
      future.setResult(value);
      await waitAllTasksParked();
      assert.equal(all.done(), false);
    }
    c.setResult(3);
    assert.deepEqual(await all, [2, 1, 3]);
    assert.deepEqual([all.done(), all.cancelled()], [true, false]);
  }),
);

test(
  "gather() fails with the very error of the first that fails, after the others were cancelled and are over (test_one_exception)",
  virtualTime(async (clock) => {
    const problem = new Error("first");
    const order: string[] = [];
    const tidy = async (name: string): Promise<void> => {
      try {
        await sleep(60_000);
      } finally {
        await sleep(10);
        order.push(name);
      }
    };
    const done = new Future<number>();
    done.setResult(1);
    const all = gather(
      done,
      () => tidy("a"),
      async () => {
        await sleep(5);
        throw problem;
      },
      () => tidy("b"),
    );
    all.addDoneCallback(() => order.push("gather"));
    await clock.advance(14);
    assert.equal(all.done(), false);
    await clock.advance(1);
    await assert.rejects(all, problem);
    assert.deepEqual(order, ["a", "b", "gather"]);
    assert.equal(all.cancelled(), false);
  }),
);

test(
  "gather({ returnExceptions }) gives errors among the results (test_return_exceptions)",
  virtualTime(async () => {
    const [one, other] = [new Error("one"), new Error("other")];
    const [a, b, c, d] = [...futures(), new Future<number>()];
    const all = gather([a, b, c, d], { returnExceptions: true });
    b.setResult(1);
    c.setException(one);
    await waitAllTasksParked();
    assert.equal(all.done(), false);
    a.setResult(3);
    d.setException(other);
    assert.deepEqual(await all, [3, 1, one, other]);
  }),
);

test(
  "gather() of nothing gives [] (test_constructor_empty_sequence_use_running_loop)",
  virtualTime(async () => {
    assert.deepEqual(await gather(), []);
    assert.deepEqual(await gather([]), []);
    assert.deepEqual(await gather([], { returnExceptions: true }), []);
  }),
);

test(
  "gather() fails with CancelledError when a child was cancelled, without being cancelled itself (test_one_cancellation)",
  virtualTime(async () => {
    const [a, b, c] = futures();
    const all = gather(a, b, c);
    a.setResult(1);
    b.cancel("only b");
    await assert.rejects(all, { name: "CancelledError", reason: "only b" });
    assert.deepEqual([all.done(), all.cancelled()], [true, false]);
    assert.equal((all.exception() as CancelledError).reason, "only b");
    assert.equal(c.cancelled(), true);
  }),
);

test(
  "gather({ returnExceptions }) gives the CancelledErrors of cancelled children in their places (test_result_exception_one_cancellation)",
  virtualTime(async () => {
    const problem = new Error("c");
    const [a, b, c] = futures();
    const [d, e] = futures();
    const all = gather([a, b, c, d, e], { returnExceptions: true });
    c.setException(problem);
    a.setResult(1);
    b.cancel("b");
    e.cancel("e");
    await waitAllTasksParked();
    assert.equal(all.done(), false);
    d.setResult(4);
    const results = await all;
    assert.deepEqual([results[0], results[2], results[3]], [1, problem, 4]);
    for (const index of [1, 4] as const) assert.ok(results[index] instanceof CancelledError);
    assert.equal(all.cancelled(), false);
  }),
);

test(
  "gather() runs a function as often as it is passed, and a task that is passed twice once (test_duplicate_coroutines)",
  virtualTime(async () => {
    let runs = 0;
    const abc = async (): Promise<string> => {
      runs++;
      return "abc";
    };
    const def = async (): Promise<string> => "def";
    assert.deepEqual(await gather(abc, abc, def, abc), ["abc", "abc", "def", "abc"]);
    assert.equal(runs, 3);
    assert.deepEqual(await gather([abc, def, abc], { returnExceptions: true }), ["abc", "def", "abc"]);
    assert.equal(runs, 5);
    const task = createTask(abc);
    assert.deepEqual(await gather(task, def, task), ["abc", "def", "abc"]);
    assert.deepEqual(await gather([task, task], { returnExceptions: true }), ["abc", "abc"]);
    assert.equal(runs, 6);
  }),
);

test(
  "gather() cancels all when the task that awaits it is cancelled; cancel() then returns false (test_cancellation_broadcast)",
  virtualTime(async () => {
    let proof = 0;
    const waiter = new Future<void>();
    const inner = async (): Promise<void> => {
      await waiter;
      proof++;
    };
    const [child1, child2] = [createTask(inner), createTask(inner)];
    let all!: Task<unknown>;
    const outer = createTask(async () => {
      all = gather(child1, child2);
      await all;
      proof += 100;
    });
    await waitAllTasksParked();
    assert.equal(outer.cancel(), true);
    await assert.rejects(outer, CancelledError);
    assert.deepEqual([outer.cancel(), all.cancel()], [false, false]);
    assert.deepEqual(
      [waiter.cancelled(), child1.cancelled(), child2.cancelled(), all.cancelled()],
      [true, true, true, true],
    );
    assert.equal(proof, 0);
  }),
);

test(
  "gather() reports no later error of another child (test_exception_marking)",
  virtualTime(async () => {
    const reports: string[] = [];
    const before = setExceptionHandler(({ message }) => reports.push(message));
    try {
      const first = new Error("first");
      const failLate = async (): Promise<void> => {
        try {
          await sleep(60_000);
        } finally {
          // oxlint-disable-next-line no-unsafe-finally -- what a clean-up that fails does
          throw new Error("second");
        }
      };
      const [a, b] = futures();
      const scope = new Scope(currentScope(), { ownsTasks: true });
      const outer = scope.run(() => gather(a, b, failLate));
      await waitAllTasksParked();
      a.setException(first);
      b.setException(new Error("same turn"));
      await assert.rejects(outer, first);
      await scope.close();
      assert.deepEqual(reports, []);
    } finally {
      setExceptionHandler(before);
    }
  }),
);

test(
  "Task.cancel() of a gather() whose children are all done returns false, and it gives their results (test_cancel_gather_1)",
  virtualTime(async () => {
    const future = new Future<number>();
    const all = gather(future);
    await waitAllTasksParked();
    let answer: boolean | undefined;
    future.addDoneCallback(() => (answer = all.cancel()));
    future.setResult(42);
    assert.equal(all.cancel(), false);
    assert.deepEqual(await all, [42]);
    assert.equal(answer, false);
    assert.deepEqual([all.cancelling(), all.cancelled()], [0, false]);
  }),
);

for (const reason of [undefined, null, "my message", 5]) {
  test(
    `Task.cancel(${String(reason)}) of a task in gather({ returnExceptions }) still throws, with its reason (test_cancel_gather_2)`,
    virtualTime(async () => {
      let ticks = 0;
      const child = async (): Promise<void> => {
        for (;;) {
          ticks++;
          await sleep(100);
        }
      };
      const main = createTask(async () => {
        await gather([child], { returnExceptions: true });
        assert.fail("gather() swallowed a cancellation");
      });
      await waitAllTasksParked();
      main.cancel(reason);
      await assert.rejects(main, (error) => error instanceof CancelledError && error.reason === reason);
      assert.equal(ticks, 1);
    }),
  );
}

test(
  "Task.cancel() of a gather() whose child keeps it to itself is heard all the same",
  virtualTime(async () => {
    const stubborn = createTask(async () => {
      await sleep(60_000).catch(() => {});
      return "stayed";
    });
    for (const returnExceptions of [false, true]) {
      const all = gather([stubborn], { returnExceptions });
      await waitAllTasksParked();
      const isRunning = !stubborn.done();
      assert.equal(all.cancel("stop"), isRunning);
      if (isRunning) await assert.rejects(all, { name: "CancelledError", reason: "stop" });
      else assert.deepEqual(await all, ["stayed"]);
    }
  }),
);

test(
  "gather() takes promises that are not ours, which it only waits for, and functions that are not async",
  virtualTime(async () => {
    const foreign = Promise.resolve("foreign");
    const results = await gather(
      foreign,
      () => "plain",
      createTask(async () => "task"),
    );
    assert.deepEqual(results, ["foreign", "plain", "task"]);
  }),
);

test(
  "gather() leaves a foreign promise when it is cancelled",
  virtualTime(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const all = gather(promise, () => sleep(60_000));
    await waitAllTasksParked();
    all.cancel();
    await assert.rejects(all, CancelledError);
    resolve();
  }),
);

test(
  "gather() within gather() is cancelled to the bottom",
  virtualTime(async () => {
    const ended: string[] = [];
    const leaf = (name: string) => async (): Promise<void> => {
      try {
        await sleep(60_000);
      } finally {
        ended.push(name);
      }
    };
    const all = gather(leaf("a"), () => gather(leaf("b"), leaf("c")));
    await waitAllTasksParked();
    all.cancel();
    await assert.rejects(all, CancelledError);
    assert.deepEqual(ended.toSorted(), ["a", "b", "c"]);
  }),
);

test(
  "gather() is no owner of tasks that are passed to it: cancelling a shield of it leaves them",
  virtualTime(async (clock) => {
    const tasks = [createTask(() => sleep(10, 1)), createTask(() => sleep(20, 2))];
    const all = gather(tasks);
    const sheltered = shield(all);
    sheltered.cancel();
    await assert.rejects(sheltered, CancelledError);
    await clock.advance(20);
    assert.deepEqual(await all, [1, 2]);
  }),
);

for (const [value, shown] of [
  [5, "5"],
  ["text", '"text"'],
  [null, "null"],
  [undefined, "undefined"],
  [{}, "{}"],
] as [unknown, string][]) {
  test(`gather() refuses ${shown}, and leaves nothing running`, () =>
    checkLeaks(async () => {
      const all = gather(() => sleep(60_000), value as never);
      const message = `Cannot gather as functions, tasks or promises are needed: current value is ${shown}`;
      await assert.rejects(all, { name: "TypeError", message });
    }));
}

test("gather() outside any task", () =>
  checkLeaks(async () => {
    assert.equal(currentTask(), undefined);
    assert.deepEqual(
      await gather(
        () => sleep(1, "a"),
        () => sleep(0, "b"),
      ),
      ["a", "b"],
    );
  }));

test(
  "gather() keeps the types of its arguments",
  virtualTime(async () => {
    const [n, s, l]: [number, string, boolean[]] = await gather(
      async () => 1,
      () => "s",
      Promise.resolve([true]),
    );
    const list: number[] = await gather([1, 2].map((i) => async () => i * 2));
    assert.deepEqual([n, s, l, list], [1, "s", [true], [2, 4]]);
  }),
);

// Many at once.

const many = 5_000;

test(
  "gather() of thousands gives their results in the order of its arguments",
  virtualTime(async () => {
    const results = await gather(Array.from({ length: many }, (_, i) => () => sleep(i % 2 === 0 ? 0 : -1, i)));
    assert.deepEqual(
      results,
      Array.from({ length: many }, (_, i) => i),
    );
  }),
);

test(
  "gather() of thousands lets I/O have its turn while it starts them",
  virtualTime(async () => {
    let started = 0;
    let startedAtTurn = 0;
    setImmediate(() => (startedAtTurn = started));
    await gather(Array.from({ length: many }, () => async () => void started++));
    assert.ok(startedAtTurn > 0 && startedAtTurn < many, `${startedAtTurn} had started at the first turn`);
    assert.equal(started, many);
  }),
);

test(
  "gather() of thousands throws an early error at once, and starts no more",
  virtualTime(async () => {
    let started = 0;
    const gathered = gather(
      Array.from({ length: many }, (_, i) => async () => {
        started++;
        if (i === 0) throw new RangeError("first");
        await sleep(60_000);
      }),
    );
    await assert.rejects(gathered, RangeError);
    assert.ok(started < many, `${started} were started`);
    assert.deepEqual([...allTasks()], [currentTask()]);
  }),
);

test(
  "gather() of thousands cancels those that wait, when one that was started late fails",
  virtualTime(async () => {
    let cancelled = 0;
    const gathered = gather(
      Array.from({ length: many }, (_, i) => async () => {
        if (i === many - 1) throw new RangeError("last");
        await sleep(60_000).catch((error: unknown) => {
          cancelled++;
          throw error;
        });
      }),
    );
    await assert.rejects(gathered, RangeError);
    assert.equal(cancelled, many - 1);
  }),
);

for (const returnExceptions of [false, true]) {
  test(
    `gather() of thousands of tasks cancels each when it is cancelled early (returnExceptions: ${returnExceptions})`,
    virtualTime(async () => {
      const tasks = Array.from({ length: many }, () => createTask(() => sleep(60_000)));
      const gathered = gather(tasks, { returnExceptions });
      await Promise.resolve();
      gathered.cancel("early");
      await assert.rejects(gathered, { name: "CancelledError", reason: "early" });
      assert.equal(tasks.filter((task) => !task.cancelled()).length, 0);
    }),
  );
}

test(
  "gather() of thousands of functions starts no more when it is cancelled early",
  virtualTime(async () => {
    let started = 0;
    const gathered = gather(
      Array.from({ length: many }, () => async () => {
        started++;
        await sleep(60_000);
      }),
    );
    await Promise.resolve();
    assert.equal(gathered.cancel("early"), true);
    await assert.rejects(gathered, { name: "CancelledError", reason: "early" });
    assert.ok(started < many, `${started} were started`);
  }),
);

test(
  "gather() of thousands gives the result of what is passed twice in both places",
  virtualTime(async () => {
    const once = async (): Promise<string> => "once";
    const results = await gather([once, ...Array.from({ length: many }, (_, i) => async () => i), once]);
    assert.deepEqual([results[0], results[1], results.at(-1), results.length], ["once", 0, "once", many + 2]);
  }),
);

test(
  "gather() of a task that is passed twice asks it once to stop, and gives its result in both places",
  virtualTime(async () => {
    const twice = createTask(async () => "twice");
    assert.deepEqual(await gather(twice, twice), ["twice", "twice"]);
    const sibling = createTask(() => sleep(60_000));
    const failing = (): Promise<never> => Promise.reject(new RangeError("other"));
    await assert.rejects(gather(sibling, sibling, failing), RangeError);
    assert.equal(sibling.cancelling(), 1);
    const alone = createTask(() => sleep(60_000));
    const gathered = gather([alone, alone]);
    await waitAllTasksParked();
    gathered.cancel();
    await assert.rejects(gathered, CancelledError);
    assert.equal(alone.cancelling(), 1);
  }),
);

test(
  "gather() of thousands of tasks cancels also those that it has not looked at yet, when an early one fails",
  virtualTime(async () => {
    const tasks = Array.from({ length: many }, () => createTask(() => sleep(60_000)));
    const failing = (): Promise<never> => Promise.reject(new RangeError("early"));
    await assert.rejects(gather([failing, ...tasks]), RangeError);
    assert.equal(tasks.filter((task) => !task.cancelled()).length, 0);
  }),
);

test(
  "gather() that is cancelled passes that on in the order of its arguments, whatever they wait for",
  virtualTime(async () => {
    const order: number[] = [];
    const kids = [1, 2, 3].map((n) =>
      createTask(async () => {
        try {
          await sleep(60_000);
        } finally {
          order.push(n);
        }
      }),
    );
    const all = gather(kids.map((kid) => async () => kid));
    await waitAllTasksParked();
    all.cancel();
    await assert.rejects(all, { name: "CancelledError" });
    assert.deepEqual(order, [1, 2, 3]);
  }),
);

test(
  "gather() whose children are all done gives its results, even if the code that awaits it is cancelled in that turn",
  virtualTime(async () => {
    const children = [new Future<number>(), new Future<number>()] as const;
    let results: readonly number[] | undefined;
    const task = createTask(async () => {
      results = await gather(...children);
      await sleep(60_000);
    });
    await waitAllTasksParked();
    for (const [index, child] of children.entries()) child.setResult(index);
    task.cancel("stop");
    await assert.rejects(task, { name: "CancelledError", reason: "stop" });
    assert.deepEqual(results, [0, 1]);
  }),
);

for (const [name, limit] of [
  ["its task", Infinity],
  ["a limit around it", 10],
] as const) {
  test(
    `gather() that ${name} cancels asks each child once: one that ends first does not cut the clean-up of another`,
    virtualTime(
      async () => {
        const cleaned: string[] = [];
        const slow = (label: string) => async (): Promise<void> => {
          try {
            await sleep(60_000);
          } finally {
            await sleep(20);
            cleaned.push(label);
          }
        };
        const nap = (): Promise<void> => sleep(60_000);
        const limited = createTask(() =>
          timeout(limit, () => gather(nap, slow("outer"), () => gather(nap, slow("inner")))),
        );
        await sleep(5);
        if (limit === Infinity) limited.cancel("stop");
        await assert.rejects(limited);
        assert.deepEqual(cleaned.toSorted(), ["inner", "outer"]);
      },
      { autoAdvance: true },
    ),
  );
}

test(
  "gather() of which one child is cancelled alone cancels the others",
  virtualTime(
    async () => {
      const one = createTask(() => sleep(60_000));
      const other = createTask(() => sleep(60_000));
      const gathering = gather(one, other);
      await sleep(1);
      one.cancel("only this one");
      await assert.rejects(gathering, { name: "CancelledError", reason: "only this one" });
      assert.equal(other.cancelled(), true);
    },
    { autoAdvance: true },
  ),
);
