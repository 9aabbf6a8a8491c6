import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { setImmediate, setTimeout } from "node:timers/promises";
import { gather } from "../../combine/gather.ts";
import { taskGroup } from "../../combine/task-group.ts";
import { timeout } from "../../combine/timeout.ts";
import { setExceptionHandler } from "../../core/errors/exception-handler.ts";
import { Future } from "../../core/tasks/future.ts";
import { runtime } from "../../core/state/runtime.ts";
import { checkpoint, sleep } from "../../core/waits/sleep.ts";
import { allTasks, createTask, currentTask } from "../../core/tasks/task.ts";
import { Event } from "../../sync/event.ts";
import { Lock } from "../../sync/lock.ts";
import { Queue } from "../../sync/queue.ts";
import { checkLeaks } from "../leaks.ts";
import { explore } from "./explore.ts";
import { ExploreFailure } from "./explore-failure.ts";
import type { ExploreOptions } from "./explore-options.ts";
import type { ExploreTest } from "./play.ts";

/** The events that `body` records in each order that is tried. */
async function ordersOf(
  body: (note: (letter: string) => void) => Promise<unknown>,
  options: ExploreOptions = {},
): Promise<string[]> {
  const orders: string[] = [];
  await explore(async ({ atEnd }) => {
    let order = "";
    atEnd(() => void orders.push(order));
    await body((letter) => {
      order += letter;
    });
  }, options);
  return orders;
}

async function failureOf(body: ExploreTest, options?: ExploreOptions): Promise<ExploreFailure> {
  try {
    await explore(body, options);
  } catch (error) {
    if (error instanceof ExploreFailure) return error;
    throw error;
  }
  throw new Error("nothing was found");
}

const permutations = ["abc", "acb", "bac", "bca", "cab", "cba"];

const freedoms: Record<string, (note: (letter: string) => void) => Promise<unknown>> = {
  "in which tasks start": (note) => gather(["a", "b", "c"].map((letter) => async () => note(letter))),
  "in which waits go on that were woken together": async (note) => {
    const event = new Event();
    const waiters = ["a", "b", "c"].map((letter) => async () => {
      await event.wait();
      note(letter);
    });
    await gather(...waiters, async () => event.set());
  },
  "of sleeps that end at the same time": (note) =>
    gather(
      ["a", "b", "c"].map((letter) => async () => {
        await sleep(5);
        note(letter);
      }),
    ),
  "in which futures deliver": async (note) => {
    const futures = ["a", "b", "c"].map(() => new Future());
    const waiters = ["a", "b", "c"].map((letter, index) => async () => {
      await futures[index];
      note(letter);
    });
    await gather(...waiters, async () => {
      for (const future of futures) future.setResult();
    });
  },
};

for (const [what, body] of Object.entries(freedoms)) {
  test(`explore() tries every order ${what}, the usual one first`, async () => {
    const orders = await ordersOf(body, { seeds: 100 });
    assert.equal(orders[0], "abc");
    assert.deepEqual([...new Set(orders)].toSorted(), permutations);
  });
}

test("explore() tries both orders of a sleep and a time limit that are due together", async () => {
  const orders = await ordersOf(async (note) => {
    await timeout(5, () => sleep(5)).then(
      () => note("slept "),
      () => note("late "),
    );
  });
  assert.deepEqual([orders[0], [...new Set(orders)]], ["late ", ["late ", "slept "]]);
});

test("explore() yields where a step need not", async () => {
  const orders = await ordersOf((note) =>
    gather(
      async () => {
        note("a");
        await checkpoint();
        note("A");
      },
      async () => {
        for (let hops = 0; hops < 9; hops++) await Promise.resolve();
        note("b");
      },
    ),
  );
  // Without a yield, code that runs only after nine promises never runs in between.
  assert.deepEqual([orders[0], [...new Set(orders)].toSorted()], ["aAb", ["aAb", "abA", "baA"]]);
});

