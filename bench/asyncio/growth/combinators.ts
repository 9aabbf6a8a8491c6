import {
  asCompleted,
  createTask,
  gather,
  moveOnAfter,
  race,
  shield,
  sleep,
  type Task,
  taskGroup,
  timeout,
  uncancellable,
  wait,
  waitFor,
} from "pottle/asyncio";
import type { Program } from "../programs/stopwatch.ts";
import { cancelAll, endAll, HOUR, nap, nest, settle, startChain, startFan, startNest, times } from "./_scenes.ts";

/** What waits for several, or limits, or shelters. */
export const combinatorCases: Readonly<Record<string, Program>> = {
  "gather of functions": timed((count) => gather(times(count, (index) => async () => index))),
  "gather of one function, many times": timed((count) => gather(times(count, () => settle))),
  "gather of tasks": timed(async (count) => gather(await startFan(count, settle))),
  "gather with returnExceptions, all fail": timed((count) =>
    gather(
      times(count, () => fail),
      { returnExceptions: true },
    ),
  ),
  "gather of which the last fails": timed((count) =>
    gather([...times<() => Promise<unknown>>(count, () => nap), fail]).catch(() => undefined),
  ),
  "gather of a chain": timed(async (count) => gather(await startChain(count, settle))),
  "gather cancelled": cancelling((count) => gather(times(count, () => nap))),
  "gathers in gathers": timed((count) => nest(count, (inner) => gather(inner, settle), settle)),
  "gathers in gathers, cancelled": cancellingNest((inner) => gather(inner, nap)),

  taskGroup: timed((count) => grouped(count, async () => undefined)),
  "taskGroup of which one fails": timed((count) =>
    taskGroup((group) => {
      for (let left = count; left > 0; left--) group.createTask(nap);
      group.createTask(fail);
    }).catch(() => undefined),
  ),
  "taskGroup of which all fail": timed((count) => grouped(count, fail).catch(() => undefined)),
  "taskGroup whose tasks each await the one before, one fails": timed((count) =>
    groupedChain(count).catch(() => undefined),
  ),
  "taskGroup cancelled": cancelling((count) => grouped(count, nap)),
  "groups in groups": timed((count) => nest(count, (inner) => taskGroup(inner), settle)),
  "groups in groups, as tasks, cancelled": cancellingNest((inner) =>
    taskGroup((group) => void group.createTask(inner)),
  ),

  "race of functions": timed((count) => race(settle, ...times(count, () => nap))),
  "race of tasks": timed(async (count) => race(settle, ...(await startFan(count)))),
  "race cancelled": cancelling((count) => race(...times(count, () => nap))),
  "races in races": timed((count) => nest(count, (inner) => race(inner, nap), settle)),

  "wait for all": timed((count) => wait(times(count, () => createTask(settle)))),
  "wait for the first, which is the last": async (count, watch) => {
    const tasks = await startFan(count);
    watch.start();
    await wait([...tasks, createTask(settle)], { returnWhen: "firstCompleted" });
    watch.stop();
    await cancelAll(tasks);
  },
  "wait until the first fails": timed(async (count) => {
    const tasks = times(count, (index) => createTask(index < count - 1 ? settle : fail));
    await wait(tasks, { returnWhen: "firstException" });
    await endAll(tasks.slice(0, -1));
    tasks.at(-1)!.exception();
  }),
  "wait with a timeout": async (count, watch) => {
    const tasks = await startFan(count);
    watch.start();
    await wait(tasks, { timeout: 1 });
    watch.stop();
    await cancelAll(tasks);
  },
  "wait cancelled": async (count, watch) => {
    const tasks = await startFan(count);
    await cancelling(() => wait(tasks))(count, watch);
    await cancelAll(tasks);
  },

  "asCompleted of functions": timed((count) => readAll(asCompleted(times(count, (index) => async () => index)))),
  "asCompleted of tasks that are done": async (count, watch) => {
    const tasks = await startFan(count, async () => undefined);
    await endAll(tasks);
    watch.start();
    await readAll(asCompleted(tasks));
    watch.stop();
  },
  "asCompleted of sleepers, done one by one": timed((count) =>
    readAll(asCompleted(times(count, (index) => createTask(() => sleep(index % 10))))),
  ),
  "asCompleted left by break": async (count, watch) => {
    const tasks = await startFan(count);
    watch.start();
    for await (const task of asCompleted([createTask(settle), ...tasks])) if ((task as unknown) !== 0) break;
    watch.stop();
    await cancelAll(tasks);
  },
  "asCompleted with one long-lived task, again and again": async (count, watch) => {
    const lasting = createTask(nap);
    watch.start();
    for (let left = count; left > 0; left--)
      for await (const task of asCompleted([createTask(async () => 1), lasting])) if ((task as unknown) !== 0) break;
    watch.stop();
    await cancelAll([lasting]);
  },

  "waitFor, one after another": timed((count) => repeat(count, () => waitFor(async () => 1, HOUR))),
  "waitFor in a fan that runs out": timed((count) =>
    gather(
      times(count, () => () => waitFor(nap, 1)),
      { returnExceptions: true },
    ),
  ),
  "waitFor in waitFor": timed((count) => nest(count, (inner) => waitFor(inner, HOUR), settle)),
  "waitFor in waitFor, the outermost runs out": timed((count) =>
    waitFor(() => nest(count, (inner) => waitFor(inner, HOUR), nap), 100).catch(() => undefined),
  ),

  "shield, one after another": timed((count) => repeat(count, () => shield(async () => 1))),
  "shield in a fan that is cancelled": async (count, watch) => {
    const inner = await startFan(count, () => sleep(HOUR));
    const outer = await startShields(inner);
    watch.start();
    await cancelAll(outer);
    watch.stop();
    await cancelAll(inner);
  },
  "shields of one task, cancelled": async (count, watch) => {
    const inner = createTask(nap);
    const outer = await startFan(count, () => shield(inner) as Promise<unknown>);
    watch.start();
    await cancelAll(outer);
    watch.stop();
    await cancelAll([inner]);
  },

  "timeout, one after another": timed((count) => repeat(count, () => timeout(HOUR, async () => 1))),
  "timeout in timeout": timed((count) => nest(count, (inner) => timeout(HOUR, inner), settle)),
  "timeout in timeout, the outermost runs out": timed((count) =>
    timeout(100, () => nest(count, (inner) => timeout(HOUR, inner), nap)).catch(() => undefined),
  ),
  "timeout in timeout, cancelled": cancellingNest((inner) => timeout(HOUR, inner)),
  "timeout in a fan that runs out": timed((count) =>
    gather(
      times(count, () => () => timeout(1, nap)),
      { returnExceptions: true },
    ),
  ),
  "timeout in a fan that is cancelled": cancelling((count) => gather(times(count, () => () => timeout(HOUR, nap)))),
  "timeout rescheduled": timed((count) =>
    timeout(HOUR, async (limit) => {
      for (let index = 0; index < count; index++) limit.reschedule(HOUR + (index % 1_000));
    }),
  ),
  "moveOnAfter in moveOnAfter, the outermost runs out": timed((count) =>
    moveOnAfter(100, () => nest(count, (inner) => moveOnAfter(HOUR, inner), nap)),
  ),
  "sleeps of different lengths": timed((count) => gather(times(count, (index) => () => sleep((index * 7919) % 50)))),

  "uncancellable in uncancellable": timed((count) => nest(count, (inner) => uncancellable(inner), settle)),
  "uncancellable in uncancellable, cancelled": timed(async (count) => {
    const task = createTask(() =>
      nest(
        count,
        (inner) => uncancellable(inner),
        () => sleep(100),
      ),
    );
    await settle();
    await cancelAll([task]);
  }),
  "uncancellable in a fan that is cancelled": async (count, watch) => {
    const tasks = await startFan(count, () => uncancellable(() => sleep(10)));
    watch.start();
    await cancelAll(tasks);
    watch.stop();
  },
};

