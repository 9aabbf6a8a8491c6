// What makes a result of a cancellation, so that the code behind it goes on: allSettled, any, catch {}.

import {
  checkpoint,
  createTask,
  currentTask,
  gather,
  isCancelled,
  sleep,
  type Task,
  timeout,
  TimeoutError,
} from "../../src/asyncio/index.ts";
import { combinatorAct, type Jobs, tolerate } from "./_jobs.ts";
import type { Scenario } from "./_round.ts";
import { Boom, isOfFlows, type World } from "./_world.ts";

/** Tasks and flows under `Promise.allSettled`. */
export const settling: Scenario = {
  name: "Promise.allSettled",
  setUp: (world) => combinatorAct(world, runAllSettled),
};

/** Flows under `Promise.any`. */
export const any: Scenario = {
  name: "Promise.any",
  mayReport: isOfFlows,
  setUp: (world) => combinatorAct(world, runAny),
};

/** Code that catches everything and goes on. */
export const swallowing: Scenario = { name: "catch {}", setUp: (world) => combinatorAct(world, runSwallowing) };

/** Gatherings whose errors are results, nested. */
export const returning: Scenario = {
  name: "returnExceptions",
  setUp: (world) => combinatorAct(world, (_, jobs) => runReturning(world, jobs, 0)),
};

/** Longer than a round waits for anything else: what sleeps so long was forgotten. */
const LONG = 100;

async function runAllSettled(world: World): Promise<void> {
  const worker = currentTask()!;
  const kids = Array.from({ length: 1 + world.int(4) }, () => startKid(world));
  await world.elsewhere();
  const start = world.now();
  const results = await world.attempt(() => Promise.allSettled(kids.map(([task]) => task)));
  if (!results.some(isCut)) return;
  // Whatever takes the cancellation of one of several waits that began together, takes that of all.
  const wasStruck = worker.cancelling() > 0;
  const late = kids.filter(([task, due]) => !task.cancelled() && !world.struck.has(task) && due - start >= LONG);
  const cutInTime = kids.some(([task]) => task.cancelled() && !world.struck.has(task));
  world.require(!cutInTime || late.length === 0, `${late.length} of ${kids.length} tasks of one wait were not stopped`);
  world.require(!cutInTime || wasStruck, "a task was stopped although its awaiter was not cancelled");
  world.forgive();
}

// A task, and when it is due at the latest.
function startKid(world: World): [task: Task<unknown>, due: number] {
  const ms = world.chance(0.5) ? LONG : world.int(4);
  const task = createTask(() => sleep(ms));
  if (world.chance(0.2)) void world.expose(task);
  return [task, world.now() + ms];
}

function isCut(result: PromiseSettledResult<unknown>): boolean {
  return result.status === "rejected" && isCancelled(result.reason);
}

// The losers are flows that `Promise.any` has forgotten: the limit around them ends them.
async function runAny(world: World, all: Jobs): Promise<void> {
  try {
    await all.soonTogether((jobs) =>
      world.attempt(() =>
        timeout(world.pick([1, 2, 3]), async () => {
          const flows = Array.from({ length: 1 + world.int(3) }, () => oneFlow(world, jobs));
          return Promise.any(flows);
        }),
      ),
    );
  } catch (error) {
    if (!(error instanceof AggregateError)) return tolerate(world, error, TimeoutError, Boom);
    // Each flow was stopped, by whatever stopped one of them, or failed.
    for (const each of error.errors) if (!isCancelled(each)) tolerate(world, each, TimeoutError, Boom);
    world.forgive();
  }
}

async function oneFlow(world: World, jobs: Jobs): Promise<void> {
  jobs.running++;
  try {
    await sleep(1 + world.int(3));
    if (world.chance(0.3)) throw new Boom("planned");
    await sleep(world.int(3));
  } finally {
    jobs.running--;
  }
}

// Each cancellation is one error, thrown once, however often the code goes on.
async function runSwallowing(world: World): Promise<void> {
  const worker = currentTask()!;
  const before = world.strikes(worker) - worker.cancelling();
  const seen = new Set<unknown>();
  await world.attempt(async () => {
    for (let waits = 2 + world.int(4); waits > 0; waits--) {
      try {
        await world.elsewhere();
        await (world.chance(0.5) ? sleep(world.int(3)) : checkpoint());
      } catch (error) {
        if (!isCancelled(error)) throw error;
        world.require(!seen.has(error), "a cancellation was delivered twice to code that swallowed it");
        seen.add(error);
      }
    }
  });
  const due = world.strikes(worker) - before;
  await checkpoint().catch((error: unknown) => seen.add(error));
  const strikes = world.strikes(worker) - before;
  world.require(seen.size <= strikes, `${seen.size} cancellations were delivered of ${strikes}`);
  world.require(seen.size > 0 || due === 0, `none of ${due} cancellations was delivered`);
  world.forgive();
}

async function runReturning(world: World, all: Jobs, depth: number): Promise<void> {
  const results = await all.together((jobs) => {
    const inputs = Array.from({ length: 1 + world.int(3) }, () => {
      if (depth < 3 && world.chance(0.3)) return () => runReturning(world, jobs, depth + 1);
      const job = jobs.of(undefined, 0.3);
      return world.chance(0.3) ? world.expose(createTask(job)) : job;
    });
    const run = (): PromiseLike<unknown[]> => gather(inputs, { returnExceptions: true });
    return depth === 0 ? world.attempt(run) : run();
  });
  for (const result of results) {
    const isFine = result === undefined || result instanceof Boom || isCancelled(result);
    world.require(isFine, `a result is ${String(result)}`);
  }
}