test("explore() leaves the order of promises that are not Pottle's to the platform: the usual order is that of no search", async () => {
  const body = async (note: (letter: string) => void): Promise<void> => {
    const lock = new Lock();
    const enter = async (letter: string, hops: number): Promise<void> => {
      for (let hop = 0; hop < hops; hop++) await Promise.resolve();
      await lock.with(async () => {
        note(letter);
        await setImmediate();
        await checkpoint();
      });
      note(letter.toUpperCase());
    };
    await gather(...[3, 1, 2, 5, 1].map((hops, index) => () => enter("abcde"[index]!, hops)));
  };
  let alone = "";
  await body((letter) => {
    alone += letter;
  });
  const [usual] = await ordersOf(body, { seeds: 0 });
  assert.equal(usual, alone);
});

test("explore() with `lateness` lets a sleep end after one that is longer, by so much at most", async () => {
  const naps = (note: (letter: string) => void): Promise<unknown> =>
    gather(
      Object.entries({ a: 5, b: 8, c: 20 }).map(([letter, ms]) => async () => {
        await sleep(ms);
        note(letter);
      }),
    );
  const seen = async (lateness: number): Promise<string[]> =>
    [...new Set(await ordersOf(naps, { lateness, seeds: 100 }))].toSorted();
  assert.deepEqual(await seen(0), ["abc"]);
  assert.deepEqual(await seen(3), ["abc", "bac"]);
  assert.deepEqual(await seen(15), ["abc", "acb", "bac", "bca", "cab", "cba"]);
});

test("explore() cancels no task unless it is asked to", async () => {
  await explore(async () => {
    const tasks = [1, 2, 3].map(() => createTask(() => sleep(1)));
    await Promise.allSettled(tasks);
    assert.ok(tasks.every((task) => !task.cancelled()));
  });
});

test("explore() with `cancellations` cancels a task before it starts, at each wait, and as it is woken; never the test itself", async () => {
  const lives = new Set<string>();
  await explore(
    async ({ atEnd }) => {
      const [one, other] = [new Event(), new Event()];
      let life = "";
      atEnd(() => void lives.add(life));
      const task = createTask(
        async () => {
          try {
            life += "starts ";
            await one.wait();
            life += "one ";
            await other.wait();
            life += "other ";
            await sleep(5);
            life += "slept ";
          } catch (error) {
            life += "cancelled";
            throw error;
          }
        },
        { name: "victim" },
      );
      createTask(async () => {
        one.set();
        await sleep(5);
        other.set();
      });
      await Promise.allSettled([task]);
      assert.equal(currentTask()?.cancelling(), 0);
    },
    { cancellations: true, cancellable: ({ name }) => name === "victim" },
  );
  for (const life of [
    "",
    "starts cancelled",
    "starts one cancelled",
    "starts one other cancelled",
    "starts one other slept ",
  ])
    assert.ok(lives.has(life), `${life} is not among ${[...lives].join(", ")}`);
});

// The possible lives of a task that waits for an event of the same turn, and then for time, twice.
const lives: Record<string, readonly [life: string, schedule: string]> = {
  "at no wait": ["starts event slept ends", "explore:v1:usual"],
  "before it starts": ["", "explore:v1:c2.1"],
  "as it begins a wait that is over in the same turn": ["starts cancelled", "explore:v1:b2.1"],
  "as it begins a wait for time": ["starts event cancelled", "explore:v1:b2.2"],
  "while every task waits": ["starts event cancelled", "explore:v1:x0.1"],
  "in the turn in which it was woken": ["starts event slept cancelled", "explore:v1:c2.3"],
};

for (const [when, [expected, replay]] of Object.entries(lives)) {
  test(`explore() with \`cancellations\` can cancel a task ${when}`, async () => {
    let life = "";
    const body = async (): Promise<void> => {
      const event = new Event();
      const task = createTask(async () => {
        try {
          life += "starts ";
          await event.wait();
          life += "event ";
          await sleep(5);
          life += "slept ";
          await sleep(5);
          life += "ends";
        } catch (error) {
          life += "cancelled";
          throw error;
        }
      });
      createTask(async () => {
        for (let hops = 0; hops < 3; hops++) await Promise.resolve();
        event.set();
      });
      await Promise.allSettled([task]);
    };
    await explore(body, { cancellations: true, replay });
    assert.equal(life, expected);
  });
}