async function fail(): Promise<never> {
  throw new Error("planned");
}

function timed(work: (count: number) => PromiseLike<unknown>): Program {
  return async (count, watch) => {
    watch.start();
    await work(count);
    watch.stop();
  };
}

// Measures from the cancellation to the end of all that it stops.
function cancelling(work: (count: number) => PromiseLike<unknown>): Program {
  return async (count, watch) => {
    const task = createTask(async () => void (await work(count)));
    // Starting is spread over several turns.
    for (let turns = count / 500; turns > 0; turns--) await sleep(0);
    await settle();
    watch.start();
    await cancelAll([task]);
    watch.stop();
  };
}

function cancellingNest(wrap: (inner: () => Promise<void>) => PromiseLike<unknown>): Program {
  return async (count, watch) => {
    const tasks = await startNest(count, wrap);
    watch.start();
    await cancelAll(tasks);
    watch.stop();
  };
}

async function grouped(count: number, fn: () => Promise<unknown>): Promise<void> {
  await taskGroup((group) => {
    for (let left = count; left > 0; left--) group.createTask(fn);
  });
}

async function groupedChain(count: number): Promise<void> {
  await taskGroup(async (group) => {
    let last: Task<unknown> = group.createTask(nap);
    for (let left = count; left > 1; left--) {
      const before = last;
      last = group.createTask(async () => before);
    }
    await settle();
    throw new Error("planned");
  });
}

async function startShields(inner: readonly Task<unknown>[]): Promise<Task<unknown>[]> {
  const outer = inner.map((task) => createTask(async () => shield(task)));
  await settle();
  return outer;
}

async function readAll(completed: AsyncIterable<unknown>): Promise<void> {
  let seen = 0;
  for await (const task of completed) if (task !== undefined) seen++;
  if (seen === 0) throw new Error("Nothing was completed");
}

async function repeat(count: number, fn: () => PromiseLike<unknown>): Promise<void> {
  for (let left = count; left > 0; left--) await fn();
}
