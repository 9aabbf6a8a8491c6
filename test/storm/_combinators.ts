import {
  asCompleted,
  createTask,
  ExceptionGroup,
  gather,
  isCancelled,
  race,
  shield,
  type Task,
  taskGroup,
  TimeoutError,
  wait,
} from "../../src/asyncio/index.ts";
import { combinatorAct, type Jobs, tolerate } from "./_jobs.ts";
import type { Scenario } from "./_round.ts";
import { Boom, type World } from "./_world.ts";

/** Groups of tasks, nested, whose members fail, are cancelled, and add more. */
export const group: Scenario = { name: "taskGroup", setUp: (world) => combinatorAct(world, runGroup) };

/** Gatherings of functions and tasks, with errors thrown or returned. */
export const gathering: Scenario = { name: "gather", setUp: (world) => combinatorAct(world, runGather) };

/** Tasks that are waited for under a shield. */
export const shielding: Scenario = { name: "shield", setUp: (world) => combinatorAct(world, runShield) };

/** Races, which end their losers. */
export const racing: Scenario = { name: "race", setUp: (world) => combinatorAct(world, runRace) };

/** Waits for several tasks, which cancel none of them. */
export const waiting: Scenario = { name: "wait", setUp: (world) => combinatorAct(world, runWait) };

/** Tasks taken in the order in which they are done. */
export const completing: Scenario = { name: "asCompleted", setUp: (world) => combinatorAct(world, runAsCompleted) };

async function runGroup(world: World, all: Jobs): Promise<void> {
  try {
    await all.together((jobs) => world.attempt(() => oneGroup(world, jobs, 0)));
  } catch (error) {
    if (error instanceof ExceptionGroup) requireBooms(world, error);
    tolerate(world, error, ExceptionGroup);
  }
}

async function oneGroup(world: World, jobs: Jobs, depth: number): Promise<void> {
  await taskGroup(async (members) => {
    for (let count = world.int(4); count > 0; count--) {
      const nests = depth < 2 && world.chance(0.2);
      const job = nests ? () => oneGroup(world, jobs, depth + 1) : jobs.of(undefined, 0.1);
      const member = members.createTask<void>(job);
      if (world.chance(0.3)) void world.expose(member);
    }
    if (world.chance(0.1)) members.cancel();
    if (world.chance(0.5)) await jobs.of(undefined, 0.05)();
  });
}

function requireBooms(world: World, errors: ExceptionGroup): void {
  const others = errors.split((error) => error instanceof Boom)[1];
  world.require(others === undefined, `a group failed by something else: ${String(others?.errors)}`);
}

async function runGather(world: World, all: Jobs): Promise<void> {
  const returnExceptions = world.chance(0.3);
  const count = world.int(5);
  try {
    const results = await all.together((jobs) => {
      const inputs = Array.from({ length: count }, (_, index) => {
        const job = jobs.of(index, 0.1);
        return world.chance(0.3) ? world.expose(createTask(job)) : job;
      });
      return world.attempt(() => gather(inputs, { returnExceptions }));
    });
    world.require(results.length === count, `${results.length} results of ${count}`);
    for (const [index, result] of results.entries()) {
      const isFine = result === index || (returnExceptions && (result instanceof Boom || isCancelled(result)));
      world.require(isFine, `result ${index} is ${String(result)}`);
    }
  } catch (error) {
    tolerate(world, error, Boom);
  }
}

async function runShield(world: World, jobs: Jobs): Promise<void> {
  let ran = false;
  const inner = world.spawn("inner", async () => {
    await jobs.of(1)();
    ran = true;
  });
  if (world.chance(0.1)) void world.expose(inner);
  inner.addDoneCallback(() => world.require(ran || world.struck.has(inner), "a shielded task was stopped"));
  try {
    await world.attempt(() => shield(inner));
  } catch (error) {
    tolerate(world, error);
  }
}

async function runRace(world: World, all: Jobs): Promise<void> {
  const runners = 1 + world.int(4);
  try {
    const winner = await all.together((jobs) =>
      world.attempt(() => race(...Array.from({ length: runners }, (_, index) => jobs.of(index, 0.1)))),
    );
    world.require(winner >= 0 && winner < runners, `runner ${winner} of ${runners} won`);
  } catch (error) {
    tolerate(world, error, Boom);
  }
}

async function runWait(world: World, jobs: Jobs): Promise<void> {
  const tasks = Array.from({ length: 1 + world.int(3) }, (_, index) => unharmed(world, jobs, index));
  const returnWhen = world.pick(["firstCompleted", "firstException", "allCompleted"] as const);
  const [done, pending] = await world.attempt(() => wait(tasks, { returnWhen, timeout: world.pick([1, 2, Infinity]) }));
  world.require(done.size + pending.size === tasks.length, "wait() forgot a task");
}

// A task that only the storm itself cancels, not whoever waits for it.
function unharmed(world: World, jobs: Jobs, value: number): Task<number> {
  const task = world.spawn("waited for", jobs.of(value));
  task.addDoneCallback(() =>
    world.require(!task.cancelled() || world.struck.has(task), "a task was stopped by who waited"),
  );
  return task;
}

async function runAsCompleted(world: World, jobs: Jobs): Promise<void> {
  const tasks = Array.from({ length: 1 + world.int(3) }, (_, index) => unharmed(world, jobs, index));
  const seen = new Set<unknown>();
  const completed = asCompleted(tasks, { timeout: world.pick([2, Infinity]) });
  // Who was cancelled in the loop goes on where the loop was left.
  for (let loops = 0; loops < 3 && seen.size < tasks.length; loops++) {
    try {
      await world.attempt(() => iterate(world, completed, seen));
    } catch (error) {
      if (error instanceof TimeoutError) return;
      if (world.isOver) throw error;
      world.forgive();
    }
  }
}

async function iterate(world: World, completed: AsyncIterable<unknown>, seen: Set<unknown>): Promise<void> {
  // Boxed by the iterator: a promise of a task would be one of its result.
  for await (const task of completed) {
    world.require(!seen.has(task), "a task was given twice");
    seen.add(task);
  }
}
