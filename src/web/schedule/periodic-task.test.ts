import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { allTasks, Event, isCancelled, setExceptionHandler, sleep, taskGroup } from "../../asyncio/index.ts";
import { virtualTime, type VirtualClock, waitAllTasksParked } from "../../asyncio/testing/index.ts";
import { currentApp, g, Pottle } from "../index.ts";
import { checkEveryOptions, type EveryOptions } from "./every-options.ts";
import { PeriodicTask } from "./periodic-task.ts";
import { Schedule } from "./schedule.ts";
import { toTimetable } from "./timetable.ts";

const noon = Date.parse("2026-06-01T12:00:00Z");

/** A schedule on the virtual clock, with a wall clock that can be set. */
class Scene {
  readonly shutdown = new Event();
  readonly tasks: Promise<unknown>[] = [];
  /** How much the wall clock was set forward, in milliseconds. */
  set = 0;
  random = 0;
  readonly schedule: Schedule;

  constructor(clock: VirtualClock, spawn: (fn: () => unknown) => void) {
    this.schedule = new Schedule(
      {
        shutdownEvent: this.shutdown,
        isStarted: () => true,
        run: async (fn) => await fn(),
        addTask: (fn) => spawn(fn),
      },
      { now: () => noon + clock.now() + this.set, elapsed: () => clock.now(), random: () => this.random },
    );
  }
}

function scheduled(body: (clock: VirtualClock, scene: Scene) => Promise<void>): () => Promise<void> {
  return virtualTime(async (clock) => {
    await taskGroup(async (group) => {
      const scene = new Scene(clock, (fn) => void group.createTask(async () => await fn()));
      await body(clock, scene);
      scene.shutdown.set();
      // For the runs that have begun.
      await clock.advance(1_000);
    });
  });
}

/** What is reported, until the test is over. */
function collectReports(context: TestContext): string[] {
  const reports: string[] = [];
  setExceptionHandler(({ message, error }) => void reports.push(`${message}: ${String(error)}`));
  context.after(() => setExceptionHandler(undefined));
  return reports;
}

test(
  "every() runs at its period, which does not drift by the time that runs take",
  scheduled(async (clock, { schedule }) => {
    const times: number[] = [];
    schedule.add(
      100,
      async () => {
        times.push(clock.now());
        await sleep(30);
      },
      {},
    );
    await clock.advance(350);
    assert.deepEqual(times, [100, 200, 300]);
  }),
);

test(
  "every() with runOnStart runs at once as well",
  scheduled(async (clock, { schedule }) => {
    const times: number[] = [];
    schedule.add(100, () => void times.push(clock.now()), { runOnStart: true });
    await clock.advance(100);
    assert.deepEqual(times, [0, 100]);
  }),
);

for (const [overlap, times, skipped] of [
  ["skip", [100, 400], 3],
  ["queue", [100, 350], 0],
  ["allow", [100, 200, 300, 400, 500], 0],
] as const) {
  test(
    `every() with overlap: "${overlap}" and runs of 250 ms every 100 ms begins at ${times.join(", ")}`,
    scheduled(async (clock, { schedule }) => {
      const begun: number[] = [];
      const task = schedule.add(
        100,
        async () => {
          begun.push(clock.now());
          await sleep(250);
        },
        { overlap },
      );
      await clock.advance(500);
      assert.deepEqual(begun, times);
      assert.equal(task.statistics().skipped, skipped);
    }),
  );
}

test("every() reports a run that fails, and goes on", async (context) => {
  const reports = collectReports(context);
  await scheduled(async (clock, { schedule }) => {
    let runs = 0;
    const task = schedule.add(
      100,
      () => {
        if (++runs === 1) throw new Error("boom");
      },
      { name: "fragile" },
    );
    await clock.advance(300);
    assert.equal(runs, 3);
    const { failures, running } = task.statistics();
    assert.deepEqual([failures, running], [1, 0]);
  })();
  assert.deepEqual(reports, ["Periodic task 'fragile' failed: Error: boom"]);
});

test("every() with backoff leaves out runs within a pause, which doubles up to its limit and ends with a success", async (context) => {
  collectReports(context);
  await scheduled(async (clock, { schedule }) => {
    const times: number[] = [];
    let isBroken = true;
    schedule.add(
      100,
      () => {
        times.push(clock.now());
        if (isBroken) throw new Error("boom");
      },
      { backoff: { first: 150, longest: 400 } },
    );
    await clock.advance(1_500);
    assert.deepEqual(times, [100, 300, 600, 1_000, 1_400]);
    isBroken = false;
    await clock.advance(700);
    assert.deepEqual(times.slice(5), [1_800, 1_900, 2_000, 2_100, 2_200]);
  })();
});

test(
  "every() puts a run off by jitter, and the next one is not put off by that",
  scheduled(async (clock, scene) => {
    const times: number[] = [];
    scene.random = 0.5;
    scene.schedule.add(100, () => void times.push(clock.now()), { jitter: 60 });
    await clock.advance(400);
    assert.deepEqual(times, [130, 230, 330]);
  }),
);

test(
  "every() with a cron expression follows the wall clock",
  scheduled(async (clock, { schedule }) => {
    const times: number[] = [];
    const task = schedule.add("*/5 * * * *", () => void times.push(clock.now() / 60_000), { timeZone: "UTC" });
    await clock.advance(60_000);
    assert.equal(task.statistics().next?.toISOString(), "2026-06-01T12:05:00.000Z");
    await clock.advance(12 * 60_000);
    assert.deepEqual(times, [5, 10]);
  }),
);