test("explore() with `cancellations` cancels no more tasks than it may", async () => {
  const counts = new Set<number>();
  const body = async (): Promise<void> => {
    const tasks = [1, 2, 3].map(() => createTask(() => sleep(1)));
    await Promise.allSettled(tasks);
    counts.add(tasks.filter((task) => task.cancelled()).length);
  };
  await explore(body, { cancellations: true, seeds: 200 });
  assert.deepEqual(counts, new Set([0, 1]));
});

test("explore() with `cancellations` cancels so many tasks at most, and only those that are `cancellable`", async () => {
  const counts = new Set<string>();
  await explore(
    async () => {
      const tasks = ["a", "b", "c"].map((name) => createTask(() => sleep(1), { name }));
      await Promise.allSettled(tasks);
      counts.add(
        tasks
          .filter((task) => task.cancelled())
          .map(({ name }) => name)
          .join(""),
      );
    },
    { cancellations: 2, seeds: 200, cancellable: ({ name }) => name === "a" || name === "c" },
  );
  assert.deepEqual([...counts].toSorted(), ["", "a", "ac", "c"]);
});

test("explore() does not count the cancellation that it injected as a failure where it is awaited", async () => {
  await explore(
    () =>
      gather(
        () => sleep(1),
        () => taskGroup(async (group) => void group.createTask(() => sleep(2))),
      ),
    { cancellations: 2, seeds: 200 },
  );
});

const listener = (): void => {};

const failures: Record<string, { readonly kind: string; readonly message: RegExp; readonly body: ExploreTest }> = {
  "that throws": { kind: "error", message: /planned/, body: async () => assert.fail("planned") },
  "that throws at once": { kind: "error", message: /planned/, body: () => assert.fail("planned") },
  "whose check at the end throws": {
    kind: "error",
    message: /planned/,
    body: ({ atEnd }) => atEnd(() => assert.fail("planned")),
  },
  "whose check at the end rejects": {
    kind: "error",
    message: /planned/,
    body: ({ atEnd }) => atEnd(async () => assert.fail("planned")),
  },
  "in which something does not always hold": {
    kind: "invariant",
    message: /in between/,
    body: async ({ always }) => {
      let inside = 0;
      always(() => assert.equal(inside, 0, "in between"));
      inside++;
      await sleep(1);
      inside--;
    },
  },
  "with a task whose error nothing observes": {
    kind: "unobserved",
    message: /planned/,
    body: async () => {
      createTask(async () => assert.fail("planned"));
      await sleep(1);
    },
  },
  "with a promise whose rejection nothing handles": {
    kind: "unobserved",
    message: /planned/,
    body: async () => {
      void Promise.reject(new Error("planned"));
      await sleep(1);
    },
  },
  "that hangs": {
    kind: "hang",
    message: /nothing can wake any of them:\n {2}test: it waits for Event never$/,
    body: () => new Event({ name: "never" }).wait(),
  },
  "that does not end": {
    kind: "endless",
    message: /^It went on and on: after 1000 turns of the event loop it had not ended$/,
    body: async () => {
      for (;;) await sleep(1);
    },
  },
  "that leaves a listener": {
    kind: "leak",
    message: /Left behind:\n {2}process listeners for SIGUSR2: 1$/,
    body: () => void process.on("SIGUSR2", listener),
  },
  "that leaves a timer": {
    kind: "leak",
    message: /Left behind:\n {2}timers: 1$/,
    body: () => void runtime.timers.add(5, () => {}, undefined),
  },
  "with a task that does not stop": {
    kind: "leak",
    message: /Task stubborn did not stop within 5000 ms/,
    body: async () => {
      createTask(() => new Promise(() => {}), { name: "stubborn" });
      await sleep(1);
    },
  },
};

for (const [what, { kind, message, body }] of Object.entries(failures)) {
  test(`explore() fails a test ${what}`, async () => {
    await checkLeaks(async () => {
      const failure = await failureOf(body, { turns: 1_000 });
      process.removeAllListeners("SIGUSR2");
      assert.deepEqual(
        [failure.kind, failure.schedule, failure.deviations, failure.runs],
        [kind, "explore:v1:usual", 0, 1],
      );
      assert.match((failure.cause as Error).message, message);
    });
  });
}

