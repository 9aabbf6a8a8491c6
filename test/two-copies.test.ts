// Two copies of the package in one process, as an application and a library of its own version have them: they are one
// runtime. The second copy is a copy of the sources in a temporary folder.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { runInThisContext } from "node:vm";
import * as ours from "../src/asyncio/index.ts";
import type * as ourCore from "../src/asyncio/core/index.ts";
import * as ourTesting from "../src/asyncio/testing/index.ts";

const folder = mkdtempSync(join(tmpdir(), "pottle-copy-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const sources = join(import.meta.dirname, "../src");
for (const floor of ["base", "asyncio"]) cpSync(join(sources, floor), join(folder, floor), { recursive: true });
writeFileSync(join(folder, "package.json"), '{ "type": "module" }');

const load = async <M>(file: string): Promise<M> => (await import(pathToFileURL(join(folder, file)).href)) as M;
// From within a task, as a program loads a library when it first needs it.
const theirs = await ours.createTask(() => load<typeof ours>("asyncio/index.ts"));
const theirTesting = await load<typeof ourTesting>("asyncio/testing/index.ts");

const pairs = [
  ["our", ours, theirs],
  ["their", theirs, ours],
] as const;

test("the copies are two", () => {
  assert.notEqual(ours.Scope, theirs.Scope);
});

for (const [whose, one, other] of pairs) {
  test(`currentTask() of the other copy knows ${whose} tasks`, async () => {
    const task = one.createTask(async () => [other.currentTask()] as unknown[]);
    assert.equal((await task)[0], task);
    assert.equal(one.outside(other.currentTask), undefined);
    await one.createTask(async () => assert.equal(other.outside(one.currentTask), undefined));
  });

  test(`Task.cancel() of ${whose} task reaches the other copy's sleep, and both copies know the error`, async () => {
    const task = one.createTask(() => other.sleep(60_000));
    await one.sleep(0);
    task.cancel("enough");
    await assert.rejects(task, (error) => one.isCancelled(error) && other.isCancelled(error));
    assert.ok(task.cancelled());
  });

  test(`timeout() of ${whose} copy limits the other copy's sleep, and the other's within it`, async () => {
    await assert.rejects(
      one.timeout(5, () => other.sleep(60_000)),
      one.TimeoutError,
    );
    const inner = one.createTask(() => other.timeout(5, () => one.sleep(60_000)));
    await assert.rejects(inner, other.TimeoutError);
    const both = one.createTask(() => one.timeout(60_000, () => other.timeout(5, () => one.sleep(60_000))));
    await assert.rejects(both, other.TimeoutError);
  });

  test(`taskGroup() of ${whose} copy owns the tasks that the other copy creates in it`, async () => {
    const children: ours.Task<unknown>[] = [];
    await assert.rejects(
      one.taskGroup(async () => {
        children.push(other.createTask(() => other.sleep(60_000)) as ours.Task<unknown>);
        await one.sleep(0);
        throw new Error("the body fails");
      }),
      other.ExceptionGroup,
    );
    assert.deepEqual(
      children.map((child) => child.cancelled()),
      [true],
    );
  });

  test(`a task that awaits ${whose} task by the other copy cancels it`, async () => {
    const inner = one.createTask(() => one.sleep(60_000));
    const awaiting = other.createTask(async () => inner);
    await one.sleep(0);
    awaiting.cancel();
    await assert.rejects(awaiting, one.isCancelled);
    assert.ok(inner.cancelled());
  });

  test(`gather() of ${whose} copy cancels the other copy's tasks when a sibling fails`, async () => {
    const long = other.createTask(() => other.sleep(60_000));
    const fail = async (): Promise<never> => {
      throw new Error("first");
    };
    await assert.rejects(one.gather([long as unknown as () => Promise<void>, fail]), /first/);
    assert.ok(long.cancelled());
  });

  test(`a queue of ${whose} copy serves the other copy's tasks, and stays whole when they are cancelled`, async () => {
    const queue = new one.Queue<number>(1);
    const lost = other.createTask(() => queue.get());
    const next = other.createTask(() => queue.get());
    await one.sleep(0);
    queue.putNowait(1);
    lost.cancel();
    await assert.rejects(lost, other.isCancelled);
    assert.equal(await next, 1);
  });

  test(`waitPromise() of ${whose} copy leaves the other copy's task running`, async () => {
    const task = other.createTask(() => other.sleep(20, "done"));
    const waiting = one.createTask(() => one.waitPromise(task));
    await one.sleep(0);
    waiting.cancel();
    await assert.rejects(waiting, one.isCancelled);
    assert.equal(await task, "done");
  });

  test(`ContextVar of ${whose} copy has its value in tasks of the other copy, and in contexts of both`, async () => {
    const user = new one.ContextVar("user", "nobody");
    await other.createTask(async () => {
      user.set("ada");
      assert.equal(await other.createTask(async () => user.get()), "ada");
      const context = other.copyContext();
      await one.createTask(async () => user.set("grace"), { context });
      assert.equal(await other.createTask(async () => user.get(), { context }), "grace");
      assert.equal(user.get(), "ada");
    });
    assert.equal(user.get(), "nobody");
  });

  test(`VirtualClock of ${whose} copy moves the other copy's sleeps`, async () => {
    const testing = one === ours ? ourTesting : theirTesting;
    using clock = new testing.VirtualClock();
    const nap = other.createTask(() => other.sleep(3_600_000, "rested"));
    await clock.advance(3_600_000);
    assert.equal(await nap, "rested");
  });

  test(`run() of ${whose} copy owns what the other copy starts, and refuses a run within it`, async () => {
    const left: ours.Task<unknown>[] = [];
    await one.run(async () => {
      left.push(other.createTask(() => other.sleep(60_000)) as ours.Task<unknown>);
      await assert.rejects(async () => other.run(() => other.sleep(0)), { name: "InvalidStateError" });
    });
    assert.ok(left[0]?.cancelled());
  });

  test(`an error of the other copy's task that nobody awaited is reported once, when ${whose} scope ends`, async () => {
    const reports: string[] = [];
    const before = other.setExceptionHandler(({ message }) => void reports.push(message));
    await one.run(async () => {
      other.createTask(
        async () => {
          throw new Error("unseen");
        },
        { name: "failing" },
      );
      await other.sleep(1);
    });
    other.setExceptionHandler(before);
    assert.deepEqual(reports, ["Task failing failed and nobody awaited it"]);
  });
}

test("instruments of both copies hear of everything once, whichever is added or removed first", async () => {
  const heard: string[] = [];
  const removeOurs = ours.addInstrument({ spawn: ({ name }) => void heard.push(`ours ${name}`) });
  const removeTheirs = theirs.addInstrument({ spawn: ({ name }) => void heard.push(`theirs ${name}`) });
  await ours.createTask(() => ours.sleep(0), { name: "a" });
  await theirs.createTask(() => theirs.sleep(0), { name: "b" });
  removeTheirs();
  await theirs.createTask(() => theirs.sleep(0), { name: "c" });
  removeOurs();
  await ours.createTask(() => ours.sleep(0), { name: "d" });
  assert.deepEqual(heard, ["ours a", "theirs a", "ours b", "theirs b", "ours c"]);
});

test("allTasks() and the view of the process show the tasks of both copies", async () => {
  const tasks = [
    ours.createTask(() => ours.sleep(60_000), { name: "ours" }),
    theirs.createTask(() => theirs.sleep(60_000), { name: "theirs" }),
  ];
  await ours.sleep(0);
  for (const copy of [ours, theirs]) {
    const names = [...copy.allTasks()].map(({ name }) => name);
    assert.deepEqual(names.filter((name) => /^(?:ours|theirs)$/.test(name)).sort(), ["ours", "theirs"]);
    assert.equal(copy.viewProcess({}).counts.waiting, 2);
  }
  for (const task of tasks) task.cancel();
  await Promise.allSettled(tasks);
});

test("debug mode that both copies switched on reports a finding once, and is off when both are", async () => {
  const reports: string[] = [];
  const before = ours.setExceptionHandler(({ message }) => void reports.push(message));
  const stops = [ours.enableDebug(), theirs.enableDebug()];
  const task = theirs.createTask(async () => {
    await ours.sleep(60_000).catch(() => "swallowed");
  });
  await ours.sleep(0);
  assert.equal(ours.creationStack(task as ours.Task<unknown>)?.[0]?.includes("two-copies.test.ts"), true);
  task.cancel();
  await Promise.allSettled([task]);
  for (const stop of stops) await stop();
  ours.setExceptionHandler(before);
  assert.equal(reports.length, 1);
  const off = ours.createTask(() => ours.sleep(0));
  assert.equal(theirs.creationStack(off as ours.Task<unknown>), undefined);
  await off;
});

for (const [whose, one, other] of pairs) {
  test(`a call of the platform with ${whose} signal is ended by the other copy's limit, and its code is asked once`, async () => {
    const seen: unknown[] = [];
    const body = async (): Promise<string> => {
      await delay(60_000, undefined, { signal: one.currentSignal() }).catch((error: unknown) => {
        seen.push(other.cancellationOf(error) === one.cancellationOf(error));
      });
      await one.sleep(1);
      await other.sleep(1);
      return "cleaned up";
    };
    const outcome = other.moveOnAfter(5, async () => seen.push(await body()));
    await outcome;
    assert.deepEqual(seen, [true, "cleaned up"]);
  });

  test(`errors of ${whose} copy are instances of the other copy's classes`, () => {
    const made: [Error, string][] = [
      [new one.TimeoutError(5), "TimeoutError"],
      [new one.InvalidStateError("x"), "InvalidStateError"],
      [new one.QueueEmpty("x"), "QueueEmpty"],
      [new one.QueueFull("x"), "QueueFull"],
      [new one.QueueShutDown("x"), "QueueShutDown"],
      [new one.BrokenBarrierError("x"), "BrokenBarrierError"],
      [new one.KeyboardInterrupt("SIGINT"), "KeyboardInterrupt"],
      [new one.CancelledError("x"), "CancelledError"],
      [new one.ExceptionGroup("x", [new Error("y")]), "ExceptionGroup"],
    ];
    for (const [error, name] of made) {
      const instances = made.map(([, of]) => of).filter((of) => error instanceof other[of as "TimeoutError"]);
      assert.deepEqual(instances, [name]);
    }
  });

  test(`promises that ${whose} copy left are known to the other`, async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = (await orphansOf(other)).size;
    const waiting = one.createTask(() => one.waitPromise(promise));
    await one.sleep(0);
    waiting.cancel();
    await Promise.allSettled([waiting]);
    assert.equal((await orphansOf(other)).size, before + 1);
    resolve();
    await other.sleep(1);
    assert.equal((await orphansOf(other)).size, before);
  });
}

type Core = typeof ourCore;

async function coreOf(copy: typeof ours): Promise<Core> {
  const file = copy === ours ? join(sources, "asyncio/core/index.ts") : join(folder, "asyncio/core/index.ts");
  return (await import(pathToFileURL(file).href)) as Core;
}

async function orphansOf(copy: typeof ours): Promise<ReadonlySet<unknown>> {
  return (await coreOf(copy)).orphans();
}

test("tasks and futures without a name are numbered across copies", () => {
  const names = [ours, theirs].map(({ Future }) => new Future().name);
  assert.equal(new Set(names).size, 2);
});

test("the copies' tests wait until the tasks of both are parked", async () => {
  let steps = 0;
  const task = theirs.createTask(async () => {
    for (; steps < 5; steps++) await theirs.sleep(0);
    await theirs.sleep(60_000);
  });
  await ourTesting.waitAllTasksParked();
  assert.equal(steps, 5);
  task.cancel();
  await Promise.allSettled([task]);
});

test("waits for a turn are counted across copies", async () => {
  const counts = [(await coreOf(ours)).countTurns, (await coreOf(theirs)).countTurns];
  const tasks = [ours.createTask(() => ours.sleep(0)), theirs.createTask(() => theirs.sleep(0))];
  await Promise.resolve();
  assert.deepEqual(
    counts.map((count) => count()),
    [2, 2],
  );
  await Promise.all(tasks);
});

test("a rejection that nobody handles ends the process, although both copies guard their stray code", () => {
  const files = [join(sources, "asyncio/index.ts"), join(folder, "asyncio/index.ts")];
  const program = `
    const copies = [${files.map((file) => `await import(${JSON.stringify(pathToFileURL(file).href)})`).join(", ")}];
    for (const { createTask, sleep } of copies) await createTask(async () => void sleep(60_000));
    console.log("strays are no reason to end");
    void Promise.reject(new Error("this one is"));
    setTimeout(() => console.log("still here"), 1_000);`;
  const args = ["--input-type=module", "--eval", program];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.deepEqual([status, stdout.trim()], [1, "strays are no reason to end"]);
  assert.match(stderr, /Error: this one is/);
});

test("VirtualClock of one copy, disposed beneath the other's, does not come back", async () => {
  const lower = new ourTesting.VirtualClock();
  const upper = new theirTesting.VirtualClock();
  lower[Symbol.dispose]();
  upper[Symbol.dispose]();
  assert.equal(await ours.sleep(1, "slept"), "slept");
});

test("publishView() of one copy is what those see who look by the other's expression", () => {
  const withdraw = theirs.publishView((options) => ({ ...theirs.viewProcess(options), program: "theirs" }));
  const { show } = runInThisContext(ours.ambientExpression("view")) as { show: (options: object) => string };
  assert.equal((JSON.parse(show({})) as { program: string }).program, "theirs");
  withdraw();
});