test(
  "every() runs once after the wall clock was set forward, and not again after it was set back a little",
  scheduled(async (clock, scene) => {
    const times: number[] = [];
    scene.schedule.add("0 * * * *", () => void times.push(clock.now() / 60_000), { timeZone: "UTC" });
    await clock.advance(60_000);
    scene.set = 3 * 3_600_000;
    await clock.advance(2 * 60_000);
    assert.deepEqual(times, [2]);
    // Back to 12:03: 13:00, 14:00 and 15:00 are not new.
    scene.set = 0;
    await clock.advance(3_600_000);
    assert.equal(times.length, 1);
  }),
);

test(
  "every() leaves out the times that passed while the process was held",
  scheduled(async (clock, { schedule }) => {
    const timetable = toTimetable(100, {});
    assert.equal(timetable.next(1_050, 100), 1_100);
    assert.equal(timetable.next(50, 100), 200);
    assert.equal(schedule.tasks.length, 0);
    await clock.advance(0);
  }),
);

test("every() ends when the application stops: a run goes on to its end, or is cancelled when its time is over", async () => {
  const log: string[] = [];
  const begun = new Event();
  const app = new Pottle({}, { backgroundTaskTimeout: 50 });
  app.every(3_600_000, () => log.push("quick"), { runOnStart: true });
  app.every(
    3_600_000,
    async () => {
      begun.set();
      try {
        await new Event().wait();
      } catch (error) {
        log.push(isCancelled(error) ? "cancelled" : "failed");
        throw error;
      }
    },
    { runOnStart: true },
  );
  {
    await using _ = await app.testClient().start();
    await begun.wait();
  }
  assert.deepEqual(log, ["quick", "cancelled"]);
});

test("every() runs in a context of the application, ends with it, and begins again with it", async () => {
  const app = new Pottle();
  let runs = 0;
  const torn: number[] = [];
  app.teardownAppContext(() => void torn.push(runs));
  app.every(
    "0 0 1 1 *",
    () => {
      assert.equal(currentApp(), app);
      assert.deepEqual({ ...g() }, {});
      g()["used"] = true;
      runs++;
    },
    { runOnStart: true },
  );
  for (let i = 0; i < 2; i++) {
    await using _ = await app.testClient().start();
  }
  assert.deepEqual([runs, torn], [2, [1, 2]]);
});

test("every() on an application that has started begins at once", async () => {
  const app = new Pottle();
  const ran = new Event();
  await using _ = await app.testClient().start();
  app.every(3_600_000, () => ran.set(), { runOnStart: true });
  await ran.wait();
});

test("every() has a task with its name and its schedule, which waits for its next run", async () => {
  const app = new Pottle();
  app.every("0 0 1 1 *", () => undefined, { name: "report", timeZone: "UTC" });
  await using _ = await app.testClient().start();
  await waitAllTasksParked();
  const tasks = [...allTasks()];
  assert(tasks.some(({ name }) => name === "report (0 0 1 1 * UTC)"));
  assert.match(tasks.map(({ waitsFor }) => waitsFor).join("\n"), /next run at \d{4}-01-01T00:00:00\.000Z/);
});

test("every() of a mounted application begins and ends with the outer one, and is off in commands", async () => {
  const [outer, inner, other] = [new Pottle(), new Pottle(), new Pottle()];
  let runs = 0;
  inner.every(3_600_000, () => void runs++, { runOnStart: true });
  outer.mount("/inner", inner);
  other.mount("/inner", inner);
  {
    await using _ = await outer.testClient().start();
  }
  assert.equal(runs, 1);
  other.turnOffPeriodicTasks();
  {
    await using _ = await other.testClient().start();
  }
  assert.equal(runs, 1);
});

test('every() with workers: "first" runs in the first worker, and where there are none', async (context) => {
  context.after(() => delete process.env["POTTLE_WORKER"]);
  for (const [worker, expected] of [
    ["1", 1],
    ["2", 0],
    [undefined, 1],
  ] as const) {
    if (worker === undefined) delete process.env["POTTLE_WORKER"];
    else process.env["POTTLE_WORKER"] = worker;
    const app = new Pottle();
    let runs = 0;
    app.every(3_600_000, () => void runs++, { workers: "first", runOnStart: true });
    {
      await using _ = await app.testClient().start();
    }
    assert.equal(runs, expected, `worker ${String(worker)}`);
  }
});

test("PeriodicTask.runNow() runs it besides its schedule, and throws its error", async () => {
  const app = new Pottle();
  const task = app.every("@daily", () => {
    throw new Error("boom");
  });
  await assert.rejects(task.runNow(), /boom/);
  assert.equal(task.schedule, "@daily");
  assert.equal(app.periodicTasks[0], task);
  assert(task instanceof PeriodicTask);
  assert(Number(task.nextRun()) > Date.now());
});

for (const [when, options, message] of [
  [0, {}, /'period' must be a number of milliseconds from 1/],
  [NaN, {}, /'period' must be/],
  [Infinity, {}, /'period' must be/],
  ["nonsense", {}, /must have 5 fields/],
  [1_000, { timeZone: "UTC" }, /'timeZone' belongs to a cron expression/],
  [1_000, { overlap: "both" }, /'overlap' must be one of skip, queue, allow/],
  [1_000, { jitter: -1 }, /'jitter' must be/],
  [1_000, { backoff: { first: 0 } }, /'backoff.first' must be/],
  [1_000, { name: "" }, /'name' must be a text/],
  [1_000, { workers: "last" }, /'workers' must be one of all, first/],
] as const) {
  test(`every() refuses ${String(when)} with ${JSON.stringify(options)}`, () => {
    assert.throws(() => new Pottle().every(when, () => undefined, options as EveryOptions), message);
  });
}

test("checkEveryOptions() names a task as it is told", () => {
  assert.equal(checkEveryOptions({}, "usual").name, "usual");
});