// Fails only if b runs twice within a, and then c runs before b again.
async function deep(): Promise<void> {
  let state = 0;
  const step = async (from: number, to: number): Promise<void> => {
    await sleep(1);
    if (state === from) state = to;
  };
  await gather(
    createTask(() => step(2, 3), { name: "a" }),
    createTask(() => step(1, 2), { name: "b" }),
    createTask(() => step(0, 1), { name: "c" }),
  );
  assert.notEqual(state, 3);
}

test("explore() tells the shortest schedule step by step, with an arrow at each deviation, and the line that replays it", async () => {
  const failure = await failureOf(deep);
  assert.equal(failure.name, "ExploreFailure");
  assert.equal(failure.deviations, failure.narrative.filter((line) => line.startsWith(" → ")).length);
  assert.match(
    failure.message,
    /^Found in run \d+ that the test fails in an order that differs from the usual one in 2 places: AssertionError: /,
  );
  const { narrative } = failure;
  assert.ok(narrative.some((line) => /→ +\d+\. a is woken, but does not go on yet$/.test(line)));
  assert.ok(narrative.some((line) => /\d+\. test fails: AssertionError/.test(line)));
  assert.ok(failure.message.endsWith(`To run this order again: explore(test, { replay: "${failure.schedule}" })`));
  assert.equal((failure.cause as Error).name, "AssertionError");
});

test("explore() counts tasks of one name in what it tells", async () => {
  const { narrative } = await failureOf(async () => {
    const tasks = [1, 2].map(() => createTask(() => sleep(1), { name: "twin" }));
    await Promise.all(tasks);
    assert.fail("planned");
  });
  const told = narrative.filter((line) => /twin.* ends$/.test(line)).map((line) => line.replace(/^.*\. /, ""));
  assert.deepEqual(told, ["twin ends", "twin #2 ends"]);
});

test("explore() with `replay` runs that schedule only: it fails again, and passes once the test is mended", async () => {
  const { schedule, narrative } = await failureOf(deep);
  const again = await failureOf(deep, { replay: schedule });
  assert.deepEqual([again.runs, again.schedule, again.narrative], [1, schedule, narrative]);
  const { runs } = await explore(() => gather([1, 2, 3].map(() => () => sleep(1))), { replay: schedule });
  assert.equal(runs, 1);
});

test("explore() finds the same with the same seeds", async () => {
  const options = { seeds: Array.from({ length: 300 }, (_, index) => 7 * index), cancellations: 1 };
  const [one, other] = [await failureOf(deep, options), await failureOf(deep, options)];
  assert.deepEqual([one.schedule, one.runs, one.message], [other.schedule, other.runs, other.message]);
});

test("explore() finds by random schedules what needs many deviations, and shortens it", async () => {
  const body = async (): Promise<void> => {
    const order: number[] = [];
    const tasks = Array.from({ length: 5 }, (_, n) =>
      createTask(
        async () => {
          await sleep(1);
          order.push(n);
        },
        { name: String(n) },
      ),
    );
    await gather(tasks);
    assert.notEqual(order.join(""), "43210");
  };
  const failure = await failureOf(body, { seeds: 200, budget: 60_000 });
  assert.ok(failure.deviations >= 3 && failure.deviations <= 8, failure.message);
  assert.equal((await failureOf(body, { replay: failure.schedule })).kind, "error");
});

test("explore() looks for one deviation elsewhere when no part of what it found is shorter", async () => {
  const body = async (): Promise<void> => {
    let order = "";
    const note = (letter: string) => async (): Promise<void> => void (order += letter);
    await gather(
      note("a"),
      async () => {
        order += "b";
        await checkpoint();
        order += "B";
      },
      note("c"),
      async () => {
        for (let hops = 0; hops < 9; hops++) await Promise.resolve();
        order += "d";
      },
    );
    assert.ok(!order.startsWith("c") && !/bcd.*B|bd.*B/.test(order), order);
  };
  const { schedule, runs } = await failureOf(body, { seeds: [14] });
  // The third run is a random one; it delays two starts, and never yields.
  assert.deepEqual([schedule, runs], ["explore:v1:y4.1", 3]);
});

