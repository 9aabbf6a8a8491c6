// Tasks that await tasks and scopes within scopes, as deep as users make them.

import {
  createTask,
  ExceptionGroup,
  gather,
  isCancelled,
  moveOnAfter,
  race,
  sleep,
  type Task,
  taskGroup,
  timeout,
  TimeoutError,
  uncancellable,
  waitFor,
} from "../../src/asyncio/index.ts";
import { combinatorAct, type Jobs, tolerate } from "./_jobs.ts";
import type { Scenario } from "./_round.ts";
import { Boom, isPlanned, type World } from "./_world.ts";

/** Tasks of which each awaits the one before. */
export const chain: Scenario = {
  name: "chain",
  mayReport: isPlanned,
  setUp: (world) => combinatorAct(world, runChain),
};

/** Time limits within time limits. */
export const nest: Scenario = { name: "nest", setUp: (world) => combinatorAct(world, runNest) };

/** Groups, gatherings, races and limits within one another. */
export const tree: Scenario = { name: "tree", setUp: (world) => combinatorAct(world, runTree) };

function depthOf(world: World): number {
  if (world.chance(0.995)) return 2 + world.int(20);
  return world.chance(0.8) ? 50 + world.int(100) : 500 + world.int(1_500);
}

async function runChain(world: World, jobs: Jobs): Promise<void> {
  const links: Task<unknown>[] = [];
  try {
    await world.attempt(async () => {
      const depth = depthOf(world);
      links.push(createTask(jobs.of(1, 0.1)));
      while (links.length < depth) links.push(createLink(world, links.at(-1)!));
      for (let exposed = world.int(3); exposed > 0; exposed--) void world.expose(world.pick(links));
      await world.elsewhere();
      await links.at(-1);
    });
  } catch (error) {
    tolerate(world, error, Boom);
  }
  // One that was cancelled before it came to its wait has left the one before alone.
  await Promise.allSettled(links);
  world.forgive();
}

function createLink(world: World, before: Task<unknown>): Task<unknown> {
  const hops = world.chance(0.3);
  return createTask(async () => {
    try {
      return await before;
    } finally {
      if (hops) await world.hop();
    }
  });
}

async function runNest(world: World, all: Jobs): Promise<void> {
  try {
    await all.together((jobs) => world.attempt(() => nested(world, jobs, depthOf(world))));
  } catch (error) {
    tolerate(world, error, TimeoutError, Boom);
  }
}

async function nested(world: World, jobs: Jobs, depth: number): Promise<unknown> {
  if (world.chance(0.1)) await world.elsewhere();
  else await world.hop();
  if (depth === 0) return jobs.of(1, 0.1)();
  const inner = (): Promise<unknown> => nested(world, jobs, depth - 1);
  const ms = world.chance(0.05) ? 1 + world.int(3) : Infinity;
  const kind = world.int(20);
  if (kind === 0) return moveOnAfter(ms, inner);
  if (kind === 1) return waitFor(inner, ms);
  if (kind === 2 && world.chance(0.3)) return uncancellable(inner);
  return timeout(ms, inner);
}

async function runTree(world: World, all: Jobs): Promise<void> {
  try {
    await all.together((jobs) => world.attempt(() => branch(world, jobs, 0)));
  } catch (error) {
    // An error that came with a cancellation takes its place, in whichever of the tasks that was.
    if (!isCancelled(error)) world.forgive();
    tolerate(world, error, TimeoutError, Boom, ExceptionGroup);
  }
}

async function branch(world: World, jobs: Jobs, depth: number): Promise<unknown> {
  if (depth >= 6 || world.chance(0.3)) return jobs.of(undefined, 0.03)();
  await world.elsewhere();
  const inner = (): Promise<unknown> => branch(world, jobs, depth + 1);
  const [one, other] = [inner, world.chance(0.4) ? inner : jobs.of(undefined, 0.03)];
  const kind = world.int(6);
  if (kind === 0) return gather(one, other);
  if (kind === 1) return gather([one, other], { returnExceptions: true });
  if (kind === 2) return race(one, other, () => sleep(3));
  if (kind === 3) return timeout(world.pick([1, 2, 3, Infinity]), one);
  return taskGroup((group) => {
    for (const job of [one, other]) {
      const member = group.createTask<unknown>(job);
      if (world.chance(0.1)) void world.expose(member);
    }
    if (world.chance(0.05)) group.cancel();
  });
}