test("explore() says how much it tried, and whether that was everything", async () => {
  const two = async (): Promise<void> => {
    await gather(
      () => sleep(1),
      () => sleep(1),
    );
  };
  const small = await explore(two);
  assert.equal(small.isExhaustive, true);
  assert.ok(small.distinct > 2 && small.distinct <= small.runs && small.runs < 200, JSON.stringify(small));
  const few = await explore(two, { seeds: 3 });
  assert.deepEqual([few.runs, few.isExhaustive, few.longest], [7, false, small.longest]);
  const none = await explore(two, { seeds: 0 });
  assert.deepEqual([none.runs, none.distinct], [1, 1]);
});

test("explore() ends when its budget is used up", async () => {
  const slow = async (): Promise<void> => {
    const end = performance.now() + 5;
    await gather([1, 2, 3, 4].map(() => () => sleep(1)));
    while (performance.now() < end);
  };
  const { runs, isExhaustive } = await explore(slow, { seeds: Infinity, budget: 100 });
  assert.ok(runs > 1 && runs <= 21, String(runs));
  assert.equal(isExhaustive, false);
});

test("explore() that has used up its budget still runs a failure again before it says that it comes again", async () => {
  const failure = await failureOf(
    async () => {
      await gather([1, 2].map(() => () => sleep(1)));
      assert.fail("planned");
    },
    { budget: 0 },
  );
  assert.ok(failure.narrative.length > 0 && !failure.message.includes("did not fail again"), failure.message);
});

test("explore() says that a failure does not come again where the test depends on something else", async () => {
  let runs = 0;
  const failure = await failureOf(async () => {
    await gather([1, 2].map(() => () => sleep(1)));
    if (++runs === 3) assert.fail("once");
  });
  assert.match(failure.message, /It did not fail again in the same order: it depends on something/);
  assert.match((failure.cause as Error).message, /once/);
});

test("explore() waits for I/O that is not Pottle's instead of calling it a hang", async () => {
  await explore(
    async () => {
      await setTimeout(5);
      assert.match(await readFile(import.meta.filename, "utf8"), /explore/);
      await setImmediate();
    },
    { seeds: 1 },
  );
});

test("explore() waits for a promise of other code for which the platform counts no resource", async () => {
  let isOver = false;
  await explore(
    async () => {
      await setTimeout(20, undefined, { ref: false });
      isOver = true;
    },
    { seeds: 1 },
  );
  assert.equal(isOver, true);
});

test("explore() puts the listeners for unhandled rejections back, those from before and those that came meanwhile", async (context) => {
  const [before, during] = [(): void => undefined, (): void => undefined];
  context.after(() => void process.off("unhandledRejection", before).off("unhandledRejection", during));
  process.on("unhandledRejection", before);
  await explore(() => void process.on("unhandledRejection", during), { seeds: 1 });
  const after = process.listeners("unhandledRejection");
  assert.deepEqual([after.includes(before), after.includes(during)], [true, true]);
});

test("explore() lets time pass while a task only polls", async () => {
  await explore(
    async () => {
      const nap = createTask(() => sleep(50));
      while (!nap.done()) await sleep(0);
    },
    { seeds: 2 },
  );
});

test("explore() gives each run a clock that begins at 0, and names and numbers that are the same in each", async () => {
  const seen = new Set<string>();
  await explore(async ({ clock }) => {
    const task = createTask(() => sleep(60_000));
    await task;
    seen.add(`${currentTask()?.name} ${task.name} ${clock.now()}`);
  });
  assert.deepEqual([...seen], ["test Task-2 60000"]);
});

test("explore() goes on exploring while what the test left is cancelled and cleans up", async () => {
  const orders = await ordersOf(async (note) => {
    for (const letter of ["a", "b"]) {
      createTask(async () => {
        try {
          await sleep(60_000);
        } finally {
          await sleep(5);
          note(letter);
        }
      });
    }
    await sleep(1);
  });
  assert.deepEqual([...new Set(orders)].toSorted(), ["ab", "ba"]);
});

test("explore() puts clock, schedule, handlers and the numbers of tasks back, whether it finds something or not", async () => {
  const { timers, schedule } = runtime;
  const rejections = process.listeners("unhandledRejection");
  const handler = setExceptionHandler(undefined);
  for (const body of [async (): Promise<void> => sleep(1), async (): Promise<void> => assert.fail("planned")]) {
    const first = createTask(async () => {});
    await explore(body).catch(() => {});
    const second = createTask(async () => {});
    await Promise.all([first, second]);
    assert.ok(second.id > first.id);
    assert.deepEqual([runtime.timers, runtime.schedule, runtime.exceptionHandler], [timers, schedule, undefined]);
    assert.deepEqual(process.listeners("unhandledRejection"), rejections);
  }
  setExceptionHandler(handler);
  assert.equal(allTasks().size, 0);
});

test("explore() in a task that is cancelled ends between two runs", async () => {
  let runs = 0;
  const task = createTask(() =>
    explore(
      async () => {
        await gather([1, 2, 3, 4, 5].map(() => () => sleep(1)));
        if (++runs === 5) task.cancel("enough");
      },
      { seeds: Infinity, budget: 60_000 },
    ),
  );
  await assert.rejects(task, { name: "CancelledError", reason: "enough" });
  assert.equal(runs, 5);
});

test("explore() refuses a second search at the same time", async () => {
  const first = explore(() => sleep(1));
  await assert.rejects(
    explore(() => sleep(1)),
    {
      name: "InvalidStateError",
      message: "Cannot explore a test as another one is being explored",
    },
  );
  await first;
});

const refusals: readonly [unknown, string, RegExp][] = [
  [{ seeds: -1 }, "RangeError", /its seeds as it must be a whole number >= 0, or Infinity: current value is -1/],
  [{ seeds: [1, 0.5] }, "RangeError", /use a seed as it must be a whole number >= 0: current value is 0.5/],
  [{ seeds: "7" }, "TypeError", /seeds.*current value is "7"/],
  [{ budget: NaN }, "RangeError", /its budget as the time must be a number/],
  [{ turns: 0 }, "RangeError", /its turns as it must be a whole number >= 1, or Infinity: current value is 0/],
  [{ lateness: "1" }, "TypeError", /its lateness as the time must be a number/],
  [{ cancellations: -1 }, "RangeError", /its cancellations/],
  [{ cancellations: "yes" }, "TypeError", /its cancellations/],
  [{ cancellable: true }, "TypeError", /its cancellable as a function is needed: current value is true/],
  [{ replay: "nonsense" }, "RangeError", /beginning with "explore:v1:": current value is "nonsense"/],
];

for (const [options, name, message] of refusals) {
  test(`explore() refuses ${JSON.stringify(options)}`, async () => {
    await assert.rejects(
      explore(() => {}, options as ExploreOptions),
      { name, message },
    );
  });
}

test("explore() refuses what is not a function", async () => {
  await assert.rejects(explore("test" as never), { name: "TypeError", message: /as a function is needed/ });
});

test("explore() does not take a run for endless as many tasks were held back in it", async () => {
  const { runs } = await explore(() => gather(Array.from({ length: 500 }, () => async () => sleep(1))), {
    seeds: [2, 6],
    turns: 6_000,
  });
  assert.equal(runs, 5);
});

test("explore() follows a run of a thousand tasks without slowing down more than they grow", async () => {
  const costOf = async (count: number): Promise<number> => {
    const { ms } = await explore(
      async () => {
        const queue = new Queue<number>(Infinity);
        const getters = Array.from({ length: count }, () => createTask(() => queue.get()));
        await sleep(1);
        for (let n = 0; n < count; n++) queue.putNowait(n);
        await Promise.all(getters);
      },
      { seeds: [2], budget: 600_000, cancellations: 1, lateness: 1 },
    );
    return ms;
  };
  await costOf(200);
  const [few, many] = [await costOf(200), await costOf(1_200)];
  assert.ok(many < 18 * few, `${few} ms for 200, ${many} ms for 1,200`);
});
